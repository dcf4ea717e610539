//! What a media thread is told, and what it tells. Both are plain values on queues; nothing is shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bytes::Bytes;
use kloud_livekit::Proposal;
use kloud_sfu::{Epoch, LayerIndex, ParticipantSid, Permits, Rendition, Sample, Source, Thrift, TrackSid};
use str0m::change::{SdpAnswer, SdpOffer};
use tokio::sync::mpsc;

use crate::counters::Counters;
use crate::meters::MediaPath;
use crate::net::Datagram;
use crate::rtp::Packet;

/// A set of media threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Threads(u64);

impl Threads {
    /// Most threads that a server can have.
    pub const MAX: usize = 64;

    pub fn insert(&mut self, thread: usize) {
        self.0 |= 1 << (thread % Self::MAX);
    }

    /// These and those.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn contains(self, thread: usize) -> bool {
        self.0 & (1 << (thread % Self::MAX)) != 0
    }
}

/// Everything a media thread can be told.
#[derive(Debug)]
pub enum Order {
    /// Packets from the network.
    Datagrams(Vec<Datagram>),
    /// Published packets from another thread.
    Packets(Vec<Arc<Packet>>),
    Open(Box<NewPeer>),
    /// A connection belongs to another room from now on. Answered by [`Fact::Moved`], to the room that had it.
    Rehome {
        conn: u64,
        facts: Facts,
        counters: Arc<Counters>,
    },
    /// Answered by [`Fact::Answer`].
    Offer {
        conn: u64,
        offer: Box<SdpOffer>,
    },
    /// Answered by [`Fact::Proposed`].
    Propose {
        conn: u64,
        proposal: Proposal,
    },
    /// The client's answer to what was proposed.
    Accept {
        conn: u64,
        answer: Box<SdpAnswer>,
    },
    Publish {
        conn: u64,
        published: Box<Published>,
    },
    Unpublish {
        conn: u64,
        track: TrackSid,
    },
    /// As above, for one of several encodings.
    Drop {
        conn: u64,
        rendition: Rendition,
    },
    /// The threads that have viewers of a track, for the thread that has its publisher.
    Audience {
        conn: u64,
        rendition: Rendition,
        threads: Threads,
    },
    /// Permits for every copy of a person's gate on this thread.
    Gate {
        owner: ParticipantSid,
        permits: Permits,
        epoch: Epoch,
        ack: Option<GateAck>,
    },
    Mute {
        track: TrackSid,
        muted: bool,
    },
    View(Box<NewView>),
    Unview {
        conn: u64,
        track: TrackSid,
    },
    Target {
        conn: u64,
        track: TrackSid,
        layer: Option<LayerIndex>,
    },
    /// A viewer needs a keyframe; `conn` is the publisher.
    Keyframe {
        conn: u64,
        rendition: Rendition,
        layer: LayerIndex,
    },
    Data {
        conns: Vec<u64>,
        delivery: Delivery,
        bytes: Arc<[u8]>,
    },
    Close {
        conn: u64,
    },
    Stop,
}

/// Told back when a thread has taken over new permits: when it last forwarded something that is now forbidden.
pub type GateAck = mpsc::UnboundedSender<Option<Instant>>;

/// How a data packet travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Reliable,
    Lossy,
}

/// A connection of a participant to set up.
#[derive(Debug)]
pub struct NewPeer {
    pub conn: u64,
    pub owner: ParticipantSid,
    pub counters: Arc<Counters>,
    pub facts: Facts,
    /// Its client can be told that a picture waits.
    pub may_pause: bool,
    /// How sparingly sound had to go to the client and come from it when it was here before.
    pub down: Thrift,
    pub up: Thrift,
}

/// A track whose line is agreed.
#[derive(Clone, Debug)]
pub struct Published {
    pub mid: String,
    pub rendition: Rendition,
    pub source: Source,
    pub muted: bool,
    /// RTP stream ids of the layers, from small to large; empty for a single stream.
    pub rids: Vec<String>,
    pub permits: Permits,
    pub epoch: Epoch,
}

