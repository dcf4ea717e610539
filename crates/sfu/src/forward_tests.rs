use proptest::prelude::*;

use super::*;

fn open(mut egress: Egress) -> Egress {
    egress.permit(Permits::ALL, Epoch(1));
    egress
}

fn video(layer: u8, seq: u64, timestamp: u32, key: bool, picture: u16) -> PacketMeta {
    PacketMeta {
        layer: LayerIndex(layer),
        seq,
        timestamp,
        starts_keyframe: key,
        vp8: Some(Vp8Meta { picture_id: Some(picture), tl0_pic_idx: Some(picture as u8) }),
        frame: None,
    }
}

fn audio(seq: u64, timestamp: u32) -> PacketMeta {
    PacketMeta { layer: LayerIndex(0), seq, timestamp, starts_keyframe: true, vp8: None, frame: None }
}

#[test]
fn without_a_copy_of_the_permits_nothing_passes() {
    assert_eq!(Ingress::new(Source::Camera).admit().err(), Some(Refusal::Gate));
    let mut egress = Egress::new(Kind::Audio, Source::Microphone);
    assert_eq!(egress.offer(&audio(1, 1), 0), Err(Refusal::Gate));
}

#[test]
fn the_first_number_of_a_stream_is_small() {
    let mut egress = open(Egress::new(Kind::Audio, Source::Microphone));
    let out = egress.offer(&audio(10_000_000, 77), 0).expect("forwarded");
    assert_eq!((out.seq, out.timestamp), (1, 77));
    assert_eq!(egress.offer(&audio(10_000_002, 1037), 40).expect("forwarded").seq, 3, "a hole stays a hole");
    assert_eq!(egress.offer(&audio(10_000_001, 557), 41).expect("forwarded").seq, 2, "and is filled later");
}

#[test]
fn packets_that_leave_as_one_take_one_number() {
    let mut egress = open(Egress::new(Kind::Audio, Source::Microphone));
    let offer = |egress: &mut Egress, seq: u64| egress.offer(&audio(seq, seq as u32 * 960), seq * 20).map(|r| r.seq);
    assert_eq!(offer(&mut egress, 100), Ok(1));
    for seq in [101, 102] {
        assert_eq!(offer(&mut egress, seq), Ok(2));
        assert!(egress.join_next(&audio(seq, seq as u32 * 960)));
    }
    assert_eq!(offer(&mut egress, 103), Ok(2), "three of them");
    assert_eq!(offer(&mut egress, 102), Err(Refusal::Late), "its number is taken");
    assert_eq!(offer(&mut egress, 104), Ok(3));
    assert!(egress.join_next(&audio(104, 104 * 960)));
    assert_eq!(egress.leave_alone(), Some(3), "nothing follows");
    assert_eq!(offer(&mut egress, 106), Ok(5), "a hole stays a hole");
    assert_eq!(offer(&mut egress, 105), Ok(4));
    assert!(!egress.join_next(&audio(105, 105 * 960)), "what is late leaves as it is");
    assert_eq!(offer(&mut egress, 107), Ok(6));
}

#[test]
fn what_waits_for_its_next_does_not_leave_when_it_may_not() {
    let mut egress = open(Egress::new(Kind::Audio, Source::Microphone));
    egress.offer(&audio(1, 960), 20).expect("forwarded");
    egress.offer(&audio(2, 1_920), 40).expect("forwarded");
    assert!(egress.join_next(&audio(2, 1_920)));
    egress.permit(Permits::NONE, Epoch(2));
    assert_eq!(egress.leave_alone(), None);
    egress.permit(Permits::ALL, Epoch(3));
    assert_eq!(egress.leave_alone(), None, "what was said before is gone");
    assert_eq!(egress.offer(&audio(9, 8_640), 200).expect("forwarded").seq, 2, "and has left no hole");
}

#[test]
fn video_begins_with_a_keyframe() {
    let mut egress = open(Egress::new(Kind::Video, Source::Camera));
    assert_eq!(egress.offer(&video(0, 5, 0, false, 1), 0), Err(Refusal::NoKeyframeYet));
    assert_eq!(egress.wants_keyframe(0), Some(LayerIndex(0)));
    assert_eq!(egress.wants_keyframe(100), None, "not again at once");
    assert!(egress.offer(&video(0, 6, 90, true, 2), 10).is_ok());
    assert_eq!(egress.wants_keyframe(2000), None);
}

