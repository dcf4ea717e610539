//! The ways to one connection's client that lead through the relay.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::peer::Path;
use crate::net::{Outbox, RelayWay};

/// Most ways of one client: it has a few allocations, and each has one address.
const MAX_WAYS: usize = 32;

#[derive(Debug, Default)]
pub struct Relayed {
    open: HashMap<SocketAddr, RelayWay>,
}

impl Relayed {
    /// Takes a way whose client has proved to be ours.
    pub fn add(&mut self, from: SocketAddr, way: &RelayWay) {
        if self.open.get(&from).is_none_or(RelayWay::is_over) {
            self.open.retain(|_, way| !way.is_over());
            if self.open.len() < MAX_WAYS {
                self.open.insert(from, way.clone());
            }
        }
    }

    /// The client itself has spoken from this address; a relayed one only looks like it.
    pub fn forget(&mut self, address: SocketAddr) {
        if !self.open.is_empty() {
            self.open.remove(&address);
        }
    }

    pub fn leads_to(&self, address: SocketAddr) -> bool {
        self.open.contains_key(&address)
    }

    /// Sends to a relayed address; `None` if this is none, `false` if the way is over.
    pub fn send(&mut self, path: &Path, packet: &[u8], droppable: bool, outbox: &mut Outbox) -> Option<bool> {
        let way = self.open.get(&path.theirs)?;
        let sent = way.send(path.ours, packet, droppable, outbox);
        if !sent {
            self.open.remove(&path.theirs);
        }
        Some(sent)
    }
}
