//! The thread that reads the media port, by UDP and by TCP, and hands each packet to the thread that owns its connection.
//!
//! What is said to the relay goes to its desk, and what comes out of it there goes on like any other packet.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use quinn_udp::{BATCH_SIZE, RecvMeta};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;

use super::MediaSocket;
use super::consent::Consents;
use super::first::{self, Said};
use super::relay::{Desk, RelayWay};
use super::reports::Reading;
use super::socket::Door;
use super::stream::{self, Entrance, FromStream, STREAM_PACKETS, Spoken, StreamPacket, StreamSink};
use super::table::{RouteUpdate, Table};
use crate::meters::ThreadMeter;
use crate::mono;

/// Bytes of one receive buffer segment; WebRTC packets stay below 1,500.
const SEGMENT: usize = 2_048;

/// How often the relay forgets what is over, and threads are told of checks that were answered without them.
const SWEEP: Duration = Duration::from_secs(1);

/// Where packets come one after the other, they are left to gather for so long before the next reading: waking up costs
/// more than reading.
const GATHER: Duration = Duration::from_millis(1);

/// The same where nothing but routine has come for [`QUIET`].
const GATHER_ROUTINE: Duration = Duration::from_millis(16);
const QUIET: Duration = Duration::from_secs(1);

/// Bytes of memory that are asked for at a time.
const STORE: usize = 16 * 1024;

/// Most reports that are read at a time; others have their turn then.
const MOST: usize = 512;

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

/// A packet that came in.
#[derive(Clone, Debug)]
pub struct Datagram {
    pub conn: u64,
    pub from: SocketAddr,
    /// The address of this machine that it was sent to, if the kernel says.
    pub to: Option<IpAddr>,
    pub at: Instant,
    pub bytes: Bytes,
    pub way: Way,
    /// It was a check of a connection that rests, and is known to be genuine.
    pub is_answered: bool,
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
    consents: Consents,
    table: Table,
    meter: Arc<ThreadMeter>,
    /// When something came last that is not routine.
    news_at: Instant,
    /// What is on the way to each thread.
    batches: Vec<Vec<Datagram>>,
}

/// Where streams come from: the own port, if it is open, and whoever else has an entrance.
#[derive(Debug)]
pub struct Streams {
    pub listener: Option<TcpListener>,
    pub entrance: Entrance,
    pub packets: tokio::sync::mpsc::Receiver<FromStream>,
}

