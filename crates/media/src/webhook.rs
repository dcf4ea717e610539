//! Tells applications what happens in their rooms. Each room has a line of its own to each address: what happened first
//! is told first, a line that is stuck holds up no other room, and the room itself never waits. A line holds a bounded
//! number of events; what does not fit, and what nobody takes after many tries, is counted, and the next event says how
//! many were lost.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use kloud_base::{Clock, typed_id};
use kloud_livekit::proto::{Room, RoomEndReason};
use kloud_livekit::{HookEvent, WEBHOOK_CONTENT_TYPE, webhook_body, webhook_token};
use kloud_sfu::RoomName;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{StatusCode, Url};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::config::{MediaConfig, MediaError};
use crate::meters::{HookOutcome, Meters};

/// Events of one room that may wait for one address.
const WAITING: usize = 256;
/// Requests at a time, of all rooms.
const AT_ONCE: usize = 64;
/// So often one event is offered.
const TRIES: u32 = 8;
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long an address may take to answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long a stopping server waits until its last events are taken.
const GOODBYE: Duration = Duration::from_secs(3);

typed_id!(
    /// One event. A receiver that gets it twice knows it by this.
    EventSid,
    "EV"
);

#[expect(
    clippy::disallowed_types,
    reason = "the operator names the addresses, and what they are told is of API rooms, whose people the holder of the \
              key has brought: nobody's data leaves for a place that its owner did not choose"
)]
type Client = reqwest::Client;

/// The addresses that are told, and the way there.
pub struct Webhooks {
    post: Arc<Post>,
    urls: Vec<Url>,
    lines: Mutex<JoinSet<()>>,
}

struct Post {
    client: Client,
    key: String,
    secret: String,
    first_wait: Duration,
    clock: Arc<dyn Clock>,
    slots: Semaphore,
    meters: Arc<Meters>,
}

/// The lines of one room. Dropping them lets what waits still be told.
#[derive(Debug)]
pub struct RoomHooks {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    queue: mpsc::Sender<Bytes>,
    dropped: Arc<AtomicU32>,
    meters: Arc<Meters>,
}

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Yes,
    /// The receiver does not want it, and will not want it later.
    Refused,
    NotNow,
}

impl Webhooks {
    /// `None` if nobody is to be told.
    pub fn new(config: &MediaConfig, meters: Arc<Meters>) -> Result<Option<Self>, MediaError> {
        let Some(webhooks) = config.webhooks.as_ref().filter(|webhooks| !webhooks.urls.is_empty()) else {
            return Ok(None);
        };
        let key = webhooks.key.clone();
        let secret = config.api_keys.get(&key).cloned();
        let secret = secret.ok_or_else(|| MediaError::Webhooks(format!("there is no key {key:?}")))?;
        let parse = |url: &String| {
            let parsed = Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https"));
            parsed.ok_or_else(|| MediaError::Webhooks(format!("{url:?} is no http or https address")))
        };
        let urls = webhooks.urls.iter().map(parse).collect::<Result<_, _>>()?;
        // A redirect would carry the event to an address that nobody has configured.
        let client = Client::builder().timeout(ANSWER).redirect(reqwest::redirect::Policy::none());
        let client = client.build().map_err(|error| MediaError::Webhooks(error.to_string()))?;
        let (clock, first_wait) = (config.clock.clone(), config.patience.webhook);
        let post = Arc::new(Post { client, key, secret, first_wait, clock, slots: Semaphore::new(AT_ONCE), meters });
        Ok(Some(Self { post, urls, lines: Mutex::default() }))
    }

    /// Lines for a new room.
    pub fn open(&self) -> RoomHooks {
        let mut tasks = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        let mut open = |url: &Url| {
            let (queue, waiting) = mpsc::channel(WAITING);
            let dropped = Arc::new(AtomicU32::new(0));
            tasks.spawn(deliver(self.post.clone(), url.clone(), waiting, dropped.clone()));
            Line { queue, dropped, meters: self.post.meters.clone() }
        };
        RoomHooks { lines: self.urls.iter().map(&mut open).collect() }
    }

