//! A connection to which nothing is sent: everybody is muted and nobody shows anything. The stack goes on filling it up
//! with some 100 kbit/s to keep its estimate true, which costs each phone a data volume and the server most of what a
//! silent room costs. With an estimate of nothing it fills up nothing; the true one is put back with the first packet.
//!
//! Where nothing comes either, the stack is asked every ten seconds only. It would be asked forty times a second for the
//! sake of an estimate that nobody needs, and it walks over all lines each time; and every second it would report of
//! lines on which nothing is sent.

use std::time::{Duration, Instant};

use str0m::bwe::Bitrate;
use str0m::{Reason, Rtc};

/// After so many windows without a packet nothing is filled up any more.
const WINDOWS: u8 = 6;
/// More than reports and checks alone take, in bits per second.
const FILLED: f64 = 30_000.0;

/// How long a connection that sleeps is left alone. That its client has vanished is noticed so much later.
const SLEEP: Duration = Duration::from_secs(10);

/// How long nothing has been sent.
#[derive(Debug, Default)]
pub struct Rest {
    /// Windows since the last packet.
    windows: u8,
    /// Windows since the client sent something, or a message was sent to it.
    quiet: u8,
    is_on: bool,
    /// Bits per second that the connection carried before it came to rest, if that was known.
    carried: Option<u64>,
    /// When the stack is asked again.
    asleep_until: Option<Instant>,
}

impl Rest {
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// The client sends something, or a message is sent to it. Both want answers and repairs in time.
    pub fn stirs(&mut self) {
        self.quiet = 0;
        self.asleep_until = None;
    }

    /// When the stack is asked that wants to be asked at this time, for this reason. Only the soonest of its reasons is
    /// known, so nothing is put off unless it is sure that no message and no packet is under way, in either direction;
    /// then there is nothing to pace, to repair or to report.
    pub fn put_off(&mut self, at: Instant, reason: Reason, now: Instant) -> Instant {
        let somebody_waits = matches!(reason, Reason::DTLS | Reason::Ice | Reason::Sctp | Reason::Channel);
        let sleeps = self.is_on && self.quiet >= WINDOWS && !somebody_waits;
        let woken = self.asleep_until.filter(|until| *until > now);
        self.asleep_until = match woken {
            _ if !sleeps => None,
            // What is overdue is done first.
            None if at <= now => None,
            None => Some(now + SLEEP),
            until => until,
        };
        self.asleep_until.map_or(at, |until| at.max(until))
    }

    /// Whether a datagram is a report (RFC 3550 sections 6.4.1, 6.4.2; RFC 3611) that need not be read: in a connection
    /// that sleeps there is nothing to report of. Clients send one for each line every second all the same.
    pub fn ignores(&self, datagram: &[u8], now: Instant) -> bool {
        let is_report = matches!(datagram, [128..192, 200 | 201 | 207, ..]);
        is_report && self.asleep_until.is_some_and(|until| until > now)
    }

    /// A packet leaves.
    pub fn ends(&mut self, rtc: &mut Rtc) {
        self.windows = 0;
        self.is_on = false;
        self.asleep_until = None;
        if let Some(carried) = self.carried.take() {
            rtc.bwe().reset(Bitrate::bps(carried));
        }
    }

    /// A window has passed, in which `sent` bits a second were sent in all. What the client said of packets that were
    /// under way wakes the estimate, so it is put to rest again. Where nothing was ever sent there is no estimate.
    pub fn window(&mut self, carries: Option<u64>, sent: f64, rtc: &mut Rtc) {
        self.windows = self.windows.saturating_add(1);
        self.quiet = self.quiet.saturating_add(1);
        if self.windows == WINDOWS || (self.is_on && sent > FILLED) {
            self.is_on = true;
            if let Some(carries) = carries {
                self.carried.get_or_insert(carries);
                rtc.bwe().reset(Bitrate::ZERO);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use str0m::RtcConfig;

    use super::*;

    /// The estimate wants to be looked at.
    const REASON: Reason = Reason::BweDelayControl;

    #[test]
    fn only_a_connection_on_which_nothing_moves_is_left_alone() {
        let now = Instant::now();
        let soon = now + Duration::from_millis(25);
        let mut rtc = RtcConfig::new().enable_bwe(Some(Bitrate::mbps(1))).build(now);
        let mut rest = Rest::default();
        let quiet = |rest: &mut Rest, rtc: &mut Rtc| (0..WINDOWS).for_each(|_| rest.window(None, 0.0, rtc));
        assert_eq!(rest.put_off(soon, REASON, now), soon);
        quiet(&mut rest, &mut rtc);
        assert_eq!(rest.put_off(now, REASON, now), now, "what is overdue is done first");
        assert_eq!(rest.put_off(soon, REASON, now), now + SLEEP);
        let report = [128, 201, 0, 1];
        assert!(rest.ignores(&report, now) && !rest.ignores(&report, now + SLEEP));
        assert!(!rest.ignores(&[128, 206, 0, 2], now), "a picture is asked for");
        assert!(!rest.ignores(&[128, 96, 0, 1], now), "the client sends something");
        // What comes meanwhile neither wakes it nor lets it sleep longer.
        let later = now + SLEEP / 2;
        assert_eq!(rest.put_off(soon, REASON, later), now + SLEEP);
        assert_eq!(rest.put_off(soon, REASON, now + SLEEP), soon, "it has slept, and what is overdue is done");
        for reason in [Reason::DTLS, Reason::Ice, Reason::Sctp, Reason::Channel] {
            assert_eq!(rest.put_off(soon, reason, now), soon, "{reason:?}");
        }
        rest.put_off(soon, REASON, now);
        rest.stirs();
        assert!(!rest.ignores(&report, now));
        assert_eq!(rest.put_off(soon, REASON, now), soon, "the client has sent something");
        quiet(&mut rest, &mut rtc);
        assert_eq!(rest.put_off(soon, REASON, now), now + SLEEP);
        rest.ends(&mut rtc);
        assert_eq!(rest.put_off(soon, REASON, now), soon, "something is sent to the client");
    }
}
