//! What the holder of an API key orders of a room. The orders are read and permitted already (crate `livekit`).

use std::sync::Arc;

use kloud_livekit::proto::{
    DisconnectReason, ListParticipantsResponse, MuteRoomTrackResponse, MuteTrackRequest, ParticipantPermission,
    ParticipantUpdate, RoomUpdate, SendDataRequest, UpdateParticipantMetadata, data_packet, participant_info::State,
    signal_response::Message,
};
use kloud_livekit::{Code, InRoom, Reply, TwirpError, message_packet};
use kloud_sfu::{Epoch, Identity, MemberState, ParticipantSid, Permits, TrackSid};
use tokio::sync::oneshot;

use super::{RoomKind, RoomTask};
use crate::event::LeftReason;
use crate::worker::Delivery;

/// Messages that are remembered by their nonce, to tell a repetition from a new one.
const NONCES: usize = 64;

/// Where the outcome of an order goes.
pub type ReplyTo = oneshot::Sender<Result<Reply, TwirpError>>;

impl RoomTask {
    pub(super) fn serve(&mut self, order: InRoom, reply: ReplyTo) {
        let done = match order {
            InRoom::Call(call) => return self.call(&call, reply),
            InRoom::Describe => Ok(Reply::Room(Box::new(self.describe()))),
            InRoom::Participants => Ok(self.everybody()),
            InRoom::Participant(who) => self.present(&who).and_then(|sid| self.shown(sid)),
            InRoom::Remove(who) => self.present(&who).map(|sid| {
                self.end(sid, LeftReason::Removed);
                Reply::Done
            }),
            InRoom::Mute(who, track) => self.seated(&who).and_then(|sid| self.mute_track(sid, track)),
            InRoom::Update(who, told, permission) => {
                self.seated(&who).and_then(|sid| self.update(sid, told, permission))
            }
            InRoom::Subscribe(who, wanted) => self.seated(&who).map(|sid| {
                self.choose(sid, &wanted);
                Reply::Done
            }),
            InRoom::Send(request) => {
                self.send_message(&request);
                Ok(Reply::Done)
            }
            InRoom::SetMetadata(metadata) => Ok(self.set_metadata(metadata)),
        };
        // Whoever asked may have stopped waiting; the order stands.
        let _ = reply.send(done);
    }

    pub(super) fn present(&self, who: &Identity) -> Result<ParticipantSid, TwirpError> {
        let member = self.room.by_identity(who);
        member.map(|m| m.sid).ok_or_else(|| TwirpError::new(Code::NotFound, "participant does not exist"))
    }

    fn everybody(&self) -> Reply {
        let participants = self.room.members().filter_map(|member| self.info(member.sid)).collect();
        Reply::Participants(ListParticipantsResponse { participants })
    }

    fn shown(&self, sid: ParticipantSid) -> Result<Reply, TwirpError> {
        let info = self.info(sid).ok_or_else(|| TwirpError::new(Code::NotFound, "participant does not exist"))?;
        Ok(Reply::Participant(Box::new(info)))
    }

    fn mute_track(&mut self, sid: ParticipantSid, track: TrackSid) -> Result<Reply, TwirpError> {
        let of_them = self.room.track(track).is_some_and(|t| t.owner == sid);
        if !of_them {
            return Err(TwirpError::new(Code::NotFound, "track is not found"));
        }
        let effects = self.room.set_muted(track, true);
        self.run_effects(effects);
        self.send(sid, Message::Mute(MuteTrackRequest { sid: track.to_string(), muted: true }));
        let track = self.seats.get(&sid).and_then(|seat| seat.tracks.get(&track)).map(|t| t.info.clone());
        Ok(Reply::Track(Box::new(MuteRoomTrackResponse { track })))
    }

    fn update(
        &mut self,
        sid: ParticipantSid,
        told: UpdateParticipantMetadata,
        permission: Option<ParticipantPermission>,
    ) -> Result<Reply, TwirpError> {
        if !self.retell(sid, told) {
            return Err(TwirpError::new(Code::InvalidArgument, "attribute size exceeds limits"));
        }
        if let Some(permission) = permission {
            self.change_permission(sid, &permission);
        }
        self.renew_token(sid);
        self.shown(sid)
    }

    /// The word of an administrator takes the place of what the token said.
    fn change_permission(&mut self, sid: ParticipantSid, permission: &ParticipantPermission) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        seat.claims.video.take_over(permission);
        seat.peer.may_describe_itself = permission.can_update_metadata;
        let permits = seat.claims.video.permits();
        let Some(member) = self.room.member(sid) else { return };
        let (epoch, was_seen) = (Epoch(member.gate.epoch().0 + 1), !member.hidden);
        if was_seen && permission.hidden {
            self.fade(sid, DisconnectReason::UnknownReason);
            self.announce_hidden(sid);
        }
        let effects = self.room.set_hidden(sid, permission.hidden);
        self.run_effects(effects);
        let effects = self.room.permit(sid, permits, epoch);
        self.run_effects(effects);
        let effects = self.room.set_can_subscribe(sid, permission.can_subscribe);
        self.run_effects(effects);
        self.drop_unpermitted_announcements(sid);
        if !permits.contains(Permits::DATA) {
            self.log.forget(sid);
        }
        let effects = self.room.announce(sid);
        self.run_effects(effects);
    }

    /// To the others, one who hides is gone.
    fn announce_hidden(&mut self, sid: ParticipantSid) {
        if self.room.member(sid).is_none_or(|m| m.state != MemberState::Active) {
            return;
        }
        let Some(mut info) = self.info(sid) else { return };
        info.state = State::Disconnected as i32;
        info.disconnect_reason = DisconnectReason::UnknownReason as i32;
        info.version += 1;
        let gone = Message::Update(ParticipantUpdate { participants: vec![info] });
        let others = self.seats.values_mut().filter(|seat| seat.sid != sid);
        others.for_each(|seat| seat.send(gone.clone()));
    }

    /// A message from outside, to those who are named or to all.
    #[expect(deprecated, reason = "callers in use name sids")]
    fn send_message(&mut self, request: &SendDataRequest) {
        if !request.nonce.is_empty() {
            if self.nonces.contains(&request.nonce) {
                return;
            }
            self.nonces.push_back(request.nonce.clone());
            if self.nonces.len() > NONCES {
                self.nonces.pop_front();
            }
        }
        let lossy = request.kind == data_packet::Kind::Lossy as i32;
        let delivery = if lossy { Delivery::Lossy } else { Delivery::Reliable };
        let to = self.room.addressed(&request.destination_identities, &request.destination_sids);
        let bytes: Arc<[u8]> = message_packet(request).into();
        self.deliver(&to, delivery, &bytes);
    }

    fn set_metadata(&mut self, metadata: String) -> Reply {
        self.settings.metadata = metadata;
        let room = self.describe();
        self.broadcast(&Message::RoomUpdate(RoomUpdate { room: Some(room.clone()) }));
        Reply::Room(Box::new(room))
    }

    /// A token that says what is so now. A meeting's token says who comes and nothing else, so it stays good.
    pub(super) fn renew_token(&mut self, sid: ParticipantSid) {
        if self.kind == RoomKind::Api {
            self.refresh_token(sid);
        }
    }
}