/// A track that a viewer gets from now on.
#[derive(Clone, Debug)]
pub struct NewView {
    pub conn: u64,
    pub mid: String,
    pub rendition: Rendition,
    pub source: Source,
    pub muted: bool,
    pub layer: Option<LayerIndex>,
    /// Bits per second of each layer.
    pub bitrates: Vec<u64>,
    pub owner: ParticipantSid,
    pub counters: Arc<Counters>,
    /// The publisher's connection and thread, for keyframe requests.
    pub publisher: (u64, usize),
    /// It is encrypted from end to end.
    pub sealed: bool,
    pub permits: Permits,
    pub epoch: Epoch,
}

/// Why a connection is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it.
    Goodbye,
    /// It can not go on.
    Broken,
    /// The client does not take what it is sent.
    Slow,
    /// The client sends more than its room can take.
    Flood,
}

/// What a media thread tells a room about one of its connections.
#[derive(Debug)]
pub enum Fact {
    Answer {
        conn: u64,
        answer: Result<String, String>,
    },
    /// An offer of this server, and the names of its new lines.
    Proposed {
        conn: u64,
        sdp: String,
        added: Vec<String>,
    },
    /// Media flows: ICE and DTLS are up.
    Connected {
        conn: u64,
        path: MediaPath,
    },
    /// The first sound or picture has come from the client, or leaves towards it.
    FirstMedia {
        conn: u64,
    },
    /// No sign of life on any path.
    Lost {
        conn: u64,
    },
    Found {
        conn: u64,
    },
    /// Another room hears of the connection from now on; this is the last that is told here.
    Moved {
        conn: u64,
    },
    /// The connection is over.
    Ended {
        conn: u64,
        why: Ending,
    },
    /// What a window has shown of a connection.
    Measured {
        conn: u64,
        sample: Sample,
    },
    /// How sparingly sound must go to the client and come from it from now on.
    Thrift {
        conn: u64,
        down: Thrift,
        up: Thrift,
    },
    /// A picture stops because the line is too thin for it, or comes again.
    Paused {
        conn: u64,
        track: TrackSid,
        paused: bool,
    },
    /// The window of speech of one track has ended.
    Level {
        track: TrackSid,
        level: Option<f32>,
    },
    Data {
        conn: u64,
        delivery: Delivery,
        bytes: Bytes,
    },
}

impl Fact {
    /// The connection that it is about, unless it is about a track.
    pub fn conn(&self) -> Option<u64> {
        match self {
            Fact::Answer { conn, .. }
            | Fact::Proposed { conn, .. }
            | Fact::Connected { conn, .. }
            | Fact::FirstMedia { conn }
            | Fact::Lost { conn }
            | Fact::Found { conn }
            | Fact::Moved { conn }
            | Fact::Ended { conn, .. }
            | Fact::Measured { conn, .. }
            | Fact::Thrift { conn, .. }
            | Fact::Paused { conn, .. }
            | Fact::Data { conn, .. } => Some(*conn),
            Fact::Level { .. } => None,
        }
    }
}

/// The way to a room. Data is bounded by bytes in flight for each connection.
#[derive(Clone, Debug)]
pub struct Facts {
    room: mpsc::UnboundedSender<Fact>,
    in_flight: Arc<AtomicUsize>,
}

impl Facts {
    /// Bytes of data of one connection that may wait for its room.
    pub const MAX_IN_FLIGHT: usize = 4 << 20;

    pub fn new(room: mpsc::UnboundedSender<Fact>, in_flight: Arc<AtomicUsize>) -> Self {
        Self { room, in_flight }
    }

    pub fn tell(&self, fact: Fact) {
        // A room that is gone has closed its connections.
        let _ = self.room.send(fact);
    }

    /// Passes data on if there is room for it.
    pub fn data(&self, conn: u64, delivery: Delivery, bytes: Vec<u8>) -> bool {
        if self.in_flight.fetch_add(bytes.len(), Ordering::Relaxed) > Self::MAX_IN_FLIGHT {
            self.in_flight.fetch_sub(bytes.len(), Ordering::Relaxed);
            return false;
        }
        self.tell(Fact::Data { conn, delivery, bytes: bytes.into() });
        true
    }
}