#[test]
fn a_layer_switch_is_seamless_for_the_viewer() {
    let mut egress = open(Egress::new(Kind::Video, Source::Camera));
    egress.set_target(Some(LayerIndex(0)));
    let first = egress.offer(&video(0, 100, 1000, true, 7), 0).expect("forwarded");
    assert_eq!(egress.offer(&video(1, 900, 555_000, true, 40), 1), Err(Refusal::OtherLayer));
    egress.set_target(Some(LayerIndex(1)));
    assert_eq!(egress.wants_keyframe(20), Some(LayerIndex(1)));
    assert_eq!(egress.offer(&video(1, 901, 558_000, false, 41), 33), Err(Refusal::OtherLayer));
    let second = egress.offer(&video(1, 902, 561_000, true, 42), 66).expect("forwarded");
    assert_eq!(second.seq, first.seq + 1);
    assert_eq!(second.timestamp, first.timestamp + 66 * 90);
    assert_eq!(second.picture_id, first.picture_id.map(|p| p + 1));
    assert_eq!(second.tl0_pic_idx, first.tl0_pic_idx.map(|p| p + 1));
    assert_eq!(egress.offer(&video(0, 102, 3000, false, 9), 67), Err(Refusal::OtherLayer));
    assert_eq!(egress.offer(&video(1, 901, 558_000, false, 41), 68), Err(Refusal::Late));
    assert_eq!(egress.current(), Some(LayerIndex(1)));
}

#[test]
fn a_layer_that_falls_silent_is_replaced_by_a_lower_one() {
    let mut egress = open(Egress::new(Kind::Video, Source::Camera));
    egress.set_target(Some(LayerIndex(2)));
    assert!(egress.offer(&video(2, 1, 0, true, 0), 0).is_ok());
    assert_eq!(egress.offer(&video(0, 1, 0, true, 0), 10), Err(Refusal::OtherLayer));
    assert_eq!(egress.offer(&video(0, 2, 0, false, 1), 2500), Err(Refusal::OtherLayer));
    assert_eq!(egress.wants_keyframe(2500), Some(LayerIndex(0)));
    assert!(egress.offer(&video(0, 3, 0, true, 2), 2600).is_ok());
    assert_eq!(egress.wants_keyframe(2700), None, "the best that is alive");
}

#[test]
fn a_pause_leaves_no_hole() {
    let mut egress = open(Egress::new(Kind::Audio, Source::Microphone));
    let before = egress.offer(&audio(1, 960), 0).expect("forwarded");
    egress.set_muted(true);
    assert_eq!(egress.offer(&audio(2, 1920), 20), Err(Refusal::Muted));
    egress.set_muted(false);
    let after = egress.offer(&audio(500, 480_000), 10_000).expect("forwarded");
    assert_eq!(after.seq, before.seq + 1);
    assert!(after.resumed);
}

#[test]
fn what_was_said_before_a_stream_began_again_is_older_than_the_stream() {
    let mut egress = open(Egress::new(Kind::Audio, Source::Microphone));
    assert_eq!(egress.offer(&audio(1, 960), 0).expect("forwarded").since, 0);
    assert_eq!(egress.offer(&audio(2, 1_920), 20).expect("forwarded").since, 960);
    egress.set_muted(true);
    egress.set_muted(false);
    assert_eq!(egress.offer(&audio(9, 9_600), 200).expect("forwarded").since, 0, "though nothing was refused");
    egress.permit(Permits::NONE, Epoch(2));
    egress.permit(Permits::ALL, Epoch(3));
    assert_eq!(egress.offer(&audio(10, 10_560), 220).expect("forwarded").since, 0);
}

/// A packet of a picture of two layers that stand alone: frame `2 * picture + layer`.
fn layered(picture: u64, spatial: u8, begins: bool) -> PacketMeta {
    use crate::Indication::{Absent, Switch};
    let frame = Frame {
        number: 1_000 + 2 * picture + u64::from(spatial),
        spatial,
        starts: true,
        ends: true,
        begins: begins && spatial == 0,
        needs: Some(if begins { u64::from(spatial) } else { 0b10 }),
        indications: [
            if spatial == 0 { Switch } else { Absent },
            if begins || spatial == 1 { Switch } else { Absent },
            Absent,
            Absent,
        ],
        top: 1,
    };
    let seq = 70_000 + 2 * picture + u64::from(spatial);
    let starts_keyframe = frame.begins;
    let timestamp = 3_000 * picture as u32;
    PacketMeta { layer: LayerIndex(0), seq, timestamp, starts_keyframe, vp8: None, frame: Some(frame) }
}

