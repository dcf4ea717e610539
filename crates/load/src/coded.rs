//! Tracks in other codecs than the recordings have: what tells of a codec is right, what would be decoded is filler.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_livekit::mime_type;
use kloud_livekit::proto::{AddTrackRequest, SimulcastCodec, VideoLayer};
use kloud_sfu::{Codec, Codecs, DEPENDENCY_DESCRIPTOR, Kind};
use str0m::rtp::{
    Extension, ExtensionSerializer, ExtensionValues, RedDecoder, RedEncoder, RedundantBlock, RtpPacket, RtpWrite,
};
use str0m::{RtcConfig, format};

use crate::stream::Line;

/// Between two pictures, and between two pieces of sound.
const PICTURES: Duration = Duration::from_millis(33);
const PIECES: Duration = Duration::from_millis(20);
/// Between so many pieces of sound comes a packet with nothing in it, as browsers send them to find out how much a
/// connection carries; after each picture comes one.
const FILLS_EACH: u32 = 7;
/// Layers of a layered picture.
const LAYERS: u8 = 3;
/// The dependency structure of three spatial layers that stand alone after the first picture, with one temporal layer:
/// two templates for each layer, one for the first picture and one for those after it. Written by hand after the AV1
/// RTP specification.
const STRUCTURE: &str = "000000 00010 \
    00 10 00 10 00 11 \
    101010 100000 001010 001000 000010 000010 \
    0 100100 100000 100100 100000 100100 \
    00 0";

/// What a client can decode, and what it therefore offers.
#[derive(Clone, Copy, Debug)]
pub struct Skills {
    pub codecs: Codecs,
    /// Takes and sends sound with redundancy.
    pub red: bool,
}

impl Default for Skills {
    fn default() -> Self {
        Self { codecs: [Codec::Opus, Codec::Vp8].into_iter().collect(), red: false }
    }
}

impl Skills {
    pub const ALL: Self = Self { codecs: Codecs::ALL, red: true };

    pub fn configure(self, config: RtcConfig) -> RtcConfig {
        let has = |codec| self.codecs.contains(codec);
        config
            .clear_codecs()
            .enable_opus(has(Codec::Opus), self.red)
            .enable_vp8(has(Codec::Vp8))
            .enable_h264(has(Codec::H264))
            .enable_vp9(has(Codec::Vp9))
            .enable_av1(has(Codec::Av1))
            .set_extension(9, Extension::with_serializer(DEPENDENCY_DESCRIPTOR, Descriptors))
    }
}

/// An announcement of a track in these codecs, the first of which is sent at once.
pub fn asks_for(cid: &str, source: i32, codecs: &[Codec]) -> AddTrackRequest {
    let is_video = codecs.iter().any(|codec| codec.kind() == Kind::Video);
    let layer = |(quality, width): (i32, u32)| VideoLayer {
        quality,
        width,
        height: width * 9 / 16,
        bitrate: width * 1_000,
        ..VideoLayer::default()
    };
    let layered = codecs.first().is_some_and(|codec| codec.is_layered());
    let layers = if layered { [(0, 320), (1, 640), (2, 1_280)].map(layer).to_vec() } else { Vec::new() };
    let named = |(n, codec): (usize, &Codec)| SimulcastCodec {
        codec: mime_type(*codec).rsplit('/').next().unwrap_or_default().to_owned(),
        cid: if n == 0 { cid.to_owned() } else { String::new() },
        layers: if n == 0 { layers.clone() } else { Vec::new() },
        ..SimulcastCodec::default()
    };
    AddTrackRequest {
        cid: cid.into(),
        r#type: i32::from(is_video),
        source,
        simulcast_codecs: if is_video { codecs.iter().enumerate().map(named).collect() } else { Vec::new() },
        ..AddTrackRequest::default()
    }
}

/// A stream in one codec.
#[derive(Debug)]
pub struct Coded {
    codec: Codec,
    seq: u64,
    sent: u32,
    due: Option<Instant>,
    /// The next picture needs no other.
    anew: bool,
    /// The last pieces of sound.
    before: VecDeque<Vec<u8>>,
}

impl Coded {
    pub fn new(codec: Codec) -> Self {
        Self { codec, seq: 0, sent: 0, due: None, anew: true, before: VecDeque::new() }
    }

    pub fn codec(&self) -> Codec {
        self.codec
    }

    pub fn restart(&mut self) {
        self.anew = true;
    }

    /// Sends what is due and says when the next is.
    pub fn send(&mut self, line: &mut Line<'_>, now: Instant) -> Instant {
        let due = self.due.unwrap_or(now);
        if due > now {
            return due;
        }
        let every = if self.codec == Codec::Opus { PIECES } else { PICTURES };
        let is_sent = match self.codec {
            Codec::Opus => self.send_sound(line, now),
            Codec::Vp9 | Codec::Av1 => self.send_layers(line, now) && self.fill(line, now),
            Codec::H264 | Codec::Vp8 => self.send_h264(line, now) && self.fill(line, now),
        };
        self.sent += u32::from(is_sent);
        *self.due.insert((due + every).max(now))
    }

    /// Each piece says its number, and each packet repeats the piece before.
    fn send_sound(&mut self, line: &mut Line<'_>, now: Instant) -> bool {
        let piece = [&[0xfc], &self.sent.to_be_bytes()[..]].concat();
        let Some((plain, red)) = line.opus() else { return false };
        let block = |payload: &Vec<u8>| RedundantBlock { pt: *plain, timestamp_offset: 960, payload: payload.clone() };
        let older: Vec<_> = self.before.iter().map(block).collect();
        let (number, payload) = match red {
            Some(red) => (red, RedEncoder::encode(*plain, &piece, &older)),
            None => (plain, piece.clone()),
        };
        self.before = [piece].into();
        let time = self.sent * 960;
        if self.sent.is_multiple_of(FILLS_EACH) {
            let seq = self.next();
            line.write_as(number, |number| RtpWrite::new(number, seq.into(), time, now, Vec::new()));
        }
        let seq = self.next();
        line.write_as(number, |number| RtpWrite::new(number, seq.into(), time, now, payload))
    }

