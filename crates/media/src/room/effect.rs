//! Carries out what follows from a change of the room.

use std::sync::Arc;

use kloud_livekit::proto::ParticipantInfo;
use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{
    DisconnectReason, MuteTrackRequest, TrackSubscribed, TrackUnpublishedResponse, signal_response::Message,
};
use kloud_livekit::{HookEvent, Shown, leave};
use kloud_sfu::{Effect, Member, MemberState, ParticipantSid, Rendition, TrackSid, bitrates_of};

use super::seat::Seat;
use super::{RoomKind, RoomTask};
use crate::counters::Counters;
use crate::event::{Happened, LeftReason};
use crate::mono;
use crate::worker::{GateAck, NewView, Order, Threads};

/// Where a track comes from, for one who is to get it.
struct Publisher {
    /// The connection and its thread.
    at: (u64, usize),
    counters: Arc<Counters>,
    /// It is encrypted from end to end.
    sealed: bool,
}

impl RoomTask {
    pub(super) fn run_effects(&mut self, effects: Vec<Effect>) {
        self.run_effects_with(effects, None);
    }

    /// As [`RoomTask::run_effects`]; every thread reports to `ack` when it has the new permits.
    pub(super) fn run_effects_with(&mut self, effects: Vec<Effect>, ack: Option<&GateAck>) {
        for effect in effects {
            match effect {
                Effect::Announce(sid) => self.announce(sid),
                Effect::Gate(sid) => self.hand_out_gate(sid, ack),
                Effect::Subscribe { viewer, track } => self.subscribe(viewer, track),
                Effect::Unsubscribe { viewer, track } => self.unsubscribe(viewer, track),
                Effect::Unsupported { viewer, track } => self.unsupported(viewer, track),
                Effect::Target { viewer, track, layer } => {
                    if let Some(seat) = self.seats.get(&viewer)
                        && seat.lines.line_of(track).is_some()
                    {
                        self.order_to(seat.thread, Order::Target { conn: seat.conns.down, track, layer });
                    }
                    self.weigh_layers(track);
                }
                Effect::Muted { track, muted } => self.muted(track, muted),
                Effect::Revoked { owner, track } => self.revoked(owner, track),
            }
        }
    }

    fn hand_out_gate(&mut self, sid: ParticipantSid, ack: Option<&GateAck>) {
        let Some(gate) = self.room.member(sid).map(|m| m.gate) else { return };
        let (permits, epoch) = (gate.permits(), gate.epoch());
        self.order_all(|| Order::Gate { owner: sid, permits, epoch, ack: ack.cloned() });
    }

    fn subscribe(&mut self, viewer: ParticipantSid, track: TrackSid) {
        let Some(publication) = self.room.track(track) else { return };
        let shown = Shown { owner: publication.owner, track };
        let kind = publication.kind;
        if let Some(seat) = self.seats.get_mut(&viewer) {
            seat.lines.show(shown, kind);
            self.lines_changed = true;
        }
    }

    fn unsubscribe(&mut self, viewer: ParticipantSid, track: TrackSid) {
        if let Some(seat) = self.seats.get_mut(&viewer)
            && seat.lines.hide(track).is_some()
        {
            seat.paused.remove(&track);
            self.lines_changed = true;
            let (thread, conn) = (seat.thread, seat.conns.down);
            self.order_to(thread, Order::Unview { conn, track });
        }
        self.tell_audience(track);
        self.weigh_layers(track);
    }

    /// Starts sending a track to a viewer whose line for it is agreed.
    pub(super) fn view(&mut self, viewer: ParticipantSid, mid: String, track: TrackSid) {
        let (Some(seat), Some(publication)) = (self.seats.get(&viewer), self.room.track(track)) else { return };
        let owner = publication.owner;
        let (Some(publisher), Some(member)) = (self.publisher(owner, track), self.room.member(owner)) else { return };
        let Some(rendition) = self.room.rendition_of(viewer, track) else { return };
        let layers = publication.encoding(rendition.codec).map_or(&[][..], |encoding| &encoding.layers);
        let view = NewView {
            conn: seat.conns.down,
            mid,
            rendition,
            source: publication.source,
            muted: publication.muted,
            layer: self.room.target_of(viewer, track),
            bitrates: bitrates_of(layers),
            owner,
            counters: publisher.counters,
            publisher: publisher.at,
            sealed: publisher.sealed,
            permits: member.gate.permits(),
            epoch: member.gate.epoch(),
        };
        self.order_to(seat.thread, Order::View(Box::new(view)));
        self.tell_audience(track);
        self.tell_subscribed(owner, track);
    }

