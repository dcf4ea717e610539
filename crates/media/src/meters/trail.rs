//! The steps of one join, from the opening of its socket to the first media, with when each was done. Nothing in it says
//! who joined what.

use std::sync::Arc;
use std::time::Instant;

use crate::mono;

/// A step of a join, in the order in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The token is read and good.
    Token,
    /// The room lets its bearer in.
    Admission,
    /// The WebSocket is open, and the room has greeted.
    Socket,
    /// The client's first offer is answered.
    Offer,
    /// A way between client and server is proved (RFC 8445).
    Ice,
    /// Keys are agreed (RFC 5764).
    Dtls,
    /// The first sound or picture has come from the client, or left towards it.
    FirstMedia,
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Admission => "admission",
            Self::Socket => "socket",
            Self::Offer => "offer",
            Self::Ice => "ice",
            Self::Dtls => "dtls",
            Self::FirstMedia => "first_media",
        }
    }
}

/// The way that media takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaPath {
    Udp,
    Tcp,
    Relay,
    /// There was no media.
    None,
}

impl MediaPath {
    pub fn name(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Relay => "relay",
            Self::None => "none",
        }
    }
}

/// What came of a join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JoinOutcome {
    /// Media is up.
    Connected,
    /// A session that was there before goes on, on a new socket.
    Resumed,
    /// There is no session that it could go on with.
    NotResumed,
    /// The client was let in, and was gone before media was up.
    Aborted,
    /// The token is missing, wrong, over, or allows no joining.
    BadToken,
    /// Nobody of this identity is admitted, or the room is not for the key.
    NotAdmitted,
    /// The request or the names in it cannot be read.
    BadRequest,
    /// The room is full.
    RoomFull,
    /// The server carries as much as it may.
    Overloaded,
    Stopping,
}

impl JoinOutcome {
    pub fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Resumed => "resumed",
            Self::NotResumed => "not_resumed",
            Self::Aborted => "aborted",
            Self::BadToken => "bad_token",
            Self::NotAdmitted => "not_admitted",
            Self::BadRequest => "bad_request",
            Self::RoomFull => "room_full",
            Self::Overloaded => "overloaded",
            Self::Stopping => "stopping",
        }
    }
}

/// One join so far, or at its end.
#[derive(Clone, Debug)]
pub struct JoinTrail {
    pub opened: Instant,
    /// What was done, and when.
    pub steps: Vec<(Step, Instant)>,
    pub path: MediaPath,
    pub outcome: JoinOutcome,
}

/// What listeners are handed when a join is over.
pub type Trails = tokio::sync::broadcast::Receiver<Arc<JoinTrail>>;

impl JoinTrail {
    pub fn begin() -> Self {
        Self { opened: mono::now(), steps: Vec::with_capacity(7), path: MediaPath::None, outcome: JoinOutcome::Aborted }
    }

    /// Marks a step as done now, if it is the first time and nothing later is done.
    pub fn done(&mut self, step: Step) -> bool {
        let new = self.steps.last().is_none_or(|(last, _)| *last < step);
        if new {
            self.steps.push((step, mono::now()));
        }
        new
    }
}
