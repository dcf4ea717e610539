//! What the media server is given at the start, and what can go wrong.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use kloud_base::{Clock, Rng};

/// How the media server is set up.
#[derive(Clone)]
pub struct MediaConfig {
    /// The one UDP port. `[::]` takes IPv4 and IPv6; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Addresses that clients are told. Empty means those of all interfaces that are up.
    pub advertise: Vec<IpAddr>,
    /// Key and secret pairs that may open API rooms.
    pub api_keys: BTreeMap<String, String>,
    /// Media threads; 0 is one for each processor.
    pub threads: usize,
    /// Most participants in one room.
    pub max_participants: usize,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

impl MediaConfig {
    pub const DEFAULT_PORT: u16 = 7882;

    /// The defaults: all addresses, port 7882, no API keys, one thread for each processor, 500 participants.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self {
            listen: SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, Self::DEFAULT_PORT)),
            advertise: Vec::new(),
            api_keys: BTreeMap::new(),
            threads: 0,
            max_participants: 500,
            clock,
            rng,
        }
    }
}

/// What the caller of the media server can be told.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The port is taken or the addresses cannot be read.
    #[error("the media port cannot be opened: {0}")]
    Port(#[from] std::io::Error),
    #[error("the media server could not make its certificate")]
    Certificate,
    #[error("there is no such room")]
    NoSuchRoom,
    #[error("a room of this name is open already")]
    RoomExists,
    /// The person was not admitted, or was removed.
    #[error("nobody of this identity is admitted to the room")]
    NotAdmitted,
    #[error("the media server is shutting down")]
    ShuttingDown,
}
