//! Offers and answers, and the tracks that come with them.

use kloud_livekit::proto::request_response::{Reason, Request};
use kloud_livekit::proto::{AddTrackRequest, SessionDescription, TrackPublishedResponse, signal_response::Message};
use kloud_livekit::{
    Announcement, HookEvent, OpusFlags, Step, codec_asked, codec_info, codecs_of, has_own_streams, kind_of, layers_of,
    mime_type, request_response, settle_codec, source_of, taken_codecs, track_info,
};
use kloud_sfu::{Codecs, Encoding, Kind, ParticipantSid, Publication, Rendition, TrackSid};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::error::SdpError;

use super::RoomTask;
use super::seat::{Announced, Seat};
use crate::event::{Happened, LeftReason};
use crate::meters;
use crate::worker::{Order, Published};

impl RoomTask {
    /// A client wants to publish. Refused at once if it may not.
    pub(super) fn add_track(&mut self, sid: ParticipantSid, request: AddTrackRequest) {
        let refuse = |reason| {
            let request = Some(Request::AddTrack(request.clone()));
            Message::RequestResponse(request_response(0, reason, request))
        };
        let Some(kind) = kind_of(&request) else { return self.send(sid, refuse(Reason::UnsupportedType)) };
        if !request.sid.is_empty() {
            let added = self.add_codec(sid, kind, &request);
            if let (Err(_), Some(seat)) = (&added, self.seats.get_mut(&sid)) {
                seat.lines.refuse(names_of(&request));
            }
            return self.send(sid, added.map_or_else(refuse, Message::TrackPublished));
        }
        let source = source_of(request.source);
        let may = self.room.may_publish(sid, kind, source);
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        if !may {
            seat.lines.refuse(names_of(&request));
            return self.send(sid, refuse(Reason::NotAllowed));
        }
        let track = TrackSid::random(&*self.shared.rng);
        if !seat.lines.announce(announcement(&request, track, kind)) {
            return self.send(sid, refuse(Reason::LimitExceeded));
        }
        self.lines_changed = true;
        let info = track_info(&request, track);
        let announced = Announced { info: info.clone(), kind, source, agreed: false, sent: Codecs::NONE, wanted: None };
        seat.tracks.insert(track, announced);
        seat.send(Message::TrackPublished(TrackPublishedResponse { cid: request.cid, track: Some(info) }));
    }

