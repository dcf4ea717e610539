//! What clients say on their signal sockets.

use kloud_livekit::proto::request_response::{Reason, Request};
use kloud_livekit::proto::{
    MuteTrackRequest, SubscriptionPermission, SyncState, UpdateLocalAudioTrack, UpdateLocalVideoTrack,
    UpdateParticipantMetadata, UpdateSubscription, UpdateTrackSettings, signal_request::Message as Said,
    signal_response::Message,
};
use kloud_livekit::{MAX_ATTRIBUTES, audience, fits, request_response, wish_of};
use kloud_sfu::{ParticipantSid, TrackSid};

use super::{RoomTask, Signal, SocketId};
use crate::event::LeftReason;
use crate::mono;

/// Most tracks that one message can name.
const MAX_NAMED: usize = 2_048;

impl RoomTask {
    pub(super) fn hear(&mut self, signal: Signal) {
        let Some(signal) = self.timely_signal(signal) else { return };
        match signal {
            Signal::Join(joining) => self.join(*joining),
            Signal::Message(socket, said) => {
                if let Some(sid) = self.sockets.get(&socket).copied() {
                    self.said(sid, *said);
                }
            }
            Signal::Gone(socket) => self.socket_gone(socket),
            Signal::Led(socket) => self.led_away(socket),
        }
        self.ask_for_lines();
    }

    fn socket_gone(&mut self, socket: SocketId) {
        let Some(sid) = self.sockets.remove(&socket) else { return };
        if let Some(seat) = self.seats.get_mut(&sid)
            && seat.socket.as_ref().is_none_or(|(id, _)| *id == socket)
        {
            seat.socket = None;
            seat.socket_lost = Some(mono::now());
        }
    }

    fn said(&mut self, sid: ParticipantSid, said: Said) {
        match said {
            Said::Offer(offer) => self.offered(sid, offer),
            Said::Answer(answer) => self.answered_by_client(sid, &answer),
            Said::AddTrack(request) => self.add_track(sid, request),
            Said::Mute(MuteTrackRequest { sid: track, muted }) => self.mute_own(sid, &track, muted),
            Said::Subscription(wanted) => self.choose(sid, &wanted),
            Said::TrackSetting(settings) => self.settings(sid, &settings),
            Said::SubscriptionPermission(permission) => self.permission(sid, &permission),
            Said::SyncState(state) => self.synchronize(sid, state),
            Said::Leave(_) => self.end(sid, LeftReason::Left),
            Said::UpdateMetadata(update) => self.update_metadata(sid, update),
            Said::UpdateAudioTrack(update) => self.update_audio(sid, update),
            Said::UpdateVideoTrack(update) => self.update_video(sid, &update),
            Said::PublishDataTrackRequest(request) => {
                self.unsupported_request(sid, Some(Request::PublishDataTrack(request)));
            }
            // Pings are answered at the door. With the addresses of the server in its answers, the client's are not
            // needed. Simulations are for servers under test; the rest concerns features that this server does not offer.
            _ => {}
        }
    }

    fn unsupported_request(&mut self, sid: ParticipantSid, request: Option<Request>) {
        self.send(sid, Message::RequestResponse(request_response(0, Reason::UnsupportedType, request)));
    }

    fn mute_own(&mut self, sid: ParticipantSid, track: &str, muted: bool) {
        let Ok(track) = track.parse::<TrackSid>() else { return };
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let Some(announced) = seat.tracks.get_mut(&track) else { return };
        announced.info.muted = muted;
        let effects = self.room.set_muted(track, muted);
        self.run_effects(effects);
    }

    pub(super) fn choose(&mut self, sid: ParticipantSid, wanted: &UpdateSubscription) {
        let grouped = wanted.participant_tracks.iter().flat_map(|p| &p.track_sids);
        for track in wanted.track_sids.iter().chain(grouped).take(MAX_NAMED) {
            if let Ok(track) = track.parse::<TrackSid>() {
                let effects = self.room.choose(sid, track, wanted.subscribe);
                self.run_effects(effects);
            }
        }
    }

