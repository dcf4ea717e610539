//! The TCP streams of one connection's client. A client that reads too slowly loses pictures first, then its stream.

use std::collections::HashMap;
use std::net::SocketAddr;

use crate::net::StreamSink;

/// Most streams of one client: one for each pair of its and our addresses.
const MAX_STREAMS: usize = 32;

#[derive(Debug, Default)]
pub struct Streams {
    open: HashMap<SocketAddr, StreamSink>,
}

impl Streams {
    /// Takes a stream whose client has proved to be ours.
    pub fn add(&mut self, from: SocketAddr, stream: &StreamSink) {
        stream.prove();
        if self.open.get(&from).is_none_or(StreamSink::is_over) {
            self.open.retain(|_, stream| !stream.is_over());
            if self.open.len() < MAX_STREAMS {
                self.open.insert(from, stream.clone());
            }
        }
    }

    /// Sends on the stream to that address; `false` if there is none any more. What may be dropped is dropped first.
    pub fn send(&mut self, to: SocketAddr, packet: &[u8], droppable: bool) -> bool {
        let Some(stream) = self.open.get(&to) else { return false };
        let sent = stream.send(packet, droppable);
        if !sent {
            stream.end();
            self.open.remove(&to);
        }
        sent
    }

    pub fn end(&self) {
        self.open.values().for_each(StreamSink::end);
    }
}
