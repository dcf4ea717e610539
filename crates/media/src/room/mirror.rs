//! Who is in one room and is shown in another too.
//!
//! The room that they are in tells the other what they are like, again after each change: their permits, whom they let
//! have their tracks, which tracks there are. The other has them as a member who has no place in it, and views of their
//! tracks as of any other. No packet goes another way by that: the media thread of the publisher hands it to every
//! thread that has viewers of the track, in whatever room.
//!
//! Invariant: the permits and mutes of the room that they are in hold in all views of their tracks, wherever those are.
//! The media threads know views by the owner and the track, so the order that shuts the gate shuts it in both rooms at
//! once. What a view began with may be older than the last such order; so the room that knows repeats its orders
//! whenever views have been added elsewhere, and the first of the two gates a packet passes is always its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kloud_livekit::proto::{DisconnectReason, ParticipantInfo, TrackInfo, participant_info::KindDetail};
use kloud_livekit::{Code, HookEvent, Peer, Reply, TwirpError, participant_info};
use kloud_sfu::{Identity, Member, MemberState, ParticipantSid, Publication, Rendition, RoomName, TrackSid};
use tokio::sync::mpsc;

use super::moving::no_such_room;
use super::{ReplyTo, RoomOrder, RoomTask};
use crate::counters::Counters;
use crate::shared::RoomHandle;
use crate::worker::{Order, Threads};

/// What the room that somebody is in says of them.
#[derive(Debug)]
pub struct Likeness {
    member: Member,
    peer: Peer,
    tracks: Vec<(Publication, TrackInfo)>,
    /// Their connection, and its thread.
    publisher: (u64, usize),
    /// The way back.
    origin: mpsc::UnboundedSender<RoomOrder>,
    /// Of whoever has asked for it, the first time.
    reply: Option<ReplyTo>,
}

/// Another room in which somebody of this one is shown.
pub struct Shown {
    room: RoomName,
    handle: RoomHandle,
    /// The threads that have viewers over there, and how many layers these need.
    audience: HashMap<Rendition, Threads>,
    needs: HashMap<Rendition, usize>,
}

/// One of another room, as they are shown here.
pub struct Mirrored {
    pub peer: Peer,
    pub tracks: BTreeMap<TrackSid, TrackInfo>,
    pub publisher: (u64, usize),
    pub counters: Arc<Counters>,
    origin: mpsc::UnboundedSender<RoomOrder>,
    needs: HashMap<Rendition, usize>,
}

/// What a room says of the viewers that it has for somebody of another.
#[derive(Debug)]
pub enum Elsewhere {
    /// These threads have some.
    Watched(Rendition, Threads),
    /// They need so many layers, from the smallest.
    Needs(Rendition, usize),
    /// None any more.
    Over(ParticipantSid),
}

/// The room that they are in.
impl RoomTask {
    pub(super) fn show_in(&mut self, who: &Identity, (room, handle): (RoomName, RoomHandle), reply: ReplyTo) {
        let sid = match self.seated(who) {
            Ok(sid) if self.shown_in.get(&sid).is_some_and(|all| all.iter().any(|shown| shown.room == room)) => {
                return drop(reply.send(Err(there_already())));
            }
            Ok(sid) if self.room.member(sid).is_none_or(|member| member.hidden) => {
                let error = TwirpError::new(Code::FailedPrecondition, "the participant takes part unseen");
                return drop(reply.send(Err(error)));
            }
            Ok(sid) => sid,
            Err(error) => return drop(reply.send(Err(error))),
        };
        let Some(likeness) = self.likeness(sid, Some(reply)) else { return };
        match handle.orders.send(RoomOrder::Reflect(Box::new(likeness))) {
            Ok(()) => {
                let shown = Shown { room, handle, audience: HashMap::new(), needs: HashMap::new() };
                self.shown_in.entry(sid).or_default().push(shown);
            }
            Err(mpsc::error::SendError(order)) => {
                if let RoomOrder::Reflect(likeness) = order
                    && let Some(reply) = likeness.reply
                {
                    let _ = reply.send(Err(no_such_room()));
                }
            }
        }
    }

    /// One who is in this room, and not only shown here.
    pub(super) fn seated(&self, who: &Identity) -> Result<ParticipantSid, TwirpError> {
        let sid = self.present(who)?;
        if self.seats.contains_key(&sid) {
            return Ok(sid);
        }
        Err(TwirpError::new(Code::FailedPrecondition, "the participant is in another room"))
    }

