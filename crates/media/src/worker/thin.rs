//! Whether a viewer's connection has proved too thin for pictures, and when to look again.
//!
//! A low estimate alone proves nothing: a machine that is busy elsewhere makes one, too. A line that carries less than
//! it is given also loses packets, or lets them wait. On a thin line sound goes alone. Then nothing shows whether the
//! line has become better, so from time to time a look is taken: padding that fills up to what the pictures need. It
//! competes with the sound, so looks that show nothing become rare; and a short burst passes almost everywhere, so a
//! line must carry enough for a while.

use std::time::{Duration, Instant};

use super::flood;

/// A line is thin when for so long it could not carry the smallest pictures. Estimates begin low and rise within this.
const SHORT_FOR: Duration = Duration::from_secs(4);
/// And no longer thin when it carried them for so long.
const ENOUGH_FOR: Duration = Duration::from_secs(2);
/// What is nearly enough, or hardly more than enough, as a part of the need.
const MARGIN: u64 = 8;
/// The part of the packets that is lost on a line which carries less than it is given, or the milliseconds of a round
/// trip on one that lets them wait instead.
const LOSS: f32 = 0.02;
const ROUND_TRIP: f32 = 350.0;
/// How many seconds in a row that lose much need no more patience.
const FLOODED_SECONDS: u8 = 3;
/// Where not even the sound fits after such a second, no more than that: by then what waited in front of the line has left.
const NOTHING_LEFT: Duration = Duration::from_millis(1_400);
/// How long a look lasts, and the time until the next: at first, and at most.
const LOOK: Duration = Duration::from_secs(4);
const LOOK_AFTER: Duration = Duration::from_secs(8);
const LOOK_AFTER_MAX: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub struct Thin {
    /// Since when the line seems to be other than it is held to be.
    doubted: Option<Instant>,
    proved: bool,
    /// Packets were lost or waited long in the last second.
    strained: bool,
    /// How many seconds in a row have lost more than a line loses that is merely bad.
    flooded: u8,
    looks: Looks,
}

#[derive(Debug)]
struct Looks {
    /// How long to wait before the next.
    wait: Duration,
    next: Option<Instant>,
    began: Option<Instant>,
}

impl Default for Looks {
    fn default() -> Self {
        Self { wait: LOOK_AFTER, next: None, began: None }
    }
}

impl Looks {
    /// One has shown nothing; the next is later.
    fn end(&mut self, now: Instant) {
        let wait = (self.wait * 2).min(LOOK_AFTER_MAX);
        *self = Self { wait, next: Some(now + wait), began: None };
    }
}

impl Thin {
    /// Time alone may change what is thought of the line.
    pub fn is_open(&self) -> bool {
        self.proved || self.doubted.is_some()
    }

    pub fn is_looking(&self) -> bool {
        self.looks.began.is_some()
    }

    /// Takes what a second has shown of the packets to the client.
    pub fn second(&mut self, loss: Option<f32>, rtt_ms: Option<f32>) {
        self.strained = loss.is_some_and(|loss| loss >= LOSS) || rtt_ms.is_some_and(|rtt| rtt >= ROUND_TRIP);
        // A second in which nothing was measured says nothing.
        if let Some(loss) = loss {
            self.flooded = if loss >= flood::MUCH { self.flooded.saturating_add(1) } else { 0 };
        }
    }

    /// More pictures come: the look goes on.
    pub fn grew(&mut self, now: Instant) {
        if self.proved {
            self.looks.began = Some(now);
        }
    }

    /// Much was lost. Whether that ends a look: the line carries no more than before, and sound is lost with the padding.
    pub fn look_fails(&mut self, now: Instant) -> bool {
        let fails = self.proved && self.looks.began.is_some() && self.doubted.is_none();
        if fails {
            self.looks.end(now);
        }
        fails
    }

    /// Takes what is left for pictures and the least that they need, both in bits per second.
    pub fn judge(&mut self, left: u64, least: u64, now: Instant) -> bool {
        let margin = least / MARGIN;
        let short_for = match self.flooded {
            FLOODED_SECONDS.. => Duration::ZERO,
            1.. if left == 0 => NOTHING_LEFT,
            _ => SHORT_FOR,
        };
        let (seems_other, patience) =
            if self.proved { (left >= least + margin, ENOUGH_FOR) } else { (left < least - margin, short_for) };
        let begins = self.doubted.is_some() || self.proved || self.strained;
        if !(seems_other && begins) {
            self.doubted = None;
        } else if now.saturating_duration_since(*self.doubted.get_or_insert(now)) >= patience {
            self.doubted = None;
            self.proved = !self.proved;
            self.looks = Looks { wait: self.looks.wait, next: Some(now + self.looks.wait), began: None };
        }
        self.proved
    }

