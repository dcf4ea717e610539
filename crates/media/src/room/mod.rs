//! The task of one room. It holds the room's truth, talks to the sockets of its participants, and tells the media
//! threads what to do. Nothing in it waits: an answer that a thread owes comes back as a fact.

mod announce;
mod api;
mod calls;
mod count;
mod data;
mod effect;
mod fact;
mod join;
mod layers;
mod mirror;
mod moving;
mod negotiate;
mod order;
mod reap;
mod seat;
mod signal;
mod thrift;

pub use api::ReplyTo;
pub use order::{Refused, RoomOrder, Standing};
pub use seat::{Connections, Outgoing, SINK_DEPTH, SignalSink, SocketId};

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use kloud_base::Timestamp;
use kloud_livekit::proto::{JoinRequest, RoomEndReason, signal_request};
use kloud_livekit::{Claims, HookEvent, RoomSettings};
use kloud_sfu::{Epoch, Identity, ParticipantSid, Permits, ReliableLog, Rendition, Room, RoomName, RoomSid};
use tokio::sync::mpsc;

use crate::counters::Counters;
use crate::event::{Happened, LeftReason, MediaEvent};
use crate::meters::JoinTrail;
use crate::mono::{self, Epoch0};
use crate::shared::Shared;
use crate::webhook::RoomHooks;
use crate::worker::Fact;
use seat::Seat;

/// Facts that are learned in one go, before it is looked when the room is to wake up.
const FACTS: usize = 64;

/// Who decides who comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// A token of an API key opens it, and says what may be published.
    Api,
    /// Only those come in whom the product has admitted, with the permits that it gives.
    Meeting,
}

/// What a signal socket tells its room.
#[derive(Debug)]
pub enum Signal {
    Join(Box<Joining>),
    Message(SocketId, Box<signal_request::Message>),
    /// The socket is closed.
    Gone(SocketId),
    /// What comes by the socket goes to another room from now on.
    Led(SocketId),
}

/// One who has come to the door with a good token.
#[derive(Debug)]
pub struct Joining {
    pub socket: SocketId,
    pub sink: SignalSink,
    pub claims: Claims,
    pub request: JoinRequest,
    pub connections: Connections,
    /// What was done until here.
    pub trail: JoinTrail,
}

/// One whom the product lets in.
#[derive(Clone, Debug)]
pub struct Admission {
    pub identity: Identity,
    pub name: String,
    pub permits: Permits,
    pub epoch: Epoch,
}

/// The state of the task.
pub struct RoomTask {
    shared: Arc<Shared>,
    name: RoomName,
    sid: RoomSid,
    kind: RoomKind,
    created_at: Timestamp,
    settings: RoomSettings,
    /// Who outside is told what happens; nobody of a meeting.
    hooks: Option<RoomHooks>,
    orders: mpsc::UnboundedSender<RoomOrder>,
    facts: mpsc::UnboundedSender<Fact>,
    room: Room,
    seats: BTreeMap<ParticipantSid, Seat>,
    sockets: HashMap<SocketId, ParticipantSid>,
    /// Who was replaced lately by a newer session of the same person, the last one at the end.
    replaced: VecDeque<ParticipantSid>,
    conns: HashMap<u64, ParticipantSid>,
    /// Who is on the way to another room, and from another room to here.
    leaving: BTreeMap<ParticipantSid, moving::Leaving>,
    expected: BTreeMap<ParticipantSid, moving::Expected>,
    /// Who is shown in other rooms too, and who of other rooms is shown here.
    shown_in: BTreeMap<ParticipantSid, Vec<mirror::Shown>>,
    mirrors: BTreeMap<ParticipantSid, mirror::Mirrored>,
    /// Who went to another room lately, with a token for it, the last one at the end.
    went: VecDeque<(ParticipantSid, String)>,
    admissions: BTreeMap<Identity, Admission>,
    counters: BTreeMap<Identity, Arc<Counters>>,
    layers: BTreeMap<Rendition, layers::Asked>,
    /// Thin lines of people who have just gone, as they may be back.
    lines_were: BTreeMap<Identity, thrift::Was>,
    calls: calls::Calls,
    /// Of messages from outside, the last one at the end.
    nonces: VecDeque<Vec<u8>>,
    log: ReliableLog,
    epoch: Epoch0,
    empty_since: std::time::Instant,
    /// Somebody has been in.
    entered: bool,
    ended: RoomEndReason,
    /// Someone's lines may lack something.
    lines_changed: bool,
    open: bool,
}

/// Where a room hears of the world.
pub struct Door {
    pub orders: mpsc::UnboundedSender<RoomOrder>,
    pub order_inbox: mpsc::UnboundedReceiver<RoomOrder>,
    pub signal_inbox: mpsc::Receiver<Signal>,
}

