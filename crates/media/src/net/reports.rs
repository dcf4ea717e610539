//! Reports come by a socket of their own, so that nobody wakes up for each of them.
//!
//! Both sockets have the same port, and a filter in the kernel tells by the first two bytes which one a datagram goes to
//! (`SO_ATTACH_REUSEPORT_CBPF` in socket(7)). Elsewhere than on Linux, and where the kernel refuses, everything comes by
//! one socket.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use socket2::Socket;
use tokio::io::unix::AsyncFd;

use super::receiver::readable;
use super::socket::Door;
use crate::mono;

/// Reports wait for so long for a packet that wakes the thread anyway. To wake it costs more than to read them, and browsers
/// themselves look every 20 ms only for what they miss.
const HOLD: Duration = Duration::from_millis(12);

/// The same where nothing but routine comes.
const HOLD_ROUTINE: Duration = Duration::from_millis(100);

/// When reports are read.
#[derive(Debug)]
pub struct Reading {
    /// What they come by; nothing where they come with everything else.
    door: Option<Arc<UdpSocket>>,
    next: Next,
    /// The kernel drops them.
    is_shut: bool,
}

#[derive(Debug)]
enum Next {
    /// As soon as one comes.
    First(AsyncFd<Arc<UdpSocket>>),
    /// At this time, with what has come until then. The kernel does not wake anybody.
    At(Instant),
    Never,
}

impl Reading {
    pub fn of(door: Option<&Door>) -> io::Result<Self> {
        let door = door.map(Door::handle).transpose()?;
        let next = if door.is_some() { Next::At(mono::now()) } else { Next::Never };
        Ok(Self { door, next, is_shut: false })
    }

    /// Waits until reports are to be read.
    pub async fn due(&mut self, is_quiet: bool) -> io::Result<()> {
        if let Next::First(door) = &self.next {
            door.readable().await?.retain_ready();
            self.next = Next::At(hold(is_quiet));
        }
        match self.next {
            Next::At(at) => tokio::time::sleep_until(at.into()).await,
            Next::First(_) | Next::Never => std::future::pending().await,
        }
        Ok(())
    }

    /// They were read in time, and this many there were. Where there were none the kernel says when the next one comes.
    pub fn was_due(&mut self, count: usize, is_quiet: bool) {
        self.next = match self.door.clone().filter(|_| count == 0).map(readable) {
            Some(Ok(door)) => Next::First(door),
            Some(Err(_)) | None => Next::At(hold(is_quiet)),
        };
    }

    /// They were read with other packets.
    pub fn was_read(&mut self, is_quiet: bool) {
        if let Next::At(at) = &mut self.next {
            *at = hold(is_quiet);
        }
    }

    /// Lets the kernel drop them as long as nobody needs any.
    pub fn shut(&mut self, door: Option<&Door>, is_shut: bool) {
        if let Some(door) = door.filter(|_| self.is_shut != is_shut) {
            self.is_shut = is_shut;
            if let Err(error) = door.shut(is_shut) {
                tracing::debug!(%error, "reports come all the same");
            }
        }
    }
}

fn hold(is_quiet: bool) -> Instant {
    mono::now() + if is_quiet { HOLD_ROUTINE } else { HOLD }
}

/// Opens the second socket of a port and has the kernel send reports there.
#[cfg(target_os = "linux")]
pub fn open(media: &Socket, local: SocketAddr) -> io::Result<Socket> {
    use nix::libc::{BPF_ABS, BPF_B, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_RET, sock_filter, sock_fprog};
    use nix::sys::socket::{setsockopt, sockopt::AttachReusePortCbpf};

    // Shared only now: a socket that is bound as a shared one is also given a port that another server of the same user has.
    media.set_reuse_port(true)?;
    let reports = super::socket::open(local, true)?;
    let step = |code: u32, k: u32, (jt, jf): (u8, u8)| sock_filter { code: code as u16, jt, jf, k };
    let byte = |at| step(BPF_LD | BPF_B | BPF_ABS, at, (0, 0));
    let at_least = |k, to| step(BPF_JMP | BPF_JGE | BPF_K, k, to);
    let answer = |door| step(BPF_RET | BPF_K, door, (0, 0));
    // The same as `first::is_report`. A datagram that ends before a byte that is asked for goes to the first door.
    let mut steps = [
        byte(0),
        at_least(128, (0, 5)),
        at_least(192, (4, 0)),
        byte(1),
        at_least(192, (0, 2)),
        at_least(224, (1, 0)),
        answer(1),
        answer(0),
    ];
    let filter = sock_fprog { len: steps.len() as u16, filter: steps.as_mut_ptr() };
    setsockopt(media, AttachReusePortCbpf, &filter)?;
    Ok(reports)
}

