use proptest::prelude::*;

use super::*;

/// Wideband, 20 ms, one channel.
const WIDE_20: u8 = 9 << 3;

fn packet(kind: u8, frame: &[u8]) -> Vec<u8> {
    [&[kind][..], frame].concat()
}

fn merge(packets: &[Vec<u8>]) -> Vec<u8> {
    let mut merger = OpusMerger::default();
    for packet in packets {
        let frames = OpusFrames::parse(packet).expect("a packet");
        assert!(merger.fits(&frames));
        merger.push(&frames);
    }
    merger.take()
}

#[test]
fn three_packets_of_20_ms_become_one_of_60() {
    let packets = [packet(WIDE_20, &[1, 2]), packet(WIDE_20, &[3, 4, 5]), packet(WIDE_20, &[6])];
    let merged = merge(&packets);
    assert_eq!(merged, [WIDE_20 | 3, 0x83, 2, 3, 1, 2, 3, 4, 5, 6]);
    let frames = OpusFrames::parse(&merged).expect("a packet");
    assert_eq!((frames.frames.as_slice(), frames.ticks()), (&[&[1, 2][..], &[3, 4, 5], &[6]][..], 2_880));
}

#[test]
fn the_shortest_form_is_written() {
    let of = |frames: &[&[u8]]| merge(&frames.iter().map(|frame| packet(WIDE_20, frame)).collect::<Vec<_>>());
    assert_eq!(of(&[&[7, 8]]), [WIDE_20, 7, 8]);
    assert_eq!(of(&[&[7], &[8]]), [WIDE_20 | 1, 7, 8]);
    assert_eq!(of(&[&[7], &[8, 9]]), [WIDE_20 | 2, 1, 7, 8, 9]);
    assert_eq!(of(&[&[7], &[8], &[9]]), [WIDE_20 | 3, 3, 7, 8, 9]);
    let long = [5; 300];
    assert_eq!(of(&[&long, &[8]])[..3], [WIDE_20 | 2, 252, 12], "252 and four times 12 are 300");
}

#[test]
fn what_is_of_another_kind_or_too_long_or_too_large_does_not_fit() {
    let mut merger = OpusMerger::default();
    let first = packet(WIDE_20, &[1; 400]);
    let first = OpusFrames::parse(&first).expect("a packet");
    merger.push(&first);
    let fits = |merger: &OpusMerger, kind: u8, bytes: usize| {
        let next = packet(kind, &vec![1; bytes]);
        merger.fits(&OpusFrames::parse(&next).expect("a packet"))
    };
    assert!(fits(&merger, WIDE_20, 600) && !fits(&merger, WIDE_20, 601), "a datagram has its limit");
    assert!(!fits(&merger, WIDE_20 | 4, 10), "stereo");
    assert!(!fits(&merger, 8 << 3, 10) && !fits(&merger, 10 << 3, 10), "10 and 40 ms");
    merger.push(&first);
    assert!(!merger.is_full(&first));
    merger.push(&first);
    assert!(merger.is_full(&first) && !fits(&merger, 10 << 3, 10));
}

#[test]
fn pauses_are_told_from_sound() {
    let is_pause = |packet: &[u8]| OpusFrames::parse(packet).expect("a packet").is_pause();
    assert!(is_pause(&[WIDE_20]) && is_pause(&[WIDE_20, 0]) && !is_pause(&[WIDE_20, 0, 1]));
}

#[test]
fn padding_is_left_out_and_broken_packets_are_refused() {
    let padded = [WIDE_20 | 3, 0x41, 2, 9, 8, 0, 0];
    assert_eq!(OpusFrames::parse(&padded).expect("a packet").frames, [&[9, 8]]);
    let broken: [&[u8]; 8] = [
        &[],
        &[WIDE_20 | 1, 1, 2, 3],
        &[WIDE_20 | 2, 3, 1],
        &[WIDE_20 | 2, 252],
        &[WIDE_20 | 3],
        &[WIDE_20 | 3, 0],
        &[WIDE_20 | 3, 0x42, 200, 1],
        &[WIDE_20 | 3, 7, 0, 0, 0, 0, 0, 0, 0],
    ];
    for packet in broken {
        assert_eq!(OpusFrames::parse(packet), None, "{packet:?}");
    }
}

proptest! {
    #[test]
    fn a_decoder_gets_the_frames_that_came(
        config in 0u8..32,
        stereo: bool,
        frames in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 1..30),
    ) {
        let kind = config << 3 | u8::from(stereo) << 2;
        let (mut merger, mut out) = (OpusMerger::default(), Vec::new());
        for frame in &frames {
            let one = packet(kind, frame);
            let next = OpusFrames::parse(&one).expect("a packet");
            if !merger.fits(&next) {
                out.push(merger.take());
            }
            merger.push(&next);
        }
        out.push(merger.take());
        let read: Vec<_> = out.iter().map(|packet| OpusFrames::parse(packet).expect("a packet")).collect();
        prop_assert!(read.iter().all(|cut| cut.kind == kind && cut.length() <= FULL.max(frame_length(kind))));
        prop_assert!(out.iter().all(|packet| packet.len() <= PACKET_MAX + 100));
        let got: Vec<&[u8]> = read.iter().flat_map(|cut| cut.frames.iter().copied()).collect();
        prop_assert_eq!(got, frames.iter().map(Vec::as_slice).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_breaks_the_reader_and_what_is_read_is_written(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Some(frames) = OpusFrames::parse(&bytes) {
            let mut merger = OpusMerger::default();
            prop_assert!(merger.fits(&frames));
            merger.push(&frames);
            let written = merger.take();
            prop_assert!(written.len() <= bytes.len());
            prop_assert_eq!(OpusFrames::parse(&written), Some(frames));
        }
    }
}
