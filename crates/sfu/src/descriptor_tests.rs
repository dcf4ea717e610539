use proptest::prelude::*;

use super::*;
use Indication::{Absent, Discardable, Switch};

/// Writes bits as the specification lays them out.
#[derive(Default)]
struct Writer(Vec<bool>);

impl Writer {
    fn put(&mut self, value: u32, bits: u32) -> &mut Self {
        self.0.extend((0..bits).rev().map(|bit| (value >> bit) & 1 == 1));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| bits.iter().enumerate().fold(0, |byte, (n, bit)| byte | (u8::from(*bit) << (7 - n)));
        self.0.chunks(8).map(byte).collect()
    }
}

/// A beginning of two spatial layers with one temporal layer each, that stand alone after the first picture: templates
/// 10 and 11 for the lower layer, 12 and 13 for the upper one, the first of each in a beginning.
fn beginning(number: u32, active: Option<u32>) -> Vec<u8> {
    let mut out = Writer::default();
    out.put(0b11, 2).put(10, 6).put(number, 16);
    out.put(1, 1).put(u32::from(active.is_some()), 1).put(0, 3);
    out.put(10, 6).put(1, 5);
    // Lower, lower, upper, upper, end.
    for next in [0, 2, 0, 3] {
        out.put(next, 2);
    }
    // How the two decode targets see each template.
    for indication in [2, 2, 2, 0, 0, 2, 0, 1] {
        out.put(indication, 2);
    }
    // Needs: none; the one two before; the one before; the one two before.
    out.put(0, 1).put(1, 1).put(1, 4).put(0, 1).put(1, 1).put(0, 4).put(0, 1).put(1, 1).put(1, 4).put(0, 1);
    // One chain for both targets: of one to two values the first takes no bit.
    out.put(1, 1).put(0, 1);
    for distance in [0, 2, 1, 1] {
        out.put(distance, 4);
    }
    out.put(1, 1);
    for pixels in [320u32, 180, 640, 360] {
        out.put(pixels - 1, 16);
    }
    if let Some(active) = active {
        out.put(active, 2);
    }
    out.bytes()
}

fn short(template: u8, number: u16) -> [u8; 3] {
    let [high, low] = number.to_be_bytes();
    [0xc0 | template, high, low]
}

#[test]
fn a_frame_is_known_by_its_template() {
    let mut reader = DescriptorReader::default();
    assert_eq!(reader.read(&short(10, 7)), None, "nothing is known yet");
    let first = reader.read(&beginning(7, None)).expect("a frame");
    assert!(first.starts && first.ends && first.begins);
    assert_eq!((first.spatial, first.needs, first.top), (0, Some(0), 1));
    assert_eq!(first.indications, [Switch, Switch, Absent, Absent]);
    let upper = reader.read(&short(12, 8)).expect("a frame");
    assert_eq!((upper.number, upper.spatial, upper.needs, upper.begins), (first.number + 1, 1, Some(1), false));
    assert_eq!(upper.indications, [Absent, Switch, Absent, Absent]);
    let lower = reader.read(&short(11, 9)).expect("a frame");
    assert_eq!((lower.spatial, lower.needs), (0, Some(2)));
    assert_eq!(lower.indications, [Switch, Absent, Absent, Absent]);
    let upper = reader.read(&short(13, 10)).expect("a frame");
    assert_eq!(upper.indications, [Absent, Discardable, Absent, Absent]);
    assert_eq!(reader.read(&short(14, 11)), None, "no such template");
}

#[test]
fn a_frame_can_say_otherwise_than_its_template() {
    let mut reader = DescriptorReader::default();
    reader.read(&beginning(7, None)).expect("a frame");
    let mut out = Writer::default();
    out.put(0b01, 2).put(11, 6).put(9, 16).put(0b00110, 5);
    // Both targets see it; it needs the one before it and one far back.
    out.put(2, 2).put(1, 2).put(1, 2).put(0, 4).put(2, 2).put(99, 8).put(0, 2);
    let frame = reader.read(&out.bytes()).expect("a frame");
    assert_eq!((frame.starts, frame.ends, frame.needs), (false, true, None));
    assert_eq!(frame.indications, [Switch, Discardable, Absent, Absent]);
}

#[test]
fn layers_that_are_not_sent_now_are_no_goal() {
    let mut reader = DescriptorReader::default();
    let first = reader.read(&beginning(7, Some(0b01))).expect("a frame");
    assert_eq!((first.top, first.indications), (0, [Switch, Absent, Absent, Absent]));
    let later = reader.read(&short(11, 9)).expect("a frame");
    assert_eq!(later.top, 0, "until something else is said");
    let mut out = Writer::default();
    out.put(0b11, 2).put(11, 6).put(11, 16).put(0b01000, 5).put(0b11, 2);
    assert_eq!(reader.read(&out.bytes()).expect("a frame").top, 1);
}

#[test]
fn numbers_go_on_over_their_end_and_what_is_late_changes_nothing() {
    let mut reader = DescriptorReader::default();
    let first = reader.read(&beginning(65_534, None)).expect("a frame").number;
    assert_eq!(reader.read(&short(11, 0)).expect("a frame").number, first + 2);
    let late = reader.read(&beginning(65_530, Some(0b01))).expect("a frame");
    assert_eq!((late.number, late.top), (first - 4, 0));
    assert_eq!(reader.read(&short(11, 2)).expect("a frame").top, 1);
}

/// What a browser sent for a stream of three spatial layers with three temporal ones each.
const CAPTURED: &str = "c1017280081485214eafffaaaa863cf0430c10c302afc0aaa0063c00430010c002a000a80006000040001d954926e082b04a0941b820ac12\
                        82503157f974000ca864330e222222eca8655304224230eca877530077004200ef008601df010d";

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| ((pair[0] << 4) | pair[1]) as u8).collect()
}

#[test]
fn what_a_browser_sends_is_understood() {
    let mut reader = DescriptorReader::default();
    let first = reader.read(&hex(CAPTURED)).expect("a frame");
    assert!(first.starts && first.ends && first.begins && first.top == 2);
    assert_eq!(first.indications, [Switch, Switch, Switch, Absent]);
    let read = |reader: &mut DescriptorReader, text: &str| {
        let frame = reader.read(&hex(text)).expect("a frame");
        (frame.number - first.number, frame.spatial, frame.starts, frame.ends)
    };
    assert_eq!(read(&mut reader, "860173"), (1, 1, true, false));
    assert_eq!(read(&mut reader, "460173"), (1, 1, false, true));
    assert_eq!(read(&mut reader, "8b0174"), (2, 2, true, false));
    assert_eq!(read(&mut reader, "c30175"), (3, 0, true, true));
    // The same, when the sender has no room for the third layer.
    assert_eq!(reader.read(&hex("88017640fc")).expect("a frame").top, 1);
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 1..8),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut reader = DescriptorReader::default();
        let mut mutilated = beginning(7, Some(3));
        for (at, byte) in flips {
            let at = at.index(mutilated.len());
            mutilated[at] = byte;
        }
        reader.read(&mutilated);
        for piece in pieces {
            if let Some(frame) = reader.read(&piece) {
                prop_assert!(usize::from(frame.top) < SPATIAL_LAYERS && usize::from(frame.spatial) < SPATIAL_LAYERS);
            }
        }
    }
}
