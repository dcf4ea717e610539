//! Streams, for networks that let no UDP through: of the TCP side of the media port, and those that came to another
//! port and are handed over. Each is a task: what it reads goes the way of any other packet, what waits to be written
//! is bounded.
//!
//! Invariant: whatever happens on one stream, at most that stream ends; nobody waits for it.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, mpsc};

use super::first::{self, Opening, Said};
use super::{frame, stun};

/// Most streams at a time.
const MAX_STREAMS: usize = 4_096;
/// Bytes that may wait for a stream before pictures are dropped: a second on a slow line.
const DROP_AT: usize = 64 << 10;
/// Bytes that may wait before the stream is given up.
const END_AT: usize = 512 << 10;
/// Bytes that the kernel may hold for a stream. More would only make what is seen older.
const KERNEL_BUFFER: usize = 128 << 10;
/// A stream must show a valid name within this.
const UNPROVEN: Duration = Duration::from_secs(10);
/// Clients check their path every few seconds; a stream that is silent for so long is dead.
const SILENT: Duration = Duration::from_secs(30);
/// A client of the relay may keep what it has for later, and says so every ten minutes at least.
const SILENT_RELAY: Duration = Duration::from_secs(660);
/// A stream that takes nothing for so long is dead.
const STUCK: Duration = Duration::from_secs(10);

/// Packets from streams that may wait to be handed out; their readers wait with them.
pub const STREAM_PACKETS: usize = 1_024;

/// What comes from streams.
#[derive(Debug)]
pub enum FromStream {
    Packet(StreamPacket),
    /// A stream to the relay is over.
    Gone(u64),
}

/// A packet that came by a stream.
#[derive(Debug)]
pub struct StreamPacket {
    pub from: SocketAddr,
    pub to: Option<IpAddr>,
    pub bytes: Bytes,
    pub sink: StreamSink,
}

/// The way back.
#[derive(Clone, Debug)]
pub struct StreamSink {
    frames: mpsc::UnboundedSender<Bytes>,
    state: Arc<State>,
    /// No other stream has this number.
    id: u64,
    spoken: Spoken,
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Packets with their length before each.
    Ice,
    /// What the relay takes and gives.
    Relay,
}

#[derive(Debug, Default)]
struct State {
    waiting: AtomicUsize,
    proven: AtomicBool,
    ended: Notify,
}

impl StreamSink {
    /// Takes a packet to send. One that is droppable is dropped while much waits; `false` if the stream is over or
    /// hopelessly behind.
    pub fn send(&self, packet: &[u8], droppable: bool) -> bool {
        let waiting = self.state.waiting.load(Ordering::Relaxed);
        if waiting > END_AT {
            return false;
        }
        if droppable && waiting > DROP_AT {
            return true;
        }
        let frame = match self.spoken {
            Spoken::Ice => frame::put(packet),
            Spoken::Relay => Some(Bytes::copy_from_slice(packet)),
        };
        let Some(frame) = frame else { return true };
        self.state.waiting.fetch_add(frame.len(), Ordering::Relaxed);
        self.frames.send(frame).is_ok()
    }

    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn spoken(&self) -> Spoken {
        self.spoken
    }

    /// A connection has checked that this stream is its client's, or its client has an allocation.
    pub fn prove(&self) {
        self.state.proven.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.frames.is_closed()
    }

    /// Closes the stream.
    pub fn end(&self) {
        self.state.ended.notify_one();
    }
}

/// Opens the TCP port. An unspecified IPv6 address takes IPv4 too, where there is IPv6.
pub fn listen(at: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
    if at.is_ipv6() {
        socket.set_only_v6(at.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED))?;
    }
    // A server that was just restarted finds its own port again.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.listen(1_024)?;
    Ok(socket.into())
}

/// Where streams come in, whoever has accepted them.
#[derive(Clone, Debug)]
pub struct Entrance {
    packets: mpsc::Sender<FromStream>,
    places: Arc<Semaphore>,
    next: Arc<AtomicU64>,
    has_relay: bool,
}

impl Entrance {
    pub fn new(packets: mpsc::Sender<FromStream>, has_relay: bool) -> Self {
        Self { packets, places: Arc::new(Semaphore::new(MAX_STREAMS)), next: Arc::default(), has_relay }
    }

    /// Carries a stream of which some bytes are read, until it is over. One too many is let go at once.
    pub async fn carry(
        &self,
        (reader, writer): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
        (opening, begun): (Opening, BytesMut),
        (from, to): (SocketAddr, Option<IpAddr>),
    ) {
        let spoken = match opening {
            Opening::Ice => Spoken::Ice,
            Opening::Relay if self.has_relay => Spoken::Relay,
            Opening::Relay | Opening::Tls | Opening::Http | Opening::Foreign => return,
        };
        let Ok(_place) = self.places.try_acquire() else { return };
        let (frames, outgoing) = mpsc::unbounded_channel();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let sink = StreamSink { frames, state: Arc::default(), id, spoken };
        let state = sink.state.clone();
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let packet = move |bytes| StreamPacket { from, to, bytes, sink: sink.clone() };
        tokio::select! {
            () = read(reader, begun, (&*state, spoken), packet, &self.packets) => {}
            () = write(writer, outgoing, &state) => {}
            () = state.ended.notified() => {}
        }
        if spoken == Spoken::Relay {
            // Where nobody listens any more, nothing is kept either.
            let _ = self.packets.send(FromStream::Gone(id)).await;
        }
    }
}