#[test]
fn a_stream_of_layers_is_asked_for_a_keyframe_until_the_viewer_is_where_it_wants_to_be() {
    let mut egress = open(Egress::new(Kind::Video, Source::Camera));
    egress.set_target(Some(LayerIndex(0)));
    assert_eq!(egress.offer(&layered(0, 0, false), 0), Err(Refusal::NoKeyframeYet));
    assert_eq!(egress.wants_keyframe(0), Some(LayerIndex(0)));
    let first = egress.offer(&layered(1, 0, true), 33).expect("forwarded");
    assert_eq!((first.seq, first.ends), (1, Some(true)));
    assert_eq!(egress.offer(&layered(1, 1, true), 33), Err(Refusal::OtherLayer));
    assert_eq!(egress.offer(&layered(2, 0, false), 66).map(|out| out.seq), Ok(2));
    assert_eq!(egress.wants_keyframe(600), None, "it is there");
    egress.set_target(Some(LayerIndex(1)));
    assert_eq!(egress.offer(&layered(2, 1, false), 700), Err(Refusal::OtherLayer));
    // A sender that cannot do better is not asked for ever.
    let asked = (0..20).filter(|n| egress.wants_keyframe(700 + n * KEYFRAME_PATIENCE).is_some()).count();
    assert_eq!(asked, usize::from(CLIMBS));
    let base = egress.offer(&layered(3, 0, true), 20_000).expect("forwarded");
    let upper = egress.offer(&layered(3, 1, true), 20_000).expect("forwarded");
    assert_eq!([(base.seq, base.ends), (upper.seq, upper.ends)], [(3, Some(false)), (4, Some(true))]);
    assert_eq!(base.timestamp, upper.timestamp);
    assert_eq!(egress.offer(&layered(4, 0, false), 20_033), Err(Refusal::OtherLayer));
    assert_eq!(egress.offer(&layered(4, 1, false), 20_033).map(|out| (out.seq, out.ends)), Ok((5, Some(true))));
    egress.set_muted(true);
    egress.set_muted(false);
    assert_eq!(egress.offer(&layered(5, 1, false), 20_066), Err(Refusal::NoKeyframeYet));
    assert!(egress.wants_keyframe(30_000).is_some());
}

#[test]
fn a_stream_of_layers_that_had_to_wait_begins_anew() {
    let mut egress = open(Egress::new(Kind::Video, Source::Camera));
    let first = egress.offer(&layered(0, 0, true), 0).expect("forwarded");
    assert_eq!(egress.wants_keyframe(1), None, "the layer above is on its way");
    let second = egress.offer(&layered(0, 1, true), 0).expect("forwarded");
    assert_eq!((first.seq, second.seq, egress.current()), (1, 2, Some(LayerIndex(1))));
    egress.set_target(None);
    assert_eq!(egress.offer(&layered(1, 1, false), 33), Err(Refusal::Unwanted));
    assert_eq!(egress.wants_keyframe(1_000), None);
    egress.set_target(Some(LayerIndex(0)));
    assert_eq!(egress.wants_keyframe(2_000), Some(LayerIndex(0)));
    assert_eq!(egress.offer(&layered(50, 0, false), 2_001), Err(Refusal::NoKeyframeYet));
    let again = egress.offer(&layered(51, 0, true), 2_033).expect("forwarded");
    assert_eq!((again.seq, again.ends), (3, Some(true)));
    assert_eq!(egress.offer(&layered(51, 1, true), 2_033), Err(Refusal::OtherLayer));
    let filler = PacketMeta { frame: None, starts_keyframe: false, ..layered(52, 0, false) };
    assert_eq!(egress.offer(&filler, 2_050), Err(Refusal::OtherLayer), "it belongs to no frame");
    assert_eq!(egress.offer(&layered(53, 0, false), 2_055).map(|out| out.seq), Ok(5), "52's upper layer was lost");
    egress.permit(Permits::NONE, Epoch(2));
    assert_eq!(egress.offer(&layered(52, 0, true), 2_066), Err(Refusal::Gate));
}

