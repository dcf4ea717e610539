//! Offers and answers, and the tracks that come with them.

use kloud_livekit::proto::request_response::{Reason, Request};
use kloud_livekit::proto::{AddTrackRequest, SessionDescription, TrackPublishedResponse, signal_response::Message};
use kloud_livekit::{HookEvent, OpusFlags, kind_of, layers_of, request_response, source_of, track_info};
use kloud_sfu::{ParticipantSid, Publication, TrackSid};
use str0m::change::SdpOffer;

use super::RoomTask;
use super::seat::{Announced, Seat};
use crate::event::{Happened, LeftReason};
use crate::worker::{Order, Published};

impl RoomTask {
    /// A client wants to publish. Refused at once if it may not.
    pub(super) fn add_track(&mut self, sid: ParticipantSid, request: AddTrackRequest) {
        let refuse = |reason| {
            let request = Some(Request::AddTrack(request.clone()));
            Message::RequestResponse(request_response(0, reason, request))
        };
        // A second codec for a track that exists is not taken.
        let Some(kind) = kind_of(&request).filter(|_| request.sid.is_empty()) else {
            return self.send(sid, refuse(Reason::UnsupportedType));
        };
        let source = source_of(request.source);
        let may = self.room.may_publish(sid, kind, source);
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let mut cids = vec![request.cid.clone()];
        cids.extend(request.simulcast_codecs.iter().take(4).map(|c| c.cid.clone()).filter(|c| !c.is_empty()));
        if !may {
            seat.lines.refuse(cids);
            return self.send(sid, refuse(Reason::NotAllowed));
        }
        let track = TrackSid::random(&*self.shared.rng);
        if !seat.lines.announce(track, kind, cids, OpusFlags::of(&request)) {
            return self.send(sid, refuse(Reason::LimitExceeded));
        }
        self.lines_changed = true;
        let info = track_info(&request, track);
        seat.tracks.insert(track, Announced { info: info.clone(), kind, source, agreed: false });
        seat.send(Message::TrackPublished(TrackPublishedResponse { cid: request.cid, track: Some(info) }));
    }

    /// A client offers. One offer is worked on at a time, in order.
    pub(super) fn offered(&mut self, sid: ParticipantSid, offer: SessionDescription) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        if seat.plan.is_some() {
            seat.offers.push_back(offer);
            if seat.offers.len() > Seat::MAX_OFFERS {
                self.end(sid, LeftReason::Failed);
            }
            return;
        }
        let plan = seat.lines.offer(&offer).ok();
        let parsed = plan.and_then(|plan| read_offer(&plan.sdp).map(|parsed| (plan, parsed)));
        match parsed {
            Some((plan, parsed)) => {
                let (conn, thread) = (seat.conn, seat.thread);
                seat.plan = Some(plan);
                self.order_to(thread, Order::Offer { conn, offer: Box::new(parsed) });
            }
            None => {
                tracing::debug!(participant = %sid, "an offer could not be read");
                self.end(sid, LeftReason::Failed);
            }
        }
    }

    /// A media thread has answered.
    pub(super) fn answered(&mut self, sid: ParticipantSid, answer: Result<String, String>) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let Some(plan) = seat.plan.take() else { return };
        self.lines_changed = true;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(participant = %sid, error, "an offer was not accepted");
                return self.end(sid, LeftReason::Failed);
            }
        };
        let agreed = seat.lines.agree(plan.id, &answer);
        for (mid, track) in plan.published {
            self.agree_track(sid, mid, track);
        }
        for track in plan.unpublished {
            self.withdraw(sid, track);
            let effects = self.room.unpublish(track);
            self.run_effects(effects);
        }
        self.send(sid, Message::Answer(agreed.answer));
        for (mid, track) in agreed.live {
            self.view(sid, mid, track);
        }
        let next = self.seats.get_mut(&sid).and_then(|seat| seat.offers.pop_front());
        if let Some(next) = next {
            self.offered(sid, next);
        }
    }

    /// A track has its line: the media thread may take its packets, and others may get it.
    fn agree_track(&mut self, sid: ParticipantSid, mid: String, track: TrackSid) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let Some(announced) = seat.tracks.get_mut(&track).filter(|a| !a.agreed) else { return };
        let Some((gate, hidden)) = self.room.member(sid).map(|m| (m.gate, m.hidden)) else { return };
        if hidden || gate.pass(announced.source).is_none() {
            // The permit ended between the announcement and now.
            return self.withdraw(sid, track);
        }
        announced.agreed = true;
        announced.info.mid.clone_from(&mid);
        let (kind, source, muted) = (announced.kind, announced.source, announced.info.muted);
        let layers = layers_of(&announced.info);
        let published = Published {
            mid,
            track,
            kind,
            source,
            muted,
            rids: layers.iter().map(|l| l.rid.clone()).collect(),
            permits: gate.permits(),
            epoch: gate.epoch(),
        };
        let (thread, conn, identity) = (seat.thread, seat.conn, seat.identity.clone());
        self.order_to(thread, Order::Publish { conn, published: Box::new(published) });
        let effects = self.room.publish(Publication { sid: track, owner: sid, kind, source, muted, layers });
        self.run_effects(effects);
        self.weigh_layers(track);
        self.tell_product(Happened::Published { identity, source });
        let info = self.seats.get(&sid).and_then(|seat| seat.tracks.get(&track)).map(|t| t.info.clone());
        if let (Some(who), Some(info)) = (self.info(sid), info) {
            self.tell_application(HookEvent::TrackPublished(who, info));
        }
    }

    /// Asks every client for the lines that it lacks.
    pub(super) fn ask_for_lines(&mut self) {
        if !std::mem::take(&mut self.lines_changed) {
            return;
        }
        for seat in self.seats.values_mut() {
            if let Some(requirement) = seat.lines.requirement() {
                seat.send(Message::MediaSectionsRequirement(requirement));
            }
        }
    }
}

/// Reads an edited offer. A fault in the reader concerns the one who offered, not the room.
fn read_offer(sdp: &str) -> Option<SdpOffer> {
    std::panic::catch_unwind(|| SdpOffer::from_sdp_string(sdp).ok()).unwrap_or_default()
}