    /// From where a track comes.
    fn publisher(&self, owner: ParticipantSid, track: TrackSid) -> Option<Publisher> {
        let (at, counters, info) = match self.seats.get(&owner) {
            Some(seat) => {
                let info = seat.tracks.get(&track).map(|announced| &announced.info);
                ((seat.conns.up, seat.thread), seat.counters.clone(), info)
            }
            None => {
                let mirrored = self.mirrors.get(&owner)?;
                (mirrored.publisher, mirrored.counters.clone(), mirrored.tracks.get(&track))
            }
        };
        Some(Publisher { at, counters, sealed: info.is_some_and(|info| info.encryption != 0) })
    }

    /// Tells the publisher's thread which threads have viewers.
    pub(super) fn tell_audience(&self, track: TrackSid) {
        let Some(publication) = self.room.track(track) else { return };
        for encoding in &publication.encodings {
            let rendition = Rendition { track, codec: encoding.codec };
            let mut threads = Threads::default();
            for viewer in self.room.viewers_of(track).filter(|v| self.room.rendition_of(*v, track) == Some(rendition)) {
                if let Some(seat) = self.seats.get(&viewer)
                    && seat.lines.line_of(track).is_some()
                {
                    threads.insert(seat.thread);
                }
            }
            match self.seats.get(&publication.owner) {
                Some(owner) => {
                    let threads = threads.and(self.watched_elsewhere(publication.owner, rendition));
                    self.order_to(owner.thread, Order::Audience { conn: owner.conns.up, rendition, threads });
                }
                None => self.tell_origin(publication.owner, rendition, threads),
            }
        }
    }

    /// The publisher hears once that somebody gets its track.
    pub(super) fn tell_subscribed(&mut self, owner: ParticipantSid, track: TrackSid) {
        let Some(seat) = self.seats.get_mut(&owner) else { return };
        if !seat.subscribed.contains(&track) {
            seat.subscribed.push(track);
            seat.send(Message::TrackSubscribed(TrackSubscribed { track_sid: track.to_string() }));
        }
    }

    fn muted(&mut self, track: TrackSid, muted: bool) {
        self.order_all(|| Order::Mute { track, muted });
        let Some(publication) = self.room.track(track) else { return };
        let (owner, source) = (publication.owner, publication.source);
        if let Some(seat) = self.seats.get_mut(&owner) {
            if let Some(announced) = seat.tracks.get_mut(&track) {
                announced.info.muted = muted;
            }
            let identity = seat.identity.clone();
            self.tell_product(Happened::Muted { identity, source, muted });
        }
    }

    /// The permit for a published track has ended. The threads have shut the gate already; this makes an obedient
    /// client switch the device off.
    fn revoked(&mut self, owner: ParticipantSid, track: TrackSid) {
        self.withdraw(owner, track);
        let Some(seat) = self.seats.get_mut(&owner) else { return };
        let sid = track.to_string();
        seat.send(Message::Mute(MuteTrackRequest { sid: sid.clone(), muted: true }));
        seat.send(Message::TrackUnpublished(TrackUnpublishedResponse { track_sid: sid }));
    }

    /// Takes a track off the lines and the list of its owner.
    pub(super) fn withdraw(&mut self, owner: ParticipantSid, track: TrackSid) {
        let Some(seat) = self.seats.get_mut(&owner) else { return };
        seat.lines.withdraw(track);
        self.lines_changed = true;
        seat.subscribed.retain(|t| *t != track);
        let (thread, conn, identity) = (seat.thread, seat.conns.up, seat.identity.clone());
        let announced = seat.tracks.remove(&track);
        self.order_to(thread, Order::Unpublish { conn, track });
        if let Some(announced) = announced.filter(|a| a.agreed) {
            self.tell_product(Happened::Unpublished { identity, source: announced.source });
            if let Some(info) = self.info(owner) {
                self.tell_application(HookEvent::TrackUnpublished(info, announced.info));
            }
        }
    }