/// Takes streams until the runtime ends.
pub async fn accept(listener: TcpListener, entrance: Entrance) {
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Too many open files, mostly: some will be closed.
                tracing::warn!(%error, "a media stream could not be taken");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        if entrance.places.available_permits() > 0 {
            tokio::spawn(begin(stream, from, entrance.clone()));
        }
    }
}

async fn begin(mut stream: TcpStream, from: SocketAddr, entrance: Entrance) {
    let to = stream.local_addr().ok().map(|at| at.ip().to_canonical());
    quicken(&stream);
    let Some(begun) = first_bytes(&mut stream, UNPROVEN).await else { return };
    entrance.carry(stream.into_split(), begun, (from, to)).await;
}

/// Sets what suits packets that must not grow old.
pub fn quicken(stream: &TcpStream) {
    // Less comfort where the kernel refuses; no reason to refuse the client.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(stream).set_send_buffer_size(KERNEL_BUFFER);
}

/// Reads until it is known what the stream will be; `None` if that is not said in time.
pub async fn first_bytes(stream: &mut (impl AsyncRead + Unpin), within: Duration) -> Option<(Opening, BytesMut)> {
    let mut begun = BytesMut::with_capacity(frame::MAX_FRAME);
    let read = async {
        loop {
            if let Some(opening) = first::opening(&begun) {
                return Some(opening);
            }
            if !matches!(stream.read_buf(&mut begun).await, Ok(1..)) {
                return None;
            }
        }
    };
    let opening = tokio::time::timeout(within, read).await.ok().flatten()?;
    Some((opening, begun))
}

async fn read(
    mut stream: impl AsyncRead + Unpin,
    mut buffer: BytesMut,
    (state, spoken): (&State, Spoken),
    packet: impl Fn(Bytes) -> StreamPacket,
    packets: &mpsc::Sender<FromStream>,
) {
    let unproven = tokio::time::Instant::now() + UNPROVEN;
    loop {
        loop {
            let taken = match spoken {
                Spoken::Ice => frame::take(&mut buffer),
                Spoken::Relay => frame::take_message(&mut buffer),
            };
            let bytes = match taken {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break,
                Err(frame::Malformed) => return,
            };
            // Who has not shown a valid name yet has nothing else to say.
            if !state.proven.load(Ordering::Relaxed) && !is_beginning(&bytes, spoken) {
                return;
            }
            if packets.send(FromStream::Packet(packet(bytes))).await.is_err() {
                return;
            }
        }
        let silent = match spoken {
            Spoken::Ice => SILENT,
            Spoken::Relay => SILENT_RELAY,
        };
        let proven = state.proven.load(Ordering::Relaxed);
        let until = if proven { tokio::time::Instant::now() + silent } else { unproven };
        buffer.reserve(frame::MAX_FRAME);
        match tokio::time::timeout_at(until, stream.read_buf(&mut buffer)).await {
            Ok(Ok(1..)) => {}
            _ => return,
        }
    }
}

/// Whether one may say this who is not proven yet.
fn is_beginning(packet: &[u8], spoken: Spoken) -> bool {
    match spoken {
        Spoken::Ice => matches!(first::datagram(packet), Said::Check(_)) || stun::is_dtls(packet),
        Spoken::Relay => kloud_turn::is_message(packet),
    }
}

async fn write(mut stream: impl AsyncWrite + Unpin, mut frames: mpsc::UnboundedReceiver<Bytes>, state: &State) {
    let mut run = Vec::new();
    while let Some(frame) = frames.recv().await {
        run.clear();
        run.extend_from_slice(&frame);
        while run.len() < KERNEL_BUFFER
            && let Ok(frame) = frames.try_recv()
        {
            run.extend_from_slice(&frame);
        }
        let written = async {
            stream.write_all(&run).await?;
            // TLS keeps back what it was given until it is told.
            stream.flush().await
        };
        match tokio::time::timeout(STUCK, written).await {
            Ok(Ok(())) => state.waiting.fetch_sub(run.len(), Ordering::Relaxed),
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_slow_reader_is_sent_pictures_are_dropped_first() {
        let (frames, mut waiting) = mpsc::unbounded_channel();
        let sink = StreamSink { frames, state: Arc::default(), id: 0, spoken: Spoken::Ice };
        let packet = [0x80; 1_000];
        assert!((0..10_000).all(|_| sink.send(&packet, true)), "pictures are no reason to give up");
        let mut bytes = 0;
        while let Ok(frame) = waiting.try_recv() {
            bytes += frame.len();
        }
        assert!((DROP_AT..DROP_AT + 2_010).contains(&bytes), "{bytes}");
        let sounds = (0..10_000).take_while(|_| sink.send(&packet, false)).count();
        assert!(((END_AT - DROP_AT) / 1_002..).contains(&sounds) && sounds < END_AT / 1_000, "{sounds}");
        drop(waiting);
        assert!(sink.is_over());
    }
}
