//! One participant as its room sees it: the signal socket, the media connections, the lines between them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::{Duration, Instant};

use kloud_livekit::proto::{SessionDescription, TrackInfo, signal_response};
use kloud_livekit::{Claims, Lines, OfferPlan, Peer};
use kloud_sfu::{Codec, Codecs, Identity, Kind, ParticipantSid, Sample, Sequencer, Source, TrackSid};
use tokio::sync::{mpsc, watch};

use super::thrift::Lean;
use crate::counters::Counters;
use crate::meters::{JoinTrail, Place};
use crate::shared::RoomHandle;

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
pub struct SignalSink {
    pub sender: mpsc::Sender<Outgoing>,
    /// The room that hears what comes by the socket.
    pub room: Arc<watch::Sender<RoomHandle>>,
}

impl SignalSink {
    /// Has the socket read by another room, which it tells the first one ([`Signal::Led`](super::Signal::Led)).
    pub fn lead(&self, to: RoomHandle) {
        self.room.send_replace(to);
    }
}

/// How many connections a client uses. It decides by the address that it joins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connections {
    One,
    Two,
}

/// The connections of one participant, each by what it is for; one may be all of them. They are on the same thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conns {
    /// Where the client offers, and sends.
    pub up: u64,
    /// Where it gets others' tracks.
    pub down: u64,
    /// The one without which it is not there; messages go to it by this one too.
    pub main: u64,
}

impl Conns {
    pub fn all(self) -> impl Iterator<Item = u64> {
        [Some(self.up), (self.down != self.up).then_some(self.down)].into_iter().flatten()
    }

    pub fn count(self) -> Connections {
        if self.down == self.up { Connections::One } else { Connections::Two }
    }
}

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
    pub conns: Conns,
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
    /// When the client must have answered what it was offered last.
    pub answer_due: Option<Instant>,
    /// What was measured last, and on which connection.
    pub measured: Option<(u64, Sample)>,
    /// How sparingly its sound goes and comes.
    pub lean: Lean,
    pub subscribed: Vec<TrackSid>,
    /// What the client was told of pictures that wait for a better line, or no longer do.
    pub paused: BTreeMap<TrackSid, bool>,
    pub joined: Instant,
    pub socket_lost: Option<Instant>,
    /// The connections without a sign of life, and since when.
    pub media_lost: BTreeMap<u64, Instant>,
    pub refresh_at: Instant,
    /// How the join goes, until there is media.
    pub trail: Option<JoinTrail>,
    /// Counts as one who is inside.
    pub _place: Place,
}

impl Seat {
    /// Most offers that wait for their answer.
    pub const MAX_OFFERS: usize = 8;

    /// When a client that can answer, and does not, is given up.
    pub fn unanswered_at(&self) -> Option<Instant> {
        self.answer_due.filter(|_| self.socket.is_some())
    }

    /// Sends an offer, and waits for its answer.
    pub fn offer(&mut self, offer: SessionDescription, patience: Duration) {
        self.answer_due = Some(crate::mono::now() + patience);
        self.send(signal_response::Message::Offer(offer));
    }

    /// Sends a message, if there is a socket that takes it. A socket that takes no more is given up.
    pub fn send(&mut self, message: signal_response::Message) {
        if let Some((_, sink)) = &self.socket
            && sink.sender.try_send(Outgoing::Message(Box::new(message))).is_err()
        {
            tracing::debug!(participant = %self.sid, "a signal socket is too slow");
            self.socket = None;
            self.socket_lost = Some(crate::mono::now());
        }
    }
}
