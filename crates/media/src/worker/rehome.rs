//! A connection whose participant is in another room from now on. Nothing of what it sends or gets changes by that.

use std::sync::Arc;

use super::Worker;
use super::order::{Fact, Facts};
use crate::counters::Counters;

impl Worker {
    pub(super) fn rehome(&mut self, conn: u64, facts: Facts, counters: Arc<Counters>) {
        if let Some(peer) = self.peers.get_mut(&conn) {
            peer.facts.tell(Fact::Moved { conn });
            (peer.facts, peer.counters) = (facts, counters);
        }
    }
}
