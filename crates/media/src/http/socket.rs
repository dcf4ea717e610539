//! One signal socket: frames in, frames out. The room never waits for it, and it never waits for the room longer than
//! its own client can bear.
//!
//! Frames are compressed for clients that take that (RFC 7692), as browsers do: an offer has 18 KB and more, almost all
//! of it said before. On a thin line it would need seconds, and through a crowd of packets it would not come at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use kloud_base::Clock;
use kloud_livekit::proto::Pong;
use kloud_livekit::proto::signal_request::Message as Said;
use kloud_livekit::proto::signal_response::Message as Reply;
use kloud_livekit::{Encoding, Frame, MAX_FRAME_BYTES, PING_INTERVAL, decode_binary, decode_text, encode};
use tokio::sync::{mpsc, watch};
use yawc::close::CloseCode;
use yawc::frame::{Frame as Message, OpCode};
use yawc::{CompressionLevel, DeflatePool, HttpStream, Options, WebSocket};

use super::Welcome;
use crate::room::{Joining, Outgoing, SINK_DEPTH, Signal, SignalSink, SocketId};
use crate::shared::{RoomHandle, Shared};

/// A client that is silent for so long, and sends no ping, is gone.
const SILENT: Duration = PING_INTERVAL.saturating_mul(3);
/// The close code for one who does not speak this protocol.
const MALFORMED: u16 = 4400;
/// A client that does not take a frame within this is gone.
const SLOW: Duration = Duration::from_secs(10);

/// A signal socket that is open.
pub type Socket = WebSocket<HttpStream>;

/// What compresses, for all sockets together: few compress at the same moment.
static POOL: LazyLock<DeflatePool> = LazyLock::new(|| DeflatePool::new(4));
/// Bytes that are kept for reading and for writing of each socket, at first.
const BUFFER: usize = 4 * 1024;
/// What is shorter is not worth the work.
const COMPRESSED_FROM: usize = 512;

/// What clients send may refer to what they sent before, which is an offer like the next one. What is sent to them does
/// not: each socket would keep a quarter of a megabyte for that.
pub fn options() -> Options {
    Options::default()
        .with_compression_level(CompressionLevel::fast())
        .with_compression_threshold(COMPRESSED_FROM)
        .with_deflate_pool(POOL.clone())
        .server_no_context_takeover()
        .with_read_buffer_capacity(BUFFER)
        .with_write_buffer_capacity(BUFFER)
        .with_limits(MAX_FRAME_BYTES + 1, MAX_FRAME_BYTES + 1)
}

pub async fn serve(shared: Arc<Shared>, socket: Socket, welcome: Welcome) {
    let id = SocketId(shared.next_number());
    let (outgoing, inbox) = mpsc::channel(SINK_DEPTH);
    let pongs = Pongs { outgoing: outgoing.downgrade(), clock: shared.clock.clone() };
    let (sink, stream) = socket.split();
    let text = Arc::new(AtomicBool::new(false));
    let goodbye = Arc::new(OnceLock::new());
    let Some((mut room, leads)) = enter(&shared, id, outgoing, welcome).await else { return };
    let mut writer = tokio::spawn(write(sink, inbox, text.clone(), goodbye.clone()));
    tokio::select! {
        fault = read(stream, id, (&mut room, leads), &text, &pongs) => {
            if let Some(fault) = fault {
                let _ = goodbye.set(fault);
            }
        }
        // The room has let go of this socket; what it still says is of no interest.
        _ = &mut writer => {}
    }
    // The room may be gone already.
    let _ = room.signals.send(Signal::Gone(id)).await;
}