    fn fill(&mut self, line: &mut Line<'_>, now: Instant) -> bool {
        let (seq, time) = (self.next(), self.sent * 3_000);
        line.write(None, |number| RtpWrite::new(number, seq.into(), time, now, Vec::new()))
    }

    /// Parameters and the beginning of a picture in one packet.
    fn send_h264(&mut self, line: &mut Line<'_>, now: Instant) -> bool {
        let payload = vec![0x78, 0, 4, 0x67, 0x42, 0xe0, 0x1f, 0, 2, 0x68, 0xce, 0, 3, 0x65, 0x88, 0x80];
        let (seq, time) = (self.next(), self.sent * 3_000);
        line.write(None, |number| RtpWrite::new(number, seq.into(), time, now, payload).marker(true).nackable(true))
    }

    /// A picture in three layers, a packet each.
    fn send_layers(&mut self, line: &mut Line<'_>, now: Instant) -> bool {
        let anew = std::mem::take(&mut self.anew);
        let time = self.sent * 3_000;
        let mut is_sent = true;
        for layer in 0..LAYERS {
            let number = (self.sent * u32::from(LAYERS) + u32::from(layer)) as u16;
            let template = 2 * layer + u8::from(!anew);
            let descriptor = descriptor(template, number, anew && layer == 0);
            let mut values = ExtensionValues::default();
            values.user_values.set(Descriptor(descriptor.into()));
            let seq = self.next();
            is_sent &= line.write(None, |number| {
                let ends = layer + 1 == LAYERS;
                RtpWrite::new(number, seq.into(), time, now, vec![layer; 200])
                    .marker(ends)
                    .nackable(true)
                    .ext_vals(values)
            });
        }
        self.anew |= !is_sent;
        is_sent
    }

    fn next(&mut self) -> u64 {
        self.seq += 1;
        self.seq
    }
}

/// Of a packet of sound, the numbers of the pieces in it, and whether it repeats any.
pub fn pieces(packet: &RtpPacket, is_red: bool) -> (Vec<u32>, bool) {
    let number = |piece: &[u8]| match piece {
        [0xfc, number @ ..] => Some(u32::from_be_bytes(number.try_into().ok()?)),
        _ => None,
    };
    if !is_red {
        return (number(&packet.payload).into_iter().collect(), false);
    }
    let blocks = RedDecoder::decode(&packet.payload).unwrap_or_default();
    let older = blocks.iter().any(|block| !block.is_primary);
    (blocks.iter().filter_map(|block| number(block.payload)).collect(), older)
}

/// A codec of the stack by the name that it has here.
pub fn codec_of(codec: format::Codec) -> Option<Codec> {
    match codec {
        format::Codec::Opus => Some(Codec::Opus),
        format::Codec::Vp8 => Some(Codec::Vp8),
        format::Codec::H264 => Some(Codec::H264),
        format::Codec::Vp9 => Some(Codec::Vp9),
        format::Codec::Av1 => Some(Codec::Av1),
        _ => None,
    }
}

/// The descriptor of a frame that is one packet.
fn descriptor(template: u8, number: u16, with_structure: bool) -> Vec<u8> {
    let mut bits = format!("11{template:06b}{number:016b}");
    if with_structure {
        bits += "10000";
        bits += STRUCTURE;
    }
    let bits: Vec<_> = bits.chars().filter_map(|bit| bit.to_digit(2)).collect();
    bits.chunks(8)
        .map(|byte| byte.iter().enumerate().fold(0, |all, (n, bit)| all | ((*bit as u8) << (7 - n))))
        .collect()
}

/// The dependency descriptor of a packet as it came.
#[derive(Clone, Debug)]
pub struct Descriptor(pub Arc<[u8]>);

#[derive(Debug)]
struct Descriptors;

impl ExtensionSerializer for Descriptors {
    fn write_to(&self, buffer: &mut [u8], values: &ExtensionValues) -> usize {
        let Some(Descriptor(bytes)) = values.user_values.get::<Descriptor>() else { return 0 };
        buffer[..bytes.len()].copy_from_slice(bytes);
        bytes.len()
    }

    fn parse_value(&self, bytes: &[u8], values: &mut ExtensionValues) -> bool {
        values.user_values.set(Descriptor(bytes.into()));
        true
    }

    fn is_video(&self) -> bool {
        true
    }

    fn is_audio(&self) -> bool {
        false
    }

    fn requires_two_byte_form(&self, values: &ExtensionValues) -> bool {
        values.user_values.get::<Descriptor>().is_some_and(|Descriptor(bytes)| bytes.len() > 16)
    }
}

#[cfg(test)]
mod tests {
    use kloud_sfu::DescriptorReader;

    use super::*;

    #[test]
    fn the_hand_written_structure_is_one() {
        let mut reader = DescriptorReader::default();
        let frames: Vec<_> = [(0, 0, true), (2, 1, false), (4, 2, false), (1, 3, false), (3, 4, false), (5, 5, false)]
            .into_iter()
            .map(|(template, number, first)| reader.read(&descriptor(template, number, first)).expect("a frame"))
            .map(|frame| (frame.spatial, frame.begins, frame.needs.expect("near")))
            .collect();
        assert_eq!(frames, [(0, true, 0), (1, false, 1), (2, false, 1), (0, false, 4), (1, false, 4), (2, false, 4)]);
    }
}
