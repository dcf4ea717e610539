//! One room: who is in, what they publish, who gets what. Every change answers with the effects that follow from it,
//! so that the caller never has to work out a consequence.
//!
//! Invariant: a pair of viewer and track is granted only while all of these hold: the owner is active and permits the
//! source, the owner allows this viewer, the viewer may and wants to subscribe and can take one of the track's
//! encodings. [`Room::refresh`] is the one place
//! that decides it, and every change runs through it.

use std::collections::{BTreeMap, BTreeSet};

use kloud_base::Timestamp;

use crate::{
    Codec, Codecs, Encoding, Epoch, Gate, Identity, Kind, LayerIndex, ParticipantSid, Permits, Qualities, Rendition,
    Source, Speakers, TrackSid, Wish, choose_layer,
};

/// What the caller has to carry out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell everyone (and the member) the member's present state and tracks.
    Announce(ParticipantSid),
    /// Hand the member's permits to every copy of its gate.
    Gate(ParticipantSid),
    /// The viewer shall get the track.
    Subscribe { viewer: ParticipantSid, track: TrackSid },
    /// The viewer shall get nothing more of the track.
    Unsubscribe { viewer: ParticipantSid, track: TrackSid },
    /// The viewer would get the track if it came in a codec that the viewer takes.
    Unsupported { viewer: ParticipantSid, track: TrackSid },
    /// The viewer works towards another layer; `None` pauses.
    Target { viewer: ParticipantSid, track: TrackSid, layer: Option<LayerIndex> },
    /// Nothing of the track flows while it is muted.
    Muted { track: TrackSid, muted: bool },
    /// The track is over because its owner no longer permits its source.
    Revoked { owner: ParticipantSid, track: TrackSid },
}

/// How far a member has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// Signalling is up, media is not yet. Others do not see the member.
    Joined,
    Active,
}

/// What is known of one who comes in.
#[derive(Clone, Debug)]
pub struct JoinSpec {
    pub identity: Identity,
    pub name: String,
    pub permits: Permits,
    pub epoch: Epoch,
    pub can_subscribe: bool,
    /// Takes part unseen. Such a member cannot publish.
    pub hidden: bool,
    /// Gets every track unless told otherwise.
    pub auto_subscribe: bool,
}

/// One who is in the room.
#[derive(Clone, Debug)]
pub struct Member {
    pub sid: ParticipantSid,
    pub identity: Identity,
    pub name: String,
    pub state: MemberState,
    pub gate: Gate,
    pub can_subscribe: bool,
    pub hidden: bool,
    pub auto_subscribe: bool,
    pub joined_at: Timestamp,
    /// Grows with every change that others are told of.
    pub version: u32,
    audience: Subscribers,
    takes: Codecs,
}

/// Whom a member lets have its tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Subscribers {
    #[default]
    Everyone,
    /// These only: a viewer and the tracks it may have, `None` for all of them.
    Listed(BTreeMap<Identity, Option<BTreeSet<TrackSid>>>),
}

/// One published track.
#[derive(Clone, Debug)]
pub struct Publication {
    pub sid: TrackSid,
    pub owner: ParticipantSid,
    pub kind: Kind,
    pub source: Source,
    pub muted: bool,
    /// The best one first. A viewer gets the first that it takes.
    pub encodings: Vec<Encoding>,
}

impl Publication {
    pub fn encoding(&self, codec: Codec) -> Option<&Encoding> {
        self.encodings.iter().find(|e| e.codec == codec)
    }
}

/// The state of one room.
#[derive(Debug, Default)]
pub struct Room {
    members: BTreeMap<ParticipantSid, Member>,
    names: BTreeMap<Identity, ParticipantSid>,
    tracks: BTreeMap<TrackSid, Publication>,
    granted: BTreeMap<TrackSid, BTreeSet<ParticipantSid>>,
    choices: BTreeMap<(ParticipantSid, TrackSid), bool>,
    wishes: BTreeMap<(ParticipantSid, TrackSid), Wish>,
    /// Who lacks which track only for want of a codec.
    unsupported: BTreeSet<(ParticipantSid, TrackSid)>,
    pub speakers: Speakers,
    pub qualities: Qualities,
}