/// Starts the task of a room.
pub fn spawn_room(shared: Arc<Shared>, name: RoomName, kind: RoomKind, settings: RoomSettings, door: Door) {
    let (facts, fact_inbox) = mpsc::unbounded_channel();
    let now = shared.clock.now();
    let hooks = shared.webhooks.as_ref().filter(|_| kind == RoomKind::Api).map(|webhooks| webhooks.open());
    let task = RoomTask {
        sid: RoomSid::new(now, &*shared.rng),
        shared,
        name,
        kind,
        created_at: now,
        settings,
        hooks,
        orders: door.orders,
        facts,
        room: Room::default(),
        seats: BTreeMap::new(),
        sockets: HashMap::new(),
        replaced: VecDeque::new(),
        conns: HashMap::new(),
        leaving: BTreeMap::new(),
        expected: BTreeMap::new(),
        shown_in: BTreeMap::new(),
        mirrors: BTreeMap::new(),
        went: VecDeque::new(),
        admissions: BTreeMap::new(),
        counters: BTreeMap::new(),
        layers: BTreeMap::new(),
        lines_were: BTreeMap::new(),
        calls: calls::Calls::new(),
        nonces: VecDeque::new(),
        log: ReliableLog::default(),
        epoch: Epoch0::new(mono::now()),
        empty_since: mono::now(),
        entered: false,
        ended: RoomEndReason::RoomEndUnknown,
        lines_changed: false,
        open: true,
    };
    task.tell_application(HookEvent::RoomStarted);
    tokio::spawn(task.run(door.order_inbox, fact_inbox, door.signal_inbox));
}

impl RoomTask {
    async fn run(
        mut self,
        mut orders: mpsc::UnboundedReceiver<RoomOrder>,
        mut facts: mpsc::UnboundedReceiver<Fact>,
        mut signals: mpsc::Receiver<Signal>,
    ) {
        while self.open {
            let wake = self.next_deadline().map(tokio::time::Instant::from_std);
            let sleep = async {
                match wake {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            // Orders come first: a permit that ends must not wait behind talk, and who is announced not behind what they
            // say. One may come while the others are looked at.
            tokio::select! {
                biased;
                Some(order) = orders.recv() => self.obey(order),
                Some(fact) = facts.recv() => {
                    let more = std::iter::from_fn(|| facts.try_recv().ok()).take(FACTS);
                    for fact in std::iter::once(fact).chain(more) {
                        self.obey_all(&mut orders);
                        self.learn(fact);
                        self.let_go();
                    }
                }
                Some(signal) = signals.recv() => {
                    self.obey_all(&mut orders);
                    self.hear(signal);
                }
                () = sleep => self.reap(),
                else => break,
            }
            self.let_go();
        }
        // A room that ends by itself may still show people of other rooms.
        let shown: Vec<_> = self.mirrors.keys().copied().collect();
        shown.into_iter().for_each(|sid| self.end(sid, LeftReason::RoomClosed));
        // Whoever is on the way here does not arrive.
        orders.close();
        while let Ok(order) = orders.try_recv() {
            match order {
                RoomOrder::Expect(coming) => self.expect(*coming),
                RoomOrder::Arrive(arrival) => arrival.turn_back(&self.shared),
                _ => {}
            }
        }
        self.shared.forget(&self.name, &self.orders);
        // Whoever was on the way in meets a closed door and tries again.
        self.tell_product(Happened::Closed);
        self.tell_application(HookEvent::RoomFinished(self.ended));
    }

    /// Obeys what is ordered already.
    fn obey_all(&mut self, orders: &mut mpsc::UnboundedReceiver<RoomOrder>) {
        while let Ok(order) = orders.try_recv() {
            self.obey(order);
        }
    }

    fn tell_product(&self, happened: Happened) {
        // Nobody may be listening.
        let _ = self.shared.events.send(MediaEvent { room: self.name.clone(), happened });
    }

    fn counters_of(&mut self, identity: &Identity) -> Arc<Counters> {
        self.counters.entry(identity.clone()).or_default().clone()
    }

    /// Ends the room for everyone.
    fn close(&mut self, reason: LeftReason) {
        let all: Vec<_> = self.seats.keys().chain(self.mirrors.keys()).copied().collect();
        all.into_iter().for_each(|sid| self.end(sid, reason));
        let stops = reason == LeftReason::ServerStopped;
        self.ended = if stops { RoomEndReason::RoomEndServerShutdown } else { RoomEndReason::RoomEndApiDelete };
        self.open = false;
    }
}
