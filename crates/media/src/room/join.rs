//! Coming in: anew, again after a break, or in place of an older session.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use kloud_base::SECOND;
use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::{
    DisconnectReason, IceServer, JoinRequest, ParticipantUpdate, RoomUpdate, signal_response::Message,
};
use kloud_livekit::{Claims, Lines, MAX_ATTRIBUTES, MAX_METADATA, Peer, join_response, leave, reconnect_response};
use kloud_sfu::{Epoch, Identity, JoinSpec, MemberState, ParticipantSid, Permits, Sequencer};

use super::reap::REFRESH_EVERY;
use super::seat::{Connections, Conns, Outgoing, Seat, SignalSink};
use super::thrift::Lean;
use super::{Joining, RoomKind, RoomTask};
use crate::event::LeftReason;
use crate::meters::{JoinOutcome, MediaPath, Step};
use crate::mono;
use crate::shared::Shared;
use crate::token;
use crate::worker::{Facts, NewPeer, Order};

/// Sessions that a room remembers as replaced. One that comes to resume does so within seconds.
const REPLACED_MAX: usize = 64;

/// The first version of the protocol in which a client with two connections is there by the one on which it gets tracks.
const GETS_FIRST: i32 = 3;

/// What a token (or the product) says that a joining person may do.
struct Rights {
    name: String,
    permits: Permits,
    epoch: Epoch,
    can_subscribe: bool,
    hidden: bool,
}

impl RoomTask {
    pub(super) fn join(&mut self, joining: Joining) {
        let Ok(identity) = Identity::new(&joining.claims.sub) else {
            return self.turn_away(joining, JoinOutcome::BadRequest);
        };
        let Some(rights) = self.rights(&identity, &joining.claims) else {
            return self.turn_away(joining, JoinOutcome::NotAdmitted);
        };
        let before = self.room.by_identity(&identity).map(|m| m.sid);
        tracing::debug!(?before, resumes = joining.request.reconnect, "somebody comes");
        if joining.request.reconnect {
            let same = |sid: &ParticipantSid| {
                let seat = self.seats.get(sid).filter(|seat| seat.conns.count() == joining.connections);
                seat.is_some() && sid.to_string() == joining.request.participant_sid
            };
            match before.filter(same) {
                Some(sid) => self.resume(sid, joining),
                None if self.tell_where(&joining.request.participant_sid, &joining.sink) => {}
                None if self.was_replaced(&joining.request.participant_sid) => self.stay_away(&joining.sink),
                None => self.turn_away(joining, JoinOutcome::NotResumed),
            }
            return;
        }
        self.make_way(&identity);
        if self.is_full() {
            return self.turn_away(joining, JoinOutcome::RoomFull);
        }
        self.come_in(identity, rights, joining);
    }

    /// Ends the session that somebody has here already, as a newer one takes its place.
    pub(super) fn make_way(&mut self, identity: &Identity) {
        let Some(before) = self.room.by_identity(identity).map(|m| m.sid) else { return };
        self.end(before, LeftReason::Replaced);
        self.replaced.push_back(before);
        if self.replaced.len() > REPLACED_MAX {
            self.replaced.pop_front();
        }
    }

    fn turn_away(&self, joining: Joining, why: JoinOutcome) {
        let (reason, action) = match why {
            JoinOutcome::NotResumed => (DisconnectReason::StateMismatch, Action::Reconnect),
            JoinOutcome::NotAdmitted => (DisconnectReason::ParticipantRemoved, Action::Disconnect),
            // What is left is a request that cannot be followed now.
            _ => (DisconnectReason::JoinFailure, Action::Disconnect),
        };
        // The socket closes when its sink is dropped.
        let _ = joining.sink.sender.try_send(Outgoing::Message(Box::new(Message::Leave(leave(reason, action)))));
        self.shared.meters.refused(joining.trail, why);
    }

    fn was_replaced(&self, sid: &str) -> bool {
        self.replaced.iter().any(|one| one.to_string() == sid)
    }

    /// Tells a session that was replaced so once more: its connection can break before it has read why, and then it
    /// tries to resume. A refusal would make it begin anew and take the place back, and the two would go on in turns; so
    /// it is let in for as long as it takes to hear its end.
    fn stay_away(&self, sink: &SignalSink) {
        let welcome = Message::Reconnect(reconnect_response(&self.shared.node, 0, Vec::new()));
        let end = Message::Leave(leave(DisconnectReason::DuplicateIdentity, Action::Disconnect));
        for message in [welcome, end] {
            // The socket closes when its sink is dropped.
            let _ = sink.sender.try_send(Outgoing::Message(Box::new(message)));
        }
    }

