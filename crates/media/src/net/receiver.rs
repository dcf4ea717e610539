//! The thread that reads the media port, by UDP and by TCP, and hands each packet to the thread that owns its connection.
//!
//! What is said to the relay goes to its desk, and what comes out of it there goes on like any other packet. A STUN
//! request finds its connection by the name in it, everything else by the address it comes from. An address is believed
//! only after the connection has checked a STUN request from it, so nobody can draw another's packets.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quinn_udp::{BATCH_SIZE, RecvMeta};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use super::MediaSocket;
use super::first::{self, Said};
use super::relay::{Desk, RelayWay};
use super::stream::{self, Entrance, FromStream, STREAM_PACKETS, Spoken, StreamPacket, StreamSink};
use crate::meters::ThreadMeter;
use crate::mono;

/// Bytes of one receive buffer segment; WebRTC packets stay below 1,500.
const SEGMENT: usize = 2_048;

/// Most addresses and names of one connection; a phone that changes networks has a handful.
const MAX_NAMES: usize = 64;

/// How often the relay forgets what is over.
const SWEEP: Duration = Duration::from_secs(1);

/// Where packets come one after the other, they are left to gather for so long before the next reading: waking up costs
/// more than reading.
const GATHER: Duration = Duration::from_millis(1);

/// The same where nothing but routine has come for [`QUIET`].
const GATHER_ROUTINE: Duration = Duration::from_millis(16);
const QUIET: Duration = Duration::from_secs(1);

/// Reports wait for so long for a packet that wakes the same thread. To wake it costs more than to read them.
const HOLD: Duration = Duration::from_millis(4);

/// Where a packet comes from. The same number in two protocols is not the same place, and a relayed one is a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    Udp(SocketAddr),
    Tcp(SocketAddr),
    Relay(SocketAddr),
}

/// How a packet came, and the way back.
#[derive(Clone, Debug)]
pub enum Way {
    Udp,
    Stream(StreamSink),
    Relay(RelayWay),
}

/// Where the packets of a connection go: the connection's number and its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub conn: u64,
    pub thread: usize,
}

/// What the receiver learns from the threads.
#[derive(Debug)]
pub enum RouteUpdate {
    Ufrag(String, Route),
    Address(Origin, Route),
    Forget(u64),
}

/// A packet that came in.
#[derive(Debug)]
pub struct Datagram {
    pub conn: u64,
    pub from: SocketAddr,
    /// The address of this machine that it was sent to, if the kernel says.
    pub to: Option<IpAddr>,
    pub at: Instant,
    pub bytes: Bytes,
    pub way: Way,
}

impl Datagram {
    pub fn origin(&self) -> Origin {
        match self.way {
            Way::Udp => Origin::Udp(self.from),
            Way::Stream(_) => Origin::Tcp(self.from),
            Way::Relay(_) => Origin::Relay(self.from),
        }
    }

    /// Whether it is said to the relay, as far as can be seen from outside.
    fn is_for_relay(&self) -> bool {
        match &self.way {
            Way::Udp => matches!(first::datagram(&self.bytes), Said::Relay | Said::Channel),
            Way::Stream(sink) => sink.spoken() == Spoken::Relay,
            Way::Relay(_) => false,
        }
    }
}

/// Takes the packets of one thread.
pub type Sink = Box<dyn Fn(Vec<Datagram>) + Send>;

/// Reads until told to stop.
#[derive(Debug)]
pub struct Receiver {
    socket: Arc<MediaSocket>,
    streams: Streams,
    updates: mpsc::Receiver<RouteUpdate>,
    desk: Option<Desk>,
    table: Table,
    meter: Arc<ThreadMeter>,
    /// When something came last that is not routine.
    news_at: Instant,
    /// What is on the way to each thread.
    batches: Vec<Batch>,
}

#[derive(Debug, Default)]
struct Batch {
    packets: Vec<Datagram>,
    /// When it leaves at the latest.
    until: Option<Instant>,
}

impl Batch {
    fn push(&mut self, packet: Datagram) {
        let until = if first::is_report(&packet.bytes) { packet.at + HOLD } else { packet.at };
        self.until = Some(self.until.map_or(until, |before| before.min(until)));
        self.packets.push(packet);
    }

