//! How sparingly sound must go one way of a connection, by what is lost of it.
//!
//! Sound that is too much for a line drowns in its own headers, and nothing else shows it: reports on each packet of
//! sound would cost more than the sound. So much loss ends the waste at once. Whether the line has become better shows
//! only by sending more, which may drown it again, so that is tried a step at a time and ever more rarely.

use std::time::{Duration, Instant};

use kloud_sfu::Thrift;

/// The part of the packets whose loss no line shows that is merely bad.
const MUCH: f32 = 0.15;
/// A report on fewer packets than this says nothing.
const PACKETS: u64 = 25;
/// How long it takes until a step back is tried: at first, and at most.
const WAIT: Duration = Duration::from_secs(180);
const WAIT_MAX: Duration = Duration::from_secs(1_440);

/// What is known of one way.
#[derive(Debug)]
pub struct Spare {
    thrift: Thrift,
    since: Option<Instant>,
    wait: Duration,
    /// Packets since the last report that counted.
    packets: u64,
}

impl Spare {
    /// Goes on as sparingly as was needed before.
    pub fn new(thrift: Thrift) -> Self {
        Self { thrift, since: None, wait: WAIT, packets: 0 }
    }

    pub fn thrift(&self) -> Thrift {
        self.thrift
    }

    /// Takes the part that was lost of so many packets more, and answers what is new.
    pub fn reported(&mut self, loss: f32, packets: u64, now: Instant) -> Option<Thrift> {
        self.packets += packets;
        if self.packets < PACKETS {
            return None;
        }
        self.packets = 0;
        let since = *self.since.get_or_insert(now);
        let next = if loss >= MUCH {
            Thrift::Least
        } else if now.saturating_duration_since(since) >= self.wait {
            self.thrift.easier()
        } else {
            return None;
        };
        if next == self.thrift {
            return None;
        }
        let tried = next > self.thrift && self.thrift != Thrift::Full;
        self.wait = match (tried, next) {
            (true, _) => (self.wait * 2).min(WAIT_MAX),
            (false, Thrift::Full) => WAIT,
            (false, Thrift::Lean | Thrift::Least) => self.wait,
        };
        (self.thrift, self.since) = (next, Some(now));
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mono;

    #[test]
    fn much_loss_of_many_packets_counts_at_once() {
        let now = mono::now();
        let mut spare = Spare::new(Thrift::Full);
        assert_eq!(spare.reported(0.5, PACKETS - 1, now), None, "too few to say");
        assert_eq!(spare.reported(0.1, 1, now), None, "merely bad");
        assert_eq!(spare.reported(0.3, PACKETS, now), Some(Thrift::Least));
        assert_eq!(spare.reported(0.3, PACKETS, now), None, "no news");
    }

    #[test]
    fn steps_back_are_tried_ever_more_rarely() {
        let (start, mut at, mut steps) = (mono::now(), 0, Vec::new());
        let mut spare = Spare::new(Thrift::Full);
        while at < 2_000 {
            let lost = if spare.thrift() == Thrift::Least { 0.03 } else { 0.4 };
            if let Some(next) = spare.reported(lost, 100, start + Duration::from_secs(at)) {
                steps.push((at, next));
            }
            at += 5;
        }
        let least = |at| (at, Thrift::Least);
        let lean = |at| (at, Thrift::Lean);
        assert_eq!(steps, [least(0), lean(180), least(185), lean(545), least(550), lean(1_270), least(1_275)]);
    }

    #[test]
    fn a_line_that_has_become_better_is_used_again() {
        let start = mono::now();
        let mut spare = Spare::new(Thrift::Least);
        let mut after = |seconds| spare.reported(0.0, 100, start + Duration::from_secs(seconds));
        let steps = [0, 179, 180, 359, 360, 900].map(&mut after);
        assert_eq!(steps, [None, None, Some(Thrift::Lean), None, Some(Thrift::Full), None]);
    }
}
