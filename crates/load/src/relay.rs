//! A client's way through a relay (TURN): what it sends goes to the relay by one socket, and comes back by it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use kloud_livekit::proto::IceServer;
use kloud_turn::{Client, Credentials, Heard, whole};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

/// After which a request is repeated, and how often.
const PATIENCE: Duration = Duration::from_millis(500);
const TRIES: usize = 12;
/// The one channel that is bound.
const CHANNEL: u16 = 0x4000;

/// A stream of any kind.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// What carries packets to the relay.
pub enum Carrier {
    Udp(UdpSocket),
    Stream(Box<dyn Duplex>, BytesMut),
}

/// How a relay is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Udp,
    Tcp,
}

impl Carrier {
    /// Towards the relay of this address, by UDP or by TCP.
    pub async fn open(by: By, relay: SocketAddr) -> io::Result<Self> {
        match by {
            By::Udp => {
                let here: SocketAddr = if relay.is_ipv4() { ([0; 4], 0).into() } else { ([0u16; 8], 0).into() };
                let socket = UdpSocket::bind(here).await?;
                socket.connect(relay).await?;
                Ok(Carrier::Udp(socket))
            }
            By::Tcp => Ok(Self::on(TcpStream::connect(relay).await?)),
        }
    }

    /// On a stream that is open.
    pub fn on(stream: impl Duplex + 'static) -> Self {
        Carrier::Stream(Box::new(stream), BytesMut::new())
    }

    fn is_stream(&self) -> bool {
        matches!(self, Carrier::Stream(..))
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Carrier::Udp(socket) => socket.send(bytes).await.map(drop),
            Carrier::Stream(stream, _) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// The next message; nothing is lost if the caller stops waiting. `None` when the relay has closed the stream.
    async fn receive(&mut self) -> Option<Vec<u8>> {
        match self {
            Carrier::Udp(socket) => {
                let mut packet = vec![0; 2_100];
                let length = socket.recv(&mut packet).await.ok()?;
                packet.truncate(length);
                Some(packet)
            }
            Carrier::Stream(stream, buffer) => loop {
                let length = whole(buffer).ok()?;
                if let Some(length) = length.filter(|length| buffer.len() >= *length) {
                    return Some(buffer.split_to(length).to_vec());
                }
                if !matches!(stream.read_buf(buffer).await, Ok(1..)) {
                    return None;
                }
            },
        }
    }
}

/// Why there is no way through the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRelay {
    /// Nothing came back.
    Silent,
    /// The number of the error that came back.
    Refused(u16),
}

impl fmt::Display for NoRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoRelay::Silent => f.write_str("the relay does not answer"),
            NoRelay::Refused(code) => write!(f, "the relay refuses ({code})"),
        }
    }
}

/// An allocation, and the one peer that it is used for.
pub struct Relay {
    carrier: Carrier,
    client: Client,
    relayed: SocketAddr,
    peer: Option<SocketAddr>,
}

impl Relay {
    /// Allocates. `seed` tells this client's requests from others'.
    pub async fn allocate(carrier: Carrier, credentials: Credentials, seed: [u8; 8]) -> Result<Self, NoRelay> {
        let client = Client::new(credentials, carrier.is_stream(), seed);
        let mut relay = Self { carrier, client, relayed: SocketAddr::from(([0; 4], 0)), peer: None };
        match relay.ask(Client::allocate).await? {
            Heard::Allocated(relayed) => Ok(Self { relayed, ..relay }),
            _ => Err(NoRelay::Silent),
        }
    }

    /// What the server has told of its relay.
    pub fn credentials(server: &IceServer) -> Credentials {
        Credentials { username: server.username.clone(), password: server.credential.clone() }
    }

    /// Where it seems to be.
    pub fn relayed(&self) -> SocketAddr {
        self.relayed
    }

    /// Opens the way to a peer.
    pub async fn reach(&mut self, peer: SocketAddr) -> Result<(), NoRelay> {
        self.ask(|client| client.permit(peer)).await?;
        self.ask(|client| client.bind(peer, CHANNEL)).await?;
        self.peer = Some(peer);
        Ok(())
    }

    /// Sends, and opens the way before the first packet.
    pub async fn send(&mut self, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        if self.peer != Some(to) {
            self.reach(to).await.map_err(|no| io::Error::other(no.to_string()))?;
        }
        let wrapped = self.client.wrap(to, packet);
        self.carrier.send(&wrapped).await
    }

    /// Sends to a peer whatever the relay has said of it.
    pub async fn send_anyway(&mut self, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        let wrapped = self.client.wrap(to, packet);
        self.carrier.send(&wrapped).await
    }

    /// The next packet of a peer.
    pub async fn receive(&mut self) -> Option<(Vec<u8>, SocketAddr)> {
        loop {
            let bytes = self.carrier.receive().await?;
            if let Heard::Packet { from, packet } = self.client.take(&bytes) {
                return Some((packet, from));
            }
        }
    }

    /// Asks until there is an answer.
    async fn ask(&mut self, request: impl Fn(&mut Client) -> Vec<u8>) -> Result<Heard, NoRelay> {
        for _ in 0..TRIES {
            let mut bytes = request(&mut self.client);
            let waited = async {
                loop {
                    if self.carrier.send(&bytes).await.is_err() {
                        return Err(NoRelay::Silent);
                    }
                    loop {
                        let answer = self.carrier.receive().await.ok_or(NoRelay::Silent)?;
                        match self.client.take(&answer) {
                            Heard::Nothing | Heard::Packet { .. } => {}
                            Heard::Send(again) => {
                                bytes = again;
                                break;
                            }
                            Heard::Refused(code) => return Err(NoRelay::Refused(code)),
                            heard => return Ok(heard),
                        }
                    }
                }
            };
            if let Ok(heard) = tokio::time::timeout(PATIENCE, waited).await {
                return heard;
            }
        }
        Err(NoRelay::Silent)
    }
}
