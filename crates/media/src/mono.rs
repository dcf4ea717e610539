//! The monotonic clock of the packets. Encryption and congestion control need finer time than the wall clock of rows,
//! so this one module may ask the machine for it; everything else gets it as an argument.

use std::time::Instant;

use kloud_sfu::Tick;

/// The present instant.
#[allow(clippy::disallowed_methods, reason = "the one place that reads the monotonic clock")]
pub fn now() -> Instant {
    Instant::now()
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
