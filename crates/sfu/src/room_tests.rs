use kloud_base::Rng;
use proptest::prelude::*;

use super::*;
use crate::LayerSpec;

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

#[derive(Default)]
struct Count(std::sync::atomic::AtomicU64);

impl Rng for Count {
    fn fill(&self, bytes: &mut [u8]) {
        let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bytes[..8].copy_from_slice(&n.to_be_bytes());
    }
}

fn person(n: u8) -> ParticipantSid {
    ParticipantSid::random(&Fill(n))
}

fn track(n: u8) -> TrackSid {
    TrackSid::random(&Fill(n))
}

fn spec(n: u8, permits: Permits) -> JoinSpec {
    JoinSpec {
        identity: Identity::new(&format!("p{n}")).expect("a name"),
        name: String::new(),
        permits,
        epoch: Epoch(1),
        can_subscribe: true,
        hidden: false,
        auto_subscribe: true,
    }
}

fn publication(owner: u8, n: u8, source: Source) -> Publication {
    let kind = if source == Source::Microphone { Kind::Audio } else { Kind::Video };
    let codec = if kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
    let encodings = vec![Encoding { codec, layers: Vec::new() }];
    Publication { sid: track(n), owner: person(owner), kind, source, muted: false, encodings }
}

fn two() -> Room {
    let mut room = Room::default();
    room.join(person(1), spec(1, Permits::ALL), Timestamp::default());
    room.join(person(2), spec(2, Permits::ALL), Timestamp::default());
    room.activate(person(1));
    room.activate(person(2));
    room
}

#[test]
fn a_new_track_reaches_everyone_else() {
    let mut room = two();
    let effects = room.publish(publication(1, 7, Source::Camera));
    assert!(effects.contains(&Effect::Subscribe { viewer: person(2), track: track(7) }));
    assert!(!room.is_granted(person(1), track(7)));
}

#[test]
fn tracks_of_one_who_is_not_active_yet_wait() {
    let mut room = Room::default();
    room.join(person(1), spec(1, Permits::ALL), Timestamp::default());
    room.join(person(2), spec(2, Permits::ALL), Timestamp::default());
    assert!(!room.publish(publication(1, 7, Source::Camera)).iter().any(|e| matches!(e, Effect::Subscribe { .. })));
    assert!(room.activate(person(1)).contains(&Effect::Subscribe { viewer: person(2), track: track(7) }));
}

#[test]
fn withdrawing_a_permit_ends_the_track() {
    let mut room = two();
    room.publish(publication(1, 7, Source::Camera));
    let effects = room.permit(person(1), Permits::MICROPHONE, Epoch(2));
    assert!(effects.contains(&Effect::Gate(person(1))));
    assert!(effects.contains(&Effect::Unsubscribe { viewer: person(2), track: track(7) }));
    assert!(effects.contains(&Effect::Revoked { owner: person(1), track: track(7) }));
    assert!(room.publish(publication(1, 8, Source::Camera)).is_empty(), "and none can be published");
}

#[test]
fn one_who_comes_from_another_room_brings_what_they_permit_and_nothing_else() {
    let mut room = two();
    let (camera, microphone) = (publication(1, 1, Source::Camera), publication(1, 2, Source::Microphone));
    room.publish(camera.clone());
    room.publish(microphone.clone());
    room.permit(person(1), Permits::MICROPHONE, Epoch(2));
    room.allow(person(1), Subscribers::Listed([(Identity::new("p3").expect("a name"), None)].into()));
    let (member, _) = room.leave(person(1)).expect("was there");
    let mut other = Room::default();
    for n in [3, 4] {
        other.join(person(n), spec(n, Permits::ALL), Timestamp::default());
        other.activate(person(n));
    }
    // Also a track that is over meanwhile, and one of somebody else.
    let brought = vec![camera, microphone, publication(2, 3, Source::Microphone)];
    let version = member.version;
    let effects = other.take_over(member, brought, Timestamp::default());
    let to = |viewer| Effect::Subscribe { viewer: person(viewer), track: track(2) };
    assert!(effects.contains(&Effect::Announce(person(1))) && effects.contains(&to(3)) && !effects.contains(&to(4)));
    assert_eq!(other.tracks_of(person(1)).map(|t| t.sid).collect::<Vec<_>>(), [track(2)]);
    assert_eq!(other.tracks_of(person(2)).count(), 0);
    assert!(other.member(person(1)).is_some_and(|m| m.version > version), "clients take nothing older than they have");
    assert!(!other.may_publish(person(1), Kind::Video, Source::Camera));
    // What was ordered earlier and comes later opens nothing.
    other.permit(person(1), Permits::ALL, Epoch(1));
    assert!(!other.may_publish(person(1), Kind::Video, Source::Camera));
}