    /// Ends one stay. The client is told why and what to do, then its socket closes.
    pub(super) fn end(&mut self, sid: ParticipantSid, reason: LeftReason) {
        let (why, action) = on_wire(reason, self.kind);
        if self.mirrors.contains_key(&sid) {
            return self.mirror_ends(sid, why);
        }
        self.fade(sid, why);
        let last = self.info(sid);
        let Some(mut seat) = self.seats.remove(&sid) else { return };
        self.stays_out(sid);
        tracing::debug!(participant = %sid, ?reason, "a participant is gone");
        self.remember_line(&seat);
        self.weigh_thrift();
        if reason != LeftReason::Left {
            seat.send(Message::Leave(leave(why, action)));
        }
        if let Some((socket, _)) = seat.socket.take() {
            self.sockets.remove(&socket);
        }
        for conn in seat.conns.all() {
            self.conns.remove(&conn);
            self.order_to(seat.thread, Order::Close { conn });
        }
        if let Some(trail) = seat.trail.take() {
            self.join_is_over(trail);
        }
        self.hang_up(sid);
        if let Some((member, effects)) = self.room.leave(sid) {
            self.run_effects(effects);
            self.tell_gone(&member, &seat, last, reason);
        }
    }
}

impl RoomTask {
    /// Tells everyone that one is gone whose place is empty already.
    pub(super) fn tell_gone(
        &mut self,
        member: &Member,
        seat: &Seat,
        last: Option<ParticipantInfo>,
        reason: LeftReason,
    ) {
        let (why, _) = on_wire(reason, self.kind);
        self.speaker(member.sid, None);
        self.announce_gone(member, &seat.peer, why);
        if let Some(last) = last {
            self.tell_of_end(last, member.state, why);
        }
        let (identity, participant) = (member.identity.clone(), member.sid);
        self.tell_product(Happened::Left { identity, participant, reason });
        if self.seats.is_empty() {
            self.empty_since = mono::now();
            self.tell_product(Happened::Empty);
        }
    }

    /// Tells the application that one has left, and first that what it published is over.
    pub(super) fn tell_of_end(&mut self, mut info: ParticipantInfo, state: MemberState, why: DisconnectReason) {
        info.state = State::Disconnected as i32;
        info.disconnect_reason = why as i32;
        for track in std::mem::take(&mut info.tracks) {
            self.tell_application(HookEvent::TrackUnpublished(info.clone(), track));
        }
        self.tell_application(match state {
            MemberState::Active => HookEvent::ParticipantLeft(info),
            MemberState::Joined => HookEvent::ConnectionAborted(info),
        });
    }
}

pub(super) fn on_wire(reason: LeftReason, kind: RoomKind) -> (DisconnectReason, Action) {
    match reason {
        LeftReason::Left => (DisconnectReason::ClientInitiated, Action::Disconnect),
        LeftReason::Removed => (DisconnectReason::ParticipantRemoved, Action::Disconnect),
        LeftReason::Replaced => (DisconnectReason::DuplicateIdentity, Action::Disconnect),
        LeftReason::Lost => (DisconnectReason::ConnectionTimeout, Action::Reconnect),
        LeftReason::Failed => (DisconnectReason::StateMismatch, Action::Reconnect),
        LeftReason::Moved => (DisconnectReason::Migration, Action::Reconnect),
        LeftReason::RoomClosed => match kind {
            RoomKind::Api => (DisconnectReason::RoomDeleted, Action::Disconnect),
            RoomKind::Meeting => (DisconnectReason::RoomClosed, Action::Disconnect),
        },
        LeftReason::ServerStopped => (DisconnectReason::ServerShutdown, Action::Reconnect),
    }
}