impl Room {
    /// Most tracks of one member.
    pub const MAX_TRACKS: usize = 32;
    /// Most remembered choices and wishes of one viewer, also about tracks that do not exist (yet).
    pub const MAX_CHOICES: usize = 4_096;

    /// Lets one in. Whoever has the same identity must have left before.
    pub fn join(&mut self, sid: ParticipantSid, spec: JoinSpec, now: Timestamp) -> Vec<Effect> {
        self.names.insert(spec.identity.clone(), sid);
        let member = Member {
            sid,
            identity: spec.identity,
            name: spec.name,
            state: MemberState::Joined,
            gate: Gate::new(spec.permits, spec.epoch),
            can_subscribe: spec.can_subscribe,
            hidden: spec.hidden,
            auto_subscribe: spec.auto_subscribe,
            joined_at: now,
            version: 1,
            audience: Subscribers::Everyone,
            // Nothing is given before the first offer, which says what it takes.
            takes: Codecs::ALL,
        };
        self.members.insert(sid, member);
        let mut effects = vec![Effect::Gate(sid)];
        self.refresh_viewer(sid, &mut effects);
        effects
    }

    /// Takes over one who was in another room until now, as that room knew them: what they permit, whom they let have
    /// their tracks, how far they have come. Whoever has the same identity must have left before.
    pub fn take_over(&mut self, member: Member, tracks: Vec<Publication>, now: Timestamp) -> Vec<Effect> {
        let sid = member.sid;
        self.names.insert(member.identity.clone(), sid);
        self.members.insert(sid, Member { joined_at: now, version: member.version + 1, ..member });
        let mut effects = vec![Effect::Gate(sid), Effect::Announce(sid)];
        for track in tracks.into_iter().filter(|track| track.owner == sid) {
            if self.may_publish(sid, track.kind, track.source) {
                self.tracks.insert(track.sid, track);
            }
        }
        self.refresh_owner(sid, &mut effects);
        self.refresh_viewer(sid, &mut effects);
        effects
    }

    /// Brings one who is in another room and is shown here too to what that room says of them. They get nothing here.
    ///
    /// The order to the gate, and the one that mutes, are the other room's to give.
    pub fn follow(&mut self, member: Member, tracks: Vec<Publication>, now: Timestamp) -> Vec<Effect> {
        let (sid, mut effects) = (member.sid, Vec::new());
        let (joined_at, version) = self.members.get(&sid).map_or((now, 1), |m| (m.joined_at, m.version + 1));
        let over: Vec<_> = self.tracks_of(sid).map(|t| t.sid).collect();
        let over = over.into_iter().filter(|sid| tracks.iter().all(|track| track.sid != *sid));
        over.for_each(|track| self.drop_track(track, &mut effects));
        self.names.insert(member.identity.clone(), sid);
        let shown = Member { can_subscribe: false, auto_subscribe: false, joined_at, version, ..member };
        self.members.insert(sid, shown);
        for track in tracks.into_iter().filter(|track| track.owner == sid) {
            let codecs = |t: &Publication| t.encodings.iter().map(|e| e.codec).collect::<Vec<_>>();
            if self.tracks.get(&track.sid).is_some_and(|known| codecs(known) != codecs(&track)) {
                let viewers: Vec<_> = self.viewers_of(track.sid).collect();
                viewers.into_iter().for_each(|viewer| self.take_back(viewer, track.sid, &mut effects));
            }
            self.tracks.insert(track.sid, track);
        }
        effects.push(Effect::Announce(sid));
        self.refresh_owner(sid, &mut effects);
        effects
    }

