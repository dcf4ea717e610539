//! The UDP socket of the media port. One for all threads: any of them may send on it, one thread reads it.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};

use super::stream;

/// Bytes that the kernel may hold for us in each direction; it may grant less.
const KERNEL_BUFFER: usize = 4 << 20;

/// Tries to find a free number for both protocols.
const TRIES: usize = 32;

/// Opens the port for UDP and, if wanted, under the same number for TCP.
pub fn open_port(at: SocketAddr, tcp: bool) -> io::Result<(MediaSocket, Option<TcpListener>)> {
    let mut tries = 0;
    loop {
        let socket = MediaSocket::bind(at)?;
        if !tcp {
            return Ok((socket, None));
        }
        tries += 1;
        match stream::listen(socket.local()) {
            Ok(listener) => return Ok((socket, Some(listener))),
            // Any number will do, so the next free one is tried.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && at.port() == 0 && tries < TRIES => {}
            Err(error) => return Err(error),
        }
    }
}

/// A bound UDP socket that sends and receives in batches.
#[derive(Debug)]
pub struct MediaSocket {
    socket: UdpSocket,
    state: UdpSocketState,
    local: SocketAddr,
}

impl MediaSocket {
    /// Binds the port. An unspecified IPv6 address takes IPv4 too; where the machine has no IPv6, it becomes IPv4.
    pub fn bind(listen: SocketAddr) -> io::Result<Self> {
        let socket = match open(listen) {
            Err(_) if listen.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
                open(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), listen.port()))?
            }
            other => other?,
        };
        let local = socket.local_addr()?;
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { socket, state, local })
    }

    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Most equal packets that one call can send to one address.
    pub fn max_segments(&self) -> usize {
        self.state.max_gso_segments().max(1)
    }

    /// Buffers that a receiving call needs for one datagram, which the kernel may have glued together from several.
    pub fn receive_segments(&self) -> usize {
        self.state.gro_segments().max(1)
    }

    /// A second handle, for whoever waits until the socket is readable.
    pub fn try_clone(&self) -> io::Result<UdpSocket> {
        self.socket.try_clone()
    }

    pub fn receive(&self, buffers: &mut [IoSliceMut<'_>], meta: &mut [RecvMeta]) -> io::Result<usize> {
        self.state.recv(UdpSockRef::from(&self.socket), buffers, meta)
    }

    /// Sends `contents`, cut into packets of `segment` bytes if given. `source` is the address to send from.
    pub fn send(
        &self,
        destination: SocketAddr,
        source: Option<IpAddr>,
        contents: &[u8],
        segment: Option<usize>,
    ) -> io::Result<()> {
        let destination = self.on_socket(destination);
        let transmit = Transmit { destination, ecn: None, contents, segment_size: segment, src_ip: source };
        self.state.try_send(UdpSockRef::from(&self.socket), &transmit)
    }

    /// A socket for both families writes IPv4 addresses in the IPv6 way.
    fn on_socket(&self, address: SocketAddr) -> SocketAddr {
        match address.ip() {
            IpAddr::V4(ip) if self.local.is_ipv6() => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
            IpAddr::V4(_) | IpAddr::V6(_) => address,
        }
    }
}

fn open(listen: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    if listen.is_ipv6() {
        socket.set_only_v6(!listen.ip().is_unspecified())?;
    }
    // Less is granted where the machine says so; that is no reason not to start.
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    socket.bind(&listen.into())?;
    Ok(socket.into())
}
