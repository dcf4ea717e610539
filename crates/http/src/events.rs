//! The event socket: one WebSocket a client, the streams it watches, what it missed, then what comes.
//!
//! Invariants: per stream the order is that of the rows, without holes. A client that cannot keep up is closed, never
//! skipped. A session, subject or membership that ends, ends here within a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use kloud_privacy::{Privacy, Revoked};
use kloud_store::{Event, Store, StoreError, StreamId};
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};

use crate::{Caller, Problem, Someone};

/// Port: which stream a name means to this caller, if they may watch it. Implemented by the slices, joined by the
/// server. A name is the wire id of what the client knows: an account, a conversation, a seat.
#[async_trait]
pub trait MayWatch: Send + Sync {
    async fn may_watch(&self, caller: &Caller, name: &str) -> Result<Option<StreamId>, StoreError>;
}

/// What the sockets need. Cheap to clone.
#[derive(Clone)]
pub struct EventSockets {
    pub store: Store,
    pub privacy: Privacy,
    pub may_watch: Arc<dyn MayWatch>,
    /// How long a client may leave untaken what it is sent.
    pub patience: Duration,
    /// Turns true when the server is going down.
    pub stopping: watch::Receiver<bool>,
}

impl EventSockets {
    /// `GET /events`, to be nested below `/api`.
    pub fn router(self) -> Router {
        Router::new().route("/events", get(open)).with_state(self)
    }
}

/// Streams one socket may watch.
const STREAMS_MAX: usize = 200;
/// Bytes that are read from a socket at once. The library's own 128 KiB are filled with zeros before each reading, and so
/// kept in memory, for each client.
const READ_BUFFER: usize = 4 * 1024;
/// Bytes of one message from a client.
const MESSAGE_MAX: usize = 64 * 1024;
/// Events sent in one go.
const BATCH: u64 = 500;
const PING_EVERY: Duration = Duration::from_secs(20);

/// Why the server closes, as WebSocket close codes.
#[derive(Clone, Copy, Debug)]
enum Close {
    SessionOver = 4401,
    Malformed = 4400,
    TooSlow = 4408,
    Restarting = 4503,
}

impl Close {
    /// For people who look at the wire; a client goes by the code.
    fn reason(self) -> &'static str {
        match self {
            Self::SessionOver => "session_over",
            Self::Malformed => "malformed",
            Self::TooSlow => "too_slow",
            Self::Restarting => "restarting",
        }
    }
}

/// Why a socket ends.
enum End {
    /// The client is gone.
    Gone,
    /// We close it.
    Close(Close),
    Store(StoreError),
}

impl From<StoreError> for End {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FromClient {
    Watch(Vec<WatchRequest>),
    /// Whether the line still leads here, asked by a client that is in a call.
    Ping(u64),
    Pong(u64),
}

#[derive(Deserialize)]
struct WatchRequest {
    stream: String,
    after: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum ToClient<'a> {
    Event(EventBody<'a>),
    Ping(u64),
    Pong(u64),
    #[serde(untagged)]
    Watching {
        watching: Vec<Watching<'a>>,
        refused: Vec<&'a str>,
    },
}

#[derive(Serialize)]
struct Watching<'a> {
    stream: &'a str,
    last: i64,
    /// What was asked for is kept no more, or is not of this stream: everything must be fetched anew.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    gap: bool,
}

#[derive(Serialize)]
struct EventBody<'a> {
    stream: &'a str,
    seq: i64,
    kind: &'a str,
    at: kloud_base::Timestamp,
    ids: &'a BTreeMap<String, String>,
}