    fn rights(&self, identity: &Identity, claims: &Claims) -> Option<Rights> {
        match self.kind {
            RoomKind::Meeting => {
                let admission = self.admissions.get(identity)?;
                Some(Rights {
                    name: admission.name.clone(),
                    permits: admission.permits,
                    epoch: admission.epoch,
                    can_subscribe: true,
                    hidden: false,
                })
            }
            RoomKind::Api => Some(Rights {
                name: claims.name.clone(),
                permits: claims.video.permits(),
                epoch: Epoch(1),
                can_subscribe: claims.video.can_subscribe.unwrap_or(true),
                hidden: claims.video.hidden,
            }),
        }
    }

    fn come_in(&mut self, identity: Identity, rights: Rights, joining: Joining) {
        let now = self.shared.clock.now();
        let sid = ParticipantSid::random(&*self.shared.rng);
        let (conns, lines) = self.connections(&rights, &joining);
        let thread = self.shared.next_thread();
        let settings = joining.request.connection_settings.unwrap_or_default();
        let spec = JoinSpec {
            identity: identity.clone(),
            name: rights.name,
            permits: rights.permits,
            epoch: rights.epoch,
            can_subscribe: rights.can_subscribe,
            hidden: rights.hidden,
            auto_subscribe: settings.auto_subscribe,
        };
        let seat = Seat {
            sid,
            identity: identity.clone(),
            conns,
            thread,
            lines,
            peer: peer_of(&joining.request, &joining.claims),
            claims: joining.claims,
            tracks: BTreeMap::new(),
            sequencer: Sequencer::default(),
            counters: self.counters_of(&identity),
            in_flight: Arc::new(AtomicUsize::new(0)),
            socket: Some((joining.socket, joining.sink)),
            plan: None,
            offers: VecDeque::new(),
            answer_due: None,
            measured: None,
            lean: self.line_was(&identity),
            subscribed: Vec::new(),
            paused: BTreeMap::new(),
            joined: mono::now(),
            socket_lost: None,
            media_lost: BTreeMap::new(),
            refresh_at: mono::now() + REFRESH_EVERY,
            trail: Some(joining.trail),
            _place: self.shared.meters.take_place(),
        };
        self.open_connections(&seat, settings.subscriber_allow_pause.unwrap_or(true));
        self.sockets.insert(joining.socket, sid);
        self.conns.extend(conns.all().map(|conn| (conn, sid)));
        self.seats.insert(sid, seat);
        self.entered = true;
        self.weigh_thrift();
        let effects = self.room.join(sid, spec, now);
        self.greet(sid);
        self.step(sid, Step::Socket);
        self.run_effects(effects);
        self.take_first_requests(sid, joining.request);
        self.ask_for_lines();
    }

    /// The numbers of a newcomer's connections, and the lines on them. Of two, the one by which it gets tracks is the
    /// main one, unless the client is too old for that or gets none.
    fn connections(&self, rights: &Rights, joining: &Joining) -> (Conns, Lines) {
        let up = self.shared.next_number();
        match joining.connections {
            Connections::One => (Conns { up, down: up, main: up }, Lines::default()),
            Connections::Two => {
                let down = self.shared.next_number();
                let speaks = joining.request.client_info.as_ref().map_or(0, |client| client.protocol);
                let by_down = rights.can_subscribe && speaks >= GETS_FIRST;
                (Conns { up, down, main: if by_down { down } else { up } }, Lines::of_two(by_down))
            }
        }
    }

    fn open_connections(&self, seat: &Seat, may_pause: bool) {
        for conn in seat.conns.all() {
            let facts = Facts::new(self.facts.clone(), seat.in_flight.clone());
            let (owner, counters, Lean { down, up }) = (seat.sid, seat.counters.clone(), seat.lean);
            let new = NewPeer { conn, owner, counters, facts, may_pause, down, up };
            self.order_to(seat.thread, Order::Open(Box::new(new)));
        }
    }

    /// The first message, before anything else.
    fn greet(&mut self, sid: ParticipantSid) {
        let Some(own) = self.info(sid) else { return };
        let others = self.visible_to(sid).into_iter().filter_map(|m| self.info(m)).collect();
        let mut join = join_response(self.describe(), own, others, &self.shared.node, self.ice_servers(sid));
        join.subscriber_primary = self.seats.get(&sid).is_some_and(|seat| seat.conns.main != seat.conns.up);
        self.send(sid, Message::Join(join));
        self.refresh_token(sid);
        let speakers = self.room.speakers.now();
        if !speakers.is_empty() {
            self.send(sid, speakers_changed(&speakers));
        }
        self.send_qualities(sid);
    }

