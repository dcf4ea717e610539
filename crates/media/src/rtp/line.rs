//! A line of a connection by which its client gets a track: what was sent on it, and what is kept to be sent again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::Kind;
use str0m::media::{Mid, Pt};

use super::header::Extensions;
use super::packet::Packet;

/// How long packets of pictures are kept for sending again, and how many of one picture at most. Whoever is further away
/// than this gets a new picture sooner than the old packet.
const KEPT_FOR: Duration = Duration::from_secs(1);
const KEPT_PACKETS: usize = 512;
/// Of what is sent, one part in so many may be sent again; and so many bytes in one go.
const AGAIN_PART: i64 = 7;
const AGAIN_MAX: i64 = 100_000;
/// What was sent again is on its way for so long at least.
const AGAIN_AFTER: Duration = Duration::from_millis(20);

/// A packet under the numbers that it leaves with.
#[derive(Clone, Debug)]
pub struct Outgoing {
    pub packet: Arc<Packet>,
    /// What is sent in the place of the packet's own payload, if it is another.
    pub payload: Option<Arc<[u8]>>,
    pub number: Pt,
    /// And that of its repair line.
    pub repair: Option<Pt>,
    /// Extended over rollovers.
    pub seq: u64,
    pub timestamp: u32,
    pub marker: bool,
    /// VP8's picture number and that of its lowest layer, where they are not the publisher's.
    pub picture: Option<(u16, Option<u8>)>,
}

impl Outgoing {
    pub fn payload(&self) -> &[u8] {
        self.payload.as_ref().unwrap_or(&self.packet.payload)
    }
}

/// What is kept to be sent again.
#[derive(Debug)]
struct Kept {
    outgoing: Outgoing,
    left: Instant,
    again: Option<Instant>,
}

/// What a receiver has reported of a line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard {
    /// Packets that were lost since the line began.
    pub lost: u64,
    /// How often packets were asked for again.
    pub asked: u64,
}

#[derive(Debug)]
pub struct Line {
    pub mid: Mid,
    /// The same as it is written into each packet.
    pub name: Box<[u8]>,
    pub kind: Kind,
    pub ssrc: u32,
    /// The stream of what is sent again.
    pub repair: Option<u32>,
    /// The number of its codec, for what only fills up.
    pub filler: Option<u8>,
    pub extensions: Extensions,
    pub cname: String,
    pub heard: Heard,
    /// Packets and bytes of payload that have left.
    pub packets: u64,
    pub bytes: u64,
    /// How many of them had left when the client was last told the time.
    pub told: u64,
    /// The last moment of the track that has left: on its clock, and on ours.
    pub moment: Option<(u32, Instant)>,
    numbers: Numbers,
    next_repair: u64,
    kept: VecDeque<Kept>,
    allowance: i64,
}

impl Line {
    pub fn new(mid: Mid, kind: Kind, ssrc: u32, repair: Option<u32>) -> Self {
        Self {
            mid,
            name: mid.as_bytes().into(),
            kind,
            ssrc,
            repair,
            filler: None,
            extensions: Extensions::default(),
            cname: String::new(),
            heard: Heard::default(),
            packets: 0,
            bytes: 0,
            told: 0,
            moment: None,
            numbers: Numbers::default(),
            // Below the first rollover's half, as receivers expect (RFC 3711 section 3.3.1).
            next_repair: u64::from(repair.unwrap_or(0) & 0x3fff),
            kept: VecDeque::new(),
            allowance: AGAIN_MAX,
        }
    }

    /// Whether a packet may leave under this number: none ever has.
    pub fn takes(&mut self, seq: u64) -> bool {
        self.numbers.take(seq)
    }

