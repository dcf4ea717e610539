//! What an allocation has leased, as the threads see it that send to its client. Written by the relay, read by anyone,
//! never waited for.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};

use crate::message::{ChannelData, Class, DATA, Method, Writer, XOR_PEER_ADDRESS};

/// The way back to the client of one allocation.
#[derive(Debug)]
pub struct Leases {
    relayed: SocketAddr,
    by_stream: bool,
    peers: Vec<Lease>,
    over: AtomicBool,
    indications: AtomicU64,
}

/// What the client may send to, and hear of, one of the server's addresses.
#[derive(Debug)]
struct Lease {
    peer: SocketAddr,
    permitted: AtomicBool,
    /// 0 while none is bound.
    channel: AtomicU16,
}

impl Leases {
    pub(crate) fn new(relayed: SocketAddr, by_stream: bool, peers: &[SocketAddr]) -> Self {
        let lease = |peer: &SocketAddr| Lease { peer: *peer, permitted: false.into(), channel: 0.into() };
        let peers = peers.iter().map(lease).collect();
        Self { relayed, by_stream, peers, over: false.into(), indications: 0.into() }
    }

    /// The address that the client seems to come from.
    pub fn relayed(&self) -> SocketAddr {
        self.relayed
    }

    /// The allocation is gone.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Appends a packet of ours, as the client of the allocation is sent it; `false` if it wants none from `peer`.
    pub fn wrap(&self, peer: SocketAddr, packet: &[u8], out: &mut Vec<u8>) -> bool {
        let lease = self.peers.iter().find(|l| l.peer == peer).filter(|l| l.permitted.load(Ordering::Relaxed));
        let Some(lease) = lease.filter(|_| !self.is_over()) else { return false };
        match lease.channel.load(Ordering::Relaxed) {
            0 => {
                let mut id = [0; 12];
                id[4..].copy_from_slice(&self.indications.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                let writer = Writer::new(Class::Indication, Method::Data, id).address(XOR_PEER_ADDRESS, peer);
                out.extend_from_slice(&writer.put(DATA, packet).unsigned());
                true
            }
            channel => ChannelData { channel, packet }.write(self.by_stream, out).is_ok(),
        }
    }

    pub(crate) fn set(&self, index: usize, permitted: bool, channel: Option<u16>) {
        if let Some(lease) = self.peers.get(index) {
            lease.permitted.store(permitted, Ordering::Relaxed);
            lease.channel.store(channel.unwrap_or(0), Ordering::Relaxed);
        }
    }

    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
