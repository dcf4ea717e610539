//! The desk of the relay: takes what clients say to it, answers, and hands on what goes to this server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use kloud_base::Clock;
use kloud_turn::{Arrived, Leases, Moment, Outcome, Relay};

use super::stream::StreamSink;
use super::{Datagram, Outbox, Replies, Way};
use crate::mono;

/// Who speaks to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Client {
    /// Its address, and the one of ours that it speaks to.
    Udp(SocketAddr, Option<IpAddr>),
    Stream(u64),
}

/// The way to a relayed address: to its client, in the form that the client has asked for.
#[derive(Clone, Debug)]
pub struct RelayWay {
    leases: Arc<Leases>,
    to: Last,
}

/// The last piece of the way.
#[derive(Clone, Debug)]
enum Last {
    Udp(SocketAddr, IpAddr),
    Stream(StreamSink),
}

impl RelayWay {
    /// Sends a packet that comes from `peer`, an address of ours; `false` if this way is over.
    pub fn send(&self, peer: SocketAddr, packet: &[u8], droppable: bool, outbox: &mut Outbox) -> bool {
        let mut wrapped = Vec::with_capacity(packet.len() + 48);
        if !self.leases.wrap(peer, packet, &mut wrapped) {
            return !self.leases.is_over();
        }
        match &self.to {
            Last::Udp(client, source) => outbox.push_to(*client, *source, &wrapped),
            Last::Stream(stream) if !stream.send(&wrapped, droppable) => {
                stream.end();
                return false;
            }
            Last::Stream(_) => {}
        }
        true
    }

    pub fn is_over(&self) -> bool {
        self.leases.is_over()
    }
}

/// The relay and what it answers by.
pub struct Desk {
    relay: Relay<Client>,
    replies: Replies,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("allocations", &self.relay.count()).finish_non_exhaustive()
    }
}

impl Desk {
    pub fn new(relay: Relay<Client>, replies: Replies, clock: Arc<dyn Clock>) -> Self {
        Self { relay, replies, clock }
    }

    /// Takes what was said to the relay; what comes back goes to a connection, as from the relayed address.
    pub fn take(&mut self, said: Datagram) -> Option<Datagram> {
        let (client, by_stream) = match &said.way {
            Way::Stream(sink) => (Client::Stream(sink.id()), true),
            Way::Udp | Way::Relay(_) => (Client::Udp(said.from, said.to), false),
        };
        let now = Moment { at: said.at, wall: self.clock.now() };
        let arrived = Arrived { client, from: said.from, by_stream, packet: &said.bytes };
        match self.relay.take(arrived, now) {
            Outcome::Nothing => None,
            Outcome::Answer { bytes, admitted } => {
                self.answer(&said, &bytes, admitted);
                None
            }
            Outcome::Packet { leases, peer, packet } => {
                let bytes = said.bytes.slice_ref(packet);
                let to = match &said.way {
                    Way::Stream(sink) => Last::Stream(sink.clone()),
                    Way::Udp | Way::Relay(_) => Last::Udp(said.from, said.to.unwrap_or_else(|| peer.ip())),
                };
                let from = leases.relayed();
                let way = Way::Relay(RelayWay { leases, to });
                Some(Datagram { from, to: Some(peer.ip()), bytes, way, ..said })
            }
        }
    }

    /// A stream is over, and what its client had with it.
    pub fn gone(&mut self, stream: u64) {
        self.relay.end(Client::Stream(stream));
    }

    pub fn sweep(&mut self) {
        self.relay.sweep(mono::now());
    }

    fn answer(&self, to: &Datagram, bytes: &[u8], admitted: bool) {
        match &to.way {
            Way::Stream(sink) => {
                if admitted {
                    sink.prove();
                }
                if !sink.send(bytes, false) {
                    sink.end();
                }
            }
            Way::Udp | Way::Relay(_) => self.replies.send(to, bytes),
        }
    }
}
