//! Data channels. The client opens them; what the server has to say goes back on the same ones.

use std::collections::VecDeque;
use std::sync::Arc;

use str0m::channel::{ChannelData, ChannelId};

use super::Worker;
use super::order::{Delivery, Ending, Fact};
use super::peer::Peer;
use super::turn::Turn;

/// Bytes of reliable messages that may wait for one client.
const MAX_WAITING: usize = 4 << 20;
/// When the channel has drained to this, it is filled again.
const LOW: usize = 64 * 1024;

#[derive(Debug, Default)]
pub struct Channels {
    reliable: Option<ChannelId>,
    lossy: Option<ChannelId>,
    waiting: VecDeque<Arc<[u8]>>,
    waiting_bytes: usize,
}

impl Channels {
    pub fn closed(&mut self, id: ChannelId) {
        for slot in [&mut self.reliable, &mut self.lossy] {
            if *slot == Some(id) {
                *slot = None;
            }
        }
    }

    fn delivery(&self, id: ChannelId) -> Option<Delivery> {
        if self.reliable == Some(id) {
            Some(Delivery::Reliable)
        } else if self.lossy == Some(id) {
            Some(Delivery::Lossy)
        } else {
            None
        }
    }
}

impl Worker {
    pub(super) fn data(&mut self, conns: &[u64], delivery: Delivery, bytes: &Arc<[u8]>) {
        for conn in conns {
            let Some(peer) = self.peers.get_mut(conn) else { continue };
            peer.rest.stirs(self.turn.now);
            peer.stack_stirs = true;
            match delivery {
                Delivery::Lossy => peer.send_lossy(bytes, &self.turn),
                Delivery::Reliable => {
                    if peer.channels.waiting_bytes + bytes.len() > MAX_WAITING {
                        // Nothing reliable may be left out, so a client that takes nothing must come anew.
                        peer.end(&mut self.turn, Ending::Slow);
                        continue;
                    }
                    peer.channels.waiting_bytes += bytes.len();
                    peer.channels.waiting.push_back(bytes.clone());
                    peer.send_waiting(&self.turn);
                }
            }
            self.turn.touch(&mut peer.touched, peer.conn);
        }
    }
}

impl Peer {
    pub(super) fn channel_open(&mut self, id: ChannelId, label: &str, turn: &Turn) {
        match label {
            "_reliable" => self.channels.reliable = Some(id),
            "_lossy" => self.channels.lossy = Some(id),
            _ => return,
        }
        if let Some(mut channel) = self.rtc.channel(id) {
            channel.set_buffered_amount_low_threshold(LOW);
        }
        self.send_waiting(turn);
    }

    pub(super) fn channel_data(&mut self, data: ChannelData, turn: &Turn) {
        self.rest.stirs(turn.now);
        let Some(delivery) = self.channels.delivery(data.id) else { return };
        turn.meter.received.data.add(data.data.len());
        let taken = self.facts.data(self.conn, delivery, data.data);
        if !taken && delivery == Delivery::Reliable {
            self.facts.tell(Fact::Ended { conn: self.conn, why: Ending::Flood });
        }
    }

    /// Sends reliable messages for as long as the channel takes them.
    pub(super) fn send_waiting(&mut self, turn: &Turn) {
        let Some(mut channel) = self.channels.reliable.and_then(|id| self.rtc.channel(id)) else { return };
        while let Some(first) = self.channels.waiting.front() {
            match channel.write(true, first) {
                Ok(true) => {
                    turn.meter.forwarded.data.add(first.len());
                    self.channels.waiting_bytes -= first.len();
                    self.channels.waiting.pop_front();
                }
                Ok(false) => break,
                Err(error) => {
                    tracing::debug!(%error, "a data channel failed");
                    break;
                }
            }
        }
    }

    fn send_lossy(&mut self, bytes: &[u8], turn: &Turn) {
        if let Some(mut channel) = self.channels.lossy.and_then(|id| self.rtc.channel(id)) {
            // What does not fit now is lost: that is what this channel is for.
            if let Ok(true) = channel.write(true, bytes) {
                turn.meter.forwarded.data.add(bytes.len());
            }
        }
    }
}
