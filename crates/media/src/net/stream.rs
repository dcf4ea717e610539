//! The TCP side of the media port, for networks that let no UDP through. Each connection is a task of the receiving
//! thread: what it reads goes the way of any other packet, what waits to be written is bounded.
//!
//! Invariant: whatever happens on one stream, at most that stream ends; nobody waits for it.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, mpsc};

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
/// A stream that takes nothing for so long is dead.
const STUCK: Duration = Duration::from_secs(10);

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
        let Some(frame) = frame::put(packet) else { return true };
        self.state.waiting.fetch_add(frame.len(), Ordering::Relaxed);
        self.frames.send(frame).is_ok()
    }

    /// A connection has checked that this stream is its client's.
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

/// Takes streams until the runtime ends.
pub async fn accept(listener: TcpListener, packets: mpsc::Sender<StreamPacket>) {
    let places = Arc::new(Semaphore::new(MAX_STREAMS));
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
        let Ok(place) = places.clone().try_acquire_owned() else { continue };
        let packets = packets.clone();
        tokio::spawn(async move {
            serve(stream, from, packets).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, from: SocketAddr, packets: mpsc::Sender<StreamPacket>) {
    let from = SocketAddr::new(from.ip().to_canonical(), from.port());
    let to = stream.local_addr().ok().map(|at| at.ip().to_canonical());
    // Less comfort where the kernel refuses; no reason to refuse the client.
    let _ = stream.set_nodelay(true);
    let _ = socket2::SockRef::from(&stream).set_send_buffer_size(KERNEL_BUFFER);
    let (reader, writer) = stream.into_split();
    let (frames, outgoing) = mpsc::unbounded_channel();
    let sink = StreamSink { frames, state: Arc::default() };
    let state = sink.state.clone();
    tokio::select! {
        () = read(reader, from, to, sink, packets) => {}
        () = write(writer, outgoing, &state) => {}
        () = state.ended.notified() => {}
    }
}

async fn read(
    mut stream: OwnedReadHalf,
    from: SocketAddr,
    to: Option<IpAddr>,
    sink: StreamSink,
    packets: mpsc::Sender<StreamPacket>,
) {
    let mut buffer = BytesMut::new();
    let unproven = tokio::time::Instant::now() + UNPROVEN;
    loop {
        let proven = sink.state.proven.load(Ordering::Relaxed);
        let until = if proven { tokio::time::Instant::now() + SILENT } else { unproven };
        buffer.reserve(frame::MAX_FRAME);
        match tokio::time::timeout_at(until, stream.read_buf(&mut buffer)).await {
            Ok(Ok(1..)) => {}
            _ => return,
        }
        loop {
            let bytes = match frame::take(&mut buffer) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => break,
                Err(frame::Malformed) => return,
            };
            // Who has not shown a valid name yet has nothing else to say.
            let proven = sink.state.proven.load(Ordering::Relaxed);
            if !proven && stun::local_ufrag(&bytes).is_none() && !stun::is_dtls(&bytes) {
                return;
            }
            if packets.send(StreamPacket { from, to, bytes, sink: sink.clone() }).await.is_err() {
                return;
            }
        }
    }
}

async fn write(mut stream: OwnedWriteHalf, mut frames: mpsc::UnboundedReceiver<Bytes>, state: &State) {
    let mut run = Vec::new();
    while let Some(frame) = frames.recv().await {
        run.clear();
        run.extend_from_slice(&frame);
        while run.len() < KERNEL_BUFFER
            && let Ok(frame) = frames.try_recv()
        {
            run.extend_from_slice(&frame);
        }
        match tokio::time::timeout(STUCK, stream.write_all(&run)).await {
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
        let sink = StreamSink { frames, state: Arc::default() };
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
