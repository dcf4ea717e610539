//! What the media server tells the product: what happened, and what was counted.

use std::time::Duration;

use kloud_base::Timestamp;
use kloud_sfu::{BySource, Identity, ParticipantSid, Permits, RoomName, Source};

use crate::counters::Counted;

/// Something that happened in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaEvent {
    pub room: RoomName,
    pub happened: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Media of this person flows, in both directions.
    Joined {
        identity: Identity,
        participant: ParticipantSid,
    },
    Published {
        identity: Identity,
        source: Source,
    },
    Unpublished {
        identity: Identity,
        source: Source,
    },
    Muted {
        identity: Identity,
        source: Source,
        muted: bool,
    },
    Left {
        identity: Identity,
        participant: ParticipantSid,
        reason: LeftReason,
    },
    /// The last one has left. The room stays open.
    Empty,
    /// The room is no more.
    Closed,
}

/// Why someone is no longer there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftReason {
    /// Said goodbye.
    Left,
    /// Removed by the product.
    Removed,
    /// Came in again elsewhere.
    Replaced,
    /// Not heard of for too long.
    Lost,
    /// Spoke no sense, or could not keep up.
    Failed,
    /// Is in another room now.
    Moved,
    RoomClosed,
    ServerStopped,
}

/// Why the product removes someone. Clients show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoveReason {
    Removed,
    /// The meeting is over for all.
    MeetingEnded,
    /// The session or account that the identity belongs to has ended.
    SessionEnded,
}

/// A way into a meeting room.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub identity: Identity,
    /// For `livekit-client`, with the base address of this server.
    pub token: String,
    pub expires_at: Timestamp,
}

/// The measure of a change of permits, taken by the server itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GateReceipt {
    /// From the call until every copy of the gate had the new permits.
    pub shut_after: Duration,
    /// From the call to the last packet that was forwarded and is now forbidden; `None` if there was none after the
    /// call.
    pub last_packet_after: Option<Duration>,
}

/// One person in a room, in numbers.
#[derive(Clone, Debug)]
pub struct ParticipantStats {
    pub identity: Identity,
    pub participant: Option<ParticipantSid>,
    pub active: bool,
    pub permits: Permits,
    /// Packets since the person first came to this room.
    pub packets: BySource<Counted>,
}

/// A room in numbers.
#[derive(Clone, Debug)]
pub struct RoomStats {
    pub participants: Vec<ParticipantStats>,
}

impl RoomStats {
    /// The numbers of one person.
    pub fn of(&self, identity: &Identity) -> Option<&ParticipantStats> {
        self.participants.iter().find(|p| p.identity == *identity)
    }
}