    fn likeness(&self, sid: ParticipantSid, reply: Option<ReplyTo>) -> Option<Likeness> {
        let (seat, member) = (self.seats.get(&sid)?, self.room.member(sid)?);
        let track = |publication: &Publication| {
            seat.tracks.get(&publication.sid).map(|announced| (publication.clone(), announced.info.clone()))
        };
        Some(Likeness {
            member: member.clone(),
            peer: seat.peer.clone(),
            tracks: self.room.tracks_of(sid).filter_map(track).collect(),
            publisher: (seat.conns.up, seat.thread),
            origin: self.orders.clone(),
            reply,
        })
    }

    /// Something of a member has changed, or somebody hears of it for the first time.
    pub(super) fn reflect(&mut self, sid: ParticipantSid) {
        let Some(shown) = self.shown_in.get(&sid) else { return };
        for handle in shown.iter().map(|shown| &shown.handle) {
            if let Some(likeness) = self.likeness(sid, None) {
                // A room that is gone shows nobody.
                let _ = handle.orders.send(RoomOrder::Reflect(Box::new(likeness)));
            }
        }
    }

    pub(super) fn reflect_speech(&self, sid: ParticipantSid, level: Option<f32>) {
        for shown in self.shown_in.get(&sid).into_iter().flatten() {
            let _ = shown.handle.orders.send(RoomOrder::Speech(sid, level));
        }
    }

    /// They are here no more, and so nowhere.
    pub(super) fn fade(&mut self, sid: ParticipantSid, why: DisconnectReason) {
        for shown in self.shown_in.remove(&sid).unwrap_or_default() {
            let _ = shown.handle.orders.send(RoomOrder::Fades(sid, why));
        }
    }

    pub(super) fn elsewhere(&mut self, room: &RoomName, what: Elsewhere) {
        let owner = match &what {
            Elsewhere::Watched(rendition, _) | Elsewhere::Needs(rendition, _) => {
                self.room.track(rendition.track).map(|track| track.owner)
            }
            Elsewhere::Over(sid) => Some(*sid),
        };
        let Some(owner) = owner else { return };
        let Some(shown) = self.shown_in.get_mut(&owner).and_then(|all| all.iter_mut().find(|s| s.room == *room)) else {
            return;
        };
        match what {
            Elsewhere::Watched(rendition, threads) => {
                shown.audience.insert(rendition, threads);
                self.repeat_orders(owner, rendition.track);
                self.tell_audience(rendition.track);
                if threads != Threads::default() {
                    self.tell_subscribed(owner, rendition.track);
                }
            }
            Elsewhere::Needs(rendition, count) => {
                shown.needs.insert(rendition, count);
                self.weigh_layers(rendition.track);
            }
            Elsewhere::Over(sid) => {
                if let Some(all) = self.shown_in.get_mut(&sid) {
                    all.retain(|shown| shown.room != *room);
                }
                let tracks: Vec<_> = self.room.tracks_of(sid).map(|track| track.sid).collect();
                for track in tracks {
                    self.tell_audience(track);
                    self.weigh_layers(track);
                }
            }
        }
    }

    /// The gate and the mute of a track as they are, for views that may have begun with older ones.
    fn repeat_orders(&self, owner: ParticipantSid, track: TrackSid) {
        let (Some(member), Some(publication)) = (self.room.member(owner), self.room.track(track)) else { return };
        let (permits, epoch, muted) = (member.gate.permits(), member.gate.epoch(), publication.muted);
        self.order_all(|| Order::Gate { owner, permits, epoch, ack: None });
        self.order_all(|| Order::Mute { track, muted });
    }

    /// The threads with viewers of a track in other rooms.
    pub(super) fn watched_elsewhere(&self, owner: ParticipantSid, rendition: Rendition) -> Threads {
        let shown = self.shown_in.get(&owner).into_iter().flatten();
        let audiences = shown.filter_map(|shown| shown.audience.get(&rendition).copied());
        audiences.fold(Threads::default(), Threads::and)
    }

    /// How many layers somebody in another room needs.
    pub(super) fn needed_elsewhere(&self, owner: ParticipantSid, rendition: Rendition) -> usize {
        let shown = self.shown_in.get(&owner).into_iter().flatten();
        shown.filter_map(|shown| shown.needs.get(&rendition).copied()).max().unwrap_or_default()
    }
}

