//! When a packet may leave: a bucket that leaks somewhat faster than the estimate, and lets a burst pass that the line
//! carries within milliseconds, so that a frame is one call to the kernel.

use super::Micros;

/// The bucket leaks this many times the estimate: a frame that is larger than others is not held back for long.
const FASTER: f64 = 2.5;
/// Where bursts are lost, this many times.
const GENTLY: f64 = 1.3;
/// And at least so much, bits per second.
const SLOWEST: f64 = 60_000.0;
/// A burst is what leaks in this time, microseconds: what the estimate carries in 40 ms, so that a frame of 30 in a second
/// is not held back at all.
const BURST: f64 = 16_000.0;
/// Where the line has much to spare: what it carries in this time,
const SPARE_BURST: f64 = 50_000.0;
/// up to this many bytes.
const MOST_SPARE: f64 = 24_000.0;
/// Never asked more often, microseconds.
const TICK: f64 = 2_000.0;
/// Nor less often.
const LONGEST: f64 = 200_000.0;
/// What is owed at most is paid back within this time: unpaced packets on a thin line must not stop all others.
const DEEPEST: f64 = 500_000.0;

#[derive(Default)]
pub(super) struct Pacer {
    /// Bytes that left and have not leaked yet.
    debt: f64,
    at: Micros,
    /// Not before.
    again: Micros,
    /// Bytes in a microsecond.
    leak: f64,
    burst: f64,
}

impl Pacer {
    /// `spare`: what is sent is far below the estimate. `gently`: bursts are lost on this line.
    pub fn set(&mut self, now: Micros, estimate: f64, spare: bool, gently: bool) {
        self.refresh(now);
        let faster = if gently { GENTLY } else { FASTER };
        self.leak = (faster * estimate).max(SLOWEST) / 8e6;
        self.burst = self.leak * BURST;
        if spare && !gently {
            self.burst = self.burst.max((estimate / 8e6 * SPARE_BURST).min(MOST_SPARE));
        }
    }

    #[inline]
    pub fn may_leave(&mut self, now: Micros) -> Result<(), Micros> {
        if now < self.again {
            return Err(self.again);
        }
        self.refresh(now);
        if self.debt <= self.burst {
            return Ok(());
        }
        // Half a burst later half a burst leaves together.
        let pause = ((self.debt - self.burst / 2.0) / self.leak).clamp(TICK, LONGEST);
        self.again = now + pause as Micros;
        Err(self.again)
    }

    #[inline]
    pub fn leaves(&mut self, now: Micros, bytes: usize) {
        self.refresh(now);
        self.debt = (self.debt + bytes as f64).min(self.leak * DEEPEST + self.burst);
    }

    #[inline]
    fn refresh(&mut self, now: Micros) {
        self.debt = (self.debt - now.saturating_sub(self.at) as f64 * self.leak).max(0.0);
        self.at = now;
    }
}
