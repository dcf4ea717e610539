//! What others are told of a participant.

use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{DisconnectReason, ParticipantInfo, ParticipantUpdate, signal_response::Message};
use kloud_livekit::{participant_info, proto::TrackInfo};
use kloud_sfu::{Member, MemberState, ParticipantSid};

use super::RoomTask;
use super::seat::Seat;
use crate::worker::Order;

impl RoomTask {
    pub(super) fn send(&mut self, sid: ParticipantSid, message: Message) {
        if let Some(seat) = self.seats.get_mut(&sid) {
            seat.send(message);
        }
    }

    pub(super) fn broadcast(&mut self, message: &Message) {
        self.seats.values_mut().for_each(|seat| seat.send(message.clone()));
    }

    pub(super) fn info(&self, sid: ParticipantSid) -> Option<ParticipantInfo> {
        let (member, seat) = (self.room.member(sid)?, self.seats.get(&sid)?);
        Some(participant_info(member, &seat.peer, agreed_tracks(seat)))
    }

    /// Tells everyone who may know of a member's present state.
    pub(super) fn announce(&mut self, sid: ParticipantSid) {
        let Some(info) = self.info(sid) else { return };
        let quiet = |m: &Member| m.hidden || m.state != MemberState::Active;
        let private = self.room.member(sid).is_none_or(quiet);
        let message = Message::Update(ParticipantUpdate { participants: vec![info] });
        if private { self.send(sid, message) } else { self.broadcast(&message) }
    }

    /// Tells those who remain that one has left.
    pub(super) fn announce_gone(&mut self, member: &Member, seat: &Seat, reason: DisconnectReason) {
        if member.hidden {
            return;
        }
        let mut info = participant_info(member, &seat.peer, Vec::new());
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
