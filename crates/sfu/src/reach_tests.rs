//! Any sequence of joins, permits, choices and departures: a packet reaches exactly those whom a model of a few lines
//! allows. The room's effects are carried out as the media threads do.

use std::collections::{BTreeMap, BTreeSet};

use kloud_base::{Rng, Timestamp};
use proptest::prelude::*;

use crate::*;

const PEOPLE: std::ops::Range<u8> = 1..5;
const TRACKS: std::ops::Range<u8> = 10..16;

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

fn person(n: u8) -> ParticipantSid {
    ParticipantSid::random(&Fill(n))
}

fn track(n: u8) -> TrackSid {
    TrackSid::random(&Fill(n))
}

fn name(n: u8) -> Identity {
    Identity::new(&format!("p{n}")).expect("a name")
}

fn bits(bits: u8) -> Permits {
    let all = [(1, Permits::CAMERA), (2, Permits::MICROPHONE), (4, Permits::SCREEN)];
    all.into_iter().filter(|(bit, _)| bits & bit != 0).fold(Permits::NONE, |set, (_, permit)| set | permit)
}

/// A source, the bit of its permit, and its kind.
const SOURCES: [(Source, u8, Kind); 4] = [
    (Source::Camera, 1, Kind::Video),
    (Source::Microphone, 2, Kind::Audio),
    (Source::Screen, 4, Kind::Video),
    (Source::ScreenAudio, 4, Kind::Audio),
];

#[derive(Clone, Debug)]
enum Step {
    Join { who: u8, bits: u8, auto: bool },
    Activate(u8),
    Leave(u8),
    Publish { who: u8, what: u8, source: usize },
    Unpublish(u8),
    Mute(u8, bool),
    Permit { who: u8, bits: u8, epoch: u64 },
    Choose(u8, u8, bool),
    Allow(u8, Option<(u8, Option<u8>)>),
    MaySee(u8, bool),
    Hide(u8, bool),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, what) = (|| PEOPLE, || TRACKS);
    prop_oneof![
        3 => (who(), 0u8..8, any::<bool>()).prop_map(|(who, bits, auto)| Step::Join { who, bits, auto }),
        3 => who().prop_map(Step::Activate),
        1 => who().prop_map(Step::Leave),
        4 => (who(), what(), 0..SOURCES.len()).prop_map(|(who, what, source)| Step::Publish { who, what, source }),
        1 => what().prop_map(Step::Unpublish),
        1 => (what(), any::<bool>()).prop_map(|(what, muted)| Step::Mute(what, muted)),
        2 => (who(), 0u8..8, 1u64..6).prop_map(|(who, bits, epoch)| Step::Permit { who, bits, epoch }),
        2 => (who(), what(), any::<bool>()).prop_map(|(who, what, wanted)| Step::Choose(who, what, wanted)),
        1 => (who(), proptest::option::of((who(), proptest::option::of(what())))).prop_map(|(of, to)| Step::Allow(of, to)),
        1 => (who(), any::<bool>()).prop_map(|(who, may)| Step::MaySee(who, may)),
        1 => (who(), any::<bool>()).prop_map(|(who, hidden)| Step::Hide(who, hidden)),
    ]
}

#[derive(Debug)]
struct Person {
    active: bool,
    auto: bool,
    may_see: bool,
    hidden: bool,
    /// All orders so far, with their epochs.
    orders: Vec<(u8, u64)>,
    allows: Option<(u8, Option<u8>)>,
}

impl Person {
    /// The highest epoch decides, and of several orders of one epoch only what all of them permit.
    fn permits(&self, bit: u8) -> bool {
        let latest = self.orders.iter().map(|(_, epoch)| *epoch).max();
        self.orders.iter().filter(|(_, epoch)| Some(*epoch) == latest).all(|(bits, _)| bits & bit != 0)
    }
}

#[derive(Debug)]
struct Published {
    owner: u8,
    bit: u8,
    muted: bool,
}

/// What ought to be, worked out without the code under test.
#[derive(Debug, Default)]
struct Model {
    people: BTreeMap<u8, Person>,
    tracks: BTreeMap<u8, Published>,
    choices: BTreeMap<(u8, u8), bool>,
}

