//! The thread that reads the media port, by UDP and by TCP, and hands each packet to the thread that owns its connection.
//!
//! A STUN request finds its connection by the name in it, everything else by the address it comes from. An address is
//! believed only after the connection has checked a STUN request from it, so nobody can draw another's packets.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use quinn_udp::{BATCH_SIZE, RecvMeta};
use tokio::sync::Notify;

use super::stream::{self, StreamPacket, StreamSink};
use super::{MediaSocket, stun};
use crate::mono;

/// Bytes of one receive buffer segment; WebRTC packets stay below 1,500.
const SEGMENT: usize = 2_048;

/// Most addresses and names of one connection; a phone that changes networks has a handful.
const MAX_NAMES: usize = 64;

/// Where packets come one after the other, they are left to gather for so long before the next reading: waking up costs
/// more than reading.
const GATHER: Duration = Duration::from_millis(1);

/// Packets from streams that may wait to be handed out; their readers wait with them.
const STREAM_PACKETS: usize = 1_024;

/// Where a packet comes from. The same number in the two protocols is not the same place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    Udp(SocketAddr),
    Tcp(SocketAddr),
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
    /// The stream that it came by, if it was no UDP.
    pub stream: Option<StreamSink>,
}

impl Datagram {
    pub fn origin(&self) -> Origin {
        if self.stream.is_some() { Origin::Tcp(self.from) } else { Origin::Udp(self.from) }
    }
}

/// Takes the packets of one thread.
pub type Sink = Box<dyn Fn(Vec<Datagram>) + Send>;

/// Reads until told to stop.
#[derive(Debug)]
pub struct Receiver {
    socket: Arc<MediaSocket>,
    listener: Option<TcpListener>,
    updates: mpsc::Receiver<RouteUpdate>,
    table: Table,
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
    pub fn new(socket: Arc<MediaSocket>, listener: Option<TcpListener>, updates: mpsc::Receiver<RouteUpdate>) -> Self {
        Self { socket, listener, updates, table: Table::default() }
    }

    /// Runs on a thread of its own with a small runtime that only waits for sockets.
    pub async fn run(mut self, sinks: Vec<Sink>, stop: Arc<Notify>) -> io::Result<()> {
        let (incoming, mut streams) = tokio::sync::mpsc::channel(STREAM_PACKETS);
        if let Some(listener) = self.listener.take() {
            tokio::spawn(stream::accept(tokio::net::TcpListener::from_std(listener)?, incoming));
        }
        let waiter = tokio::net::UdpSocket::from_std(self.socket.try_clone()?)?;
        let mut buffers = vec![vec![0u8; SEGMENT * self.socket.receive_segments()]; BATCH_SIZE];
        let mut meta = vec![RecvMeta::default(); BATCH_SIZE];
        let mut last = mono::now();
        loop {
            tokio::select! {
                ready = waiter.readable() => ready?,
                Some(packet) = streams.recv() => {
                    let more = std::iter::from_fn(|| streams.try_recv().ok()).take(STREAM_PACKETS);
                    self.hand_out(std::iter::once(packet).chain(more).map(from_stream), &sinks);
                    continue;
                }
                () = stop.notified() => return Ok(()),
            }
            let read = waiter.try_io(tokio::io::Interest::READABLE, || {
                let mut slices: Vec<_> = buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
                self.socket.receive(&mut slices, &mut meta)
            });
            match read {
                Ok(count) => {
                    let (before, now) = (last, mono::now());
                    last = now;
                    let read = buffers[..count].iter().zip(&meta[..count]);
                    self.hand_out(read.flat_map(|(buffer, meta)| unglued(buffer, meta)), &sinks);
                    if count < BATCH_SIZE && now.saturating_duration_since(before) < 3 * GATHER {
                        tokio::time::sleep(GATHER).await;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Refused packets of earlier sends come back here; they concern one peer only.
                Err(error) => tracing::debug!(%error, "reading the media port failed"),
            }
        }
    }

    fn hand_out(&mut self, packets: impl Iterator<Item = Datagram>, sinks: &[Sink]) {
        while let Ok(update) = self.updates.try_recv() {
            self.table.update(update);
        }
        let mut batches: Vec<Vec<Datagram>> = sinks.iter().map(|_| Vec::new()).collect();
        for packet in packets {
            if let Some(route) = self.table.route(packet.origin(), &packet.bytes)
                && let Some(batch) = batches.get_mut(route.thread)
            {
                batch.push(Datagram { conn: route.conn, ..packet });
            }
        }
        for (batch, sink) in batches.into_iter().zip(sinks).filter(|(batch, _)| !batch.is_empty()) {
            sink(batch);
        }
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
        Datagram { conn: 0, from, to, at, bytes, stream: None }
    })
}

fn from_stream(packet: StreamPacket) -> Datagram {
    let StreamPacket { from, to, bytes, sink } = packet;
    Datagram { conn: 0, from, to, at: mono::now(), bytes, stream: Some(sink) }
}

impl Table {
    fn route(&self, from: Origin, packet: &[u8]) -> Option<Route> {
        if stun::is_stun(packet) {
            return self.ufrags.get(stun::local_ufrag(packet)?).copied();
        }
        self.addresses.get(&from).copied()
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