    fn due(&mut self, now: Instant) -> Option<Vec<Datagram>> {
        self.until.take_if(|until| *until <= now).map(|_| std::mem::take(&mut self.packets))
    }
}

/// Where streams come from: the own port, if it is open, and whoever else has an entrance.
#[derive(Debug)]
pub struct Streams {
    pub listener: Option<TcpListener>,
    pub entrance: Entrance,
    pub packets: tokio::sync::mpsc::Receiver<FromStream>,
}

#[derive(Debug, Default)]
struct Table {
    ufrags: HashMap<String, Route>,
    addresses: HashMap<Origin, Route>,
    names: HashMap<u64, VecDeque<Name>>,
}

#[derive(Debug)]
enum Name {
    Ufrag(String),
    Address(Origin),
}

impl Receiver {
    pub fn new(
        socket: Arc<MediaSocket>,
        streams: Streams,
        updates: mpsc::Receiver<RouteUpdate>,
        desk: Option<Desk>,
        meter: Arc<ThreadMeter>,
    ) -> Self {
        Self {
            socket,
            streams,
            updates,
            desk,
            table: Table::default(),
            meter,
            news_at: mono::now(),
            batches: Vec::new(),
        }
    }

    /// Runs on a thread of its own with a small runtime that only waits for sockets.
    pub async fn run(mut self, sinks: Vec<Sink>, stop: Arc<Notify>) -> io::Result<()> {
        if let Some(listener) = self.streams.listener.take() {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            tokio::spawn(stream::accept(listener, self.streams.entrance.clone()));
        }
        self.batches.resize_with(sinks.len(), Batch::default);
        let waiter = readable(self.socket.try_clone()?)?;
        let mut buffers = vec![vec![0u8; SEGMENT * self.socket.receive_segments()]; BATCH_SIZE];
        let mut meta = vec![RecvMeta::default(); BATCH_SIZE];
        let mut sweep = tokio::time::interval(SWEEP);
        let mut last = mono::now();
        loop {
            let held = self.batches.iter().filter_map(|batch| batch.until).min();
            let mut ready = tokio::select! {
                ready = waiter.readable() => ready?,
                () = passed(held) => {
                    self.hand_out(std::iter::empty(), &sinks);
                    continue;
                }
                Some(first) = self.streams.packets.recv() => {
                    self.news_at = mono::now();
                    let mut said = vec![first];
                    said.extend(std::iter::from_fn(|| self.streams.packets.try_recv().ok()).take(STREAM_PACKETS));
                    let packets: Vec<_> = said.into_iter().filter_map(|said| self.take_from_stream(said)).collect();
                    self.hand_out(packets.into_iter(), &sinks);
                    continue;
                }
                _ = sweep.tick(), if self.desk.is_some() => {
                    self.desk.iter_mut().for_each(Desk::sweep);
                    continue;
                }
                () = stop.notified() => return Ok(()),
            };
            let began = mono::now();
            let read = ready.try_io(|_| {
                let mut slices: Vec<_> = buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
                self.socket.receive(&mut slices, &mut meta)
            });
            match read {
                Ok(Ok(count)) => {
                    let (before, now) = (last, mono::now());
                    last = now;
                    let read = buffers[..count].iter().zip(&meta[..count]);
                    self.hand_out(read.flat_map(|(buffer, meta)| unglued(buffer, meta)), &sinks);
                    self.meter.busy(mono::now().saturating_duration_since(began));
                    let is_quiet = now.saturating_duration_since(self.news_at) > QUIET;
                    let gather = if is_quiet { GATHER_ROUTINE } else { GATHER };
                    if count < BATCH_SIZE && now.saturating_duration_since(before) < 3 * gather {
                        // The thread itself sleeps: a timer of the runtime would be looked at anew with each packet.
                        std::thread::sleep(gather);
                    }
                }
                Err(_would_block) => {}
                // Refused packets of earlier sends come back here; they concern one peer only.
                Ok(Err(error)) => tracing::debug!(%error, "reading the media port failed"),
            }
        }
    }

