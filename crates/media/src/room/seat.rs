//! One participant as its room sees it: the signal socket, the media connection, the lines between them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Instant;

use kloud_livekit::proto::{SessionDescription, TrackInfo, signal_response};
use kloud_livekit::{Claims, Lines, OfferPlan, Peer};
use kloud_sfu::{Codec, Codecs, Identity, Kind, ParticipantSid, Sequencer, Source, TrackSid};
use tokio::sync::mpsc;

use crate::counters::Counters;

/// Messages that may wait for one signal socket. A client that is further behind is disconnected and resumes.
pub const SINK_DEPTH: usize = 512;

/// A signal socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketId(pub u64);

/// What a signal socket is given to send.
#[derive(Clone, Debug)]
pub enum Outgoing {
    Message(Box<signal_response::Message>),
}

/// The sending half of a signal socket. Dropping it closes the socket after everything was sent.
#[derive(Clone, Debug)]
pub struct SignalSink(pub mpsc::Sender<Outgoing>);

/// A track that the participant announced.
#[derive(Clone, Debug)]
pub struct Announced {
    pub info: TrackInfo,
    pub kind: Kind,
    pub source: Source,
    /// Its line is agreed, and others know of it. The first of its codecs makes it so.
    pub agreed: bool,
    /// The codecs whose lines are agreed.
    pub sent: Codecs,
    /// A codec that was promised and is wanted now.
    pub wanted: Option<Codec>,
}

/// One participant.
pub struct Seat {
    pub sid: ParticipantSid,
    pub identity: Identity,
    pub conn: u64,
    pub thread: usize,
    pub lines: Lines,
    pub peer: Peer,
    pub claims: Claims,
    pub tracks: BTreeMap<TrackSid, Announced>,
    pub sequencer: Sequencer,
    pub counters: Arc<Counters>,
    pub in_flight: Arc<AtomicUsize>,
    pub socket: Option<(SocketId, SignalSink)>,
    /// The offer that a media thread is working on.
    pub plan: Option<OfferPlan>,
    pub offers: VecDeque<SessionDescription>,
    pub subscribed: Vec<TrackSid>,
    /// What the client was told of pictures that wait for a better line, or no longer do.
    pub paused: BTreeMap<TrackSid, bool>,
    pub joined: Instant,
    pub socket_lost: Option<Instant>,
    pub media_lost: Option<Instant>,
    pub refresh_at: Instant,
}

impl Seat {
    /// Most offers that wait for their answer.
    pub const MAX_OFFERS: usize = 8;

    /// Sends a message, if there is a socket that takes it. A socket that takes no more is given up.
    pub fn send(&mut self, message: signal_response::Message) {
        if let Some((_, sink)) = &self.socket
            && sink.0.try_send(Outgoing::Message(Box::new(message))).is_err()
        {
            tracing::debug!(participant = %self.sid, "a signal socket is too slow");
            self.socket = None;
            self.socket_lost = Some(crate::mono::now());
        }
    }
}