impl Model {
    fn take(&mut self, step: &Step) {
        match *step {
            Step::Join { who, bits, auto } => {
                let orders = vec![(bits, 1)];
                let new = Person { active: false, auto, may_see: true, hidden: false, orders, allows: None };
                self.people.entry(who).or_insert(new);
            }
            Step::Leave(who) => {
                self.people.remove(&who);
                self.choices.retain(|(viewer, _), _| *viewer != who);
            }
            Step::Publish { who, what, source } => {
                let (_, bit, _) = SOURCES[source];
                let may = self.people.get(&who).is_some_and(|p| !p.hidden && p.permits(bit));
                if may {
                    self.tracks.entry(what).or_insert(Published { owner: who, bit, muted: false });
                }
            }
            Step::Unpublish(what) => self.end(what),
            Step::Mute(what, muted) => {
                self.tracks.entry(what).and_modify(|t| t.muted = muted);
            }
            Step::Choose(who, what, wanted) if self.people.contains_key(&who) => {
                self.choices.insert((who, what), wanted);
            }
            Step::Choose(..) => {}
            Step::Activate(who) => self.change(who, |p| p.active = true),
            Step::Permit { who, bits, epoch } => self.change(who, |p| p.orders.push((bits, epoch))),
            Step::Allow(who, allows) => self.change(who, |p| p.allows = allows),
            Step::MaySee(who, may) => self.change(who, |p| p.may_see = may),
            Step::Hide(who, hidden) => self.change(who, |p| p.hidden = hidden),
        }
        // A track is over when its owner is gone, hides or withdraws the permit, and does not come back by itself.
        let lives = |t: &Published| self.people.get(&t.owner).is_some_and(|p| !p.hidden && p.permits(t.bit));
        let over: Vec<u8> = self.tracks.iter().filter(|(_, t)| !lives(t)).map(|(what, _)| *what).collect();
        over.into_iter().for_each(|what| self.end(what));
    }

    fn change(&mut self, who: u8, change: impl FnOnce(&mut Person)) {
        self.people.entry(who).and_modify(change);
    }

    fn end(&mut self, what: u8) {
        if self.tracks.remove(&what).is_some() {
            self.choices.retain(|(_, of), _| *of != what);
        }
    }

    fn reaches(&self, what: u8) -> BTreeSet<u8> {
        let Some(track) = self.tracks.get(&what).filter(|t| !t.muted) else { return BTreeSet::new() };
        let owner = &self.people[&track.owner];
        let sees = |(who, viewer): (&u8, &Person)| {
            let allowed = owner.allows.is_none_or(|(to, of)| to == *who && of.is_none_or(|of| of == what));
            let wants = self.choices.get(&(*who, what)).copied().unwrap_or(viewer.auto);
            (*who != track.owner && owner.active && allowed && viewer.may_see && wants).then_some(*who)
        };
        self.people.iter().filter_map(sees).collect()
    }
}

/// The code under test: the room, and what the media threads hold because of its effects.
#[derive(Default)]
struct Server {
    room: Room,
    entries: BTreeMap<TrackSid, (ParticipantSid, Ingress)>,
    exits: BTreeMap<(ParticipantSid, TrackSid), (ParticipantSid, Egress)>,
    seq: u64,
}

impl Server {
    fn take(&mut self, step: &Step) {
        let effects = self.order(step);
        for effect in effects {
            self.carry_out(effect);
        }
        // Tracks whose end is their owner's own wish end on the threads with it.
        self.entries.retain(|track, _| self.room.track(*track).is_some());
    }

    fn order(&mut self, step: &Step) -> Vec<Effect> {
        let room = &mut self.room;
        match *step {
            Step::Join { who, .. } if room.member(person(who)).is_some() => Vec::new(),
            Step::Join { who, bits: of, auto } => {
                let spec = JoinSpec {
                    identity: name(who),
                    name: String::new(),
                    permits: bits(of),
                    epoch: Epoch(1),
                    can_subscribe: true,
                    hidden: false,
                    auto_subscribe: auto,
                };
                room.join(person(who), spec, Timestamp::default())
            }
            Step::Activate(who) => room.activate(person(who)),
            Step::Leave(who) => room.leave(person(who)).map(|(_, effects)| effects).unwrap_or_default(),
            Step::Publish { who, what, source } => self.publish(who, what, source),
            Step::Unpublish(what) => room.unpublish(track(what)),
            Step::Mute(what, muted) => room.set_muted(track(what), muted),
            Step::Permit { who, bits: of, epoch } => room.permit(person(who), bits(of), Epoch(epoch)),
            Step::Choose(who, what, wanted) => room.choose(person(who), track(what), wanted),
            Step::Allow(who, None) => room.allow(person(who), Subscribers::Everyone),
            Step::Allow(who, Some((to, of))) => {
                let listed = BTreeMap::from([(name(to), of.map(|of| BTreeSet::from([track(of)])))]);
                room.allow(person(who), Subscribers::Listed(listed))
            }
            Step::MaySee(who, may) => room.set_can_subscribe(person(who), may),
            Step::Hide(who, hidden) => room.set_hidden(person(who), hidden),
        }
    }

