//! An entry for whoever throws bytes at the readers of this crate: seeded mutations of real packets in the tests, and
//! fuzzers that are guided by coverage (`fuzz/`). It fails where an invariant is broken.

use std::collections::BTreeSet;

use crate::{
    Codec, DescriptorReader, Egress, Epoch, Frame, LayerIndex, OpusFrames, OpusMerger, PacketMeta, Permits, Redundant,
    Source, Vp8Meta, starts_keyframe,
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

    #[test]
    fn mutilated_packets_leave_under_numbers_of_their_own() {
        replay(RTP, 10_000, super::rtp);
    }

    #[test]
    fn mutilated_sound_is_put_together_or_refused() {
        replay(OPUS, 10_000, super::opus);
    }
}