#[test]
fn a_source_must_fit_its_kind() {
    let room = two();
    assert!(!room.may_publish(person(1), Kind::Video, Source::Microphone));
    assert!(!room.may_publish(person(1), Kind::Audio, Source::Camera));
    assert!(room.may_publish(person(1), Kind::Audio, Source::Other));
}

#[test]
fn an_owner_chooses_its_viewers() {
    let mut room = two();
    room.publish(publication(1, 7, Source::Camera));
    let nobody = Subscribers::Listed(BTreeMap::new());
    assert_eq!(room.allow(person(1), nobody), [Effect::Unsubscribe { viewer: person(2), track: track(7) }]);
}

#[test]
fn a_choice_made_before_the_track_exists_counts() {
    let mut room = two();
    room.choose(person(2), track(7), false);
    room.publish(publication(1, 7, Source::Camera));
    assert!(!room.is_granted(person(2), track(7)));
}

#[test]
fn a_message_reaches_those_who_are_named() {
    let mut room = two();
    room.join(person(3), spec(3, Permits::NONE), Timestamp::default());
    assert_eq!(room.receivers(person(1), &[], &[]), [person(2), person(3)]);
    assert_eq!(room.receivers(person(1), &["p3".into()], &[]), [person(3)]);
    assert_eq!(room.receivers(person(1), &[], &[person(2).to_string()]), [person(2)]);
    assert_eq!(room.receivers(person(1), &["nobody".into()], &[]), []);
    assert_eq!(room.receivers(person(3), &[], &[]), [], "without a permit nothing is sent");
}

#[test]
fn what_a_viewer_can_ask_for_is_bounded() {
    let mut room = two();
    let count = Count::default();
    (0..Room::MAX_CHOICES + 10).for_each(|_| drop(room.choose(person(2), TrackSid::random(&count), false)));
    assert_eq!(room.choices.len(), Room::MAX_CHOICES);
    room.choose(person(1), track(7), false);
    assert_eq!(room.choices.len(), Room::MAX_CHOICES + 1, "one viewer's wishes do not cost another's");
}