#[derive(Clone, Debug)]
enum Step {
    Permit(u8, u64),
    Mute(bool),
    Target(Option<u8>),
    Packet { layer: u8, seq: u16, key: bool },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u8..32, 0u64..8).prop_map(|(bits, epoch)| Step::Permit(bits, epoch)),
        any::<bool>().prop_map(Step::Mute),
        proptest::option::of(0u8..3).prop_map(Step::Target),
        (0u8..3, any::<u16>(), any::<bool>()).prop_map(|(layer, seq, key)| Step::Packet { layer, seq, key }),
        (0u8..3, any::<u16>(), any::<bool>()).prop_map(|(layer, seq, key)| Step::Packet { layer, seq, key }),
    ]
}

fn permits(bits: u8) -> Permits {
    [Permits::CAMERA, Permits::MICROPHONE, Permits::SCREEN, Permits::DATA, Permits::OTHER]
        .into_iter()
        .enumerate()
        .filter(|(n, _)| bits & (1 << n) != 0)
        .fold(Permits::NONE, |all, (_, p)| all | p)
}

/// What the latest order says, worked out without the code under test: the highest epoch decides, and of several
/// orders of one epoch only what all of them permit.
fn permitted(orders: &[(u8, u64)], bit: u8) -> bool {
    let Some(latest) = orders.iter().map(|(_, e)| *e).max() else { return false };
    // Epoch 0 is the shut gate that every copy begins with.
    latest > 0 && orders.iter().filter(|(_, e)| *e == latest).all(|(bits, _)| bits & bit != 0)
}

proptest! {
    #[test]
    fn never_forwards_without_a_permit_or_after_it_was_withdrawn(
        steps in prop::collection::vec(step(), 1..200),
        in_one_stream: bool,
    ) {
        let sources =
            [(Source::Camera, 1u8), (Source::Microphone, 2), (Source::Screen, 4), (Source::ScreenAudio, 4), (Source::Other, 16)];
        for (source, bit) in sources {
            let kind = if matches!(source, Source::Microphone | Source::ScreenAudio) { Kind::Audio } else { Kind::Video };
            let (mut ingress, mut egress) = (Ingress::new(source), Egress::new(kind, source));
            let (mut orders, mut muted, mut target) = (Vec::new(), false, true);
            for (now, step) in steps.iter().enumerate() {
                match step {
                    Step::Permit(bits, epoch) => {
                        orders.push((*bits, *epoch));
                        ingress.permit(permits(*bits), Epoch(*epoch));
                        egress.permit(permits(*bits), Epoch(*epoch));
                    }
                    Step::Mute(m) => {
                        muted = *m;
                        ingress.set_muted(muted);
                        egress.set_muted(muted);
                    }
                    Step::Target(t) => {
                        target = t.is_some();
                        egress.set_target(t.map(LayerIndex));
                    }
                    Step::Packet { layer, seq, key } => {
                        let allowed = permitted(&orders, bit) && !muted;
                        let meta = if in_one_stream {
                            layered(u64::from(*seq), *layer % 2, *key)
                        } else {
                            video(*layer, u64::from(*seq), 0, *key, 0)
                        };
                        prop_assert_eq!(ingress.admit().is_ok(), allowed);
                        if egress.offer(&meta, now as Tick).is_ok() {
                            prop_assert!(allowed && target);
                        }
                        if egress.wants_keyframe(now as Tick).is_some() {
                            prop_assert!(allowed);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_leaves_in_order_has_growing_numbers_without_holes(
        steps in prop::collection::vec((0u8..3, any::<bool>(), 0u8..12), 1..300)
    ) {
        let mut egress = open(Egress::new(Kind::Video, Source::Camera));
        let (mut next, mut last): ([u64; 3], Option<Rewrite>) = ([70_000, 3, 900_000], None);
        for (now, (layer, key, event)) in steps.iter().enumerate() {
            match event {
                0 => egress.set_target(Some(LayerIndex(*layer))),
                1 => egress.set_target(None),
                2 => egress.set_muted(*key),
                _ => {}
            }
            let seq = &mut next[usize::from(*layer)];
            *seq += 1;
            let meta = video(*layer, *seq, (*seq * 3000) as u32, *key, (*seq & 0x7fff) as u16);
            if let Ok(out) = egress.offer(&meta, now as Tick * 10) {
                if let Some(last) = last {
                    prop_assert!(out.seq > last.seq);
                    let ahead = out.timestamp.wrapping_sub(last.timestamp);
                    prop_assert!(ahead > 0 && ahead < u32::MAX / 2);
                } else {
                    prop_assert_eq!(out.seq, 1);
                }
                last = Some(out);
            }
        }
    }
}
