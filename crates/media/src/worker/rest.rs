//! A connection to which nothing is sent: everybody is muted and nobody shows anything. The stack goes on filling it up
//! with some 100 kbit/s to keep its estimate true, which costs each phone a data volume and the server most of what a
//! silent room costs. With an estimate of nothing it fills up nothing; the true one is put back with the first packet.

use str0m::Rtc;
use str0m::bwe::Bitrate;

/// After so many windows without a packet nothing is filled up any more.
const WINDOWS: u8 = 6;
/// More than reports and checks alone take, in bits per second.
const FILLED: f64 = 30_000.0;

/// How long nothing has been sent.
#[derive(Debug, Default)]
pub struct Rest {
    /// Windows since the last packet.
    windows: u8,
    /// Bits per second that the connection carried before it came to rest.
    carried: Option<u64>,
}

impl Rest {
    pub fn is_on(&self) -> bool {
        self.carried.is_some()
    }

    /// A packet leaves.
    pub fn ends(&mut self, rtc: &mut Rtc) {
        self.windows = 0;
        if let Some(carried) = self.carried.take() {
            rtc.bwe().reset(Bitrate::bps(carried));
        }
    }

    /// A window has passed, in which `sent` bits a second were sent in all. What the client said of packets that were
    /// under way wakes the estimate, so it is put to rest again.
    pub fn window(&mut self, carries: u64, sent: f64, rtc: &mut Rtc) {
        self.windows = self.windows.saturating_add(1);
        if self.windows == WINDOWS || (self.is_on() && sent > FILLED) {
            self.carried.get_or_insert(carries);
            rtc.bwe().reset(Bitrate::ZERO);
        }
    }
}
