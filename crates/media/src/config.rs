//! What the media server is given at the start, and what can go wrong.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use kloud_base::{Clock, Rng};

/// How the media server is set up.
#[derive(Clone)]
pub struct MediaConfig {
    /// The one port. `[::]` takes IPv4 and IPv6; port 0 takes any free one.
    pub listen: SocketAddr,
    /// Whether clients that cannot send UDP may come by TCP, on a port of the same number.
    pub tcp: TcpPort,
    pub relay: RelayConfig,
    /// Addresses that clients are told. Empty means those of all interfaces that are up.
    pub advertise: Vec<IpAddr>,
    /// Key and secret pairs that may open API rooms.
    pub api_keys: BTreeMap<String, String>,
    /// Who is told what happens in API rooms.
    pub webhooks: Option<WebhookConfig>,
    /// Media threads; 0 is one for each processor.
    pub threads: usize,
    /// Most participants in one room.
    pub max_participants: usize,
    pub limits: Limits,
    pub patience: Patience,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

/// What becomes of the TCP port that has the number of the media port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpPort {
    /// Clients come by UDP alone.
    Closed,
    /// It is the media server's own.
    Own,
    /// Somebody else listens there and hands over what is for media, by [`carry`](crate::Media::carry).
    Elsewhere,
}

/// The relay (TURN), for clients that get through in no other way. It leads to this server and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayConfig {
    pub on: bool,
    /// Whether clients are told that they reach it by UDP as well. Chromium then takes what comes from that address
    /// for the relay's, and hears nothing of it on the straight way: for networks where all are to be relayed.
    pub told_by_udp: bool,
    /// Names with ports where it is reached by TLS, such as `meet.example.org:443`.
    pub tls: Vec<String>,
}

/// Where an application hears of its rooms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookConfig {
    /// The API key whose secret signs what is told.
    pub key: String,
    pub urls: Vec<String>,
}

/// How much the server carries before it refuses whoever is new.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Most people in all rooms together; 0 is any number.
    pub participants: usize,
    /// The share of a window that the busiest media thread may work, below 1; from 1 on it is any share.
    pub busy: f64,
    pub window: Duration,
}

impl Default for Limits {
    /// Nobody is refused.
    fn default() -> Self {
        Self { participants: 0, busy: 1.0, window: Duration::from_secs(5) }
    }
}

/// How long the server waits for clients that are not heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From the first message until media must be up.
    pub join: Duration,
    /// For a client's answer to what it was offered.
    pub answer: Duration,
    /// With neither signal nor media.
    pub both_lost: Duration,
    /// With only one of them: the client may be coming back.
    pub one_lost: Duration,
    /// An API room that nobody has entered yet, unless it was made with another time.
    pub empty: Duration,
    /// An API room that the last one has left, unless it was made with another time.
    pub departure: Duration,
    /// Until a webhook that was not taken is tried again; then twice as long, and so on.
    pub webhook: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            join: Duration::from_secs(60),
            answer: Duration::from_secs(30),
            both_lost: Duration::from_secs(20),
            one_lost: Duration::from_secs(60),
            empty: Duration::from_secs(5 * 60),
            departure: Duration::from_secs(20),
            webhook: Duration::from_millis(500),
        }
    }
}

impl MediaConfig {
    pub const DEFAULT_PORT: u16 = 7882;

    /// The defaults: all addresses, port 7882 by UDP and TCP, no API keys, one thread for each processor, 500 participants.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self {
            listen: SocketAddr::from((std::net::Ipv6Addr::UNSPECIFIED, Self::DEFAULT_PORT)),
            tcp: TcpPort::Own,
            relay: RelayConfig { on: true, told_by_udp: false, tls: Vec::new() },
            advertise: Vec::new(),
            api_keys: BTreeMap::new(),
            webhooks: None,
            threads: 0,
            max_participants: 500,
            limits: Limits::default(),
            patience: Patience::default(),
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
    /// The configuration of webhooks names no key that there is, or something that is no address.
    #[error("webhooks cannot be sent: {0}")]
    Webhooks(String),
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
