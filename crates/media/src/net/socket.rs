//! The media port. One for all threads: any of them may send on it, one thread reads it.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use quinn_udp::{RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use socket2::{Domain, Protocol, Socket, Type};
#[cfg(target_os = "linux")]
use socket2::{SockFilter, SockRef};

use super::{reports, stream};

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

/// A bound port for UDP that sends and receives in batches.
#[derive(Debug)]
pub struct MediaSocket {
    media: Door,
    /// What reports come by, where the kernel can tell them from the rest. They are not in a hurry.
    reports: Option<Door>,
    local: SocketAddr,
}

/// A socket of the port.
#[derive(Debug)]
pub struct Door {
    socket: UdpSocket,
    state: UdpSocketState,
}

impl MediaSocket {
    /// Binds the port. An unspecified IPv6 address takes IPv4 too; where the machine has no IPv6, it becomes IPv4.
    pub fn bind(listen: SocketAddr) -> io::Result<Self> {
        match Self::bind_at(listen) {
            Err(_) if listen.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
                Self::bind_at(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), listen.port()))
            }
            other => other,
        }
    }

    fn bind_at(listen: SocketAddr) -> io::Result<Self> {
        let media = open(listen, false)?;
        let local = media.local_addr()?.as_socket().ok_or(io::ErrorKind::AddrNotAvailable)?;
        let reports = reports::open(&media, local);
        if let Err(error) = &reports {
            tracing::debug!(%error, "reports come with everything else");
        }
        Ok(Self { media: Door::new(media)?, reports: reports.ok().map(Door::new).transpose()?, local })
    }

    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// What everything comes by that does not come by [`Self::reports`].
    pub fn media(&self) -> &Door {
        &self.media
    }

    pub fn reports(&self) -> Option<&Door> {
        self.reports.as_ref()
    }

    /// Most equal packets that one call can send to one address.
    pub fn max_segments(&self) -> usize {
        self.media.state.max_gso_segments().max(1)
    }

    /// Packets that the kernel had no room for since the port opened, on Linux; elsewhere 0. Reports do not count: the
    /// kernel counts those among them that nobody wants.
    pub fn kernel_drops(&self) -> u64 {
        self.media.kernel_drops()
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
        self.media.state.try_send(UdpSockRef::from(&self.media.socket), &transmit)
    }

    /// A socket for both families writes IPv4 addresses in the IPv6 way.
    fn on_socket(&self, address: SocketAddr) -> SocketAddr {
        match address.ip() {
            IpAddr::V4(ip) if self.local.is_ipv6() => SocketAddr::new(ip.to_ipv6_mapped().into(), address.port()),
            IpAddr::V4(_) | IpAddr::V6(_) => address,
        }
    }
}

impl Door {
    fn new(socket: Socket) -> io::Result<Self> {
        let socket = UdpSocket::from(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { socket, state })
    }

    /// Buffers that a receiving call needs for one datagram, which the kernel may have glued together from several.
    pub fn segments(&self) -> usize {
        self.state.gro_segments().max(1)
    }

    /// A second handle, for whoever waits until there is something to read.
    pub fn handle(&self) -> io::Result<Arc<UdpSocket>> {
        self.socket.try_clone().map(Arc::new)
    }

    pub fn receive(&self, buffers: &mut [IoSliceMut<'_>], meta: &mut [RecvMeta]) -> io::Result<usize> {
        self.state.recv(UdpSockRef::from(&self.socket), buffers, meta)
    }

    /// Lets the kernel drop whatever comes by here, or not any more.
    #[cfg(target_os = "linux")]
    pub fn shut(&self, is_shut: bool) -> io::Result<()> {
        use nix::libc::{BPF_K, BPF_RET};
        let socket = SockRef::from(&self.socket);
        if is_shut {
            // So many bytes of each datagram are kept.
            socket.attach_filter(&[SockFilter::new((BPF_RET | BPF_K) as u16, 0, 0, 0)])
        } else {
            socket.detach_filter()
        }
    }

    /// Only Linux has such filters.
    #[cfg(not(target_os = "linux"))]
    pub fn shut(&self, _is_shut: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn kernel_drops(&self) -> u64 {
        use std::os::unix::fs::MetadataExt as _;
        let own = self.socket.try_clone().and_then(|socket| File::from(OwnedFd::from(socket)).metadata());
        let Ok(inode) = own.map(|file| file.ino()) else { return 0 };
        let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"].into_iter();
        let found = tables.filter_map(|table| drops_in(&std::fs::read_to_string(table).ok()?, inode)).next();
        found.unwrap_or(0)
    }
}

/// The last column of the socket's line in the kernel's table (proc_pid_net(5)); the tenth is its inode.
fn drops_in(table: &str, inode: u64) -> Option<u64> {
    let columns = table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
    let own = columns.into_iter().find(|columns| columns.get(9).is_some_and(|one| one.parse() == Ok(inode)))?;
    own.last()?.parse().ok()
}

/// A bound socket; one that is `shared` has the port together with others that are.
pub fn open(listen: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(listen), Type::DGRAM, Some(Protocol::UDP))?;
    if listen.is_ipv6() {
        socket.set_only_v6(!listen.ip().is_unspecified())?;
    }
    socket.set_reuse_port(shared)?;
    // Less is granted where the machine says so; that is no reason not to start.
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    socket.bind(&listen.into())?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_says_how_many_packets_it_dropped() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
                      513: 0100007F:1ECA 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 00000000 12\n";
        assert_eq!(drops_in(table, 4711), Some(12));
        assert_eq!(drops_in(table, 4712), None);
        // Nobody reads this socket, so what it has no room for is dropped.
        let socket = MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        assert_eq!(socket.kernel_drops(), 0);
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let packet = [0; 8_000];
        for _ in 0..4 * KERNEL_BUFFER / packet.len() {
            sender.send_to(&packet, socket.local()).expect("sent");
        }
        assert!(socket.kernel_drops() > 0);
    }

    #[test]
    fn a_free_port_is_not_one_that_another_server_has() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let taken: Vec<_> = (0..100).map(|_| MediaSocket::bind(any).expect("a port")).collect();
        // The kernel draws from some 28,000 numbers, so that a hundred of them would be met about ten times.
        for _ in 0..3_000 {
            let drawn = MediaSocket::bind(any).expect("a port").local();
            assert!(taken.iter().all(|other| other.local() != drawn), "{drawn} is another's");
        }
    }

    #[test]
    fn a_port_that_somebody_has_is_not_taken() {
        let first = MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let second = MediaSocket::bind(first.local());
        assert_eq!(second.map(|_| ()).map_err(|error| error.kind()), Err(io::ErrorKind::AddrInUse));
        let foreign = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let second = MediaSocket::bind(foreign.local_addr().expect("an address"));
        assert_eq!(second.map(|_| ()).map_err(|error| error.kind()), Err(io::ErrorKind::AddrInUse));
    }
}
