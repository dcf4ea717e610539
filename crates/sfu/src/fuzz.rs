//! An entry for whoever throws bytes at the readers of this crate: seeded mutations of real packets in the tests, and
//! fuzzers that are guided by coverage (`fuzz/`). It fails where an invariant is broken.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use crate::{
    Arrival, Codec, Congestion, DescriptorReader, Egress, Epoch, Frame, LayerIndex, OpusFrames, OpusMerger, PacketMeta,
    Permits, Redundant, Source, Vp8Meta, starts_keyframe,
};

/// The number of the codec that redundant sound carries.
const OPUS: u8 = 111;
/// Bytes before the descriptor of a piece.
const HEAD: usize = 4;

/// The packets of one track on their way to one viewer. Each piece of `bytes` has its length in front, two bytes; then
/// come the layer with what the viewer wants, by how much the number of the packet is higher than the one before it, the
/// time since then, and the length of a dependency descriptor; then the descriptor and the payload. The first byte of
/// all is the codec.
pub fn rtp(bytes: &[u8]) {
    let Some((codec, mut rest)) = bytes.split_first() else { return };
    let codec = Codec::ALL[usize::from(*codec) % Codec::ALL.len()];
    let mut track = Track::new(codec);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (piece, after) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        rest = after;
        if let Some((head, body)) = piece.split_first_chunk::<HEAD>() {
            track.packet(*head, body);
        }
    }
}

/// Packets of sound that are put together, each with its length in front, two bytes. What comes out holds the frames that
/// went in.
pub fn opus(bytes: &[u8]) {
    let (mut merger, mut left, mut came, mut rest) = (OpusMerger::default(), Vec::new(), Vec::new(), bytes);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (packet, after) = after.split_at(usize::from(u16::from_be_bytes(*length)).min(after.len()));
        rest = after;
        let Some(frames) = OpusFrames::parse(packet) else { continue };
        if !merger.fits(&frames) {
            left.push(merger.take());
        }
        merger.push(&frames);
        came.push(frames);
    }
    if !merger.is_empty() {
        left.push(merger.take());
    }
    let read: Vec<_> =
        left.iter().map(|packet| OpusFrames::parse(packet).expect("what is written can be read")).collect();
    let (out, into) = (read.iter().flat_map(OpusFrames::sounds), came.iter().flat_map(OpusFrames::sounds));
    assert!(out.eq(into), "a decoder gets the frames that came");
}

/// What a connection sends and is told of it. Each event has four bytes: what happens, and three that say how much of it.
/// The first four of all are the rate that it begins with.
pub fn congestion(bytes: &[u8], now: Instant) {
    let Some((start, rest)) = bytes.split_first_chunk::<4>() else { return };
    let start = u64::from(u32::from_be_bytes(*start));
    let mut path = Path {
        congestion: Congestion::new(start),
        now,
        clock: start as u32,
        next: 0,
        wished: 0,
        may_be: (start as f64).max(10_000.0),
    };
    for event in rest.as_chunks::<4>().0 {
        path.event(*event);
        path.holds();
    }
}

/// A connection, and the receiver's clock.
struct Path {
    congestion: Congestion,
    now: Instant,
    clock: u32,
    next: u16,
    wished: u64,
    /// No estimate has a reason to be higher.
    may_be: f64,
}

impl Path {
    fn event(&mut self, [what, one, two, three]: [u8; 4]) {
        let large = u64::from(u16::from_be_bytes([one, two])) << (three % 24);
        match what % 8 {
            0 => self.pass(large),
            1 => (0..=one % 64).for_each(|_| {
                let number = self.congestion.leaves(self.now, usize::from(two) * usize::from(three % 16));
                assert_eq!(number, self.next, "one number after the other");
                self.next = number.wrapping_add(1);
                self.pass(u64::from(three) * 16);
            }),
            2 => self.feedback(one, two, three),
            3 => {
                self.wished = large;
                self.may_be = self.may_be.max(large as f64 * 1.26);
                self.congestion.set_rates(self.now, large / (1 + u64::from(what >> 6)), large);
            }
            4 => {
                self.may_be = self.may_be.max(large as f64);
                self.congestion.reset(self.now, large);
            }
            5 => {
                let bytes = self.congestion.padding(self.now);
                assert!(bytes <= 10_000_000, "{bytes} bytes of padding");
                self.next = self.congestion.leaves(self.now, bytes.min(1_200)).wrapping_add(1);
            }
            6 => self.clock = self.clock.wrapping_add(u32::from_be_bytes([three, one, two, what])),
            _ => {
                self.pass(u64::from(one) * 1_000);
                self.congestion.advance(self.now);
            }
        }
    }

    fn pass(&mut self, micros: u64) {
        self.now += Duration::from_micros(micros);
        self.clock = self.clock.wrapping_add((micros / 250) as u32);
    }

    /// Mostly about what left last, at times about anything.
    fn feedback(&mut self, many: u8, how: u8, back: u8) {
        let first = if how & 0xc0 == 0xc0 {
            u16::from_be_bytes([back, many])
        } else {
            self.next.wrapping_sub(u16::from(many)).wrapping_sub(u16::from(back >> 4))
        };
        let (clock, step) = (self.clock, u32::from(how & 0x3f));
        let arrivals = (0..u16::from(many)).map(|more| {
            let arrived = back & 7 == 0 || more % u16::from(back & 7 | 1) != 0;
            let after = if how & 0x20 == 0 { u32::from(more) * step } else { u32::from(more ^ 1).wrapping_mul(step) };
            (first.wrapping_add(more), arrived.then_some(Arrival(clock.wrapping_add(after))))
        });
        self.congestion.feedback(self.now, arrivals);
    }

