//! What gathers during one turn of a media thread, apart from the connections, so that both can be changed at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::{LayerIndex, Pass, Rendition};

use super::order::Threads;
use crate::meters::ThreadMeter;
use crate::mono::{self, Epoch0};
use crate::net::Outbox;
use crate::rtp::Packet;

/// Between two beats of a thread.
const BEAT: Duration = Duration::from_millis(4);

#[derive(Debug)]
pub struct Turn {
    pub now: Instant,
    pub epoch: Epoch0,
    pub outbox: Outbox,
    /// Published packets for viewers of this thread.
    pub local: Vec<Arc<Packet>>,
    /// Published packets for viewers of other threads.
    pub elsewhere: Vec<Vec<Arc<Packet>>>,
    /// Connections that have something to send.
    pub touched: Vec<u64>,
    /// Connections that are over.
    pub ended: Vec<u64>,
    /// Connections on which something moves again.
    pub stirred: Vec<u64>,
    /// Viewers that lost their picture: the publisher's connection and thread, the track and the layer.
    pub keyframes: Vec<((u64, usize), Rendition, LayerIndex)>,
    /// There was sound in this window.
    pub heard: bool,
    pub meter: Arc<ThreadMeter>,
    index: usize,
    start: Instant,
}

impl Turn {
    pub fn new(outbox: Outbox, threads: usize, index: usize, start: Instant, meter: Arc<ThreadMeter>) -> Self {
        Self {
            now: mono::now(),
            epoch: Epoch0::new(start),
            outbox,
            local: Vec::new(),
            elsewhere: vec![Vec::new(); threads],
            touched: Vec::new(),
            ended: Vec::new(),
            stirred: Vec::new(),
            keyframes: Vec::new(),
            heard: false,
            meter,
            index,
            start,
        }
    }

    /// Asks this thread for a keyframe of a track that one of its own connections sends.
    pub fn ask_keyframe(&mut self, conn: u64, rendition: Rendition) {
        self.keyframes.push(((conn, self.index), rendition, LayerIndex(0)));
    }

    /// The first beat that is not before this time.
    pub fn beat_after(&self, at: Instant) -> Instant {
        mono::beat(self.start, BEAT, at)
    }

    /// The first of the slow beats that is not before this time.
    pub fn slow_beat_after(&self, at: Instant) -> Instant {
        mono::beat(self.start, mono::SLOW, at)
    }

    /// Remembers that a connection has something to send; `touched` is the connection's own mark of it.
    pub fn touch(&mut self, touched: &mut bool, conn: u64) {
        if !std::mem::replace(touched, true) {
            self.touched.push(conn);
        }
    }

    /// Hands a packet once to each thread of the set. Only the proof that its gate is open gets it so far.
    pub fn hand_on(&mut self, _proof: Pass, packet: Packet, threads: Threads) {
        let packet = Arc::new(packet);
        for (thread, packets) in self.elsewhere.iter_mut().enumerate() {
            if threads.contains(thread) && thread != self.index {
                packets.push(packet.clone());
            }
        }
        if threads.contains(self.index) {
            self.local.push(packet);
        }
    }
}
