//! What others are told of a participant.

use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{DisconnectReason, ParticipantInfo, ParticipantUpdate, signal_response::Message};
use kloud_livekit::{HookEvent, Peer, RoomFacts, participant_info, proto::TrackInfo, room_info, webhook_body};
use kloud_sfu::{Member, MemberState, ParticipantSid};

use super::RoomTask;
use super::seat::Seat;
use crate::webhook::EventSid;
use crate::worker::Order;

impl RoomTask {
    /// The room as it is now.
    pub(super) fn describe(&self) -> kloud_livekit::proto::Room {
        let shown = self.mirrors.values().filter(|mirrored| !mirrored.tracks.is_empty()).count();
        let publishes = |seat: &&Seat| seat.tracks.values().any(|track| track.agreed);
        room_info(&RoomFacts {
            sid: self.sid,
            name: &self.name,
            created_at: self.created_at,
            settings: &self.settings,
            participants: self.seats.len() + self.mirrors.len(),
            publishers: self.seats.values().filter(publishes).count() + shown,
        })
    }

    /// Tells the application, if it wants to be told. Nothing waits for it.
    pub(super) fn tell_application(&self, event: HookEvent) {
        let Some(hooks) = &self.hooks else { return };
        let (now, room) = (self.shared.clock.now(), self.describe());
        let id = EventSid::random(&*self.shared.rng).to_string();
        hooks.tell(|lost| webhook_body(event.clone(), room.clone(), id.clone(), now, lost));
    }

    pub(super) fn send(&mut self, sid: ParticipantSid, message: Message) {
        if let Some(seat) = self.seats.get_mut(&sid) {
            seat.send(message);
        }
    }

    pub(super) fn broadcast(&mut self, message: &Message) {
        self.seats.values_mut().for_each(|seat| seat.send(message.clone()));
    }

    pub(super) fn info(&self, sid: ParticipantSid) -> Option<ParticipantInfo> {
        let member = self.room.member(sid)?;
        let Some(seat) = self.seats.get(&sid) else { return self.mirror_info(member) };
        Some(participant_info(member, &seat.peer, agreed_tracks(seat)))
    }

    /// The others whom one may know of.
    pub(super) fn visible_to(&self, sid: ParticipantSid) -> Vec<ParticipantSid> {
        let seen = self.room.members().filter(|m| m.sid != sid && !m.hidden && m.state == MemberState::Active);
        seen.map(|m| m.sid).collect()
    }

    /// Tells everyone who may know of a member's present state.
    pub(super) fn announce(&mut self, sid: ParticipantSid) {
        self.reflect(sid);
        let Some(info) = self.info(sid) else { return };
        let quiet = |m: &Member| m.hidden || m.state != MemberState::Active;
        let private = self.room.member(sid).is_none_or(quiet);
        let message = Message::Update(ParticipantUpdate { participants: vec![info] });
        if private { self.send(sid, message) } else { self.broadcast(&message) }
    }

    /// Tells those who remain that one has left.
    pub(super) fn announce_gone(&mut self, member: &Member, peer: &Peer, reason: DisconnectReason) {
        if member.hidden {
            return;
        }
        let mut info = participant_info(member, peer, Vec::new());
        info.state = State::Disconnected as i32;
        info.disconnect_reason = reason as i32;
        info.version += 1;
        self.broadcast(&Message::Update(ParticipantUpdate { participants: vec![info] }));
    }

    pub(super) fn order_to(&self, thread: usize, order: Order) {
        if let Some(worker) = self.shared.workers.get(thread) {
            worker.send(order);
        }
    }

    pub(super) fn order_all(&self, order: impl Fn() -> Order) {
        self.shared.workers.iter().for_each(|worker| worker.send(order()));
    }
}

fn agreed_tracks(seat: &Seat) -> Vec<TrackInfo> {
    seat.tracks.values().filter(|t| t.agreed).map(|t| t.info.clone()).collect()
}