    fn hand_out(&mut self, packets: impl Iterator<Item = Datagram>, sinks: &[Sink]) {
        while let Ok(update) = self.updates.try_recv() {
            self.table.update(update);
        }
        for packet in packets {
            if !self.table.is_routine(&packet) {
                self.news_at = packet.at;
            }
            let packet =
                if packet.is_for_relay() { self.desk.as_mut().and_then(|d| d.take(packet)) } else { Some(packet) };
            if let Some(packet) = packet
                && let Some(route) = self.table.route(packet.origin(), &packet.bytes)
                && let Some(batch) = self.batches.get_mut(route.thread)
            {
                batch.push(Datagram { conn: route.conn, ..packet });
            }
        }
        let now = mono::now();
        for (batch, sink) in self.batches.iter_mut().zip(sinks) {
            batch.due(now).into_iter().for_each(sink);
        }
    }

    fn take_from_stream(&mut self, said: FromStream) -> Option<Datagram> {
        match said {
            FromStream::Packet(StreamPacket { from, to, bytes, sink }) => {
                Some(Datagram { conn: 0, from, to, at: mono::now(), bytes, way: Way::Stream(sink) })
            }
            FromStream::Gone(stream) => {
                self.desk.iter_mut().for_each(|desk| desk.gone(stream));
                None
            }
        }
    }
}

/// Of the runtime's own sockets one learns of each packet that has left, too, and wakes up for it.
#[expect(
    deprecated,
    reason = "what replaces it takes unsafe code, for handles that do not own what they stand for; this one does"
)]
fn readable(socket: UdpSocket) -> io::Result<AsyncFd<UdpSocket>> {
    AsyncFd::with_interest(socket, Interest::READABLE)
}

