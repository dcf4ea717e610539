//! What the clients send: a picture in the three sizes of a camera, and a voice, as a browser's encoders made them.
//! `node e2e/record.mjs` in `web/` makes the files anew.

use std::sync::LazyLock;

use bytes::Bytes;

/// Bytes of a frame that one packet carries.
const PACKET: usize = 1_100;
/// Of an IVF file and of each frame in it.
const FILE_HEADER: usize = 32;
const FRAME_HEADER: usize = 12;

/// Frames that follow each other; the first needs no other.
#[derive(Debug)]
pub struct Recording {
    pub width: u32,
    pub height: u32,
    /// Frames a second.
    pub rate: u32,
    pub frames: Vec<Bytes>,
}

impl Recording {
    /// Reads an IVF file.
    fn read(file: &'static [u8]) -> Self {
        let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four bytes"));
        let mut frames = Vec::new();
        let mut at = FILE_HEADER;
        while at < file.len() {
            let start = at + FRAME_HEADER;
            let end = start + number(at) as usize;
            frames.push(Bytes::from_static(&file[start..end]));
            at = end;
        }
        Self { width: number(12) & 0xffff, height: number(12) >> 16, rate: number(16), frames }
    }
}

/// One layer of a camera.
#[derive(Debug)]
pub struct Layer {
    pub rid: &'static str,
    /// Bits per second at most.
    pub bitrate: u32,
    pub recording: Recording,
}

/// From small to large.
pub static CAMERA: LazyLock<[Layer; 3]> = LazyLock::new(|| {
    let layer = |rid, bitrate, file| Layer { rid, bitrate, recording: Recording::read(file) };
    [
        layer("q", 120_000, include_bytes!("../recording/q.ivf")),
        layer("h", 450_000, include_bytes!("../recording/h.ivf")),
        layer("f", 1_700_000, include_bytes!("../recording/f.ivf")),
    ]
});

pub static VOICE: LazyLock<Recording> = LazyLock::new(|| Recording::read(include_bytes!("../recording/voice.ivf")));

/// The payloads of a VP8 frame: a descriptor with a picture id of 15 bits (RFC 7741) and a piece of it each.
pub fn vp8_payloads(frame: &[u8], picture: u16) -> impl ExactSizeIterator<Item = Vec<u8>> {
    // Pieces of about the same size, as browsers cut.
    let count = frame.len().div_ceil(PACKET).max(1);
    frame.chunks(frame.len().div_ceil(count).max(1)).enumerate().map(move |(n, piece)| {
        let starts = if n == 0 { 0x10 } else { 0 };
        let [high, low] = (picture | 0x8000).to_be_bytes();
        [&[0x80 | starts, 0x80, high, low], piece].concat()
    })
}

#[cfg(test)]
mod tests {
    use str0m::rtp::Vp8Descriptor;

    use super::*;

    #[test]
    fn each_layer_begins_with_its_only_keyframe() {
        for layer in &*CAMERA {
            let Recording { width, height, rate, frames } = &layer.recording;
            assert_eq!(frames.len(), 2 * *rate as usize, "two seconds");
            let begins = |frame: &Bytes| {
                let first = vp8_payloads(frame, 0).next().expect("a packet");
                Vp8Descriptor::parse(&first).expect("a descriptor").starts_keyframe(&first)
            };
            let keyframes: Vec<_> = frames.iter().map(begins).collect();
            assert!(keyframes[0] && !keyframes[1..].contains(&true), "{}", layer.rid);
            // A keyframe says its size (RFC 6386 section 9.1).
            let size = |at: usize| u32::from(u16::from_le_bytes([frames[0][at], frames[0][at + 1]]));
            assert_eq!((size(6), size(8)), (*width, *height));
        }
        // The encoder puts one before the two seconds.
        assert_eq!(VOICE.frames.len(), 101);
    }

    #[test]
    fn a_frame_is_cut_into_packets_and_only_the_first_starts_it() {
        let frame = vec![0; 2 * PACKET + 1];
        let payloads: Vec<_> = vp8_payloads(&frame, 0x7fff).collect();
        assert_eq!(payloads.len(), 3);
        let descriptors: Vec<_> = payloads.iter().map(|p| Vp8Descriptor::parse(p).expect("a descriptor")).collect();
        assert!(descriptors.iter().all(|d| d.picture_id() == Some(0x7fff)));
        let starts: Vec<_> = descriptors.iter().zip(&payloads).map(|(d, p)| d.starts_keyframe(p)).collect();
        assert_eq!(starts, [true, false, false]);
    }
}
