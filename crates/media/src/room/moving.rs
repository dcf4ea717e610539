//! From one room to another, on the connections and the signal socket that somebody has.
//!
//! The room that is left tells the other who is coming. That one has the media threads report to itself from then on,
//! and the socket is led there; both say when they have said their last here. What comes too early over there is kept.
//! So everything that was said is heard once, in its order, by the room that knows what it means. Then the place is
//! handed over: with the permits and the people whom its owner lets have tracks, so that nobody gets what they could
//! not have had before, and without any right to direct a room.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use kloud_livekit::proto::leave_request::Action;
use kloud_livekit::proto::participant_info::State;
use kloud_livekit::proto::{DisconnectReason, ParticipantUpdate, RoomMovedResponse, signal_response::Message};
use kloud_livekit::{Code, HookEvent, Reply, TwirpError, leave, reconnect_response};
use kloud_sfu::{Identity, Member, MemberState, ParticipantSid, Publication, Rendition, RoomName};
use tokio::sync::mpsc;

use super::effect::on_wire;
use super::join::api_token;
use super::seat::{Outgoing, Seat, SignalSink, SocketId};
use super::{ReplyTo, RoomOrder, RoomTask, Signal};
use crate::event::{Happened, LeftReason};
use crate::shared::{RoomHandle, Shared};
use crate::worker::{Fact, Facts, Order, Threads};

/// People who went to another room that a room remembers. One whose connection breaks meanwhile is back within seconds.
const REMEMBERED: usize = 64;

/// One who is about to come from another room.
#[derive(Debug)]
pub struct Coming {
    sid: ParticipantSid,
    identity: Identity,
    thread: usize,
    conns: Vec<u64>,
    socket: Option<SocketId>,
    in_flight: Arc<AtomicUsize>,
}

/// What came before the one whom it is about.
#[derive(Debug)]
enum Early {
    Fact(Fact),
    Signal(Signal),
}

/// One who is expected, and what is kept until they are there.
#[derive(Debug, Default)]
pub struct Expected {
    conns: Vec<u64>,
    sockets: Vec<SocketId>,
    early: Vec<Early>,
}

/// One who is about to go to another room.
pub struct Leaving {
    to: RoomHandle,
    name: RoomName,
    /// The connections of which more may be told here.
    heard: BTreeSet<u64>,
    /// The sockets that are read there.
    led: Vec<SocketId>,
    reply: ReplyTo,
}

/// One who comes from another room, with all that is theirs.
pub struct Arrival {
    seat: Seat,
    member: Member,
    tracks: Vec<Publication>,
    reply: ReplyTo,
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrival").field("sid", &self.seat.sid).finish_non_exhaustive()
    }
}

impl Arrival {
    /// The room that they should come to is no more, and they are out of the other.
    pub fn turn_back(mut self, shared: &Shared) {
        self.seat.send(Message::Leave(leave(DisconnectReason::RoomDeleted, Action::Disconnect)));
        if let Some(worker) = shared.workers.get(self.seat.thread) {
            self.seat.conns.all().for_each(|conn| worker.send(Order::Close { conn }));
        }
        let _ = self.reply.send(Err(no_such_room()));
    }
}

/// The room that is left.
impl RoomTask {
    pub(super) fn depart(&mut self, who: &Identity, (name, to): (RoomName, RoomHandle), reply: ReplyTo) {
        let sid = match self.seated(who) {
            Ok(sid) if self.leaving.contains_key(&sid) => {
                let error = TwirpError::new(Code::FailedPrecondition, "the participant is on the way to another room");
                return drop(reply.send(Err(error)));
            }
            Ok(sid) => sid,
            Err(error) => return drop(reply.send(Err(error))),
        };
        let Some(seat) = self.seats.get(&sid) else { return };
        let heard = seat.conns.all().collect();
        self.leaving.insert(sid, Leaving { to, name, heard, led: Vec::new(), reply });
        if !self.lead(sid)
            && let Some(Leaving { reply, .. }) = self.leaving.remove(&sid)
        {
            let _ = reply.send(Err(no_such_room()));
        }
    }

    /// Tells the other room who comes and by which socket, and the socket that it is read there. False if that room is
    /// gone.
    pub(super) fn lead(&self, sid: ParticipantSid) -> bool {
        let (Some(seat), Some(leaving)) = (self.seats.get(&sid), self.leaving.get(&sid)) else { return false };
        let coming = Coming {
            sid,
            identity: seat.identity.clone(),
            thread: seat.thread,
            conns: seat.conns.all().collect(),
            socket: seat.socket.as_ref().map(|(socket, _)| *socket),
            in_flight: seat.in_flight.clone(),
        };
        if leaving.to.orders.send(RoomOrder::Expect(Box::new(coming))).is_err() {
            return false;
        }
        if let Some((_, sink)) = &seat.socket {
            sink.lead(leaving.to.clone());
        }
        true
    }