/// The room in which they are shown too.
impl RoomTask {
    pub(super) fn mirror(&mut self, likeness: Likeness) {
        let Likeness { member, peer, tracks, publisher, origin, reply } = likeness;
        let sid = member.sid;
        let (publications, infos): (Vec<_>, BTreeMap<_, _>) =
            tracks.into_iter().map(|(track, info)| (track.sid, track, info)).map(|(sid, t, i)| (t, (sid, i))).unzip();
        let came = match self.mirrors.get_mut(&sid) {
            Some(mirrored) => {
                (mirrored.peer, mirrored.publisher) = (peer, publisher);
                false
            }
            None => {
                let Some(reply) = reply else { return };
                if self.room.by_identity(&member.identity).is_some() {
                    let _ = origin.send(RoomOrder::Elsewhere(self.name.clone(), Elsewhere::Over(sid)));
                    return drop(reply.send(Err(there_already())));
                }
                let counters = self.counters_of(&member.identity);
                let (tracks, needs) = (BTreeMap::new(), HashMap::new());
                self.mirrors.insert(sid, Mirrored { peer, tracks, publisher, counters, origin, needs });
                let _ = reply.send(Ok(Reply::Done));
                true
            }
        };
        let was_active = !came && self.room.member(sid).is_some_and(|m| m.state == MemberState::Active);
        let before = self.mirrors.get_mut(&sid).map(|m| std::mem::replace(&mut m.tracks, infos)).unwrap_or_default();
        let effects = self.room.follow(member, publications, self.shared.clock.now());
        self.run_effects(effects);
        self.tell_of_mirror(sid, was_active, &before);
        if came {
            self.repeat_changes();
        }
    }

    /// Tells the application what has become of one who is shown here.
    fn tell_of_mirror(&mut self, sid: ParticipantSid, was_active: bool, before: &BTreeMap<TrackSid, TrackInfo>) {
        let Some(info) = self.info(sid) else { return };
        if self.room.member(sid).is_none_or(|member| member.state != MemberState::Active) {
            return;
        }
        if !was_active {
            self.tell_application(HookEvent::ParticipantJoined(info.clone()));
        }
        let now = self.mirrors.get(&sid).map(|mirrored| mirrored.tracks.clone()).unwrap_or_default();
        for (track, over) in before.iter().filter(|(track, _)| !now.contains_key(track)) {
            tracing::debug!(%track, "a track that is shown from another room is over");
            self.tell_application(HookEvent::TrackUnpublished(info.clone(), over.clone()));
        }
        for (_, new) in now.into_iter().filter(|(track, _)| !before.contains_key(track)) {
            self.tell_application(HookEvent::TrackPublished(info.clone(), new));
        }
    }

    pub(super) fn mirror_speaks(&mut self, sid: ParticipantSid, level: Option<f32>) {
        if self.mirrors.contains_key(&sid) {
            self.speaker(sid, level);
        }
    }

    /// They are shown here no more.
    pub(super) fn mirror_ends(&mut self, sid: ParticipantSid, why: DisconnectReason) {
        let last = self.info(sid);
        let Some(mirrored) = self.mirrors.remove(&sid) else { return };
        if let Some((member, effects)) = self.room.leave(sid) {
            self.run_effects(effects);
            self.speaker(sid, None);
            self.announce_gone(&member, &mirrored.peer, why);
            if let Some(last) = last {
                self.tell_of_end(last, member.state, why);
            }
        }
        let _ = mirrored.origin.send(RoomOrder::Elsewhere(self.name.clone(), Elsewhere::Over(sid)));
    }

    /// One of another room, as others are told of them.
    pub(super) fn mirror_info(&self, member: &Member) -> Option<ParticipantInfo> {
        let mirrored = self.mirrors.get(&member.sid)?;
        let mut info = participant_info(member, &mirrored.peer, mirrored.tracks.values().cloned().collect());
        info.kind_details.push(KindDetail::Forwarded as i32);
        Some(info)
    }

    /// The room that they are in hears which threads have viewers here.
    pub(super) fn tell_origin(&self, owner: ParticipantSid, rendition: Rendition, threads: Threads) {
        if let Some(mirrored) = self.mirrors.get(&owner) {
            let watched = Elsewhere::Watched(rendition, threads);
            let _ = mirrored.origin.send(RoomOrder::Elsewhere(self.name.clone(), watched));
        }
    }

    /// It hears how many layers these need too. False if they are of this room.
    pub(super) fn weigh_layers_there(&mut self, owner: ParticipantSid, track: TrackSid) -> bool {
        let Some(publication) = self.room.track(track) else { return false };
        let Some(mirrored) = self.mirrors.get_mut(&owner) else { return false };
        for encoding in &publication.encodings {
            let rendition = Rendition { track, codec: encoding.codec };
            let needed = self.room.layers_needed(rendition);
            if mirrored.needs.insert(rendition, needed) != Some(needed) {
                let needs = Elsewhere::Needs(rendition, needed);
                let _ = mirrored.origin.send(RoomOrder::Elsewhere(self.name.clone(), needs));
            }
        }
        true
    }
}

fn there_already() -> TwirpError {
    TwirpError::new(Code::AlreadyExists, "a participant with this identity is in the destination room")
}
