use proptest::prelude::*;

use super::*;
use Indication::{Absent, Switch};

/// A picture of an L3T1 stream: its three frames, each a packet or two. With `key` it needs no other. If `linked`,
/// each layer needs the one below it in every picture, else only in those that need no other.
fn picture(number: u64, key: bool, linked: bool) -> [Frame; 3] {
    [0u8, 1, 2].map(|spatial| {
        let joined = key || linked;
        let below = u64::from(spatial > 0 && joined);
        let before = if key { 0 } else { 1 << 2 };
        // Layers above need this frame if they build on it in this picture.
        let indications = [0u8, 1, 2, 3].map(|layer| match layer {
            3 => Absent,
            _ if layer == spatial || (layer > spatial && joined) => Switch,
            _ => Absent,
        });
        Frame {
            number: 1_000 + number * 3 + u64::from(spatial),
            spatial,
            starts: true,
            ends: true,
            begins: key && spatial == 0,
            needs: Some(below | before),
            indications,
            top: 2,
        }
    })
}

/// The layers of a picture that are passed on, and whether each ends the picture.
fn pass(selector: &mut Selector, number: u64, key: bool, linked: bool, wanted: u8) -> Vec<(u8, bool)> {
    let frames = picture(number, key, linked);
    let passed = |f: &Frame| selector.take(f, wanted, number as u32).map(|ends| (f.spatial, ends));
    frames.iter().filter_map(passed).collect()
}

#[test]
fn layers_that_stand_alone_are_changed_where_the_video_begins_anew() {
    let mut selector = Selector::default();
    assert_eq!(pass(&mut selector, 0, true, false, 2), [(0, false), (1, false), (2, true)]);
    assert_eq!(pass(&mut selector, 1, false, false, 2), [(2, true)]);
    // Down: what the lower layer needs was not passed on.
    assert_eq!(pass(&mut selector, 2, false, false, 0), [(2, true)]);
    assert!(!selector.is_at(0));
    assert_eq!(pass(&mut selector, 3, true, false, 0), [(0, true)]);
    assert!(selector.is_at(0));
    assert_eq!(pass(&mut selector, 4, false, false, 0), [(0, true)]);
    // And up.
    assert_eq!(pass(&mut selector, 5, false, false, 1), [(0, true)]);
    assert_eq!(pass(&mut selector, 6, true, false, 1), [(0, false), (1, true)]);
    assert_eq!(pass(&mut selector, 7, false, false, 1), [(1, true)]);
}

#[test]
fn from_layers_that_build_on_each_other_the_upper_ones_fall_away_at_once() {
    let mut selector = Selector::default();
    pass(&mut selector, 0, true, true, 2);
    assert_eq!(pass(&mut selector, 1, false, true, 2), [(0, false), (1, false), (2, true)]);
    assert_eq!(pass(&mut selector, 2, false, true, 1), [(0, false), (1, true)]);
    assert_eq!(pass(&mut selector, 3, false, true, 0), [(0, true)]);
    assert_eq!(pass(&mut selector, 4, false, true, 2), [(0, true)], "up only where it can be decoded");
    assert_eq!(pass(&mut selector, 5, true, true, 2), [(0, false), (1, false), (2, true)]);
}

#[test]
fn a_sender_that_leaves_layers_out_is_followed() {
    let mut selector = Selector::default();
    pass(&mut selector, 0, true, false, 2);
    let mut frames = picture(1, true, false);
    frames.iter_mut().for_each(|f| f.top = 1);
    let passed: Vec<_> = frames[..2].iter().map(|f| selector.take(f, 2, 9)).collect();
    assert_eq!(passed, [Some(false), Some(true)]);
    assert!(selector.is_at(2), "there is no better");
}

#[test]
fn packets_of_one_frame_share_its_fate() {
    let mut selector = Selector::default();
    let [base, ..] = picture(0, true, false);
    let first = Frame { ends: false, ..base };
    let last = Frame { starts: false, begins: false, ..base };
    assert_eq!(selector.take(&first, 0, 7), Some(false));
    assert_eq!(selector.take(&last, 0, 7), Some(true));
    assert_eq!(selector.take(&last, 2, 7), Some(false), "it is sent again, and more is wanted now");
}

#[test]
fn a_place_that_was_left_out_is_closed_unless_it_comes_late() {
    let mut selector = Selector::default();
    assert_eq!(selector.shift(10), Some(0));
    selector.skip(11);
    selector.skip(12);
    assert_eq!(selector.shift(13), Some(2));
    assert_eq!(selector.shift(15), Some(2));
    selector.skip(14);
    assert_eq!(selector.shift(16), Some(2), "its number is taken for a lost one");
    assert_eq!(selector.shift(10), Some(0));
    (20..20 + 2 * MAX_SKIPPED as u64).for_each(|seq| selector.skip(seq));
    assert_eq!(selector.shift(9_000), Some(2 + 2 * MAX_SKIPPED as u64));
    assert_eq!(selector.shift(10), None, "nobody knows any more");
}

proptest! {
    /// Whatever is wished, every frame that is passed on can be decoded, and numbers have no holes and no doubles.
    #[test]
    fn what_is_passed_on_can_be_decoded(
        pictures in prop::collection::vec((any::<bool>(), 0u8..5), 1..200),
        linked: bool,
    ) {
        let mut selector = Selector::default();
        let mut had = std::collections::BTreeSet::new();
        let mut next = None;
        for (n, (key, wanted)) in pictures.iter().enumerate() {
            let mut ends = 0;
            for frame in picture(n as u64, n == 0 || *key, linked) {
                match selector.take(&frame, *wanted, n as u32) {
                    None => selector.skip(frame.number),
                    Some(is_last) => {
                        prop_assert_eq!(ends, 0, "nothing comes after the end");
                        ends += u32::from(is_last);
                        let needs = frame.needs.expect("near");
                        let mut needed = (0..64u64).filter(|n| needs & (1 << n) != 0);
                        prop_assert!(needed.all(|n| had.contains(&(frame.number - n - 1))));
                        had.insert(frame.number);
                        let out = frame.number - selector.shift(frame.number).expect("near");
                        prop_assert!(next.is_none_or(|next| next == out));
                        next = Some(out + 1);
                    }
                }
            }
            prop_assert_eq!(ends, 1, "every picture has an end");
        }
    }
}
