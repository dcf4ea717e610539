//! The real clock and the real randomness: the only place in the program that asks the system for either.

use std::time::{SystemTime, UNIX_EPOCH};

use kloud_base::{Clock, HOUR, Millis, Rng, Timestamp};

/// The system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock {
    ahead: Millis,
}

impl SystemClock {
    /// A clock that is ahead of the system's, for drills.
    pub fn ahead(hours: i64) -> Self {
        Self { ahead: hours * HOUR }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(now.as_millis()).unwrap_or(i64::MAX)) + self.ahead
    }
}

/// The system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for randomness")]
        getrandom::fill(bytes).expect("a system without randomness must not go on");
    }
}