    /// Counts a packet that leaves, and keeps it if it can be repaired.
    pub fn left(&mut self, outgoing: Outgoing, now: Instant) {
        let bytes = outgoing.payload().len();
        self.packets += 1;
        self.bytes += bytes as u64;
        self.moment = Some((outgoing.timestamp, outgoing.packet.wallclock));
        // What holds nothing only fills up.
        if self.kind == Kind::Audio || bytes == 0 || self.repair.is_none() || outgoing.repair.is_none() {
            return;
        }
        self.allowance = (self.allowance + bytes as i64 / AGAIN_PART).min(AGAIN_MAX);
        let too_old = |kept: &Kept| now.saturating_duration_since(kept.left) > KEPT_FOR;
        while self.kept.len() >= KEPT_PACKETS || self.kept.front().is_some_and(too_old) {
            self.kept.pop_front();
        }
        let at = self.kept.iter().rposition(|kept| kept.outgoing.seq < outgoing.seq).map_or(0, |at| at + 1);
        self.kept.insert(at, Kept { outgoing, left: now, again: None });
    }

    /// The packet that is asked for, if it may be sent again now, with the number of the repair line.
    pub fn again(&mut self, seq: u64, now: Instant) -> Option<(Outgoing, u64)> {
        let at = self.kept.binary_search_by_key(&seq, |kept| kept.outgoing.seq).ok()?;
        let kept = self.kept.get_mut(at)?;
        let under_way = kept.again.is_some_and(|at| now.saturating_duration_since(at) < AGAIN_AFTER);
        let too_old = now.saturating_duration_since(kept.left) > KEPT_FOR;
        if under_way || too_old || self.allowance < 0 {
            return None;
        }
        kept.again = Some(now);
        let outgoing = kept.outgoing.clone();
        self.allowance -= outgoing.payload().len() as i64;
        Some((outgoing, self.next_repair()))
    }

    /// The whole number of a packet that was asked for by its last 16 bits.
    pub fn kept(&self, seq: u16) -> Option<u64> {
        let last = self.kept.back()?.outgoing.seq;
        let behind = (last as u16).wrapping_sub(seq);
        last.checked_sub(u64::from(behind))
    }

    /// Whether what only fills up can go on this line.
    pub fn fills(&self) -> bool {
        self.kind == Kind::Video && self.repair.is_some() && self.filler.is_some()
    }

    pub fn keeps_something(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Something that is worth more than nothing where a connection is to be filled up: what left last.
    pub fn filling(&mut self, most: usize) -> Option<(Outgoing, u64)> {
        let fits = |kept: &&Kept| kept.outgoing.payload().len() <= most;
        let outgoing = self.kept.iter().rev().find(fits)?.outgoing.clone();
        Some((outgoing, self.next_repair()))
    }

    pub fn next_repair(&mut self) -> u64 {
        let number = self.next_repair;
        self.next_repair += 1;
        number
    }

    /// What was sent is not sent again.
    pub fn forget(&mut self) {
        self.kept = VecDeque::new();
    }
}

/// The numbers under which something has left: the highest, and which of those before it.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    highest: Option<u64>,
    before: u128,
}

impl Numbers {
    /// Takes a number that has not been taken; one so far back that this is not known is taken for one that was.
    fn take(&mut self, seq: u64) -> bool {
        let Some(highest) = self.highest else {
            self.highest = Some(seq);
            return true;
        };
        if seq > highest {
            let by = u32::try_from(seq - highest).unwrap_or(u32::MAX);
            self.before = self.before.checked_shl(by).unwrap_or(0) | 1u128.checked_shl(by - 1).unwrap_or(0);
            self.highest = Some(seq);
            return true;
        }
        let Some(behind) = (highest - seq).checked_sub(1).filter(|behind| *behind < 128) else { return false };
        let bit = 1 << behind;
        let is_new = self.before & bit == 0;
        self.before |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_taken_twice() {
        let mut numbers = Numbers::default();
        assert!(numbers.take(10));
        assert!(!numbers.take(10));
        assert!(numbers.take(12) && numbers.take(11));
        assert!(!numbers.take(11) && !numbers.take(12) && !numbers.take(10));
        assert!(numbers.take(140));
        assert!(numbers.take(13) && !numbers.take(12), "the one before has gone by");
        assert!(!numbers.take(11), "what is not known any more is taken for taken");
        assert!(numbers.take(1_000) && numbers.take(999) && !numbers.take(999) && !numbers.take(140));
    }
}