/// Hands the newcomer to its room; a room that closed in this very moment is opened again.
async fn enter(
    shared: &Arc<Shared>,
    socket: SocketId,
    outgoing: mpsc::Sender<Outgoing>,
    welcome: Welcome,
) -> Option<(RoomHandle, watch::Receiver<RoomHandle>)> {
    let Welcome { claims, room, name, request, connections, trail } = welcome;
    let (lead, leads) = watch::channel(room.clone());
    let sink = SignalSink { sender: outgoing, room: Arc::new(lead) };
    let joining = Joining { socket, sink, claims, request, connections, trail };
    match room.signals.send(Signal::Join(Box::new(joining))).await {
        Ok(()) => Some((room, leads)),
        Err(mpsc::error::SendError(signal)) => {
            let room =
                shared.find_or_open_api(&name, shared.settings()).ok().filter(|again| again.kind == room.kind)?;
            room.signals.send(signal).await.ok().map(|()| (room, leads))
        }
    }
}

/// Reads until there is no more; what was wrong with the client's frames, if that ends it. Another room may take over
/// who hears it.
async fn read(
    mut stream: SplitStream<Socket>,
    id: SocketId,
    (room, mut leads): (&mut RoomHandle, watch::Receiver<RoomHandle>),
    text: &AtomicBool,
    pongs: &Pongs,
) -> Option<&'static str> {
    loop {
        let message = tokio::select! {
            biased;
            Ok(()) = leads.changed() => {
                // A room that is gone has told the other one everything.
                let _ = room.signals.send(Signal::Led(id)).await;
                *room = leads.borrow_and_update().clone();
                continue;
            }
            message = tokio::time::timeout(SILENT, stream.next()) => message,
        };
        let Ok(message) = message else { return None };
        // Too large, or no WebSocket; or the line is down, and then nobody hears why.
        let Some(message) = message else { return Some("unreadable") };
        let said = match message.opcode() {
            OpCode::Binary => decode_binary(message.payload()),
            OpCode::Text => match std::str::from_utf8(message.payload()) {
                Ok(words) => {
                    text.store(true, Ordering::Relaxed);
                    decode_text(words)
                }
                Err(_) => return Some("unreadable"),
            },
            OpCode::Ping | OpCode::Pong | OpCode::Continuation => continue,
            OpCode::Close => return None,
        };
        match said {
            Ok(Some(said)) => {
                if !pongs.answer(&said) && room.signals.send(Signal::Message(id, Box::new(said))).await.is_err() {
                    return None;
                }
            }
            Ok(None) => {}
            Err(error) => {
                tracing::debug!(%error, "a signal socket is closed");
                return Some("malformed");
            }
        }
    }
}

/// Answers pings. A room has nothing to say to them, and would wake up for each.
struct Pongs {
    /// For as long as the room lets the client speak.
    outgoing: mpsc::WeakSender<Outgoing>,
    clock: Arc<dyn Clock>,
}

impl Pongs {
    /// Answers, if it is a ping.
    fn answer(&self, said: &Said) -> bool {
        let now = || self.clock.now().as_millis();
        let reply = match said {
            Said::Ping(_) => Reply::Pong(now()),
            Said::PingReq(ping) => Reply::PongResp(Pong { last_ping_timestamp: ping.timestamp, timestamp: now() }),
            _ => return false,
        };
        if let Some(outgoing) = self.outgoing.upgrade() {
            // Where too much waits the room closes the socket, with the next thing that it says.
            let _ = outgoing.try_send(Outgoing::Message(Box::new(reply)));
        }
        true
    }
}

async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut inbox: mpsc::Receiver<Outgoing>,
    text: Arc<AtomicBool>,
    goodbye: Arc<OnceLock<&'static str>>,
) {
    while let Some(Outgoing::Message(message)) = inbox.recv().await {
        let encoding = if text.load(Ordering::Relaxed) { Encoding::Text } else { Encoding::Binary };
        let frame = match encode(*message, encoding) {
            Frame::Binary(bytes) => Message::binary(bytes),
            Frame::Text(words) => Message::text(words),
        };
        if !matches!(tokio::time::timeout(SLOW, sink.send(frame)).await, Ok(Ok(()))) {
            return;
        }
    }
    // Everything that was to be said is said.
    if let Some(fault) = goodbye.get() {
        let frame = Message::close(CloseCode::from(MALFORMED), fault);
        let _ = tokio::time::timeout(SLOW, sink.send(frame)).await;
    }
    let _ = tokio::time::timeout(SLOW, sink.close()).await;
}
