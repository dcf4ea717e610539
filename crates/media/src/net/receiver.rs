//! The thread that reads the media port and hands each packet to the thread that owns its connection.
//!
//! A STUN request finds its connection by the name in it, everything else by the address it comes from. An address is
//! believed only after the connection has checked a STUN request from it, so nobody can draw another's packets.

use std::collections::{HashMap, VecDeque};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Instant;

use bytes::Bytes;
use quinn_udp::{BATCH_SIZE, RecvMeta};
use tokio::sync::Notify;

use super::{MediaSocket, stun};
use crate::mono;

/// Bytes of one receive buffer segment; WebRTC packets stay below 1,500.
const SEGMENT: usize = 2_048;

/// Most addresses and names of one connection; a phone that changes networks has a handful.
const MAX_NAMES: usize = 64;

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
    Address(SocketAddr, Route),
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
}

/// Takes the packets of one thread.
pub type Sink = Box<dyn Fn(Vec<Datagram>) + Send>;

/// Reads until told to stop.
#[derive(Debug)]
pub struct Receiver {
    socket: Arc<MediaSocket>,
    updates: mpsc::Receiver<RouteUpdate>,
    table: Table,
}

#[derive(Debug, Default)]
struct Table {
    ufrags: HashMap<String, Route>,
    addresses: HashMap<SocketAddr, Route>,
    names: HashMap<u64, VecDeque<Name>>,
}

#[derive(Debug)]
enum Name {
    Ufrag(String),
    Address(SocketAddr),
}

impl Receiver {
    pub fn new(socket: Arc<MediaSocket>, updates: mpsc::Receiver<RouteUpdate>) -> Self {
        Self { socket, updates, table: Table::default() }
    }

    /// Runs on a thread of its own with a small runtime that only waits for the socket.
    pub async fn run(mut self, sinks: Vec<Sink>, stop: Arc<Notify>) -> io::Result<()> {
        let waiter = tokio::net::UdpSocket::from_std(self.socket.try_clone()?)?;
        let mut buffers = vec![vec![0u8; SEGMENT * self.socket.receive_segments()]; BATCH_SIZE];
        let mut meta = vec![RecvMeta::default(); BATCH_SIZE];
        loop {
            tokio::select! {
                ready = waiter.readable() => ready?,
                () = stop.notified() => return Ok(()),
            }
            let read = waiter.try_io(tokio::io::Interest::READABLE, || {
                let mut slices: Vec<_> = buffers.iter_mut().map(|b| IoSliceMut::new(b)).collect();
                self.socket.receive(&mut slices, &mut meta)
            });
            match read {
                Ok(count) => self.hand_out(&buffers[..count], &meta[..count], &sinks),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Refused packets of earlier sends come back here; they concern one peer only.
                Err(error) => tracing::debug!(%error, "reading the media port failed"),
            }
        }
    }

    fn hand_out(&mut self, buffers: &[Vec<u8>], meta: &[RecvMeta], sinks: &[Sink]) {
        while let Ok(update) = self.updates.try_recv() {
            self.table.update(update);
        }
        let at = mono::now();
        let mut batches: Vec<Vec<Datagram>> = sinks.iter().map(|_| Vec::new()).collect();
        for (buffer, meta) in buffers.iter().zip(meta) {
            let from = SocketAddr::new(meta.addr.ip().to_canonical(), meta.addr.port());
            let glued = Bytes::copy_from_slice(&buffer[..meta.len.min(buffer.len())]);
            for start in (0..glued.len()).step_by(meta.stride.max(1)) {
                let bytes = glued.slice(start..(start + meta.stride).min(glued.len()));
                if let Some(route) = self.table.route(from, &bytes)
                    && let Some(batch) = batches.get_mut(route.thread)
                {
                    let to = meta.dst_ip.map(|ip| ip.to_canonical());
                    batch.push(Datagram { conn: route.conn, from, to, at, bytes });
                }
            }
        }
        for (batch, sink) in batches.into_iter().zip(sinks).filter(|(batch, _)| !batch.is_empty()) {
            sink(batch);
        }
    }
}

impl Table {
    fn route(&self, from: SocketAddr, packet: &[u8]) -> Option<Route> {
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
        let at: SocketAddr = "192.0.2.1:5000".parse().expect("an address");
        let (one, two) = (Route { conn: 1, thread: 0 }, Route { conn: 2, thread: 1 });
        let mut table = Table::default();
        let rtp = [0x80, 96, 0, 0];
        assert_eq!(table.route(at, &rtp), None);
        table.update(RouteUpdate::Address(at, one));
        table.update(RouteUpdate::Address(at, two));
        assert_eq!(table.route(at, &rtp), Some(two));
        table.update(RouteUpdate::Forget(1));
        assert_eq!(table.route(at, &rtp), Some(two));
        table.update(RouteUpdate::Forget(2));
        assert_eq!(table.route(at, &rtp), None);
        assert!(table.names.is_empty() && table.addresses.is_empty());
    }

    #[test]
    fn a_connection_that_moves_often_is_still_found() {
        let route = Route { conn: 1, thread: 0 };
        let mut table = Table::default();
        for port in 1..=200 {
            table.update(RouteUpdate::Address(SocketAddr::from(([192, 0, 2, 1], port)), route));
            table.update(RouteUpdate::Ufrag("same".into(), route));
        }
        assert_eq!(table.route(SocketAddr::from(([192, 0, 2, 1], 200)), &[0x80]), Some(route));
        assert_eq!(table.route(SocketAddr::from(([192, 0, 2, 1], 1)), &[0x80]), None);
        assert_eq!(table.names[&1].len(), MAX_NAMES);
    }
}