    /// Where the relay is reached, with a name and a password of the client's own.
    fn ice_servers(&self, sid: ParticipantSid) -> Vec<IceServer> {
        let now = self.shared.clock.now();
        self.shared.relay.iter().filter_map(|relay| relay.server(&sid.to_string(), now)).collect()
    }

    /// A join request can carry what would otherwise be the first messages. Tracks come before the offer that has
    /// their lines.
    fn take_first_requests(&mut self, sid: ParticipantSid, request: JoinRequest) {
        for track in request.add_track_requests.into_iter().take(kloud_sfu::Room::MAX_TRACKS) {
            self.add_track(sid, track);
        }
        if let Some(offer) = request.publisher_offer {
            self.offered(sid, offer);
        }
    }

    /// The same session on a new socket. The media connection stays as it is.
    fn resume(&mut self, sid: ParticipantSid, joining: Joining) {
        self.shared.meters.joined(JoinOutcome::Resumed, MediaPath::None);
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        if let Some((old, _)) = seat.socket.replace((joining.socket, joining.sink)) {
            self.sockets.remove(&old);
        }
        self.sockets.insert(joining.socket, sid);
        seat.socket_lost = None;
        seat.answer_due = None;
        seat.lines.resumed();
        self.lines_changed = true;
        let last = seat.sequencer.last();
        let servers = self.ice_servers(sid);
        self.send(sid, Message::Reconnect(reconnect_response(&self.shared.node, last, servers)));
        let all = self.room.members().filter(|m| m.sid == sid || (!m.hidden && m.state == MemberState::Active));
        let all: Vec<_> = all.map(|m| m.sid).collect();
        let participants = all.into_iter().filter_map(|m| self.info(m)).collect();
        self.send(sid, Message::Update(ParticipantUpdate { participants }));
        self.send(sid, Message::RoomUpdate(RoomUpdate { room: Some(self.describe()) }));
        self.send_qualities(sid);
        self.repeat_layers(sid);
        self.repeat_stream_states(sid);
        self.refresh_token(sid);
        let request = joining.request;
        if let Some(state) = request.sync_state.clone() {
            self.synchronize(sid, state);
        }
        // One who is on the way to another room goes there by the new socket.
        self.lead(sid);
        self.take_first_requests(sid, request);
        self.ask_for_lines();
    }

    /// A new token, so that the client can come back after its first one has ended, and as what it is now: renamed, told
    /// of otherwise, with more or fewer permits.
    pub(super) fn refresh_token(&mut self, sid: ParticipantSid) {
        let (Some(seat), Some(member)) = (self.seats.get_mut(&sid), self.room.member(sid)) else { return };
        seat.refresh_at = mono::now() + REFRESH_EVERY;
        let seat = &*seat;
        let token = match self.kind {
            RoomKind::Meeting => Some(token::meeting(&self.shared, &self.name, &seat.identity).0),
            RoomKind::Api => api_token(&self.shared, seat, &member.name),
        };
        if let Some(token) = token {
            self.send(sid, Message::RefreshToken(token));
        }
    }
}

/// A token of the key that let one in, for the room that its claims are about.
pub(super) fn api_token(shared: &Shared, seat: &Seat, name: &str) -> Option<String> {
    let least = shared.clock.now().as_millis() / SECOND + token::REFRESHED_SECONDS;
    let mut claims = seat.claims.clone();
    name.clone_into(&mut claims.name);
    claims.metadata.clone_from(&seat.peer.metadata);
    claims.attributes = seat.peer.attributes.clone().into_iter().collect();
    claims.exp = Some(claims.exp.unwrap_or(least).max(least));
    let secret = shared.api_keys.get(&claims.iss)?;
    Some(kloud_livekit::sign(&claims, secret.as_bytes()))
}

pub(super) fn speakers_changed(changes: &[kloud_sfu::SpeakerChange]) -> Message {
    let speakers = changes.iter().map(kloud_livekit::speaker_info).collect();
    Message::SpeakersChanged(kloud_livekit::proto::SpeakersChanged { speakers })
}

fn peer_of(request: &JoinRequest, claims: &Claims) -> Peer {
    let client = request.client_info.clone().unwrap_or_default();
    let mut attributes: HashMap<_, _> = claims.attributes.clone().into_iter().collect();
    let mut metadata = claims.metadata.clone();
    let may_describe_itself = claims.video.can_update_own_metadata == Some(true);
    if may_describe_itself {
        if !request.metadata.is_empty() {
            metadata = request.metadata.chars().take(MAX_METADATA).collect();
        }
        attributes.extend(request.participant_attributes.clone().into_iter().take(MAX_ATTRIBUTES));
    }
    Peer { may_describe_itself, ..Peer::new(&client, metadata, attributes) }
}