    /// Media is up: others see the member and get its tracks.
    pub fn activate(&mut self, sid: ParticipantSid) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&sid) else { return Vec::new() };
        if member.state == MemberState::Active {
            return Vec::new();
        }
        member.state = MemberState::Active;
        let mut effects = self.announce(sid);
        self.refresh_owner(sid, &mut effects);
        effects
    }

    /// Takes one out, with everything that hung on it.
    pub fn leave(&mut self, sid: ParticipantSid) -> Option<(Member, Vec<Effect>)> {
        let member = self.members.remove(&sid)?;
        if self.names.get(&member.identity) == Some(&sid) {
            self.names.remove(&member.identity);
        }
        let mut effects = Vec::new();
        let tracks: Vec<_> = self.tracks_of(sid).map(|t| t.sid).collect();
        tracks.iter().for_each(|t| self.drop_track(*t, &mut effects));
        for (track, viewers) in &mut self.granted {
            if viewers.remove(&sid) {
                effects.push(Effect::Unsubscribe { viewer: sid, track: *track });
            }
        }
        self.choices.retain(|(viewer, _), _| *viewer != sid);
        self.wishes.retain(|(viewer, _), _| *viewer != sid);
        self.unsupported.retain(|(viewer, _)| *viewer != sid);
        self.qualities.forget(sid);
        Some((member, effects))
    }

    /// Takes over a member's permits. Tracks whose source is no longer permitted are over.
    pub fn permit(&mut self, sid: ParticipantSid, permits: Permits, epoch: Epoch) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&sid) else { return Vec::new() };
        let before = member.gate.permits();
        if !member.gate.apply(permits, epoch) {
            return Vec::new();
        }
        let gate = member.gate;
        let mut effects = vec![Effect::Gate(sid)];
        let over: Vec<_> = self.tracks_of(sid).filter(|t| gate.pass(t.source).is_none()).map(|t| t.sid).collect();
        for track in &over {
            self.drop_track(*track, &mut effects);
            effects.push(Effect::Revoked { owner: sid, track: *track });
        }
        if before != gate.permits() || !over.is_empty() {
            effects.extend(self.announce(sid));
        }
        effects
    }

    /// A member gets tracks of others from now on, or none any more.
    pub fn set_can_subscribe(&mut self, sid: ParticipantSid, can_subscribe: bool) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&sid).filter(|m| m.can_subscribe != can_subscribe) else {
            return Vec::new();
        };
        member.can_subscribe = can_subscribe;
        let mut effects = self.announce(sid);
        self.refresh_viewer(sid, &mut effects);
        effects
    }

    /// A member takes part unseen from now on, or is seen. What it published is over when it hides.
    pub fn set_hidden(&mut self, sid: ParticipantSid, hidden: bool) -> Vec<Effect> {
        let Some(member) = self.members.get_mut(&sid).filter(|m| m.hidden != hidden) else { return Vec::new() };
        member.hidden = hidden;
        let mut effects = Vec::new();
        let over: Vec<_> = self.tracks_of(sid).filter(|_| hidden).map(|t| t.sid).collect();
        for track in over {
            self.drop_track(track, &mut effects);
            effects.push(Effect::Revoked { owner: sid, track });
        }
        effects.extend(self.announce(sid));
        effects
    }

    pub fn rename(&mut self, sid: ParticipantSid, name: String) -> Vec<Effect> {
        match self.members.get_mut(&sid) {
            Some(member) if member.name != name => {
                member.name = name;
                self.announce(sid)
            }
            _ => Vec::new(),
        }
    }

    /// Others shall hear of a change that the room does not know the meaning of.
    pub fn announce(&mut self, sid: ParticipantSid) -> Vec<Effect> {
        match self.members.get_mut(&sid) {
            Some(member) => {
                member.version += 1;
                vec![Effect::Announce(sid)]
            }
            None => Vec::new(),
        }
    }

    /// Whether the member may publish such a track now.
    pub fn may_publish(&self, sid: ParticipantSid, kind: Kind, source: Source) -> bool {
        let fits = match source {
            Source::Camera | Source::Screen => kind == Kind::Video,
            Source::Microphone | Source::ScreenAudio => kind == Kind::Audio,
            Source::Other => true,
            Source::Data => false,
        };
        let permitted = |m: &Member| !m.hidden && m.gate.pass(source).is_some();
        fits && self.members.get(&sid).is_some_and(permitted) && self.tracks_of(sid).count() < Self::MAX_TRACKS
    }

    /// Adds a track whose media line is agreed. Does nothing if it may not be published.
    pub fn publish(&mut self, track: Publication) -> Vec<Effect> {
        if self.tracks.contains_key(&track.sid) || !self.may_publish(track.owner, track.kind, track.source) {
            return Vec::new();
        }
        let (sid, owner) = (track.sid, track.owner);
        self.tracks.insert(sid, track);
        let mut effects = self.announce(owner);
        self.refresh_track(sid, &mut effects);
        effects
    }

    /// Takes a track away at its owner's wish.
    pub fn unpublish(&mut self, track: TrackSid) -> Vec<Effect> {
        let Some(owner) = self.tracks.get(&track).map(|t| t.owner) else { return Vec::new() };
        let mut effects = Vec::new();
        self.drop_track(track, &mut effects);
        effects.extend(self.announce(owner));
        effects
    }

    /// A track comes in one more encoding.
    pub fn add_encoding(&mut self, track: TrackSid, encoding: Encoding) -> Vec<Effect> {
        let Some(publication) = self.tracks.get_mut(&track) else { return Vec::new() };
        if encoding.codec.kind() != publication.kind || publication.encoding(encoding.codec).is_some() {
            return Vec::new();
        }
        publication.encodings.push(encoding);
        let owner = publication.owner;
        let mut effects = self.announce(owner);
        self.refresh_track(track, &mut effects);
        effects
    }

    /// A track no longer comes in one of its encodings. Without any it is over.
    pub fn remove_encoding(&mut self, rendition: Rendition) -> Vec<Effect> {
        let Some(publication) = self.tracks.get(&rendition.track) else { return Vec::new() };
        if publication.encodings.iter().all(|e| e.codec == rendition.codec) {
            return self.unpublish(rendition.track);
        }
        let owner = publication.owner;
        let mut effects = Vec::new();
        let had = |viewer: &ParticipantSid| self.rendition_of(*viewer, rendition.track) == Some(rendition);
        let had: Vec<_> = self.viewers_of(rendition.track).filter(had).collect();
        had.into_iter().for_each(|viewer| self.take_back(viewer, rendition.track, &mut effects));
        if let Some(publication) = self.tracks.get_mut(&rendition.track) {
            publication.encodings.retain(|e| e.codec != rendition.codec);
        }
        self.refresh_track(rendition.track, &mut effects);
        effects.extend(self.announce(owner));
        effects
    }

    /// What a viewer's client can decode.
    pub fn set_takes(&mut self, viewer: ParticipantSid, takes: Codecs) -> Vec<Effect> {
        let mut effects = Vec::new();
        let Some(before) = self.members.get(&viewer).map(|m| m.takes).filter(|before| *before != takes) else {
            return effects;
        };
        let has: Vec<_> = self.granted.iter().filter(|(_, v)| v.contains(&viewer)).map(|(track, _)| *track).collect();
        let first = |track: &TrackSid, takes: Codecs| {
            self.tracks.get(track).and_then(|t| t.encodings.iter().map(|e| e.codec).find(|c| takes.contains(*c)))
        };
        let changed: Vec<_> = has.into_iter().filter(|track| first(track, before) != first(track, takes)).collect();
        changed.into_iter().for_each(|track| self.take_back(viewer, track, &mut effects));
        if let Some(member) = self.members.get_mut(&viewer) {
            member.takes = takes;
        }
        self.refresh_viewer(viewer, &mut effects);
        effects
    }

    pub fn set_muted(&mut self, track: TrackSid, muted: bool) -> Vec<Effect> {
        let Some(publication) = self.tracks.get_mut(&track) else { return Vec::new() };
        if publication.muted == muted {
            return Vec::new();
        }
        publication.muted = muted;
        let owner = publication.owner;
        let mut effects = vec![Effect::Muted { track, muted }];
        effects.extend(self.announce(owner));
        effects
    }

    /// A viewer takes or refuses a track. Remembered also for tracks that do not exist yet.
    pub fn choose(&mut self, viewer: ParticipantSid, track: TrackSid, wanted: bool) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.members.contains_key(&viewer) && has_room(&self.choices, viewer, track) {
            self.choices.insert((viewer, track), wanted);
            self.refresh(viewer, track, &mut effects);
        }
        effects
    }

    /// A viewer says how it wants to see a track.
    pub fn wish(&mut self, viewer: ParticipantSid, track: TrackSid, wish: Wish) -> Vec<Effect> {
        if !self.members.contains_key(&viewer) || !has_room(&self.wishes, viewer, track) {
            return Vec::new();
        }
        self.wishes.insert((viewer, track), wish);
        if self.is_granted(viewer, track) { vec![self.target(viewer, track)] } else { Vec::new() }
    }

    /// A member says who may have its tracks.
    pub fn allow(&mut self, owner: ParticipantSid, audience: Subscribers) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(member) = self.members.get_mut(&owner) {
            member.audience = audience;
            self.refresh_owner(owner, &mut effects);
        }
        effects
    }

    /// Who gets a message of `from`: those named by identity or sid, or everyone else if nobody is named. Empty if
    /// the sender may not send.
    pub fn receivers(&self, from: ParticipantSid, identities: &[String], sids: &[String]) -> Vec<ParticipantSid> {
        if self.members.get(&from).is_none_or(|m| m.gate.pass(Source::Data).is_none()) {
            return Vec::new();
        }
        self.addressed(identities, sids).into_iter().filter(|sid| *sid != from).collect()
    }

    /// Those named by identity or sid, or everyone if nobody is named.
    pub fn addressed(&self, identities: &[String], sids: &[String]) -> Vec<ParticipantSid> {
        let everyone = identities.is_empty() && sids.is_empty();
        let named = |m: &Member| {
            identities.iter().any(|i| i == m.identity.as_str()) || sids.iter().any(|s| *s == m.sid.to_string())
        };
        self.members.values().filter(|m| everyone || named(m)).map(|m| m.sid).collect()
    }

    pub fn member(&self, sid: ParticipantSid) -> Option<&Member> {
        self.members.get(&sid)
    }

    pub fn by_identity(&self, identity: &Identity) -> Option<&Member> {
        self.names.get(identity).and_then(|sid| self.members.get(sid))
    }

    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub fn len(&self) -> usize {
        self.members.len()
    }

    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub fn track(&self, sid: TrackSid) -> Option<&Publication> {
        self.tracks.get(&sid)
    }

    pub fn tracks_of(&self, owner: ParticipantSid) -> impl Iterator<Item = &Publication> {
        self.tracks.values().filter(move |t| t.owner == owner)
    }

    /// Whether the viewer gets the track now.
    pub fn is_granted(&self, viewer: ParticipantSid, track: TrackSid) -> bool {
        self.granted.get(&track).is_some_and(|viewers| viewers.contains(&viewer))
    }

    /// The layer that the viewer is to get of the track; `None` is a pause.
    pub fn target_of(&self, viewer: ParticipantSid, track: TrackSid) -> Option<LayerIndex> {
        let wish = self.wishes.get(&(viewer, track)).copied().unwrap_or_default();
        choose_layer(self.encoding_for(viewer, track).map_or(&[][..], |e| &e.layers), wish)
    }

    /// How the viewer gets the track.
    pub fn rendition_of(&self, viewer: ParticipantSid, track: TrackSid) -> Option<Rendition> {
        self.encoding_for(viewer, track).map(|encoding| Rendition { track, codec: encoding.codec })
    }

    /// How many layers of an encoding, from the smallest, somebody needs: those up to the largest that is wanted,
    /// because a connection that carries less gets a smaller one. The smallest of the first encoding is always among
    /// them, so that whoever looks sees something at once.
    pub fn layers_needed(&self, rendition: Rendition) -> usize {
        let viewers = self.viewers_of(rendition.track);
        let viewers = viewers.filter(|viewer| self.rendition_of(*viewer, rendition.track) == Some(rendition));
        let first = self.tracks.get(&rendition.track).and_then(|t| t.encodings.first());
        let least = usize::from(first.is_none_or(|e| e.codec == rendition.codec));
        let wanted = |viewer| self.target_of(viewer, rendition.track).map_or(1, |layer| usize::from(layer.0) + 1);
        viewers.map(wanted).max().unwrap_or(least)
    }

    /// Who lacks the track only for want of a codec.
    pub fn without_codec(&self, track: TrackSid) -> impl Iterator<Item = ParticipantSid> {
        self.unsupported.iter().filter(move |(_, t)| *t == track).map(|(viewer, _)| *viewer)
    }

    /// Whether the viewer's client can decode a codec.
    pub fn takes(&self, viewer: ParticipantSid, codec: Codec) -> bool {
        self.members.get(&viewer).is_some_and(|m| m.takes.contains(codec))
    }

    /// Everyone who gets the track.
    pub fn viewers_of(&self, track: TrackSid) -> impl Iterator<Item = ParticipantSid> {
        self.granted.get(&track).into_iter().flatten().copied()
    }

    fn drop_track(&mut self, track: TrackSid, effects: &mut Vec<Effect>) {
        self.tracks.remove(&track);
        for viewer in self.granted.remove(&track).unwrap_or_default() {
            effects.push(Effect::Unsubscribe { viewer, track });
        }
        self.choices.retain(|(_, t), _| *t != track);
        self.wishes.retain(|(_, t), _| *t != track);
        self.unsupported.retain(|(_, t)| *t != track);
    }

    /// The first encoding that the viewer takes.
    fn encoding_for(&self, viewer: ParticipantSid, track: TrackSid) -> Option<&Encoding> {
        let takes = self.members.get(&viewer)?.takes;
        self.tracks.get(&track)?.encodings.iter().find(|e| takes.contains(e.codec))
    }

    fn refresh_viewer(&mut self, viewer: ParticipantSid, effects: &mut Vec<Effect>) {
        let tracks: Vec<_> = self.tracks.keys().copied().collect();
        tracks.into_iter().for_each(|track| self.refresh(viewer, track, effects));
    }

    fn refresh_owner(&mut self, owner: ParticipantSid, effects: &mut Vec<Effect>) {
        let tracks: Vec<_> = self.tracks_of(owner).map(|t| t.sid).collect();
        tracks.into_iter().for_each(|track| self.refresh_track(track, effects));
    }

    fn refresh_track(&mut self, track: TrackSid, effects: &mut Vec<Effect>) {
        let viewers: Vec<_> = self.members.keys().copied().collect();
        viewers.into_iter().for_each(|viewer| self.refresh(viewer, track, effects));
    }

    /// Brings one pair of viewer and track to what the rules say.
    fn refresh(&mut self, viewer: ParticipantSid, track: TrackSid, effects: &mut Vec<Effect>) {
        let wanted = self.is_due(viewer, track);
        let due = wanted && self.encoding_for(viewer, track).is_some();
        if !wanted || due {
            self.unsupported.remove(&(viewer, track));
        } else if self.unsupported.insert((viewer, track)) {
            effects.push(Effect::Unsupported { viewer, track });
        }
        if due && self.granted.entry(track).or_default().insert(viewer) {
            effects.push(Effect::Subscribe { viewer, track });
            effects.push(self.target(viewer, track));
        } else if !due {
            self.take_back(viewer, track, effects);
        }
    }

    fn is_due(&self, viewer: ParticipantSid, track: TrackSid) -> bool {
        let Some(publication) = self.tracks.get(&track) else { return false };
        let (Some(viewer), Some(owner)) = (self.members.get(&viewer), self.members.get(&publication.owner)) else {
            return false;
        };
        let allowed = match &owner.audience {
            Subscribers::Everyone => true,
            Subscribers::Listed(list) => list
                .get(&viewer.identity)
                .is_some_and(|tracks| tracks.as_ref().is_none_or(|tracks| tracks.contains(&track))),
        };
        let wanted = self.choices.get(&(viewer.sid, track)).copied().unwrap_or(viewer.auto_subscribe);
        viewer.sid != owner.sid
            && owner.state == MemberState::Active
            && owner.gate.pass(publication.source).is_some()
            && allowed
            && viewer.can_subscribe
            && wanted
    }

    /// The viewer gets nothing more of the track for now.
    fn take_back(&mut self, viewer: ParticipantSid, track: TrackSid, effects: &mut Vec<Effect>) {
        if self.granted.get_mut(&track).is_some_and(|viewers| viewers.remove(&viewer)) {
            effects.push(Effect::Unsubscribe { viewer, track });
        }
    }

    fn target(&self, viewer: ParticipantSid, track: TrackSid) -> Effect {
        Effect::Target { viewer, track, layer: self.target_of(viewer, track) }
    }
}

fn has_room<T>(map: &BTreeMap<(ParticipantSid, TrackSid), T>, viewer: ParticipantSid, track: TrackSid) -> bool {
    let first = (viewer, TrackSid::from_uuid(Default::default()));
    let own = || map.range(first..).take_while(|((v, _), _)| *v == viewer);
    map.contains_key(&(viewer, track)) || own().nth(Room::MAX_CHOICES - 1).is_none()
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