    /// A client sends a track that it has in one more codec, which it promised when it announced the track.
    fn add_codec(
        &mut self,
        sid: ParticipantSid,
        kind: Kind,
        request: &AddTrackRequest,
    ) -> Result<TrackPublishedResponse, Reason> {
        let track = request.sid.parse::<TrackSid>().map_err(|_| Reason::NotFound)?;
        let codec = codecs_of(request).first().copied().ok_or(Reason::UnsupportedType)?;
        let seat = self.seats.get_mut(&sid).ok_or(Reason::NotFound)?;
        let announced = seat.tracks.get_mut(&track).filter(|a| a.agreed && a.kind == kind).ok_or(Reason::NotFound)?;
        let info = codec_info(request, codec);
        let promised = announced.info.codecs.iter_mut().find(|c| c.mime_type == info.mime_type && c.mid.is_empty());
        let promised = promised.filter(|_| !announced.sent.contains(codec)).ok_or(Reason::UnsupportedType)?;
        if !seat.lines.announce(announcement(request, track, kind)) {
            return Err(Reason::LimitExceeded);
        }
        *promised = info;
        self.lines_changed = true;
        Ok(TrackPublishedResponse { cid: request.cid.clone(), track: Some(announced.info.clone()) })
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
        // What the client can decode decides what it gets, so it comes before the lines are given to tracks.
        if let Some(takes) = seat.lines.taken(&offer.sdp) {
            let effects = self.room.set_takes(sid, takes);
            self.run_effects(effects);
        }
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let plan = seat.lines.offer(&offer).ok();
        let parsed = plan.and_then(|plan| read(&plan.sdp, SdpOffer::from_sdp_string).map(|parsed| (plan, parsed)));
        match parsed {
            Some((plan, parsed)) => {
                let (conn, thread) = (seat.conns.up, seat.thread);
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
        for (mid, rendition) in plan.published {
            self.agree_track(sid, mid, rendition);
        }
        for rendition in plan.unpublished {
            self.give_up(sid, rendition);
        }
        self.send(sid, Message::Answer(agreed.answer));
        self.step(sid, meters::Step::Offer);
        for (mid, track) in agreed.live {
            self.view(sid, mid, track);
        }
        let next = self.seats.get_mut(&sid).and_then(|seat| seat.offers.pop_front());
        if let Some(next) = next {
            self.offered(sid, next);
        }
    }

    /// A track has its line: the media thread may take its packets, and others may get it.
    fn agree_track(&mut self, sid: ParticipantSid, mid: String, rendition: Rendition) {
        let Rendition { track, codec } = rendition;
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let Some(announced) = seat.tracks.get_mut(&track).filter(|a| !a.sent.contains(codec)) else { return };
        let Some((gate, hidden)) = self.room.member(sid).map(|m| (m.gate, m.hidden)) else { return };
        if hidden || gate.pass(announced.source).is_none() {
            // The permit ended between the announcement and now.
            return self.withdraw(sid, track);
        }
        settle_codec(&mut announced.info, codec);
        announced.sent.insert(codec);
        announced.wanted = announced.wanted.filter(|wanted| *wanted != codec);
        let first = !std::mem::replace(&mut announced.agreed, true);
        if first {
            announced.info.mid.clone_from(&mid);
        }
        let named = announced.info.codecs.iter_mut().find(|c| c.mime_type == mime_type(codec));
        if let Some(info) = named {
            info.mid.clone_from(&mid);
        }
        let (kind, source, muted) = (announced.kind, announced.source, announced.info.muted);
        let layers = layers_of(&announced.info, codec);
        let streams = if has_own_streams(&announced.info, codec) { &layers[..] } else { &[] };
        let published = Published {
            mid,
            rendition,
            source,
            muted,
            rids: streams.iter().map(|l| l.rid.clone()).collect(),
            permits: gate.permits(),
            epoch: gate.epoch(),
        };
        let (thread, conn, identity) = (seat.thread, seat.conns.up, seat.identity.clone());
        self.order_to(thread, Order::Publish { conn, published: Box::new(published) });
        let encoding = Encoding { codec, layers };
        let effects = if first {
            self.room.publish(Publication { sid: track, owner: sid, kind, source, muted, encodings: vec![encoding] })
        } else {
            self.room.add_encoding(track, encoding)
        };
        self.run_effects(effects);
        self.weigh_layers(track);
        if first {
            self.tell_product(Happened::Published { identity, source });
            let info = self.seats.get(&sid).and_then(|seat| seat.tracks.get(&track)).map(|t| t.info.clone());
            if let (Some(who), Some(info)) = (self.info(sid), info) {
                self.tell_application(HookEvent::TrackPublished(who, info));
            }
        }
    }

    /// A client gave up the line of a track, or of one of its codecs.
    fn give_up(&mut self, sid: ParticipantSid, rendition: Rendition) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let other = |publication: &Publication| publication.encodings.iter().any(|e| e.codec != rendition.codec);
        if !self.room.track(rendition.track).is_some_and(other) {
            self.withdraw(sid, rendition.track);
            let effects = self.room.unpublish(rendition.track);
            return self.run_effects(effects);
        }
        if let Some(announced) = seat.tracks.get_mut(&rendition.track) {
            announced.sent.remove(rendition.codec);
            let named = announced.info.codecs.iter_mut().find(|c| c.mime_type == mime_type(rendition.codec));
            if let Some(info) = named {
                (info.mid, info.cid) = (String::new(), String::new());
            }
        }
        let (thread, conn) = (seat.thread, seat.conns.up);
        self.order_to(thread, Order::Drop { conn, rendition });
        let effects = self.room.remove_encoding(rendition);
        self.run_effects(effects);
    }

    /// Asks every client for the lines that it lacks, or offers them.
    pub(super) fn ask_for_lines(&mut self) {
        if !std::mem::take(&mut self.lines_changed) {
            return;
        }
        let mut proposals = Vec::new();
        for seat in self.seats.values_mut() {
            if let Some(requirement) = seat.lines.requirement() {
                seat.send(Message::MediaSectionsRequirement(requirement));
            }
            match seat.lines.step() {
                Some(Step::Propose(proposal)) => proposals.push((seat.thread, seat.conns.down, proposal)),
                Some(Step::Offer(offer)) => seat.offer(offer, self.shared.patience.answer),
                None => {}
            }
        }
        for (thread, conn, proposal) in proposals {
            self.order_to(thread, Order::Propose { conn, proposal });
        }
    }

    /// A media thread has made an offer.
    pub(super) fn proposed(&mut self, sid: ParticipantSid, sdp: &str, added: Vec<String>) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        if let Some(offer) = seat.lines.made(sdp, added) {
            seat.offer(offer, self.shared.patience.answer);
        }
    }

    /// The client has answered what it was offered. Its answer says what it can decode, and that comes first.
    pub(super) fn answered_by_client(&mut self, sid: ParticipantSid, answer: &SessionDescription) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let parsed = match seat.lines.answered(answer) {
            Ok(None) => return,
            Ok(Some(live)) => read(&answer.sdp, SdpAnswer::from_sdp_string).map(|parsed| (live, parsed)),
            Err(_) => None,
        };
        let Some((live, parsed)) = parsed else {
            tracing::debug!(participant = %sid, "an answer could not be read");
            return self.end(sid, LeftReason::Failed);
        };
        seat.answer_due = None;
        let (thread, conn) = (seat.thread, seat.conns.down);
        self.order_to(thread, Order::Accept { conn, answer: Box::new(parsed) });
        if let Some(takes) = taken_codecs(&answer.sdp) {
            let effects = self.room.set_takes(sid, takes);
            self.run_effects(effects);
        }
        for (mid, track) in live {
            let is_shown = self.seats.get(&sid).is_some_and(|seat| seat.lines.line_of(track) == Some(&*mid));
            if is_shown {
                self.view(sid, mid, track);
            }
        }
        self.lines_changed = true;
    }
}

fn announcement(request: &AddTrackRequest, track: TrackSid, kind: Kind) -> Announcement {
    let (codec, cids, opus) = (codec_asked(request), names_of(request), OpusFlags::of(request));
    Announcement { track, kind, codec, cids, opus }
}

/// The names that a track may have in the offer.
fn names_of(request: &AddTrackRequest) -> Vec<String> {
    let mut names = vec![request.cid.clone()];
    names.extend(request.simulcast_codecs.iter().take(4).map(|c| c.cid.clone()).filter(|c| !c.is_empty()));
    names
}

/// Reads a description. A fault in the reader concerns the one who wrote it, not the room.
fn read<T>(sdp: &str, reader: fn(&str) -> Result<T, SdpError>) -> Option<T> {
    std::panic::catch_unwind(|| reader(sdp).ok()).unwrap_or_default()
}