    fn holds(&mut self) {
        if let Some(estimate) = self.congestion.estimate() {
            let estimate = estimate as f64;
            assert!((10_000.0..=self.may_be).contains(&estimate), "{estimate}, and not above {}", self.may_be);
        }
        if let Err(again) = self.congestion.may_leave(self.now) {
            let wait = again - self.now;
            assert!((Duration::from_micros(1)..=Duration::from_secs(1)).contains(&wait), "{wait:?}");
        }
        assert!(self.wished > 0 || self.congestion.next().is_none(), "where nothing is wished nothing wakes");
        assert!((0.0..=1.0).contains(&self.congestion.loss()));
    }
}

struct Track {
    codec: Codec,
    reader: DescriptorReader,
    egress: Egress,
    seq: u64,
    now: u64,
    came: BTreeSet<(u8, u64)>,
    /// The last one goes into the next.
    waits: bool,
    left: BTreeSet<u64>,
}

impl Track {
    fn new(codec: Codec) -> Self {
        let source = if codec == Codec::Opus { Source::Microphone } else { Source::Camera };
        let mut egress = Egress::new(codec.kind(), source);
        egress.permit(Permits::ALL, Epoch(1));
        // Extended numbers never begin at nothing, so that what comes early has one too.
        let (seq, now) = (1 << 16, 0);
        let (came, left) = (BTreeSet::new(), BTreeSet::new());
        Self { codec, reader: DescriptorReader::default(), egress, seq, now, came, waits: false, left }
    }

    fn packet(&mut self, [wants, ahead, later, length]: [u8; HEAD], body: &[u8]) {
        let (descriptor, payload) = body.split_at(usize::from(length).min(body.len()));
        self.now += u64::from(later);
        // Mostly the next one, at times some further on or back.
        let seq = self.seq.wrapping_add_signed(i64::from(ahead.cast_signed()) / 16 + 1);
        self.seq = self.seq.max(seq);
        // Layers that build on each other come in one stream; others have streams and numbers of their own.
        let layer = if self.codec.is_layered() { 0 } else { wants & 3 };
        self.egress.set_target((wants & 0x70 != 0x70).then_some(LayerIndex(wants >> 4 & 3)));
        self.egress.set_muted(wants & 0x8c == 0x8c);
        if !self.came.insert((layer, seq)) {
            // The stack passes nothing on twice.
            return;
        }
        let frame = match self.frame(descriptor) {
            Told::Nothing => None,
            Told::Frame(frame) => Some(frame),
            Told::Broken => return,
        };
        let starts_keyframe = match self.codec {
            Codec::Opus => true,
            // Read by the stack; its rule is RFC 7741's.
            Codec::Vp8 => payload.first().is_some_and(|b| b & 0x10 != 0),
            codec => frame.map_or(starts_keyframe(codec, payload), |frame| frame.begins && frame.starts),
        };
        let vp8 = (self.codec == Codec::Vp8).then(|| picture(payload));
        let timestamp = (self.now as u32).wrapping_mul(self.codec.kind().clock_rate() / 1_000);
        let meta = PacketMeta { layer: LayerIndex(layer), seq, timestamp, starts_keyframe, vp8, frame };
        if std::mem::take(&mut self.waits)
            && ahead & 2 != 0
            && let Some(seq) = self.egress.leave_alone()
        {
            self.leaves(seq);
        }
        if let Ok(rewrite) = self.egress.offer(&meta, self.now) {
            if self.codec == Codec::Opus {
                redundant(payload, rewrite.since);
                self.waits = ahead & 1 != 0 && self.egress.join_next(&meta);
            }
            if !self.waits {
                self.leaves(rewrite.seq);
            }
        }
        self.egress.wants_keyframe(self.now);
    }

    fn leaves(&mut self, seq: u64) {
        assert!(self.left.insert(seq), "two packets under one number: the cipher must never see that");
    }

    fn frame(&mut self, descriptor: &[u8]) -> Told {
        if !self.codec.is_layered() || descriptor.is_empty() {
            return Told::Nothing;
        }
        self.reader.read(descriptor).map_or(Told::Broken, Told::Frame)
    }
}

enum Told {
    Nothing,
    Frame(Frame),
    Broken,
}

fn picture(payload: &[u8]) -> Vp8Meta {
    let byte = |at: usize| payload.get(at).copied();
    let picture_id = byte(2).zip(byte(3)).map(|(high, low)| u16::from_be_bytes([high & 0x7f, low]));
    Vp8Meta { picture_id, tl0_pic_idx: byte(4) }
}

fn redundant(payload: &[u8], since: u32) {
    let Some(redundant) = Redundant::parse(payload, OPUS) else { return };
    let written = redundant.write(OPUS, since);
    assert!(written.len() <= payload.len());
    let again = Redundant::parse(&written, OPUS).expect("what is written can be read");
    assert_eq!(again.newest(), redundant.newest());
}

#[cfg(test)]
mod tests {
    use kloud_testkit::replay;

    const RTP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/rtp");
    const OPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/opus");
    const CONGESTION: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/congestion");

    #[test]
    fn mutilated_packets_leave_under_numbers_of_their_own() {
        replay(RTP, 10_000, super::rtp);
    }

    #[test]
    fn mutilated_feedback_makes_no_estimate_that_has_no_reason() {
        let now = std::time::Instant::now();
        replay(CONGESTION, 10_000, |bytes| super::congestion(bytes, now));
    }

    #[test]
    fn mutilated_sound_is_put_together_or_refused() {
        replay(OPUS, 10_000, super::opus);
    }
}
