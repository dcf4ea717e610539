//! A media thread: owns the WebRTC connections of some participants and moves their packets.
//!
//! One turn: take everything that waits (packets, orders), hand published packets to the viewers of this thread and
//! once to every other thread that has viewers, then let each touched connection encrypt and send. A packet waits for
//! no lock, no database and no other connection.

mod bandwidth;
mod channel;
mod consent;
pub mod drill;
mod flood;
mod measure;
mod merge;
mod order;
mod peer;
mod propose;
mod publish;
mod rehome;
mod relayed;
mod rest;
mod spare;
mod streams;
mod thin;
mod turn;
mod view;

pub use order::{Delivery, Ending, Fact, Facts, GateAck, NewPeer, NewView, Order, Published, Threads};

use std::collections::{BinaryHeap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use foldhash::HashMap;
use kloud_base::Rng;
use kloud_sfu::Rendition;
use str0m::config::{CryptoProvider, DtlsCert};

use crate::meters::ThreadMeter;
use crate::mono;
use crate::net::{Datagram, MediaSocket, Outbox, RouteUpdate};
use peer::Peer;
pub use peer::connection;
use view::Fan;

/// Packets that may wait for one thread; more are dropped, as a router would.
const MAX_WAITING: usize = 16_384;
/// Orders taken in one turn before packets are sent again.
const TURN: usize = 1_024;
/// Longest sleep, so that a missed wake-up cannot last.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// How often levels of speech are looked at, while there is any sound.
const LEVEL_WINDOW: Duration = Duration::from_millis(400);

/// What all media threads share. Nothing in it changes.
pub struct Common {
    pub socket: Arc<MediaSocket>,
    pub own: Arc<HashSet<IpAddr>>,
    pub candidates: Vec<std::net::SocketAddr>,
    /// Clients are told the same addresses for TCP too.
    pub tcp: bool,
    pub crypto: Arc<CryptoProvider>,
    pub certificate: DtlsCert,
    pub rng: Arc<dyn Rng>,
    pub start: Instant,
}

/// The way to a media thread.
#[derive(Clone, Debug)]
pub struct Handle {
    orders: mpsc::Sender<Order>,
    waiting: Arc<AtomicUsize>,
    meter: Arc<ThreadMeter>,
}

impl Handle {
    pub fn send(&self, order: Order) {
        // A thread that is gone was told to stop.
        let _ = self.orders.send(order);
    }

    /// Hands over packets from the network, unless too many wait already.
    pub fn datagrams(&self, batch: Vec<Datagram>) {
        let count = batch.len();
        if self.waiting.fetch_add(count, Ordering::Relaxed) > MAX_WAITING {
            self.waiting.fetch_sub(count, Ordering::Relaxed);
            self.meter.overrun.add_shared(count as u64);
            return;
        }
        self.send(Order::Datagrams(batch));
    }
}

/// A media thread before it runs.
pub struct Worker {
    index: usize,
    common: Arc<Common>,
    inbox: mpsc::Receiver<Order>,
    waiting: Arc<AtomicUsize>,
    others: Vec<Handle>,
    routes: mpsc::Sender<RouteUpdate>,
    peers: HashMap<u64, Peer>,
    fans: HashMap<Rendition, Fan>,
    due: BinaryHeap<std::cmp::Reverse<(Instant, u64)>>,
    turn: turn::Turn,
    levels_at: Option<Instant>,
    running: bool,
}

/// What a thread takes its orders from.
pub type Inbox = (mpsc::Receiver<Order>, Arc<AtomicUsize>);

/// One handle for each thread, and the threads' receiving ends.
pub fn handles(meters: &[Arc<ThreadMeter>]) -> (Vec<Handle>, Vec<Inbox>) {
    meters
        .iter()
        .map(|meter| {
            let (orders, inbox) = mpsc::channel();
            let waiting = Arc::new(AtomicUsize::new(0));
            (Handle { orders, waiting: waiting.clone(), meter: meter.clone() }, (inbox, waiting))
        })
        .unzip()
}

impl Worker {
    pub fn new(
        index: usize,
        common: Arc<Common>,
        (inbox, waiting): Inbox,
        others: Vec<Handle>,
        routes: mpsc::Sender<RouteUpdate>,
        meter: Arc<ThreadMeter>,
    ) -> Self {
        let outbox = Outbox::new(common.socket.clone(), common.own.clone(), meter.clone());
        let turn = turn::Turn::new(outbox, others.len(), index, common.start, meter);
        Self {
            index,
            common,
            inbox,
            waiting,
            others,
            routes,
            peers: HashMap::default(),
            fans: HashMap::default(),
            due: BinaryHeap::new(),
            turn,
            levels_at: None,
            running: true,
        }
    }

    /// Works until [`Order::Stop`].
    pub fn run(mut self) {
        let mut woke = mono::now();
        while self.running {
            let now = mono::now();
            self.turn.meter.busy(now.saturating_duration_since(woke));
            match self.inbox.recv_timeout(self.sleep(now)) {
                Ok(order) => {
                    woke = mono::now();
                    self.take(order, woke);
                    for _ in 0..TURN {
                        match self.inbox.try_recv() {
                            Ok(order) => self.take(order, mono::now()),
                            Err(_) => break,
                        }
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => woke = mono::now(),
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            self.finish_turn(mono::now());
        }
    }

    fn sleep(&self, now: Instant) -> Duration {
        let due = self.due.peek().map(|std::cmp::Reverse((at, _))| *at);
        let next = due.into_iter().chain(self.levels_at).min();
        next.map_or(LONGEST_SLEEP, |at| at.saturating_duration_since(now).min(LONGEST_SLEEP))
    }

    fn take(&mut self, order: Order, now: Instant) {
        self.turn.now = now;
        match order {
            Order::Datagrams(batch) => {
                self.waiting.fetch_sub(batch.len(), Ordering::Relaxed);
                batch.into_iter().for_each(|d| self.receive(d));
            }
            Order::Packets(packets) => self.fan_out(&packets),
            Order::Open(new) => self.open(*new),
            Order::Rehome { conn, facts, counters } => self.rehome(conn, facts, counters),
            Order::Offer { conn, offer } => self.offer(conn, *offer),
            Order::Propose { conn, proposal } => self.propose(conn, &proposal),
            Order::Accept { conn, answer } => self.accept(conn, *answer),
            Order::Publish { conn, published } => self.publish(conn, *published),
            Order::Unpublish { conn, track } => self.unpublish(conn, track),
            Order::Drop { conn, rendition } => self.drop_rendition(conn, rendition),
            Order::Audience { conn, rendition, threads } => self.audience(conn, rendition, threads),
            Order::Gate { owner, permits, epoch, ack } => self.gate(owner, permits, epoch, ack),
            Order::Mute { track, muted } => self.mute(track, muted),
            Order::View(view) => self.view(*view),
            Order::Unview { conn, track } => self.unview(conn, track),
            Order::Target { conn, track, layer } => self.target(conn, track, layer),
            Order::Keyframe { conn, rendition, layer } => self.ask_keyframe(conn, rendition, layer),
            Order::Data { conns, delivery, bytes } => self.data(&conns, delivery, &bytes),
            Order::Close { conn } => self.close(conn),
            Order::Stop => {
                let all: Vec<_> = self.peers.keys().copied().collect();
                all.into_iter().for_each(|conn| self.close(conn));
                self.running = false;
            }
        }
        // What this order published reaches this thread's own viewers in the same turn.
        self.fan_out_local();
    }

    fn finish_turn(&mut self, now: Instant) {
        self.turn.now = now;
        self.turn.meter.connections.set(self.peers.len() as u64);
        while let Some(std::cmp::Reverse((at, conn))) = self.due.peek().copied() {
            if at > now {
                break;
            }
            self.due.pop();
            if let Some(peer) = self.peers.get_mut(&conn) {
                peer.queued_at = None;
                match peer.deadline {
                    Some(deadline) if deadline > now => peer.queue(&mut self.due),
                    _ => self.turn.touch(&mut peer.touched, peer.conn),
                }
            }
        }
        while let Some(conn) = self.turn.touched.pop() {
            let Some(peer) = self.peers.get_mut(&conn) else { continue };
            peer.touched = false;
            peer.advance(&mut self.turn);
            peer.queue(&mut self.due);
            self.fan_out_local();
        }
        self.levels(now);
        self.turn.outbox.flush();
        for (packets, other) in self.turn.elsewhere.iter_mut().zip(&self.others) {
            if !packets.is_empty() {
                other.send(Order::Packets(std::mem::take(packets)));
            }
        }
        for ((conn, thread), rendition, layer) in self.turn.keyframes.drain(..) {
            tracing::trace!(conn, ?layer, "a keyframe is asked for");
            view::request(&self.others, conn, thread, rendition, layer);
        }
        for conn in self.turn.stirred.drain(..) {
            // The receiver is gone only when everything stops.
            let _ = self.routes.send(RouteUpdate::Rests(conn, None));
        }
        let ended = std::mem::take(&mut self.turn.ended);
        ended.into_iter().for_each(|conn| self.forget(conn));
    }

    fn levels(&mut self, now: Instant) {
        if self.levels_at.is_none() && self.turn.heard {
            self.levels_at = Some(now + LEVEL_WINDOW);
        }
        if self.levels_at.is_some_and(|at| at <= now) {
            (self.levels_at, self.turn.heard) = (None, false);
            self.peers.values_mut().for_each(Peer::report_levels);
        }
    }

    fn forget(&mut self, conn: u64) {
        if let Some(peer) = self.peers.remove(&conn) {
            peer.by_tcp.end();
            for (mid, view) in &peer.views {
                if let Some(fan) = self.fans.get_mut(&view.rendition) {
                    fan.remove(conn, *mid);
                }
            }
            self.fans.retain(|_, fan| !fan.is_empty());
        }
        // The receiver is gone only when everything stops.
        let _ = self.routes.send(RouteUpdate::Forget(conn));
    }
}

#[cfg(test)]
mod tests;