    /// Waits until everything is told, for a little while. All rooms are closed.
    pub async fn finish(&self) {
        let tasks = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        if tokio::time::timeout(GOODBYE, tasks.join_all()).await.is_err() {
            tracing::warn!("the server stops before all webhooks were taken");
        }
    }
}

/// What came of a webhook that was tried once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTried {
    pub url: String,
    pub answer: HookAnswer,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookAnswer {
    Taken,
    /// The status that it was refused with.
    Refused(u16),
    /// No answer, and why.
    Silent(String),
}

/// Tells each address of a configuration once that a room of the caller's own is over, as a server does, and says what
/// came of it.
///
/// # Errors
/// Those of the configuration, as at a start.
pub async fn try_webhooks(config: &MediaConfig, room: &RoomName) -> Result<Vec<HookTried>, MediaError> {
    let Some(webhooks) = Webhooks::new(config, Arc::new(Meters::new(0)))? else { return Ok(Vec::new()) };
    let room = Room { name: room.as_str().to_owned(), ..Room::default() };
    let over = HookEvent::RoomFinished(RoomEndReason::RoomEndIdleTimeout);
    let id = EventSid::random(&*config.rng).to_string();
    let body = Bytes::from(webhook_body(over, room, id, config.clock.now(), 0));
    let tries = webhooks.urls.iter().map(async |url| {
        let answer = match webhooks.post.send(url, &body).await {
            Ok(status) if status.is_success() => HookAnswer::Taken,
            Ok(status) => HookAnswer::Refused(status.as_u16()),
            Err(error) => HookAnswer::Silent(reason(&error)),
        };
        HookTried { url: url.to_string(), answer }
    });
    Ok(futures::future::join_all(tries).await)
}

/// The innermost reason: what is outside of it says only that a request failed.
fn reason(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error).to_string()
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhooks").field("urls", &self.urls).finish_non_exhaustive()
    }
}

impl RoomHooks {
    /// Tells every address. `body` is given the number of events that the address has lost before.
    pub fn tell(&self, body: impl Fn(u32) -> Vec<u8>) {
        for line in &self.lines {
            let lost = line.dropped.swap(0, Ordering::Relaxed);
            if line.queue.try_send(body(lost).into()).is_err() {
                line.meters.hook(HookOutcome::Dropped);
                line.dropped.fetch_add(lost.saturating_add(1), Ordering::Relaxed);
            }
        }
    }
}

async fn deliver(post: Arc<Post>, url: Url, mut waiting: mpsc::Receiver<Bytes>, dropped: Arc<AtomicU32>) {
    while let Some(body) = waiting.recv().await {
        if post.insist(&url, &body).await {
            post.meters.hook(HookOutcome::Taken);
        } else {
            post.meters.hook(HookOutcome::GivenUp);
            dropped.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(host = url.host_str(), "a webhook was not taken and is given up");
        }
    }
}

impl Post {
    /// Offers an event until it is taken. False if it never is.
    async fn insist(&self, url: &Url, body: &Bytes) -> bool {
        let mut wait = self.first_wait;
        for _ in 1..TRIES {
            match self.offer(url, body).await {
                Taken::Yes => return true,
                Taken::Refused => return false,
                Taken::NotNow => {
                    self.meters.hook(HookOutcome::TriedAgain);
                    tokio::time::sleep(wait).await;
                }
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        self.offer(url, body).await == Taken::Yes
    }

    async fn offer(&self, url: &Url, body: &Bytes) -> Taken {
        let Ok(_slot) = self.slots.acquire().await else { return Taken::Refused };
        match self.send(url, body).await {
            Ok(status) if status.is_success() => Taken::Yes,
            Ok(StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS) => Taken::NotNow,
            Ok(status) if status.is_client_error() => Taken::Refused,
            Ok(_) | Err(_) => Taken::NotNow,
        }
    }

    async fn send(&self, url: &Url, body: &Bytes) -> reqwest::Result<StatusCode> {
        let token = webhook_token(&self.key, self.secret.as_bytes(), body, self.clock.now());
        let request = self.client.post(url.clone()).header(CONTENT_TYPE, WEBHOOK_CONTENT_TYPE);
        let answer = request.header(AUTHORIZATION, token).body(body.clone()).send().await?;
        Ok(answer.status())
    }
}
