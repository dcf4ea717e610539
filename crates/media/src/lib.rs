//! Carries the sound, pictures and data of meetings: one port by UDP and TCP, media threads, the LiveKit wire on WebSockets.
//!
//! Two kinds of rooms. An *API room* is opened by a token that an API key signed; the token says what its bearer may
//! publish. A *meeting room* is opened by the product with [`Media::open_room`]; only those come in whom it
//! [admits](Media::admit), and what leaves the server of them follows the permits that it gives. A key's token never
//! opens a meeting room. The holder of a key can have somebody moved from one API room to another, or shown in two; a
//! meeting is never one of these.
//!
//! Invariants: a packet is forwarded only while its publisher's permits, held twice on its way, allow its source; no
//! permits, no forwarding. No third party is contacted: clients are told this server's own addresses only. Whatever a
//! client sends, at most its own connection ends.
//!
//! Deliberately not here: who may have which permit and why (the product), and anything durable. After a restart the
//! product opens its rooms and admits its people again.

mod config;
mod counters;
mod event;
#[doc(hidden)]
pub mod fuzz;
mod http;
mod meters;
mod mono;
mod net;
mod overload;
mod relay;
mod room;
mod rtp;
mod shared;
mod token;
mod webhook;
mod worker;

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, broadcast, oneshot};

pub use config::{Limits, MediaConfig, MediaError, Patience, RelayConfig, TcpPort, WebhookConfig};
pub use counters::Counted;
pub use event::{GateReceipt, Happened, LeftReason, MediaEvent, ParticipantStats, RemoveReason, RoomStats, Ticket};
pub use kloud_sfu::{BySource, Epoch, Identity, NameError, ParticipantSid, Permits, RoomName, Source, TrackSid};
pub use meters::{JoinOutcome, JoinTrail, MediaPath, Step, Trails};
pub use net::{Opening, first_bytes, quicken};
pub use webhook::{HookAnswer, HookTried, try_webhooks};
#[doc(hidden)]
pub use worker::drill;

use bytes::BytesMut;
use meters::{Census, Meters, Thing};
use net::{
    Consents, Desk, Entrance, MediaSocket, Receiver, Replies, STREAM_PACKETS, Sink, Streams, advertised, open_port,
};
use overload::Load;
use relay::RelayOffer;
use room::{Admission, RoomKind, RoomOrder};
use shared::{OpenError, RoomHandle, Shared};
use webhook::Webhooks;
use worker::{Common, Order, Threads, Worker};

/// Events that a slow listener may be behind. One who misses some asks [`Media::stats`].
const EVENTS: usize = 4_096;

/// The running media server. Cloning gives another handle on the same one.
#[derive(Clone)]
pub struct Media {
    shared: Arc<Shared>,
    running: Arc<Running>,
}

