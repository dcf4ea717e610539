//! A socket that also says when the kernel took each packet in, so that what is measured is not how busy this process is.

use std::collections::VecDeque;
use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use quinn_udp::{RecvMeta, UdpSockRef, UdpSocketState};
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// Longest that the kernel makes of several packets.
const LONGEST: usize = 65_535;

/// A packet as it came.
pub struct Came {
    pub bytes: Vec<u8>,
    pub from: SocketAddr,
    /// When the kernel had it.
    pub at: Instant,
}

impl Came {
    pub fn now(bytes: Vec<u8>, from: SocketAddr) -> Self {
        Self { bytes, from, at: Instant::now() }
    }
}

pub struct Udp {
    socket: UdpSocket,
    state: UdpSocketState,
    buffer: Vec<u8>,
    came: VecDeque<Came>,
}

impl Udp {
    pub async fn bind(at: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(at).await?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { socket, state, buffer: vec![0; LONGEST], came: VecDeque::new() })
    }

    pub fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    pub async fn send(&self, packet: &[u8], to: SocketAddr) -> io::Result<()> {
        self.socket.send_to(packet, to).await.map(drop)
    }

    /// The next packet; nothing is lost if the caller stops waiting.
    pub async fn receive(&mut self) -> io::Result<Came> {
        loop {
            if let Some(came) = self.try_receive() {
                return Ok(came);
            }
            self.socket.readable().await?;
        }
    }

    /// A packet that waits.
    pub fn try_receive(&mut self) -> Option<Came> {
        if self.came.is_empty() {
            let mut meta = [RecvMeta::default()];
            let mut buffers = [IoSliceMut::new(&mut self.buffer)];
            let read = || self.state.recv(UdpSockRef::from(&self.socket), &mut buffers, &mut meta);
            self.socket.try_io(Interest::READABLE, read).ok()?;
            let [meta] = meta;
            let at = arrived(meta.timestamp);
            let packets = self.buffer[..meta.len].chunks(meta.stride.max(1));
            self.came.extend(packets.map(|packet| Came { bytes: packet.to_vec(), from: meta.addr, at }));
        }
        self.came.pop_front()
    }
}

/// The kernel counts from the beginning of Unix.
#[expect(clippy::disallowed_methods, reason = "how long ago that was is told by the clock that the kernel has used")]
fn arrived(since: Option<Duration>) -> Instant {
    let waited = since.and_then(|since| SystemTime::now().duration_since(UNIX_EPOCH + since).ok());
    let now = Instant::now();
    now.checked_sub(waited.unwrap_or_default()).unwrap_or(now)
}
