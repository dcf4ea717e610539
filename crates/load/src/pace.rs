//! A stream for measuring: packets of one size at a steady pace, each with the time at which it was written. Sender and
//! receivers are of one process, so they have one clock.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use kloud_sfu::Kind;
use str0m::rtp::{ExtensionValues, RtpWrite};

use crate::stream::Line;

/// What times count from. Nothing is measured before it is first asked for.
static ZERO: LazyLock<Instant> = LazyLock::new(Instant::now);
/// Before the time, at the end of each packet.
const MARK: [u8; 8] = *b"kloudtim";
const LEVEL: i8 = -25;

/// So many packets of so many bytes at once, again and again.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    pub kind: Kind,
    pub every: Duration,
    pub packets: u32,
    pub bytes: usize,
}

impl Pace {
    /// A picture of 2 Mbit/s: 30 times a second seven packets that are 1,200 bytes long on the wire.
    pub const PICTURE: Pace =
        Pace { kind: Kind::Video, every: Duration::from_nanos(33_333_333), packets: 7, bytes: 1_160 };
    /// A picture in a small tile: 15 times a second one packet, 120 kbit/s.
    pub const TILE: Pace =
        Pace { kind: Kind::Video, every: Duration::from_nanos(66_666_667), packets: 1, bytes: 1_000 };
    /// A voice: 50 packets a second, 100 bytes long on the wire.
    pub const VOICE: Pace = Pace { kind: Kind::Audio, every: Duration::from_millis(20), packets: 1, bytes: 64 };
}

/// A pace that is kept.
#[derive(Debug)]
pub struct Steady {
    pub pace: Pace,
    sent: u64,
    rounds: u64,
    began: Option<Instant>,
}

impl Steady {
    pub fn new(pace: Pace) -> Self {
        LazyLock::force(&ZERO);
        Self { pace, sent: 0, rounds: 0, began: None }
    }

    pub fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        let Pace { kind, every, packets, bytes } = self.pace;
        let began = *self.began.get_or_insert(now);
        let due = began + every * u32::try_from(self.rounds).unwrap_or(u32::MAX);
        if due > now {
            return due;
        }
        let ticks = u128::from(kind.clock_rate()) * (due - began).as_micros() / 1_000_000;
        for n in 0..packets {
            let payload = payload(kind, n, self.rounds, bytes);
            let seq = self.sent + 1;
            let loud = ExtensionValues { audio_level: Some(LEVEL), ..ExtensionValues::default() };
            let is_sent = line.write(None, |pt| {
                let write = RtpWrite::new(pt, seq.into(), ticks as u32, now, payload).marker(n + 1 == packets);
                if kind == Kind::Audio { write.ext_vals(loud) } else { write.nackable(true) }
            });
            self.sent += u64::from(is_sent);
        }
        self.rounds += 1;
        // Whoever was held up does not catch up.
        let behind = now.saturating_duration_since(due).as_nanos() / every.as_nanos();
        self.rounds += u64::try_from(behind).unwrap_or(0);
        began + every * u32::try_from(self.rounds).unwrap_or(u32::MAX)
    }
}

/// Each picture needs no other.
fn payload(kind: Kind, n: u32, round: u64, bytes: usize) -> Vec<u8> {
    let mut payload = vec![0x55; bytes - 16];
    if kind == Kind::Video {
        let [high, low] = (round as u16 | 0x8000).to_be_bytes();
        payload[..5].copy_from_slice(&[if n == 0 { 0x90 } else { 0x80 }, 0x80, high, low, 0]);
    }
    let time = u64::try_from(ZERO.elapsed().as_nanos()).unwrap_or(u64::MAX);
    payload.extend(MARK);
    payload.extend(time.to_be_bytes());
    payload
}

/// Microseconds from when the packet was written, if it says so, until it arrived.
pub fn delay(payload: &[u8], arrived: Instant) -> Option<u32> {
    let (rest, time) = payload.split_last_chunk::<8>()?;
    let written = rest.ends_with(&MARK).then(|| u64::from_be_bytes(*time))?;
    let arrived = u64::try_from(arrived.saturating_duration_since(*ZERO).as_nanos()).unwrap_or(u64::MAX);
    u32::try_from(arrived.saturating_sub(written) / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_says_when_it_was_written() {
        LazyLock::force(&ZERO);
        let written = payload(Kind::Video, 0, 7, 1_160);
        assert_eq!(written.len(), 1_160);
        let arrived = Instant::now() + Duration::from_millis(5);
        assert!(delay(&written, arrived).is_some_and(|us| (5_000..60_000_000).contains(&us)));
        assert_eq!(delay(&[0x55; 100], arrived), None);
        assert_eq!(delay(&[], arrived), None);
    }
}