    fn settings(&mut self, sid: ParticipantSid, settings: &UpdateTrackSettings) {
        let wish = wish_of(settings);
        for track in settings.track_sids.iter().take(MAX_NAMED) {
            if let Ok(track) = track.parse::<TrackSid>() {
                let effects = self.room.wish(sid, track, wish);
                self.run_effects(effects);
            }
        }
    }

    fn permission(&mut self, sid: ParticipantSid, permission: &SubscriptionPermission) {
        let identity_of = |text: &str| {
            let sid = text.parse::<ParticipantSid>().ok()?;
            self.room.member(sid).map(|m| m.identity.clone())
        };
        let audience = audience(permission, identity_of);
        let effects = self.room.allow(sid, audience);
        self.run_effects(effects);
        self.reflect(sid);
    }

    /// A client that comes back says what it believes; what it has missed is sent again.
    pub(super) fn synchronize(&mut self, sid: ParticipantSid, state: SyncState) {
        let Some(seat) = self.seats.get(&sid) else { return };
        let known = |t: &kloud_livekit::proto::TrackPublishedResponse| {
            let track = t.track.as_ref().and_then(|t| t.sid.parse::<TrackSid>().ok());
            track.is_some_and(|t| seat.tracks.contains_key(&t))
        };
        if !state.publish_tracks.iter().all(known) {
            return self.end(sid, LeftReason::Failed);
        }
        if let Some(wanted) = &state.subscription {
            self.choose(sid, wanted);
        }
        let seen = state.datachannel_receive_states.iter().take(MAX_NAMED);
        let seen: Vec<_> = seen.filter_map(|s| Some((s.publisher_sid.parse().ok()?, s.last_seq))).collect();
        self.repeat(sid, &seen);
    }

    fn update_metadata(&mut self, sid: ParticipantSid, update: UpdateParticipantMetadata) {
        let request_id = update.request_id;
        let Some(seat) = self.seats.get(&sid) else { return };
        let reason = if seat.claims.video.can_update_own_metadata != Some(true) {
            Reason::NotAllowed
        } else if !self.retell(sid, update) {
            Reason::LimitExceeded
        } else {
            Reason::Ok
        };
        self.send(sid, Message::RequestResponse(request_response(request_id, reason, None)));
        if reason == Reason::Ok {
            self.renew_token(sid);
        }
    }

    /// Others are told something else of a participant from now on. Empty texts change nothing, an empty attribute takes
    /// it away. False if it would be too much, and then nothing changes.
    pub(super) fn retell(&mut self, sid: ParticipantSid, update: UpdateParticipantMetadata) -> bool {
        let Some(seat) = self.seats.get_mut(&sid) else { return false };
        if !fits(&update) || seat.peer.attributes.len() + update.attributes.len() > MAX_ATTRIBUTES {
            return false;
        }
        if !update.metadata.is_empty() {
            seat.peer.metadata = update.metadata;
        }
        for (key, value) in update.attributes {
            if value.is_empty() {
                seat.peer.attributes.remove(&key);
            } else {
                seat.peer.attributes.insert(key, value);
            }
        }
        let renamed = if update.name.is_empty() { Vec::new() } else { self.room.rename(sid, update.name) };
        let effects = if renamed.is_empty() { self.room.announce(sid) } else { renamed };
        self.run_effects(effects);
        true
    }

    fn update_audio(&mut self, sid: ParticipantSid, update: UpdateLocalAudioTrack) {
        self.update_track(sid, &update.track_sid, |info| {
            info.audio_features = update.features.iter().copied().take(16).collect();
        });
    }

    fn update_video(&mut self, sid: ParticipantSid, update: &UpdateLocalVideoTrack) {
        self.update_track(sid, &update.track_sid, |info| {
            (info.width, info.height) = (update.width, update.height);
        });
    }

    fn update_track(
        &mut self,
        sid: ParticipantSid,
        track: &str,
        change: impl FnOnce(&mut kloud_livekit::proto::TrackInfo),
    ) {
        let Ok(track) = track.parse::<TrackSid>() else { return };
        if let Some(announced) = self.seats.get_mut(&sid).and_then(|s| s.tracks.get_mut(&track)) {
            change(&mut announced.info);
            let effects = self.room.announce(sid);
            self.run_effects(effects);
        }
    }
}
