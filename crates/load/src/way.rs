//! A client's connections, each with its own way of packets. The first one offers and sends; the last one receives.

use std::future::pending;

use crate::coded::Skills;
use crate::peer::Peer;
use crate::udp::Came;
use crate::wire::Wire;

pub struct Way {
    pub peer: Peer,
    pub wire: Wire,
    /// Media is up.
    pub connected: bool,
    /// Data channels that are open.
    pub channels: usize,
}

impl Way {
    pub fn new(wire: Wire, skills: Skills) -> Self {
        Self { peer: Peer::new(&wire, skills), wire, connected: false, channels: 0 }
    }

    /// The data channels are open too.
    pub fn is_up(&self) -> bool {
        self.connected && self.channels == 2
    }
}

/// The next packet on any of two ways at most, and on which it came.
pub async fn receive(ways: &mut [Way]) -> (usize, Option<Came>) {
    match ways {
        [one] => (0, one.wire.receive().await),
        [one, other] => tokio::select! {
            got = one.wire.receive() => (0, got),
            got = other.wire.receive() => (1, got),
        },
        _ => pending().await,
    }
}
