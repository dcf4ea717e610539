//! Packets on their way out. A video frame for one viewer is a run of equal packets to one address: such a run goes
//! to the kernel in one call, which is where most of the cost of a packet lies.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::MediaSocket;
use super::receiver::Datagram;
use crate::meters::ThreadMeter;

/// Longest run in bytes that one call may carry.
const MAX_RUN: usize = 60_000;

/// Collects the packets of one wake-up of a thread and sends them.
#[derive(Debug)]
pub struct Outbox {
    socket: Arc<MediaSocket>,
    own: Arc<HashSet<IpAddr>>,
    /// The packets of a run, one after the other, and how many bytes they are. It never becomes shorter, because what
    /// becomes longer is filled with noughts first.
    run: Vec<u8>,
    used: usize,
    to: Option<(SocketAddr, IpAddr)>,
    segment: usize,
    count: usize,
    closed: bool,
    meter: Arc<ThreadMeter>,
}

impl Outbox {
    /// `own` are the addresses of this machine; only those can be named as the source of a packet.
    pub fn new(socket: Arc<MediaSocket>, own: Arc<HashSet<IpAddr>>, meter: Arc<ThreadMeter>) -> Self {
        Self { socket, own, run: Vec::new(), used: 0, to: None, segment: 0, count: 0, closed: false, meter }
    }

    /// A packet for `destination`, from an address of ours.
    pub fn push_to(&mut self, destination: SocketAddr, source: IpAddr, contents: &[u8]) {
        self.room(destination, source, contents.len()).copy_from_slice(contents);
    }

    /// Room for a packet of so many bytes, which leaves with what is written into it. Before, it holds anything.
    pub fn room(&mut self, destination: SocketAddr, source: IpAddr, length: usize) -> &mut [u8] {
        let to = (destination, source);
        let fits = self.to == Some(to)
            && !self.closed
            && length <= self.segment
            && self.count < self.socket.max_segments()
            && self.used + length <= MAX_RUN;
        if !fits {
            self.flush();
            (self.to, self.segment) = (Some(to), length);
        }
        self.count += 1;
        // Only the last packet of a run may be shorter.
        self.closed = length < self.segment;
        let begins = self.used;
        self.used += length;
        if self.run.len() < self.used {
            self.run.resize(self.used, 0);
        }
        &mut self.run[begins..self.used]
    }

    /// Sends what is left. A full kernel buffer loses packets, as any network does.
    pub fn flush(&mut self) {
        if let Some((destination, source)) = self.to.take() {
            let source = self.own.contains(&source).then_some(source);
            if let Err(error) = self.send(destination, source) {
                self.meter.unsent.add(self.count as u64);
                if error.kind() != io::ErrorKind::WouldBlock {
                    tracing::debug!(%error, "a packet could not be sent");
                }
            }
        }
        (self.used, self.segment, self.count, self.closed) = (0, 0, 0, false);
    }

    fn send(&self, destination: SocketAddr, source: Option<IpAddr>) -> io::Result<()> {
        let run = &self.run[..self.used];
        if self.count == 1 {
            return self.socket.send(destination, source, run, None);
        }
        match self.socket.send(destination, source, run, Some(self.segment)) {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                // Some network cards cannot cut packets; the next run is sent singly by the socket's own choice.
                run.chunks(self.segment).try_for_each(|p| self.socket.send(destination, source, p, None))
            }
            other => other,
        }
    }
}

/// Sends what is answered at once, from where it was asked.
#[derive(Clone, Debug)]
pub struct Replies {
    socket: Arc<MediaSocket>,
    own: Arc<HashSet<IpAddr>>,
}

impl Replies {
    /// `own` are the addresses of this machine; only those can be named as the source of a packet.
    pub fn new(socket: Arc<MediaSocket>, own: Arc<HashSet<IpAddr>>) -> Self {
        Self { socket, own }
    }

    /// Answers a datagram. What is not sent is lost like any other packet, and the client asks again.
    pub fn send(&self, to: &Datagram, answer: &[u8]) {
        let source = to.to.filter(|ip| self.own.contains(ip));
        if let Err(error) = self.socket.send(to.from, source, answer, None) {
            tracing::debug!(%error, "an answer could not be sent");
        }
    }
}
