//! Forwarding decisions of a media server: who is in a room, who may hear and see whom, which layer, under which
//! sequence number; and how much a connection carries. Pure: time is an argument, nothing here opens a socket, starts a
//! thread or asks a clock.
//!
//! A packet passes two locks. The publisher half ([`Ingress`]) and each subscriber half ([`Egress`]) hold their own
//! copy of the publisher's [`Gate`]; a packet is handed on only with a [`Pass`], which only an open gate gives out.
//!
//! Invariant: no copy of a permit, no forwarding. A fresh gate is shut.
//! Deliberately not here: the wire of any client (crate `livekit`), encryption and sockets (crate `media`).

mod allocate;
mod codec;
mod congestion;
mod data;
mod descriptor;
mod forward;
#[doc(hidden)]
pub mod fuzz;
mod ids;
mod layer;
mod opus;
mod payload;
mod permit;
mod quality;
#[cfg(test)]
mod reach_tests;
mod red;
mod room;
mod speaker;
mod svc;
mod thrift;
mod vp8;

pub use allocate::{Allocation, Demand, allocate, bitrates_of};
pub use codec::{Codec, Codecs, Encoding, Rendition};
pub use congestion::{Arrival, Congestion};
pub use data::{ReliableEntry, ReliableLog, Sequencer};
pub use descriptor::{DEPENDENCY_DESCRIPTOR, DescriptorReader};
pub use forward::{Egress, Ingress, PacketMeta, Refusal, Rewrite, Vp8Meta};
pub use ids::{Identity, NameError, ParticipantSid, RoomName, RoomSid, TrackSid};
pub use layer::{LayerIndex, LayerSpec, Quality, Wish, choose_layer};
pub use opus::{OpusFrames, OpusMerger};
pub use payload::starts_keyframe;
pub use permit::{BySource, Epoch, Gate, Pass, Permits, Source};
pub use quality::{ConnectionQuality, Qualities, QualityChange, Sample};
pub use red::Redundant;
pub use room::{Effect, JoinSpec, Member, MemberState, Publication, Room, Subscribers};
pub use speaker::{LevelMeter, SpeakerChange, Speakers};
pub use svc::{Frame, Indication, SPATIAL_LAYERS, Selector};
pub use thrift::Thrift;
pub use vp8::patch_vp8;

/// Milliseconds of a monotonic clock whose zero means nothing.
pub type Tick = u64;

/// What a track carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Audio,
    Video,
}

impl Kind {
    /// RTP clock rate in Hz: Opus counts 48,000, every video codec 90,000.
    pub const fn clock_rate(self) -> u32 {
        match self {
            Kind::Audio => 48_000,
            Kind::Video => 90_000,
        }
    }
}