#[derive(Clone, Debug)]
enum Step {
    Join(u8, u8),
    Activate(u8),
    Leave(u8),
    Publish(u8, u8, bool),
    Unpublish(u8),
    Permit(u8, bool, bool, u64),
    Choose(u8, u8, bool),
    Allow(u8, Option<u8>),
    MaySee(u8, bool),
    Hide(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 1u8..5;
    let what = || 10u8..16;
    prop_oneof![
        (who(), 0u8..4).prop_map(|(p, bits)| Step::Join(p, bits)),
        who().prop_map(Step::Activate),
        who().prop_map(Step::Leave),
        (who(), what(), any::<bool>()).prop_map(|(p, t, cam)| Step::Publish(p, t, cam)),
        what().prop_map(Step::Unpublish),
        (who(), any::<bool>(), any::<bool>(), 1u64..6).prop_map(|(p, c, m, e)| Step::Permit(p, c, m, e)),
        (who(), what(), any::<bool>()).prop_map(|(p, t, w)| Step::Choose(p, t, w)),
        (who(), proptest::option::of(1u8..5)).prop_map(|(p, l)| Step::Allow(p, l)),
        (who(), any::<bool>()).prop_map(|(p, may)| Step::MaySee(p, may)),
        (who(), any::<bool>()).prop_map(|(p, hidden)| Step::Hide(p, hidden)),
    ]
}

fn bits(camera: bool, microphone: bool) -> Permits {
    let camera = if camera { Permits::CAMERA } else { Permits::NONE };
    let microphone = if microphone { Permits::MICROPHONE } else { Permits::NONE };
    camera | microphone
}

fn run(room: &mut Room, step: &Step) -> Vec<Effect> {
    match step {
        Step::Join(p, b) if room.member(person(*p)).is_none() => {
            room.join(person(*p), spec(*p, bits(b & 1 != 0, b & 2 != 0)), Timestamp::default())
        }
        Step::Join(..) => Vec::new(),
        Step::Activate(p) => room.activate(person(*p)),
        Step::Leave(p) => room.leave(person(*p)).map(|(_, e)| e).unwrap_or_default(),
        Step::Publish(p, t, camera) => {
            room.publish(publication(*p, *t, if *camera { Source::Camera } else { Source::Microphone }))
        }
        Step::Unpublish(t) => room.unpublish(track(*t)),
        Step::Permit(p, c, m, e) => room.permit(person(*p), bits(*c, *m), Epoch(*e)),
        Step::Choose(p, t, w) => room.choose(person(*p), track(*t), *w),
        Step::MaySee(p, may) => room.set_can_subscribe(person(*p), *may),
        Step::Hide(p, hidden) => room.set_hidden(person(*p), *hidden),
        Step::Allow(p, None) => room.allow(person(*p), Subscribers::Everyone),
        Step::Allow(p, Some(one)) => {
            let name = Identity::new(&format!("p{one}")).expect("a name");
            room.allow(person(*p), Subscribers::Listed(BTreeMap::from([(name, None)])))
        }
    }
}

proptest! {
    #[test]
    fn nobody_is_ever_granted_what_they_may_not_see(steps in prop::collection::vec(step(), 1..120)) {
        let mut room = Room::default();
        let mut told = BTreeSet::new();
        for step in &steps {
            for effect in run(&mut room, step) {
                match effect {
                    Effect::Subscribe { viewer, track } => prop_assert!(told.insert((viewer, track))),
                    Effect::Unsubscribe { viewer, track } => prop_assert!(told.remove(&(viewer, track))),
                    _ => {}
                }
            }
            let granted = |(track, viewers): (&TrackSid, &BTreeSet<ParticipantSid>)| {
                viewers.iter().map(|viewer| (*viewer, *track)).collect::<Vec<_>>()
            };
            let granted: BTreeSet<_> = room.granted.iter().flat_map(granted).collect();
            prop_assert_eq!(&told, &granted, "the effects tell the whole truth");
            for (viewer, track) in &granted {
                let publication = room.track(*track).expect("a granted track exists");
                let owner = room.member(publication.owner).expect("and its owner");
                prop_assert!(room.member(*viewer).is_some_and(|v| v.can_subscribe && v.sid != owner.sid));
                prop_assert!(owner.state == MemberState::Active && !owner.hidden);
                prop_assert!(owner.gate.permits().contains(publication.source.permit()));
            }
        }
    }
}

#[test]
fn a_viewer_gets_the_first_encoding_that_it_takes_and_none_that_it_does_not() {
    let mut room = two();
    let [vp9, vp8] = [Codec::Vp9, Codec::Vp8].map(|codec| Codecs::from_iter([codec]));
    room.set_takes(person(2), vp8);
    let encoding = |codec| Encoding { codec, layers: Vec::new() };
    let lacks = Effect::Unsupported { viewer: person(2), track: track(7) };
    let effects =
        room.publish(Publication { encodings: vec![encoding(Codec::Vp9)], ..publication(1, 7, Source::Camera) });
    assert!(effects.contains(&lacks) && !room.is_granted(person(2), track(7)));
    assert_eq!(room.without_codec(track(7)).collect::<Vec<_>>(), [person(2)]);
    let effects = room.add_encoding(track(7), encoding(Codec::Vp8));
    assert!(effects.contains(&Effect::Subscribe { viewer: person(2), track: track(7) }));
    assert_eq!(room.without_codec(track(7)).count(), 0);
    let backup = Rendition { track: track(7), codec: Codec::Vp8 };
    assert_eq!(room.rendition_of(person(2), track(7)), Some(backup));
    assert_eq!(room.layers_needed(backup), 1);
    // Whoever comes to take another one gets that, and what nobody gets is not needed.
    let effects = room.set_takes(person(2), vp9.with(vp8));
    let moves = [
        Effect::Unsubscribe { viewer: person(2), track: track(7) },
        Effect::Subscribe { viewer: person(2), track: track(7) },
    ];
    assert_eq!(effects[..2], moves);
    assert_eq!(room.rendition_of(person(2), track(7)).map(|r| r.codec), Some(Codec::Vp9));
    assert_eq!(room.layers_needed(backup), 0);
    // The last encoding takes the track with it.
    room.remove_encoding(Rendition { track: track(7), codec: Codec::Vp9 });
    assert_eq!(room.rendition_of(person(2), track(7)), Some(backup));
    assert!(room.is_granted(person(2), track(7)));
    room.remove_encoding(backup);
    assert!(room.track(track(7)).is_none() && !room.is_granted(person(2), track(7)));
}

#[test]
fn only_layers_up_to_the_largest_wish_are_needed() {
    let mut room = two();
    room.join(person(3), spec(3, Permits::ALL), Timestamp::default());
    let layer = |width| LayerSpec { rid: String::new(), width, height: 0, bitrate: 0 };
    let layers = [320, 640, 1_280].map(layer).to_vec();
    let encodings = vec![Encoding { codec: Codec::Vp8, layers }];
    room.publish(Publication { encodings, ..publication(1, 1, Source::Camera) });
    let mut needed = |viewer: u8, wish| {
        room.wish(person(viewer), track(1), wish);
        room.layers_needed(Rendition { track: track(1), codec: Codec::Vp8 })
    };
    let size = |width| Wish::Size { width, height: 0 };
    assert_eq!(needed(2, size(300)), 3, "the other has not said what it wants");
    assert_eq!(needed(3, size(640)), 2);
    assert_eq!(needed(3, Wish::Nothing), 1);
    assert_eq!(needed(2, Wish::Nothing), 1, "whoever looks sees something at once");
    assert_eq!(needed(2, size(1_280)), 3);
}