/// Opens the second socket of a port and has the kernel send reports there.
#[cfg(not(target_os = "linux"))]
pub fn open(_media: &Socket, _local: SocketAddr) -> io::Result<Socket> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::IoSliceMut;

    use quinn_udp::RecvMeta;

    use super::*;
    use crate::net::{MediaSocket, is_report};

    fn port() -> (MediaSocket, UdpSocket) {
        let port = MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let client = UdpSocket::bind("127.0.0.1:0").expect("a port");
        client.connect(port.local()).expect("connected");
        (port, client)
    }

    fn read(door: &Door) -> Option<Vec<u8>> {
        let mut room = [0; 64];
        let mut meta = [RecvMeta::default()];
        let count = door.receive(&mut [IoSliceMut::new(&mut room)], &mut meta).ok()?;
        (count == 1).then(|| room[..meta[0].len].to_vec())
    }

    #[test]
    fn the_kernel_tells_reports_from_the_rest_as_we_do() {
        let (port, client) = port();
        let reports = port.reports().expect("a second door");
        let edges = [0, 1, 63, 64, 127, 128, 129, 191, 192, 193, 200, 223, 224, 255];
        let two = edges.iter().flat_map(|first| edges.iter().map(move |second| vec![*first, *second]));
        let short = [vec![], vec![128], vec![200]];
        for datagram in two.chain(short) {
            client.send(&datagram).expect("sent");
            let (by_reports, by_media) = (read(reports), read(port.media()));
            let expected = if is_report(&datagram) { (Some(datagram), None) } else { (None, Some(datagram)) };
            assert_eq!((by_reports, by_media), expected);
        }
    }

    #[tokio::test]
    async fn what_nobody_needs_does_not_come() {
        let (port, client) = port();
        let door = port.reports().expect("a second door");
        let mut reading = Reading::of(Some(door)).expect("watched");
        let mut comes = |is_shut| {
            reading.shut(Some(door), is_shut);
            client.send(&[128, 201]).expect("sent");
            client.send(&[128, 111]).expect("sent");
            assert_eq!(read(port.media()), Some(vec![128, 111]), "the rest comes");
            read(door).is_some()
        };
        assert_eq!([false, true, true, false, true, false].map(&mut comes), [true, false, false, true, false, true]);
    }

    /// Waits until reports are to be read.
    async fn due(reading: &mut Reading) {
        let due = tokio::time::timeout(Duration::from_secs(10), reading.due(false)).await;
        due.expect("in time").expect("watched");
    }

    #[tokio::test]
    async fn nobody_wakes_up_for_each_report() {
        let (port, client) = port();
        let door = port.reports().expect("a second door");
        let mut reading = Reading::of(Some(door)).expect("watched");
        due(&mut reading).await;
        reading.was_due(0, false);
        assert!(matches!(reading.next, Next::First(_)), "nothing has come");
        let began = mono::now();
        client.send(&[128, 201]).expect("sent");
        due(&mut reading).await;
        assert!(mono::now() >= began + HOLD, "what comes meanwhile is read with it");
        assert_eq!(read(door), Some(vec![128, 201]));
        reading.was_due(1, false);
        assert!(matches!(reading.next, Next::At(..)), "more may come");
        due(&mut reading).await;
        reading.was_due(0, false);
        assert!(matches!(reading.next, Next::First(_)));
        client.send(&[128, 202]).expect("sent");
        due(&mut reading).await;
    }
}