    /// The media threads have told everything of a connection.
    pub(super) fn told_all(&mut self, conn: u64) {
        if let Some(leaving) = self.conns.get(&conn).and_then(|sid| self.leaving.get_mut(sid)) {
            leaving.heard.remove(&conn);
        }
    }

    /// A socket is read by the other room.
    pub(super) fn led_away(&mut self, socket: SocketId) {
        if let Some(leaving) = self.sockets.get(&socket).and_then(|sid| self.leaving.get_mut(sid)) {
            leaving.led.push(socket);
        }
    }

    /// One who was to go to another room is gone before.
    pub(super) fn stays_out(&mut self, sid: ParticipantSid) {
        if let Some(Leaving { to, reply, .. }) = self.leaving.remove(&sid) {
            let _ = to.orders.send(RoomOrder::NotComing(sid));
            let _ = reply.send(Err(TwirpError::new(Code::NotFound, "participant does not exist")));
        }
    }

    /// Lets those go of whom nothing more is under way here.
    pub(super) fn let_go(&mut self) {
        if self.leaving.is_empty() {
            return;
        }
        let led = |seat: &Seat, leaving: &Leaving| {
            leaving.heard.is_empty() && seat.socket.as_ref().is_none_or(|(socket, _)| leaving.led.contains(socket))
        };
        let ready = self.leaving.iter().filter(|(sid, leaving)| self.seats.get(sid).is_none_or(|s| led(s, leaving)));
        let ready: Vec<_> = ready.map(|(sid, _)| *sid).collect();
        ready.into_iter().for_each(|sid| self.hand_over(sid));
        self.ask_for_lines();
    }

    fn hand_over(&mut self, sid: ParticipantSid) {
        self.fade(sid, on_wire(LeftReason::Moved, self.kind).0);
        let (last, tracks) = (self.info(sid), self.room.tracks_of(sid).cloned().collect::<Vec<_>>());
        let others = self.gone_for(sid);
        // Its lines must know that it gets nothing more of this room.
        let Some((member, effects)) = self.room.leave(sid) else { return };
        self.run_effects(effects);
        let Some(mut seat) = self.seats.remove(&sid) else { return };
        let Some(Leaving { to, name, reply, .. }) = self.leaving.remove(&sid) else { return };
        tracing::debug!(participant = %sid, "a participant goes to another room");
        for (track, encoding) in tracks.iter().flat_map(|track| track.encodings.iter().map(|e| (track.sid, e))) {
            let (conn, rendition) = (seat.conns.up, Rendition { track, codec: encoding.codec });
            self.order_to(seat.thread, Order::Audience { conn, rendition, threads: Threads::default() });
        }
        if let Some((socket, _)) = &seat.socket {
            self.sockets.remove(socket);
        }
        self.conns.retain(|_, owner| *owner != sid);
        self.weigh_thrift();
        self.hang_up(sid);
        self.tell_gone(&member, &seat, last, LeftReason::Moved);
        if !others.participants.is_empty() {
            seat.send(Message::Update(others));
        }
        let rights = &mut seat.claims.video;
        (rights.room, rights.destination_room) = (name.to_string(), String::new());
        // To direct one room is no right to direct another.
        rights.room_admin = false;
        if let Some(token) = api_token(&self.shared, &seat, &member.name) {
            self.went.push_back((sid, token));
            if self.went.len() > REMEMBERED {
                self.went.pop_front();
            }
        }
        let arrival = Box::new(Arrival { seat, member, tracks, reply });
        if let Err(mpsc::error::SendError(RoomOrder::Arrive(arrival))) = to.orders.send(RoomOrder::Arrive(arrival)) {
            arrival.turn_back(&self.shared);
        }
    }

    /// Tells one who comes back here where they are: their connection can break before they have heard it. They come in
    /// over there anew.
    pub(super) fn tell_where(&self, sid: &str, sink: &SignalSink) -> bool {
        let Some((_, token)) = self.went.iter().rev().find(|(one, _)| one.to_string() == sid) else { return false };
        let welcome = Message::Reconnect(reconnect_response(&self.shared.node, 0, Vec::new()));
        let end = Message::Leave(leave(DisconnectReason::Migration, Action::Reconnect));
        for message in [welcome, Message::RefreshToken(token.clone()), end] {
            // The socket closes when its sink is dropped.
            let _ = sink.sender.try_send(Outgoing::Message(Box::new(message)));
        }
        true
    }