async fn open(
    State(sockets): State<EventSockets>,
    Someone(caller): Someone,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    // Listen before the first look, so that nothing falls between.
    let wakes = sockets.store.wakes();
    let revoked = sockets.privacy.revoked();
    let over = over(caller.clone(), sockets.privacy.revoked());
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).max_message_size(MESSAGE_MAX).max_frame_size(MESSAGE_MAX);
    Ok(upgrade.on_upgrade(async move |socket| {
        let mut connection = Connection { sockets, caller, socket, streams: BTreeMap::new(), pings: 0, pongs: 0 };
        // A client that is slow to take its events does not live longer for it.
        let ended = tokio::select! {
            close = over => Err(End::Close(close)),
            ended = connection.run(wakes, revoked) => ended,
        };
        match ended {
            Ok(never) => match never {},
            Err(End::Gone) => {}
            Err(End::Close(code)) => connection.close(code).await,
            Err(End::Store(error)) => {
                tracing::warn!(%error, "an event socket lost the database; the client will come again");
                connection.close(Close::Restarting).await;
            }
        }
    }))
}

struct Connection {
    sockets: EventSockets,
    caller: Caller,
    socket: WebSocket,
    /// By the client's own name: the stream and the last event sent.
    streams: BTreeMap<String, (StreamId, i64)>,
    pings: u64,
    pongs: u64,
}

impl Connection {
    async fn run(
        &mut self,
        mut wakes: broadcast::Receiver<StreamId>,
        mut revoked: broadcast::Receiver<Revoked>,
    ) -> Result<std::convert::Infallible, End> {
        let mut ping = tokio::time::interval(PING_EVERY);
        let mut stopping = self.sockets.stopping.clone();
        loop {
            tokio::select! {
                from_client = self.socket.recv() => match from_client {
                    Some(Ok(Message::Text(text))) => self.client_says(text.as_str()).await?,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => return Err(End::Close(Close::Malformed)),
                    // Too large, or no WebSocket; or the line is down, and then nobody hears why.
                    Some(Err(_)) => return Err(End::Close(Close::Malformed)),
                    Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
                },
                wake = wakes.recv() => match wake {
                    Ok(stream) => self.catch_up(Some(stream)).await?,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up(None).await?,
                    Err(broadcast::error::RecvError::Closed) => return Err(End::Close(Close::Restarting)),
                },
                what = revoked.recv() => match what {
                    Ok(what) => self.something_ended(&what).await?,
                    Err(broadcast::error::RecvError::Lagged(_)) => self.recheck().await?,
                    Err(broadcast::error::RecvError::Closed) => return Err(End::Close(Close::Restarting)),
                },
                _ = ping.tick() => self.ping().await?,
                () = stopped(&mut stopping) => return Err(End::Close(Close::Restarting)),
            }
        }
    }

    async fn client_says(&mut self, text: &str) -> Result<(), End> {
        match serde_json::from_str(text) {
            Ok(FromClient::Watch(wanted)) if wanted.len() <= STREAMS_MAX => self.watch(wanted).await,
            Ok(FromClient::Ping(number)) => self.send(encode(&ToClient::Pong(number))).await,
            Ok(FromClient::Pong(number)) => {
                self.pongs = number;
                Ok(())
            }
            Ok(FromClient::Watch(_)) | Err(_) => Err(End::Close(Close::Malformed)),
        }
    }

    async fn watch(&mut self, wanted: Vec<WatchRequest>) -> Result<(), End> {
        let mut refused = Vec::new();
        let mut streams = BTreeMap::new();
        let mut answers = BTreeMap::new();
        for WatchRequest { stream: name, after } in wanted {
            match self.sockets.may_watch.may_watch(&self.caller, &name).await? {
                None => refused.push(name),
                Some(stream) => {
                    let read = self.sockets.store.read().await?;
                    let last = read.last_seq(stream).await?;
                    let after = after.unwrap_or(last);
                    let next = read.events_after(stream, after, 1).await?.first().map_or(last + 1, |event| event.seq);
                    // Also when the client knows more than the stream does: the server is an older copy.
                    let gap = next != after + 1;
                    answers.insert(name.clone(), (last, gap));
                    streams.insert(name, (stream, if gap { last } else { after }));
                }
            }
        }
        self.streams = streams;
        let watching =
            answers.iter().map(|(stream, (last, gap))| Watching { stream, last: *last, gap: *gap }).collect();
        let refused = refused.iter().map(String::as_str).collect();
        let answer = encode(&ToClient::Watching { watching, refused });
        self.send(answer).await?;
        self.catch_up(None).await
    }

