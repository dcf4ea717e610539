//! The monotonic clock of the packets. Encryption and congestion control need finer time than the wall clock of rows,
//! so this one module may ask the machine for it; everything else gets it as an argument.

use std::time::{Duration, Instant};

use kloud_sfu::Tick;

/// The present instant.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// Between two times at which things are done that have time: each connection would wake its thread for them alone.
pub const SLOW: Duration = Duration::from_millis(100);

/// The first of the times that lie a `step` apart from `start` on that is not before `at`. What waits for such a time waits
/// together with others.
pub fn beat(start: Instant, step: Duration, at: Instant) -> Instant {
    let beyond = at.saturating_duration_since(start).as_nanos() % step.as_nanos().max(1);
    let until = if beyond == 0 { 0 } else { step.as_nanos() - beyond };
    at + Duration::from_nanos(u64::try_from(until).unwrap_or(0))
}

/// Turns instants into the milliseconds that forwarding decisions count in.
#[derive(Clone, Copy, Debug)]
pub struct Epoch0(Instant);

impl Epoch0 {
    pub fn new(start: Instant) -> Self {
        Self(start)
    }

    pub fn tick(&self, at: Instant) -> Tick {
        u64::try_from(at.saturating_duration_since(self.0).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_is_never_before_what_waits_for_it() {
        let start = now();
        let at = |millis| start + Duration::from_millis(millis);
        let next = |millis| beat(start, SLOW, at(millis));
        assert_eq!([next(0), next(1), next(100), next(101)], [at(0), at(100), at(100), at(200)]);
    }
}
