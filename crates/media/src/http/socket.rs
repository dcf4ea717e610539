//! One signal socket: frames in, frames out. The room never waits for it, and it never waits for the room longer than
//! its own client can bear.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt, StreamExt};
use kloud_livekit::{Encoding, Frame, decode_binary, decode_text, encode};
use tokio::sync::mpsc;

use super::Welcome;
use crate::room::{Joining, Outgoing, SINK_DEPTH, Signal, SignalSink, SocketId};
use crate::shared::{RoomHandle, Shared};

/// Clients ping every five seconds; one that is silent for so long is gone.
const SILENT: Duration = Duration::from_secs(30);
/// The close code for one who does not speak this protocol.
const MALFORMED: u16 = 4400;
/// A client that does not take a frame within this is gone.
const SLOW: Duration = Duration::from_secs(10);

pub async fn serve(shared: Arc<Shared>, socket: WebSocket, welcome: Welcome) {
    let id = SocketId(shared.next_number());
    let (outgoing, inbox) = mpsc::channel(SINK_DEPTH);
    let (sink, stream) = socket.split();
    let text = Arc::new(AtomicBool::new(false));
    let goodbye = Arc::new(OnceLock::new());
    let Some(room) = enter(&shared, id, outgoing, welcome).await else { return };
    let mut writer = tokio::spawn(write(sink, inbox, text.clone(), goodbye.clone()));
    tokio::select! {
        fault = read(stream, id, &room, &text) => {
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
) -> Option<RoomHandle> {
    let Welcome { claims, room, name, request, connections, trail } = welcome;
    let joining = Joining { socket, sink: SignalSink(outgoing), claims, request, connections, trail };
    match room.signals.send(Signal::Join(Box::new(joining))).await {
        Ok(()) => Some(room),
        Err(mpsc::error::SendError(signal)) => {
            let room =
                shared.find_or_open_api(&name, shared.settings()).ok().filter(|again| again.kind == room.kind)?;
            room.signals.send(signal).await.ok().map(|()| room)
        }
    }
}

/// Reads until there is no more; what was wrong with the client's frames, if that ends it.
async fn read(
    mut stream: SplitStream<WebSocket>,
    id: SocketId,
    room: &RoomHandle,
    text: &AtomicBool,
) -> Option<&'static str> {
    while let Ok(Some(message)) = tokio::time::timeout(SILENT, stream.next()).await {
        // Too large, or no WebSocket; or the line is down, and then nobody hears why.
        let Ok(message) = message else { return Some("unreadable") };
        let said = match &message {
            Message::Binary(bytes) => decode_binary(bytes),
            Message::Text(words) => {
                text.store(true, Ordering::Relaxed);
                decode_text(words)
            }
            Message::Ping(_) | Message::Pong(_) => continue,
            Message::Close(_) => return None,
        };
        match said {
            Ok(Some(said)) => {
                if room.signals.send(Signal::Message(id, Box::new(said))).await.is_err() {
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
    None
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    mut inbox: mpsc::Receiver<Outgoing>,
    text: Arc<AtomicBool>,
    goodbye: Arc<OnceLock<&'static str>>,
) {
    while let Some(Outgoing::Message(message)) = inbox.recv().await {
        let encoding = if text.load(Ordering::Relaxed) { Encoding::Text } else { Encoding::Binary };
        let frame = match encode(*message, encoding) {
            Frame::Binary(bytes) => Message::Binary(bytes.into()),
            Frame::Text(words) => Message::Text(words.into()),
        };
        if !matches!(tokio::time::timeout(SLOW, sink.send(frame)).await, Ok(Ok(()))) {
            return;
        }
    }
    // Everything that was to be said is said.
    if let Some(fault) = goodbye.get() {
        let frame = CloseFrame { code: MALFORMED, reason: (*fault).into() };
        let _ = tokio::time::timeout(SLOW, sink.send(Message::Close(Some(frame)))).await;
    }
    let _ = tokio::time::timeout(SLOW, sink.close()).await;
}