    /// Whether a look begins now.
    pub fn looks(&mut self, now: Instant) -> bool {
        let looks = &mut self.looks;
        if !self.proved {
            // Thin again so soon after it seemed good: the looks go on as rarely as before.
            if looks.next.is_some_and(|at| now > at + LOOK_AFTER_MAX) {
                *looks = Looks::default();
            }
            return false;
        }
        if looks.began.is_some_and(|at| now.saturating_duration_since(at) >= LOOK) && self.doubted.is_none() {
            looks.end(now);
        }
        let begins = looks.began.is_none() && looks.next.is_some_and(|at| now >= at);
        if begins {
            looks.began = Some(now);
        }
        begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mono;

    #[test]
    fn a_look_ends_where_much_is_lost() {
        let (mut thin, now) = (strained(), mono::now());
        assert!(!thin.look_fails(now), "there is none");
        thin.judge(0, 160_000, now);
        assert!(thin.judge(0, 160_000, now + SHORT_FOR));
        let looks_at = now + SHORT_FOR + LOOK_AFTER;
        assert!(thin.looks(looks_at));
        assert!(thin.look_fails(looks_at + LOOK / 4) && !thin.is_looking());
        assert!(!thin.looks(looks_at + LOOK / 4 + LOOK_AFTER), "the next one is later");
        assert!(thin.looks(looks_at + LOOK / 4 + 2 * LOOK_AFTER));
    }

    #[test]
    fn where_a_flood_has_left_nothing_for_pictures_they_do_not_flood_again() {
        let now = mono::now();
        let flooded = |left, after: Duration| {
            let mut thin = Thin::default();
            thin.second(Some(0.9), Some(500.0));
            assert!(!thin.judge(left, 160_000, now));
            thin.second(None, None);
            thin.judge(left, 160_000, now + after)
        };
        assert!(flooded(0, NOTHING_LEFT));
        assert!(!flooded(0, NOTHING_LEFT / 2), "the estimate may be wrong");
        assert!(!flooded(40_000, NOTHING_LEFT), "there is room for something");
    }

    fn strained() -> Thin {
        let mut thin = Thin::default();
        thin.second(Some(0.05), None);
        thin
    }

    #[test]
    fn a_line_that_loses_nothing_and_lets_nothing_wait_is_not_thin() {
        let start = mono::now();
        let mut thin = Thin::default();
        thin.second(Some(0.01), Some(200.0));
        assert!(!thin.judge(0, 800, start) && !thin.judge(0, 800, start + SHORT_FOR));
        thin.second(None, Some(400.0));
        assert!(!thin.judge(0, 800, start + SHORT_FOR) && thin.judge(0, 800, start + SHORT_FOR * 2));
    }

    #[test]
    fn seconds_that_lose_much_prove_a_short_line_at_once() {
        let start = mono::now();
        let mut thin = Thin::default();
        for _ in 1..FLOODED_SECONDS {
            thin.second(Some(0.4), None);
            assert!(!thin.judge(100, 800, start));
        }
        thin.second(Some(0.4), None);
        assert!(!thin.judge(800, 800, start), "enough is enough");
        assert!(thin.judge(100, 800, start));
    }

    #[test]
    fn a_line_is_thin_after_it_was_short_for_long_enough_and_until_it_carried_enough_for_a_while() {
        let start = mono::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut thin = strained();
        assert!(!thin.judge(100, 800, start));
        assert!(!thin.judge(750, 800, after(2_000)), "nearly enough is enough");
        assert!(!thin.judge(100, 800, after(3_000)));
        assert!(!thin.judge(100, 800, after(6_999)));
        assert!(thin.judge(100, 800, after(7_000)));
        assert!(thin.judge(2_000, 800, after(8_000)));
        assert!(thin.judge(899, 800, after(9_000)), "a burst proves nothing");
        assert!(thin.judge(900, 800, after(9_100)));
        assert!(thin.judge(900, 800, after(11_099)));
        assert!(!thin.judge(900, 800, after(11_100)));
        assert!(!thin.judge(0, 0, after(20_000)), "nothing to show is not too much");
        assert!(!thin.judge(0, 0, after(30_000)));
    }

    #[test]
    fn looks_that_show_nothing_become_rare() {
        let start = mono::now();
        let mut thin = strained();
        thin.judge(0, 800, start);
        let mut began = Vec::new();
        for second in 0..200u64 {
            let now = start + Duration::from_secs(second);
            thin.judge(0, 800, now);
            if thin.looks(now) {
                began.push(second);
            }
        }
        assert_eq!(began, [12, 32, 68, 132, 196]);
    }
}
