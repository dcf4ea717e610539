//! The way of a client's packets: UDP, one TCP stream with two bytes of length before each packet, or a relay.

use std::io;
use std::net::{IpAddr, SocketAddr};

use bytes::{Buf, BytesMut};
use str0m::Candidate;
use str0m::net::{Protocol, TcpType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::relay::{By, Relay};
use crate::udp::{Came, Udp};

pub enum Wire {
    Udp(Udp),
    Tcp {
        stream: TcpStream,
        buffer: BytesMut,
    },
    /// A relay that the server has not told of yet.
    Awaited(By),
    Relay(Box<Relay>),
}

impl Wire {
    pub async fn udp() -> Self {
        Self::udp_from("127.0.0.1".parse().expect("an address")).await
    }

    pub async fn udp_from(ip: IpAddr) -> Self {
        Wire::Udp(Udp::bind(SocketAddr::new(ip, 0)).await.expect("a port"))
    }

    pub async fn tcp(media: SocketAddr) -> Self {
        Self::on(TcpStream::connect(media).await.expect("a stream"))
    }

    pub fn on(stream: TcpStream) -> Self {
        Wire::Tcp { stream, buffer: BytesMut::new() }
    }

    pub fn local(&self) -> SocketAddr {
        match self {
            Wire::Udp(socket) => socket.local(),
            Wire::Tcp { stream, .. } => stream.local_addr(),
            Wire::Awaited(_) => Ok(SocketAddr::from(([0; 4], 0))),
            Wire::Relay(relay) => Ok(relay.relayed()),
        }
        .expect("an address")
    }

    pub fn protocol(&self) -> Protocol {
        match self {
            Wire::Udp(_) | Wire::Awaited(_) | Wire::Relay(_) => Protocol::Udp,
            Wire::Tcp { .. } => Protocol::Tcp,
        }
    }

    /// `None` while it is not known.
    pub fn candidate(&self) -> Option<Candidate> {
        let candidate = match self {
            Wire::Udp(_) => Candidate::host(self.local(), Protocol::Udp),
            Wire::Tcp { .. } => Candidate::builder().tcp().host(self.local()).tcptype(TcpType::Active).build(),
            Wire::Relay(_) => Candidate::relayed(self.local(), self.local(), Protocol::Udp),
            Wire::Awaited(_) => return None,
        };
        Some(candidate.expect("a candidate"))
    }

    /// The next packet; nothing is lost if the caller stops waiting. `None` when the server has closed the stream.
    pub async fn receive(&mut self) -> Option<Came> {
        match self {
            Wire::Udp(socket) => socket.receive().await.ok(),
            Wire::Tcp { stream, buffer } => loop {
                if let Some([high, low, ..]) = buffer.get(..2) {
                    let length = usize::from(u16::from_be_bytes([*high, *low]));
                    if buffer.len() >= 2 + length {
                        buffer.advance(2);
                        return Some(Came::now(buffer.split_to(length).to_vec(), stream.peer_addr().ok()?));
                    }
                }
                if !matches!(stream.read_buf(buffer).await, Ok(1..)) {
                    return None;
                }
            },
            Wire::Awaited(_) => std::future::pending().await,
            Wire::Relay(relay) => relay.receive().await.map(|(bytes, from)| Came::now(bytes, from)),
        }
    }

    /// A packet that waits, if this way says so.
    pub fn try_receive(&mut self) -> Option<Came> {
        let Wire::Udp(socket) = self else { return None };
        socket.try_receive()
    }

    pub async fn send(&mut self, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        match self {
            Wire::Udp(socket) => socket.send(packet, to).await,
            Wire::Tcp { stream, .. } => {
                let length = u16::try_from(packet.len()).expect("short");
                stream.write_all(&[&length.to_be_bytes()[..], packet].concat()).await
            }
            Wire::Awaited(_) => Ok(()),
            Wire::Relay(relay) => relay.send(packet, to).await,
        }
    }
}