struct Running {
    socket: Arc<MediaSocket>,
    local: SocketAddr,
    candidates: Vec<SocketAddr>,
    entrance: Entrance,
    stop: Arc<Notify>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Media {
    /// Opens the port and starts the threads. Rooms need a tokio runtime around the calls that open them.
    pub fn start(config: MediaConfig) -> Result<Self, MediaError> {
        let count = thread_count(config.threads);
        let meters = Arc::new(Meters::new(count));
        let webhooks = Webhooks::new(&config, meters.clone())?;
        let (socket, listener) = open_port(config.listen, config.tcp == TcpPort::Own)?;
        let socket = Arc::new(socket);
        let local = socket.local();
        let told = advertised(local, &config.advertise)?;
        let candidates: Vec<_> = told.iter().map(|ip| SocketAddr::new(*ip, local.port())).collect();
        let own: Arc<HashSet<IpAddr>> = Arc::new(if_addrs::get_if_addrs()?.into_iter().map(|i| i.ip()).collect());
        let crypto = Arc::new(rtp::provider());
        let certificate = crypto.dtls_provider.generate_certificate().ok_or(MediaError::Certificate)?;
        let common = Arc::new(Common {
            socket: socket.clone(),
            own: own.clone(),
            candidates: candidates.clone(),
            tcp: config.tcp != TcpPort::Closed,
            crypto: crypto.clone(),
            certificate,
            rng: config.rng.clone(),
            start: mono::now(),
        });
        let (events, _) = broadcast::channel(EVENTS);
        let (handles, ends) = worker::handles(&meters.threads);
        let (routes, updates) = mpsc::channel();
        let stop = Arc::new(Notify::new());
        let mut threads = Vec::new();
        for (index, end) in ends.into_iter().enumerate() {
            let worker =
                Worker::new(index, common.clone(), end, handles.clone(), routes.clone(), meters.threads[index].clone());
            threads.push(named(format!("media-{index}"), move || worker.run())?);
        }
        let sinks: Vec<Sink> = handles
            .iter()
            .map(|handle| {
                let handle = handle.clone();
                Box::new(move |batch| handle.datagrams(batch)) as Sink
            })
            .collect();
        let offer = RelayOffer::new(&config, &candidates);
        let replies = Replies::new(socket.clone(), own);
        let desk = offer.as_ref().map(|offer| {
            let relay = offer.relay(candidates.clone(), &*config.rng);
            Desk::new(relay, replies.clone(), config.clock.clone())
        });
        let consents = Consents::new(replies, crypto, meters.receiver.clone());
        let (incoming, packets) = tokio::sync::mpsc::channel(STREAM_PACKETS);
        let entrance = Entrance::new(incoming, desk.is_some());
        let streams = Streams { listener, entrance: entrance.clone(), packets };
        let receiver = Receiver::new(socket.clone(), streams, updates, desk, consents, meters.receiver.clone());
        let load = Arc::new(Load::new(config.limits, meters.clone()));
        let watch = load.clone().watch();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let stopped = stop.clone();
        threads.push(named("media-receive".to_owned(), move || {
            runtime.spawn(watch);
            if let Err(error) = runtime.block_on(receiver.run(sinks, stopped)) {
                tracing::error!(%error, "the media port cannot be read any more");
            }
        })?);
        let shared = Shared::new(config, webhooks, handles, events, offer, (meters, load));
        let running = Running { socket, local, candidates, entrance, stop, threads: Mutex::new(threads) };
        Ok(Self { shared: Arc::new(shared), running: Arc::new(running) })
    }

    /// The address of the media port.
    pub fn local_addr(&self) -> SocketAddr {
        self.running.local
    }

    /// The addresses that clients are told.
    pub fn advertised(&self) -> Vec<IpAddr> {
        self.running.candidates.iter().map(SocketAddr::ip).collect()
    }

    /// Carries a stream that another port has accepted and whose first bytes are media's or the relay's, until it is
    /// over. `to` is the address of this machine that it came to.
    pub async fn carry(
        &self,
        stream: impl AsyncRead + AsyncWrite,
        begun: (Opening, BytesMut),
        from: SocketAddr,
        to: Option<IpAddr>,
    ) {
        let halves = tokio::io::split(stream);
        self.running.entrance.carry(halves, begun, (from, to.map(|ip| ip.to_canonical()))).await;
    }

    /// What LiveKit clients call below the base address: `/rtc/v1` and the older `/rtc`, `validate` below both; what
    /// server SDKs call: `/twirp/livekit.…`. The base address itself must answer `HEAD` with success. Query strings hold
    /// tokens: keep them out of logs.
    pub fn router(&self) -> Router {
        http::router(self.shared.clone())
    }

    /// Opens a meeting room. Its name is what goes over the wire: a random one.
    pub fn open_room(&self, room: &RoomName) -> Result<(), MediaError> {
        match self.shared.open(room, RoomKind::Meeting) {
            Ok(_) => Ok(()),
            Err(OpenError::Exists) => Err(MediaError::RoomExists),
            Err(OpenError::TooMany | OpenError::Stopping) => Err(MediaError::ShuttingDown),
        }
    }

    /// Whether a meeting room of this name is open.
    pub fn is_open(&self, room: &RoomName) -> bool {
        self.meeting(room).is_ok()
    }

    /// Lets a person into a meeting room, with the permits of `epoch` and under `name`, which others are shown. Admitting
    /// again renews the ticket and takes over name and permits. The ticket lasts an hour; a client that is inside gets
    /// new ones by itself.
    pub async fn admit(
        &self,
        room: &RoomName,
        identity: &Identity,
        name: &str,
        permits: Permits,
        epoch: Epoch,
    ) -> Result<Ticket, MediaError> {
        let handle = self.meeting(room)?;
        // Tracks without a source cannot be asked for, so a meeting never permits them.
        let permits = permits & Permits::ASKED;
        let admission = Admission { identity: identity.clone(), name: name.to_owned(), permits, epoch };
        ask(&handle, |reply| RoomOrder::Admit { admission, reply }).await?;
        let (token, expires_at) = token::meeting(&self.shared, room, identity);
        Ok(Ticket { identity: identity.clone(), token, expires_at })
    }

    /// Gives a person new permits. Returns when every copy of the gate has them, with the measure. Orders may overtake
    /// each other: the highest epoch decides, and within one epoch permits only fall.
    ///
    /// A source whose permit ends is forwarded no more; its tracks are unpublished and the client is told to stop.
    pub async fn permit(
        &self,
        room: &RoomName,
        identity: &Identity,
        permits: Permits,
        epoch: Epoch,
    ) -> Result<GateReceipt, MediaError> {
        let called = mono::now();
        let handle = self.meeting(room)?;
        let (identity, permits) = (identity.clone(), permits & Permits::ASKED);
        let wait = ask(&handle, |reply| RoomOrder::Permit { identity, permits, epoch, reply }).await?;
        let mut wait = wait.ok_or(MediaError::NotAdmitted)?;
        let mut last = None;
        for _ in 0..wait.threads {
            // A thread that is gone forwards nothing.
            let Some(at) = wait.reports.recv().await else { break };
            last = last.max(at);
        }
        Ok(GateReceipt {
            shut_after: mono::now().saturating_duration_since(called),
            last_packet_after: last.filter(|at| *at > called).map(|at| at.saturating_duration_since(called)),
        })
    }

    /// Mutes a person's tracks of a source. The person can unmute them; nobody else can.
    pub async fn mute(&self, room: &RoomName, identity: &Identity, source: Source) -> Result<(), MediaError> {
        let (handle, identity) = (self.meeting(room)?, identity.clone());
        present(ask(&handle, |reply| RoomOrder::Mute { identity, source, reply }).await?)
    }

    /// Shows a person under another name.
    pub async fn rename(&self, room: &RoomName, identity: &Identity, name: &str) -> Result<(), MediaError> {
        let (handle, identity, name) = (self.meeting(room)?, identity.clone(), name.to_owned());
        present(ask(&handle, |reply| RoomOrder::Rename { identity, name, reply }).await?)
    }

    /// Takes a person out of the room; the ticket is void from now on.
    pub async fn remove(&self, room: &RoomName, identity: &Identity, reason: RemoveReason) -> Result<(), MediaError> {
        let (handle, identity) = (self.meeting(room)?, identity.clone());
        present(ask(&handle, |reply| RoomOrder::Remove { identity, reason, reply }).await?)
    }

    /// Ends a meeting room for everyone.
    pub async fn close(&self, room: &RoomName) -> Result<(), MediaError> {
        let handle = self.meeting(room)?;
        ask(&handle, |reply| RoomOrder::Close { reason: LeftReason::RoomClosed, reply }).await?;
        self.shared.forget(room, &handle.orders);
        Ok(())
    }

    /// What happens in all rooms from now on. A listener that falls 4,096 events behind is told so and should ask
    /// [`Media::stats`].
    pub fn events(&self) -> broadcast::Receiver<MediaEvent> {
        self.shared.events.subscribe()
    }

    /// The numbers of a room of either kind.
    pub async fn stats(&self, room: &RoomName) -> Result<RoomStats, MediaError> {
        let handle = self.shared.room(room).ok_or(MediaError::NoSuchRoom)?;
        ask(&handle, |reply| RoomOrder::Stats { reply }).await
    }

    /// Puts the numbers of this server into a registry, for Prometheus. They hold nothing of anybody.
    pub fn register(&self, registry: &mut Registry) {
        self.shared.meters.register(registry);
    }

    /// Counts who is where. What is registered shows it from then on.
    pub async fn count(&self) {
        let mut all = Census::default();
        let rooms = self.shared.all_rooms();
        let asked = rooms.iter().map(|room| ask(room, |reply| RoomOrder::Count { reply }));
        // A room that is gone has nobody.
        for (room, counted) in rooms.iter().zip(futures::future::join_all(asked).await) {
            all.count(if room.kind == RoomKind::Meeting { Thing::Meeting } else { Thing::ApiRoom });
            counted.iter().for_each(|counted| all.join(counted));
        }
        self.shared.meters.take_census(all, self.running.socket.kernel_drops());
    }

    /// The joins that are over from now on, each with its steps. They hold nothing of anybody.
    pub fn trails(&self) -> Trails {
        self.shared.meters.trails()
    }

    /// Ends everything: clients are told to come back later, then the threads stop.
    pub async fn shutdown(&self) {
        self.shared.stop_opening();
        for handle in self.shared.all_rooms() {
            // A room that is gone has said its goodbye.
            let _ = ask(&handle, |reply| RoomOrder::Close { reason: LeftReason::ServerStopped, reply }).await;
        }
        if let Some(webhooks) = &self.shared.webhooks {
            webhooks.finish().await;
        }
        self.shared.workers.iter().for_each(|worker| worker.send(Order::Stop));
        self.running.stop.notify_one();
        let threads = std::mem::take(&mut *self.running.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(move || {
            for thread in threads {
                if thread.join().is_err() {
                    tracing::error!("a media thread ended in a panic");
                }
            }
        });
        if joined.await.is_err() {
            tracing::error!("the media threads could not be waited for");
        }
    }

    fn meeting(&self, room: &RoomName) -> Result<RoomHandle, MediaError> {
        self.shared.room(room).filter(|r| r.kind == RoomKind::Meeting).ok_or(MediaError::NoSuchRoom)
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media").field("local", &self.running.local).finish_non_exhaustive()
    }
}

async fn ask<T>(room: &RoomHandle, order: impl FnOnce(oneshot::Sender<T>) -> RoomOrder) -> Result<T, MediaError> {
    let (reply, answer) = oneshot::channel();
    room.orders.send(order(reply)).map_err(|_| MediaError::NoSuchRoom)?;
    answer.await.map_err(|_| MediaError::NoSuchRoom)
}

fn present(known: bool) -> Result<(), MediaError> {
    if known { Ok(()) } else { Err(MediaError::NotAdmitted) }
}

fn thread_count(wanted: usize) -> usize {
    let count = if wanted == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { wanted };
    count.clamp(1, Threads::MAX)
}

fn named(name: String, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, MediaError> {
    Ok(std::thread::Builder::new().name(name).spawn(work)?)
}
