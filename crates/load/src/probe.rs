//! One who joins to see whether a way works, and says why not where it does not. Nothing of what a server or a network
//! may do makes it panic.

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use kloud_livekit::proto::{
    IceServer, Ping, SignalRequest, SignalResponse, signal_request::Message as Say, signal_response::Message as Hear,
};
use prost::Message as _;
use str0m::change::SdpAnswer;
use str0m::net::Receive;
use str0m::{Event, Input, Output, Rtc};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::coded::Skills;
use crate::peer::Peer;
use crate::relay::{Duplex, NoRelay};
use crate::signal::{path, request};
use crate::udp::Came;
use crate::wire::Wire;

/// Until the first answers are there.
const ANSWERS: Duration = Duration::from_secs(10);
/// Between two signs of life.
const PING: Duration = Duration::from_secs(5);

/// Why a way does not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoWay {
    /// The status that the request for a WebSocket was answered with.
    Status(u16),
    /// There is no WebSocket, or it ended.
    Socket(String),
    /// The server said goodbye, or nothing.
    NotLetIn,
    /// What was said cannot be understood.
    Nonsense(String),
    Relay(NoRelay),
    /// No media in time.
    Silent,
}

impl fmt::Display for NoWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoWay::Status(status) => write!(f, "the server answers {status}"),
            NoWay::Socket(why) => write!(f, "there is no WebSocket: {why}"),
            NoWay::NotLetIn => f.write_str("the server does not let it in"),
            NoWay::Nonsense(why) => write!(f, "what the server says cannot be understood: {why}"),
            NoWay::Relay(why) => why.fmt(f),
            NoWay::Silent => f.write_str("nothing comes back"),
        }
    }
}

/// What the server tells of where it is.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub udp: Vec<SocketAddr>,
    pub tcp: Vec<SocketAddr>,
    pub servers: Vec<IceServer>,
}

/// Somebody who has joined, and has no media yet.
pub struct Session {
    socket: WebSocketStream<Box<dyn Duplex>>,
    rtc: Rtc,
    pub told: Told,
}

impl Session {
    /// Joins on a stream to the web port of `host`.
    pub async fn join(stream: Box<dyn Duplex>, host: &str, token: &str) -> Result<Self, NoWay> {
        let mut peer = Peer::new(&Wire::Awaited(crate::By::Udp), Skills::default());
        let offer = peer.first_offer(true);
        let url = format!("ws://{host}{}", path(&request(Some(offer)), token));
        let request = url.into_client_request().map_err(|error| NoWay::Socket(error.to_string()))?;
        let joined = tokio::time::timeout(ANSWERS, async {
            let (mut socket, _) = client_async(request, stream).await.map_err(no_socket)?;
            let told = answers(&mut socket, &mut peer).await?;
            Ok(Self { socket, rtc: peer.rtc, told })
        });
        joined.await.unwrap_or(Err(NoWay::NotLetIn))
    }

    /// Waits until media is up by one way and with one address of the server alone, and says how long that took.
    pub async fn connect(&mut self, mut wire: Wire, to: SocketAddr, within: Duration) -> Result<Duration, NoWay> {
        let began = Instant::now();
        let candidate = wire.candidate().ok_or(NoWay::Silent)?;
        let local = wire.local();
        self.rtc.add_local_candidate(candidate);
        let connected = self.run(&mut wire, local, to);
        tokio::time::timeout(within, connected).await.unwrap_or(Err(NoWay::Silent)).map(|()| began.elapsed())
    }

    async fn run(&mut self, wire: &mut Wire, local: SocketAddr, to: SocketAddr) -> Result<(), NoWay> {
        let broken = |error: str0m::error::RtcError| NoWay::Nonsense(error.to_string());
        let mut ping = tokio::time::interval(PING);
        loop {
            self.rtc.handle_input(Input::Timeout(Instant::now())).map_err(broken)?;
            let until = loop {
                match self.rtc.poll_output().map_err(broken)? {
                    Output::Timeout(at) => break at,
                    Output::Transmit(out) if out.proto == wire.protocol() && out.destination == to => {
                        wire.send(&out.contents, out.destination).await.map_err(|_| NoWay::Silent)?;
                    }
                    Output::Event(Event::Connected) => return Ok(()),
                    Output::Transmit(_) | Output::Event(_) => {}
                }
            };
            tokio::select! {
                got = wire.receive() => {
                    let Came { bytes: packet, from, .. } = got.ok_or(NoWay::Silent)?;
                    if let Ok(receive) = Receive::new(wire.protocol(), from, local, &packet) {
                        self.rtc.handle_input(Input::Receive(Instant::now(), receive)).map_err(broken)?;
                    }
                }
                said = self.socket.next() => {
                    said.ok_or(NoWay::NotLetIn)?.map_err(no_socket)?;
                }
                _ = ping.tick() => {
                    let bytes = SignalRequest { message: Some(Say::PingReq(Ping::default())) }.encode_to_vec();
                    self.socket.send(Message::Binary(bytes.into())).await.map_err(no_socket)?;
                }
                () = tokio::time::sleep_until(until.into()) => {}
            }
        }
    }
}

fn no_socket(error: tungstenite::Error) -> NoWay {
    match error {
        tungstenite::Error::Http(answer) => NoWay::Status(answer.status().as_u16()),
        other => NoWay::Socket(other.to_string()),
    }
}

/// Waits for the welcome and the answer to the offer.
async fn answers(socket: &mut WebSocketStream<Box<dyn Duplex>>, peer: &mut Peer) -> Result<Told, NoWay> {
    let nonsense = |error: &dyn fmt::Display| NoWay::Nonsense(error.to_string());
    let mut servers = Vec::new();
    while let Some(frame) = socket.next().await {
        let Message::Binary(bytes) = frame.map_err(no_socket)? else { continue };
        match SignalResponse::decode(&bytes[..]).map_err(|error| nonsense(&error))?.message {
            Some(Hear::Join(join)) => servers = join.ice_servers,
            Some(Hear::Leave(_)) => return Err(NoWay::NotLetIn),
            Some(Hear::Answer(answer)) => {
                let parsed = SdpAnswer::from_sdp_string(&answer.sdp).map_err(|error| nonsense(&error))?;
                let pending = peer.pending.take().ok_or(NoWay::NotLetIn)?;
                peer.rtc.sdp_api().accept_answer(pending, parsed).map_err(|error| nonsense(&error))?;
                return Ok(Told { udp: candidates(&answer.sdp, "udp"), tcp: candidates(&answer.sdp, "tcp"), servers });
            }
            _ => {}
        }
    }
    Err(NoWay::NotLetIn)
}

/// The addresses in an answer: `a=candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host`.
fn candidates(sdp: &str, protocol: &str) -> Vec<SocketAddr> {
    let mut found = Vec::new();
    for line in sdp.lines().filter_map(|line| line.strip_prefix("a=candidate:")) {
        let words: Vec<_> = line.split(' ').collect();
        let [_, _, spoken, _, ip, port, ..] = words[..] else { continue };
        let address = ip.parse().ok().zip(port.parse().ok()).map(|(ip, port)| SocketAddr::new(ip, port));
        let fits = spoken.eq_ignore_ascii_case(protocol);
        found.extend(address.filter(|address| fits && !found.contains(address)));
    }
    found
}