    /// Sends what is new in one stream, or in all.
    async fn catch_up(&mut self, only: Option<StreamId>) -> Result<(), End> {
        let behind: Vec<(String, StreamId, i64)> = self
            .streams
            .iter()
            .filter(|(_, (stream, _))| only.is_none_or(|only| only == *stream))
            .map(|(name, (stream, after))| (name.clone(), *stream, *after))
            .collect();
        for (name, stream, mut after) in behind {
            loop {
                let events = self.sockets.store.read().await?.events_after(stream, after, BATCH).await?;
                for event in &events {
                    let Event { seq, kind, ids, at, stream: _ } = event;
                    let text = encode(&ToClient::Event(EventBody { stream: &name, seq: *seq, kind, at: *at, ids }));
                    self.send(text).await?;
                    after = *seq;
                }
                if let Some(place) = self.streams.get_mut(&name) {
                    place.1 = after;
                }
                if events.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn something_ended(&mut self, what: &Revoked) -> Result<(), End> {
        match what {
            Revoked::Membership { .. } => self.recheck().await,
            Revoked::Subject(_) | Revoked::Session(_) | Revoked::Permission { .. } => Ok(()),
        }
    }

    /// Drops the streams that may not be watched any more, and tells the client.
    async fn recheck(&mut self) -> Result<(), End> {
        let mut refused = Vec::new();
        for name in self.streams.keys().cloned().collect::<Vec<_>>() {
            if self.sockets.may_watch.may_watch(&self.caller, &name).await?.is_none() {
                self.streams.remove(&name);
                refused.push(name);
            }
        }
        if refused.is_empty() {
            return Ok(());
        }
        let watching =
            self.streams.iter().map(|(stream, (_, last))| Watching { stream, last: *last, gap: false }).collect();
        let answer = encode(&ToClient::Watching { watching, refused: refused.iter().map(String::as_str).collect() });
        self.send(answer).await
    }

    async fn ping(&mut self) -> Result<(), End> {
        // Two unanswered pings: nobody is there.
        if self.pings > self.pongs + 2 {
            return Err(End::Gone);
        }
        self.pings += 1;
        self.send(encode(&ToClient::Ping(self.pings))).await
    }

    async fn send(&mut self, text: String) -> Result<(), End> {
        match tokio::time::timeout(self.sockets.patience, self.socket.send(Message::Text(text.into()))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_) => Err(End::Close(Close::TooSlow)),
        }
    }

    async fn close(&mut self, code: Close) {
        let frame = CloseFrame { code: code as u16, reason: code.reason().into() };
        let _ = tokio::time::timeout(self.sockets.patience, self.socket.send(Message::Close(Some(frame)))).await;
    }
}

/// Resolves when what the caller came in by has ended. Who missed the word is sent to show their cookie again.
async fn over(caller: Caller, mut revoked: broadcast::Receiver<Revoked>) -> Close {
    loop {
        match revoked.recv().await {
            Ok(Revoked::Subject(subject)) if caller.subjects().contains(&subject) => return Close::SessionOver,
            Ok(Revoked::Session(session)) if caller.sessions().iter().any(|mine| mine.as_uuid() == session) => {
                return Close::SessionOver;
            }
            Ok(Revoked::Subject(_) | Revoked::Session(_) | Revoked::Membership { .. } | Revoked::Permission { .. }) => {
            }
            Err(broadcast::error::RecvError::Lagged(_) | broadcast::error::RecvError::Closed) => {
                return Close::Restarting;
            }
        }
    }
}

/// Resolves when the server is going down; a server that is gone without a word is going down too.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await.map(|_| ());
}

fn encode(message: &ToClient<'_>) -> String {
    serde_json::to_string(message).expect("a message is plain data")
}