    /// To one who goes, the others are gone. Not all clients conclude that from the news that they are elsewhere.
    fn gone_for(&self, sid: ParticipantSid) -> ParticipantUpdate {
        let gone = self.visible_to(sid).into_iter().filter_map(|other| self.info(other)).map(|mut info| {
            info.state = State::Disconnected as i32;
            info.tracks.clear();
            info.version += 1;
            info
        });
        ParticipantUpdate { participants: gone.collect() }
    }
}

/// The room that they come to.
impl RoomTask {
    pub(super) fn expect(&mut self, coming: Coming) {
        let Coming { sid, identity, thread, conns, socket, in_flight } = coming;
        let counters = self.counters_of(&identity);
        let first = !self.expected.contains_key(&sid);
        let expected = self.expected.entry(sid).or_default();
        expected.sockets.extend(socket);
        if first {
            expected.conns.clone_from(&conns);
            for conn in conns {
                let facts = Facts::new(self.facts.clone(), in_flight.clone());
                self.order_to(thread, Order::Rehome { conn, facts, counters: counters.clone() });
            }
        }
    }

    pub(super) fn expects_no_more(&mut self, sid: ParticipantSid) {
        self.expected.remove(&sid);
    }

    /// The fact, unless it is about one who is not there yet; then it is kept.
    pub(super) fn timely_fact(&mut self, fact: Fact) -> Option<Fact> {
        let conn = fact.conn();
        match self.expected.values_mut().find(|expected| conn.is_some_and(|conn| expected.conns.contains(&conn))) {
            Some(expected) => {
                expected.early.push(Early::Fact(fact));
                None
            }
            None => Some(fact),
        }
    }

    /// As [`RoomTask::timely_fact`].
    pub(super) fn timely_signal(&mut self, signal: Signal) -> Option<Signal> {
        let socket = match &signal {
            Signal::Join(_) => None,
            Signal::Message(socket, _) | Signal::Gone(socket) | Signal::Led(socket) => Some(*socket),
        };
        match self.expected.values_mut().find(|e| socket.is_some_and(|socket| e.sockets.contains(&socket))) {
            Some(expected) => {
                expected.early.push(Early::Signal(signal));
                None
            }
            None => Some(signal),
        }
    }

    pub(super) fn arrive(&mut self, arrival: Arrival) {
        let Arrival { mut seat, member, tracks, reply } = arrival;
        let (sid, identity, active) = (seat.sid, member.identity.clone(), member.state == MemberState::Active);
        tracing::debug!(participant = %sid, "a participant comes from another room");
        let early = self.expected.remove(&sid).map(|expected| expected.early).unwrap_or_default();
        self.make_way(&identity);
        seat.counters = self.counters_of(&identity);
        self.sockets.extend(seat.socket.as_ref().map(|(socket, _)| (*socket, sid)));
        self.conns.extend(seat.conns.all().map(|conn| (conn, sid)));
        self.seats.insert(sid, seat);
        // Its lines are still those of the other room.
        (self.entered, self.lines_changed) = (true, true);
        self.weigh_thrift();
        let published: Vec<_> = tracks.iter().map(|track| (track.sid, track.source)).collect();
        let effects = self.room.take_over(member, tracks, self.shared.clock.now());
        self.welcome(sid);
        self.run_effects(effects);
        if active {
            self.tell_product(Happened::Joined { identity: identity.clone(), participant: sid });
            if let Some(info) = self.info(sid) {
                self.tell_application(HookEvent::ParticipantJoined(info));
            }
        }
        for (track, source) in published {
            self.tell_product(Happened::Published { identity: identity.clone(), source });
            self.weigh_layers(track);
            let info = self.seats.get(&sid).and_then(|seat| seat.tracks.get(&track)).map(|t| t.info.clone());
            if let (Some(who), Some(info)) = (self.info(sid), info) {
                self.tell_application(HookEvent::TrackPublished(who, info));
            }
        }
        // What the other room asked of the publisher counts no more.
        self.repeat_layers(sid);
        self.repeat_changes();
        for one in early {
            match one {
                Early::Fact(fact) => self.learn(fact),
                Early::Signal(signal) => self.hear(signal),
            }
        }
        // Whoever asked may have stopped waiting.
        let _ = reply.send(Ok(Reply::Done));
    }

    /// The client hears where it is now.
    fn welcome(&mut self, sid: ParticipantSid) {
        let (Some(seat), Some(member)) = (self.seats.get(&sid), self.room.member(sid)) else { return };
        let token = api_token(&self.shared, seat, &member.name).unwrap_or_default();
        let others = self.visible_to(sid).into_iter().filter_map(|other| self.info(other)).collect();
        let moved = RoomMovedResponse {
            room: Some(self.describe()),
            token,
            participant: self.info(sid),
            other_participants: others,
        };
        self.send(sid, Message::RoomMoved(moved));
    }
}

pub(super) fn no_such_room() -> TwirpError {
    TwirpError::new(Code::NotFound, "requested room does not exist")
}
