//! What a publisher's packet becomes once it has come in.

use std::sync::Arc;
use std::time::Instant;

use kloud_sfu::{PacketMeta, Rendition};
use str0m::rtp::ExtensionValues;

use super::format::Format;

/// A published packet on its way to viewers.
#[derive(Debug)]
pub struct Packet {
    pub rendition: Rendition,
    pub format: Format,
    pub meta: PacketMeta,
    pub marker: bool,
    pub payload: Arc<[u8]>,
    pub extensions: ExtensionValues,
    /// When it was captured, on this machine's clock.
    pub wallclock: Instant,
}