    fn publish(&mut self, who: u8, what: u8, source: usize) -> Vec<Effect> {
        let (source, _, kind) = SOURCES[source];
        let (owner, sid) = (person(who), track(what));
        let codec = if kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
        let encodings = vec![Encoding { codec, layers: Vec::new() }];
        let known = self.room.track(sid).is_some();
        let effects = self.room.publish(Publication { sid, owner, kind, source, muted: false, encodings });
        if !known && self.room.track(sid).is_some() {
            let mut ingress = Ingress::new(source);
            let gate = self.room.member(owner).expect("who publishes is there").gate;
            ingress.permit(gate.permits(), gate.epoch());
            self.entries.insert(sid, (owner, ingress));
        }
        effects
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Gate(owner) => {
                let Some(gate) = self.room.member(owner).map(|m| m.gate) else { return };
                let entries = self.entries.values_mut().filter(|(of, _)| *of == owner);
                entries.for_each(|(_, ingress)| ingress.permit(gate.permits(), gate.epoch()));
                let exits = self.exits.values_mut().filter(|(of, _)| *of == owner);
                exits.for_each(|(_, egress)| egress.permit(gate.permits(), gate.epoch()));
            }
            Effect::Subscribe { viewer, track } => {
                let publication = self.room.track(track).expect("a track that can be had");
                let gate = self.room.member(publication.owner).expect("its owner").gate;
                let mut egress = Egress::new(publication.kind, publication.source);
                egress.permit(gate.permits(), gate.epoch());
                egress.set_muted(publication.muted);
                self.exits.insert((viewer, track), (publication.owner, egress));
            }
            Effect::Unsubscribe { viewer, track } => drop(self.exits.remove(&(viewer, track))),
            Effect::Muted { track, muted } => {
                if let Some((_, ingress)) = self.entries.get_mut(&track) {
                    ingress.set_muted(muted);
                }
                let exits = self.exits.iter_mut().filter(|((_, of), _)| *of == track);
                exits.for_each(|(_, (_, egress))| egress.set_muted(muted));
            }
            Effect::Revoked { track, .. } => drop(self.entries.remove(&track)),
            Effect::Announce(_) | Effect::Unsupported { .. } | Effect::Target { .. } => {}
        }
    }

    /// Who gets a packet that is sent on a track now.
    fn send(&mut self, what: u8) -> BTreeSet<u8> {
        self.seq += 1;
        let (seq, timestamp) = (self.seq, self.seq as u32);
        let meta = PacketMeta { layer: LayerIndex(0), seq, timestamp, starts_keyframe: true, vp8: None, frame: None };
        let enters = self.entries.get(&track(what)).is_some_and(|(_, ingress)| ingress.admit().is_ok());
        let exits = self.exits.iter_mut().filter(|((_, of), _)| enters && *of == track(what));
        let reached =
            exits.filter_map(|((viewer, _), (_, egress))| egress.offer(&meta, seq).is_ok().then_some(*viewer));
        let reached: BTreeSet<_> = reached.collect();
        PEOPLE.filter(|who| reached.contains(&person(*who))).collect()
    }
}

proptest! {
    #[test]
    fn a_packet_reaches_exactly_those_who_may_have_it(steps in prop::collection::vec(step(), 1..120)) {
        let (mut model, mut server) = (Model::default(), Server::default());
        for (at, step) in steps.iter().enumerate() {
            model.take(step);
            server.take(step);
            for what in TRACKS {
                prop_assert_eq!(server.send(what), model.reaches(what), "track {} after step {}: {:?}", what, at, step);
            }
        }
    }
}
