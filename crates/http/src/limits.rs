//! Limits that count failures and never starve others: who keeps failing waits longer and longer; a success clears
//! the count; a stranger at another address is not made to wait for it.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::Mutex;

use kloud_base::{HOUR, MINUTE, Millis, SECOND, Timestamp};
use lru::LruCache;

/// How a kind of failure is answered.
#[derive(Clone, Copy, Debug)]
pub struct SlowDown {
    /// So many failures cost nothing.
    pub free: u32,
    /// The longest wait, in milliseconds.
    pub longest: Millis,
    /// Failures older than this are forgotten.
    pub memory: Millis,
}

/// Guessing at one account from one place: five are free, then 1 s, 2 s, 4 s … up to a quarter of an hour.
pub const GUESSES: SlowDown = SlowDown { free: 5, longest: 15 * MINUTE, memory: 24 * HOUR };
/// Guessing at any account from one place: an office may share an address.
pub const GUESSES_FROM_ONE_PLACE: SlowDown = SlowDown { free: 60, longest: 15 * MINUTE, memory: HOUR };

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last_at: Timestamp,
}

/// Counts failures by key, in bounded memory: the longest untouched key is forgotten first.
#[derive(Debug)]
pub struct FailureLimiter<K: Hash + Eq> {
    rule: SlowDown,
    failures: Mutex<LruCache<K, Failures>>,
}

/// At most so many keys are remembered at once (some 64 bytes each).
const KEYS: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

impl<K: Hash + Eq> FailureLimiter<K> {
    pub fn new(rule: SlowDown) -> Self {
        Self { rule, failures: Mutex::new(LruCache::new(KEYS)) }
    }

    /// How long the caller must still wait, in milliseconds; 0 when it may try.
    pub fn wait(&self, key: &K, now: Timestamp) -> Millis {
        let failures = self.failures.lock().expect("no holder of this lock panics");
        match failures.peek(key) {
            Some(found) if now - found.last_at < self.rule.memory => {
                (found.last_at + self.pause(found.count) - now).max(0)
            }
            Some(_) | None => 0,
        }
    }

    /// Counts one failure.
    pub fn failed(&self, key: K, now: Timestamp) {
        let memory = self.rule.memory;
        let mut failures = self.failures.lock().expect("no holder of this lock panics");
        let found = failures.get_or_insert_mut(key, || Failures { count: 0, last_at: now });
        if now - found.last_at >= memory {
            found.count = 0;
        }
        found.count = found.count.saturating_add(1);
        found.last_at = now;
    }

    /// Forgets the key: who got in is no attacker.
    pub fn succeeded(&self, key: &K) {
        self.failures.lock().expect("no holder of this lock panics").pop(key);
    }

    fn pause(&self, count: u32) -> Millis {
        match count.checked_sub(self.rule.free) {
            None => 0,
            Some(over) => (SECOND << over.min(20)).min(self.rule.longest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_others_do_not_wait() {
        let limiter = FailureLimiter::new(GUESSES);
        let mut now = Timestamp::from_millis(0);
        for _ in 0..5 {
            assert_eq!(limiter.wait(&"lin", now), 0);
            limiter.failed("lin", now);
        }
        assert_eq!(limiter.wait(&"lin", now), SECOND);
        assert_eq!(limiter.wait(&"maya", now), 0);
        now = now + SECOND;
        assert_eq!(limiter.wait(&"lin", now), 0);
        limiter.failed("lin", now);
        assert_eq!(limiter.wait(&"lin", now), 2 * SECOND);
        limiter.succeeded(&"lin");
        assert_eq!(limiter.wait(&"lin", now), 0);
    }

    #[test]
    fn the_longest_wait_is_bounded_and_old_failures_are_forgotten() {
        let limiter = FailureLimiter::new(GUESSES);
        let now = Timestamp::from_millis(0);
        (0..100).for_each(|_| limiter.failed("lin", now));
        assert_eq!(limiter.wait(&"lin", now), GUESSES.longest);
        assert_eq!(limiter.wait(&"lin", now + GUESSES.memory), 0);
    }
}