impl Receiver {
    pub fn new(
        socket: Arc<MediaSocket>,
        streams: Streams,
        updates: mpsc::Receiver<RouteUpdate>,
        desk: Option<Desk>,
        consents: Consents,
        meter: Arc<ThreadMeter>,
    ) -> Self {
        Self {
            socket,
            streams,
            updates,
            desk,
            consents,
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
        let socket = self.socket.clone();
        let waiter = readable(socket.media().handle()?)?;
        let mut reports = Reading::of(socket.reports())?;
        let mut buffers = Buffers::of(socket.media());
        let mut sweep = tokio::time::interval(SWEEP);
        let mut last = mono::now();
        loop {
            reports.shut(socket.reports(), self.table.all_rest());
            let mut ready = tokio::select! {
                ready = waiter.readable() => ready?,
                due = reports.due(self.is_quiet()) => {
                    due?;
                    let began = mono::now();
                    let count = buffers.read_all(socket.reports());
                    self.hand_out(buffers.take(), &sinks);
                    reports.was_due(count, self.is_quiet());
                    self.meter.busy(mono::now().saturating_duration_since(began));
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
                _ = sweep.tick() => {
                    self.desk.iter_mut().for_each(Desk::sweep);
                    self.tell_unheard(&sinks);
                    continue;
                }
                () = stop.notified() => return Ok(()),
            };
            let began = mono::now();
            match ready.try_io(|_| buffers.read(socket.media())) {
                Ok(Ok(count)) => {
                    let (before, now) = (last, mono::now());
                    last = now;
                    buffers.read_all(socket.reports());
                    self.hand_out(buffers.take(), &sinks);
                    let is_quiet = self.is_quiet();
                    reports.was_read(is_quiet);
                    self.meter.busy(mono::now().saturating_duration_since(began));
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

    /// Nothing but routine has come for a while.
    fn is_quiet(&self) -> bool {
        mono::now().saturating_duration_since(self.news_at) > QUIET
    }

    pub(crate) fn hand_out(&mut self, packets: impl Iterator<Item = Datagram>, sinks: &[Sink]) {
        self.batches.resize_with(sinks.len(), Vec::new);
        while let Ok(update) = self.updates.try_recv() {
            self.table.update(update);
        }
        for packet in packets {
            if !self.table.is_routine(&packet) {
                self.news_at = packet.at;
            }
            if let Some((route, asked)) = self.table.asked(&packet)
                && self.consents.take(&packet, route, &asked)
            {
                continue;
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
        self.send_out(sinks);
    }

    /// Tells threads of the checks that were answered without them.
    pub(crate) fn tell_unheard(&mut self, sinks: &[Sink]) {
        for (thread, check) in self.consents.unheard() {
            if let Some(batch) = self.batches.get_mut(thread) {
                batch.push(check);
            }
        }
        self.send_out(sinks);
    }

    fn send_out(&mut self, sinks: &[Sink]) {
        for (batch, sink) in self.batches.iter_mut().zip(sinks) {
            if !batch.is_empty() {
                sink(std::mem::take(batch));
            }
        }
    }

    fn take_from_stream(&mut self, said: FromStream) -> Option<Datagram> {
        match said {
            FromStream::Packet(StreamPacket { from, to, bytes, sink }) => {
                Some(Datagram { conn: 0, from, to, at: mono::now(), bytes, way: Way::Stream(sink), is_answered: false })
            }
            FromStream::Gone(stream) => {
                self.desk.iter_mut().for_each(|desk| desk.gone(stream));
                None
            }
        }
    }
}

/// What datagrams are read into.
struct Buffers {
    room: Vec<Vec<u8>>,
    meta: Vec<RecvMeta>,
    packets: Vec<Datagram>,
    /// Where packets are kept until nobody has them any more. To ask for memory for each would cost as much as to read it.
    store: BytesMut,
}

impl Buffers {
    fn of(door: &Door) -> Self {
        Self {
            room: vec![vec![0; SEGMENT * door.segments()]; BATCH_SIZE],
            meta: vec![RecvMeta::default(); BATCH_SIZE],
            packets: Vec::new(),
            store: BytesMut::new(),
        }
    }

    /// Reads once; how many datagrams came, before they are taken apart.
    fn read(&mut self, door: &Door) -> io::Result<usize> {
        let mut slices: Vec<_> = self.room.iter_mut().map(|room| IoSliceMut::new(room)).collect();
        let count = door.receive(&mut slices, &mut self.meta)?;
        for (buffer, meta) in self.room.iter().zip(&self.meta).take(count) {
            let length = meta.len.min(buffer.len());
            if self.store.capacity() < length {
                self.store.reserve(STORE.max(length));
            }
            self.store.extend_from_slice(&buffer[..length]);
            self.packets.extend(unglued(self.store.split().freeze(), meta));
        }
        Ok(count)
    }

    /// Reads whatever is there; how many datagrams came.
    fn read_all(&mut self, door: Option<&Door>) -> usize {
        let Some(door) = door else { return 0 };
        let mut all = 0;
        while let Ok(count) = self.read(door) {
            all += count;
            if count < BATCH_SIZE || all >= MOST {
                break;
            }
        }
        all
    }

    fn take(&mut self) -> impl Iterator<Item = Datagram> {
        self.packets.drain(..)
    }
}

/// Of the runtime's own sockets one learns of each packet that has left, too, and wakes up for it.
#[expect(
    deprecated,
    reason = "what replaces it takes unsafe code, for handles that do not own what they stand for; this one does"
)]
pub fn readable(socket: Arc<UdpSocket>) -> io::Result<AsyncFd<Arc<UdpSocket>>> {
    AsyncFd::with_interest(socket, Interest::READABLE)
}

/// The packets of one reading, which the kernel may have glued together from several of one sender.
fn unglued(glued: Bytes, meta: &RecvMeta) -> impl Iterator<Item = Datagram> {
    let (at, stride) = (mono::now(), meta.stride.max(1));
    let from = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
    let to = meta.dst_ip.map(|ip| ip.to_canonical());
    (0..glued.len()).step_by(stride).map(move |start| {
        let bytes = glued.slice(start..(start + stride).min(glued.len()));
        Datagram { conn: 0, from, to, at, bytes, way: Way::Udp, is_answered: false }
    })
}
