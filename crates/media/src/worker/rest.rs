//! A client that sends nothing: it is muted and shows nothing. The stack of its connection is asked every ten minutes only,
//! and ten seconds after nothing has come from it any more. It would be asked every second and more, it walks over all
//! lines each time, and there is nothing to repair or to report. What leaves for the client leaves past the stack.

use std::time::{Duration, Instant};

use str0m::Reason;

/// A client that has sent nothing for so long rests.
const QUIET: Duration = Duration::from_secs(3);

/// How long a connection that sleeps is left alone after its client has proved to be there, which clients do every few
/// seconds. That it has vanished is noticed so much later.
const SLEEP: Duration = Duration::from_secs(10);

/// The longest that it is left alone. Asked after a while, it reports on all lines, which takes it most of a millisecond.
const SLEEP_MAX: Duration = Duration::from_secs(600);

/// How long nothing has come.
#[derive(Debug, Default)]
pub struct Rest {
    /// When the client sent something last, or a message was sent to it.
    stirred: Option<Instant>,
    /// When the stack is asked again, and since when it is not.
    asleep: Option<(Instant, Instant)>,
}

impl Rest {
    /// The client sends something, or a message is sent to it. Both want answers and repairs in time.
    pub fn stirs(&mut self, now: Instant) {
        self.stirred = Some(now);
        self.asleep = None;
    }

    /// Whether nothing has come for a while. What a client reports of lines on which it sends nothing is no news.
    pub fn is_quiet(&self, now: Instant) -> bool {
        self.stirred.is_none_or(|stirred| now.saturating_duration_since(stirred) >= QUIET)
    }

    /// When the stack is asked that wants to be asked at this time, for this reason; something has come just now. Only the
    /// soonest of its reasons is known, so nothing is put off unless it is sure that no message and no packet is under way.
    pub fn put_off(&mut self, at: Instant, reason: Reason, now: Instant) -> Instant {
        let somebody_waits = matches!(reason, Reason::DTLS | Reason::Ice | Reason::Sctp | Reason::Channel);
        self.stirred.get_or_insert(now);
        let sleeps = self.is_quiet(now) && !somebody_waits;
        let since = match self.asleep.filter(|(until, _)| *until > now) {
            _ if !sleeps => None,
            // What is overdue is done first.
            None if at <= now => None,
            None => Some(now),
            Some((_, since)) => Some(since),
        };
        self.asleep = since.map(|since| ((now + SLEEP).min(since + SLEEP_MAX), since));
        self.asleep.map_or(at, |(until, _)| at.max(until))
    }

    /// Whether the stack is left alone.
    pub fn is_asleep(&self, now: Instant) -> bool {
        self.asleep.is_some_and(|(until, _)| until > now)
    }

    /// The client proves to be there: until when the stack is left alone now, if it is at all.
    pub fn proves(&mut self, now: Instant) -> Option<Instant> {
        let (_, since) = self.asleep.filter(|_| self.is_asleep(now))?;
        let until = (now + SLEEP).min(since + SLEEP_MAX);
        self.asleep = Some((until, since));
        Some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line wants to report.
    const REASON: Reason = Reason::SendStream;

    #[test]
    fn only_a_connection_on_which_nothing_comes_is_left_alone() {
        let start = Instant::now();
        let soon = |now| now + Duration::from_millis(25);
        let mut rest = Rest::default();
        assert_eq!(rest.put_off(soon(start), REASON, start), soon(start));
        let now = start + QUIET;
        assert_eq!(rest.put_off(now, REASON, now), now, "what is overdue is done first");
        assert_eq!(rest.put_off(soon(now), REASON, now), now + SLEEP);
        // What comes meanwhile lets it sleep longer, up to a point.
        let mut later = now;
        while later < now + SLEEP_MAX {
            assert_eq!(rest.put_off(soon(now), REASON, later), (later + SLEEP).min(now + SLEEP_MAX));
            later += SLEEP / 4;
        }
        let over = now + SLEEP_MAX;
        assert_eq!(rest.put_off(over, REASON, over), over, "it has slept, and what is overdue is done");
        rest.put_off(soon(over), REASON, over);
        let vanished = over + SLEEP;
        assert_eq!(rest.put_off(vanished, REASON, vanished), vanished, "nothing has come any more");
        for reason in [Reason::DTLS, Reason::Ice, Reason::Sctp, Reason::Channel] {
            assert_eq!(rest.put_off(soon(over), reason, over), soon(over), "{reason:?}");
        }
        rest.put_off(soon(over), REASON, over);
        rest.stirs(over);
        assert_eq!(rest.put_off(soon(over), REASON, over), soon(over), "the client has sent something");
    }
}