async fn passed(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// The packets of one reading, which the kernel may have glued together from several of one sender.
fn unglued(buffer: &[u8], meta: &RecvMeta) -> impl Iterator<Item = Datagram> {
    let (at, stride) = (mono::now(), meta.stride.max(1));
    let from = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
    let to = meta.dst_ip.map(|ip| ip.to_canonical());
    let glued = Bytes::copy_from_slice(&buffer[..meta.len.min(buffer.len())]);
    (0..glued.len()).step_by(stride).map(move |start| {
        let bytes = glued.slice(start..(start + stride).min(glued.len()));
        Datagram { conn: 0, from, to, at, bytes, way: Way::Udp }
    })
}

impl Table {
    /// Whether it is a report, or a check of a way that is known: what goes on where nobody says or shows anything.
    fn is_routine(&self, packet: &Datagram) -> bool {
        let is_check = matches!(packet.bytes.first(), Some(0..4));
        first::is_report(&packet.bytes) || (is_check && self.addresses.contains_key(&packet.origin()))
    }

    fn route(&self, from: Origin, packet: &[u8]) -> Option<Route> {
        match first::datagram(packet) {
            Said::Check(ufrag) => self.ufrags.get(ufrag).copied(),
            Said::Media => self.addresses.get(&from).copied(),
            Said::Relay | Said::Channel | Said::Nothing => None,
        }
    }

    fn update(&mut self, update: RouteUpdate) {
        match update {
            RouteUpdate::Ufrag(ufrag, route) => {
                if self.ufrags.insert(ufrag.clone(), route) != Some(route) {
                    self.remember(route.conn, Name::Ufrag(ufrag));
                }
            }
            RouteUpdate::Address(address, route) => {
                if self.addresses.insert(address, route) != Some(route) {
                    self.remember(route.conn, Name::Address(address));
                }
            }
            RouteUpdate::Forget(conn) => {
                for name in self.names.remove(&conn).unwrap_or_default() {
                    self.drop_name(conn, &name);
                }
            }
        }
    }

    fn remember(&mut self, conn: u64, name: Name) {
        let names = self.names.entry(conn).or_default();
        names.push_back(name);
        if names.len() > MAX_NAMES
            && let Some(oldest) = names.pop_front()
        {
            self.drop_name(conn, &oldest);
        }
    }

    /// Takes a name away, unless another connection has it by now.
    fn drop_name(&mut self, conn: u64, name: &Name) {
        match name {
            Name::Ufrag(ufrag) => {
                if self.ufrags.get(ufrag).is_some_and(|r| r.conn == conn) {
                    self.ufrags.remove(ufrag);
                }
            }
            Name::Address(address) => {
                if self.addresses.get(address).is_some_and(|r| r.conn == conn) {
                    self.addresses.remove(address);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_the_last_connection_that_proved_it() {
        let at = Origin::Udp("192.0.2.1:5000".parse().expect("an address"));
        let (one, two) = (Route { conn: 1, thread: 0 }, Route { conn: 2, thread: 1 });
        let mut table = Table::default();
        let rtp = [0x80, 96, 0, 0];
        assert_eq!(table.route(at, &rtp), None);
        table.update(RouteUpdate::Address(at, one));
        table.update(RouteUpdate::Address(at, two));
        assert_eq!(table.route(at, &rtp), Some(two));
        let by_stream = Origin::Tcp("192.0.2.1:5000".parse().expect("an address"));
        assert_eq!(table.route(by_stream, &rtp), None, "the other protocol is another place");
        table.update(RouteUpdate::Forget(1));
        assert_eq!(table.route(at, &rtp), Some(two));
        table.update(RouteUpdate::Forget(2));
        assert_eq!(table.route(at, &rtp), None);
        assert!(table.names.is_empty() && table.addresses.is_empty());
    }

    fn came(from: SocketAddr, bytes: &'static [u8], at: Instant) -> Datagram {
        Datagram { conn: 0, from, to: None, at, bytes: Bytes::from_static(bytes), way: Way::Udp }
    }

    #[test]
    fn reports_and_checks_of_known_ways_are_routine() {
        let known = SocketAddr::from(([192, 0, 2, 1], 5000));
        let mut table = Table::default();
        table.update(RouteUpdate::Address(Origin::Udp(known), Route { conn: 1, thread: 0 }));
        let packet = |from, bytes| came(from, bytes, mono::now());
        let (report, sound, check, handshake): (_, _, _, &[u8]) = (&[0x80, 201], &[0x80, 111], &[0, 1], &[22, 254]);
        assert!(table.is_routine(&packet(known, report)) && table.is_routine(&packet(known, check)));
        assert!(!table.is_routine(&packet(known, sound)) && !table.is_routine(&packet(known, handshake)));
        let unknown = SocketAddr::from(([192, 0, 2, 1], 5001));
        assert!(!table.is_routine(&packet(unknown, check)), "somebody comes in");
    }

    #[test]
    fn reports_wait_for_something_more_urgent_but_not_for_long() {
        let start = mono::now();
        let from = SocketAddr::from(([192, 0, 2, 1], 5000));
        let packet = |bytes, at| came(from, bytes, at);
        let mut batch = Batch::default();
        batch.push(packet(&[0x80, 201], start));
        batch.push(packet(&[0x80, 206], start + HOLD / 2));
        assert!(batch.due(start + HOLD / 2).is_none());
        assert_eq!(batch.due(start + HOLD).map(|packets| packets.len()), Some(2));
        assert!(batch.due(start + 2 * HOLD).is_none(), "it has left");
        batch.push(packet(&[0x80, 201], start));
        batch.push(packet(&[0x80, 111], start));
        assert_eq!(batch.due(start).map(|packets| packets.len()), Some(2));
    }

    #[test]
    fn a_connection_that_moves_often_is_still_found() {
        let route = Route { conn: 1, thread: 0 };
        let at = |port: u16| Origin::Tcp(SocketAddr::from(([192, 0, 2, 1], port)));
        let mut table = Table::default();
        for port in 1..=200 {
            table.update(RouteUpdate::Address(at(port), route));
            table.update(RouteUpdate::Ufrag("same".into(), route));
        }
        assert_eq!(table.route(at(200), &[0x80]), Some(route));
        assert_eq!(table.route(at(1), &[0x80]), None);
        assert_eq!(table.names[&1].len(), MAX_NAMES);
    }
}
