//! What rooms, sockets and the product share: keys, threads, the list of rooms.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kloud_base::{Clock, Rng, random_bytes};
use kloud_livekit::RoomSettings;
use kloud_sfu::RoomName;
use tokio::sync::{broadcast, mpsc};

use crate::config::{MediaConfig, Patience};
use crate::event::MediaEvent;
use crate::meters::Meters;
use crate::overload::Load;
use crate::relay::RelayOffer;
use crate::room::{Door, RoomKind, RoomOrder, Signal, spawn_room};
use crate::webhook::Webhooks;
use crate::worker::Handle;

/// Signal messages that may wait for a room; a socket that sends faster is read no further.
const SIGNALS: usize = 256;
/// Most API rooms at a time: a key can make as many as it has names.
const API_ROOMS: usize = 10_000;

/// Everything that lives as long as the server.
pub struct Shared {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub api_keys: BTreeMap<String, String>,
    /// Signs tokens of meeting rooms. Made at the start and never told.
    pub secret: [u8; 32],
    pub workers: Vec<Handle>,
    pub events: broadcast::Sender<MediaEvent>,
    pub max_participants: usize,
    pub patience: Patience,
    pub webhooks: Option<Webhooks>,
    /// Names this run of the server to clients.
    pub node: String,
    /// Where the relay is reached, if there is one.
    pub relay: Option<RelayOffer>,
    pub meters: Arc<Meters>,
    pub load: Arc<Load>,
    rooms: Mutex<Rooms>,
    next_conn: AtomicU64,
    next_thread: AtomicUsize,
}

#[derive(Default)]
struct Rooms {
    open: HashMap<RoomName, RoomHandle>,
    stopping: bool,
}

/// The way to a room.
#[derive(Clone, Debug)]
pub struct RoomHandle {
    pub kind: RoomKind,
    pub orders: mpsc::UnboundedSender<RoomOrder>,
    pub signals: mpsc::Sender<Signal>,
}

/// Why a room cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    Exists,
    TooMany,
    Stopping,
}

impl Shared {
    pub fn new(
        config: MediaConfig,
        webhooks: Option<Webhooks>,
        workers: Vec<Handle>,
        events: broadcast::Sender<MediaEvent>,
        relay: Option<RelayOffer>,
        (meters, load): (Arc<Meters>, Arc<Load>),
    ) -> Self {
        let MediaConfig { clock, rng, api_keys, patience, .. } = config;
        let max_participants = config.max_participants.max(1);
        let secret = random_bytes::<32>(&*rng);
        let node: String = random_bytes::<6>(&*rng).iter().map(|b| format!("{b:02x}")).collect();
        Self {
            clock,
            rng,
            api_keys,
            secret,
            workers,
            events,
            max_participants,
            patience,
            webhooks,
            node,
            relay,
            meters,
            load,
            rooms: Mutex::default(),
            next_conn: AtomicU64::new(1),
            next_thread: AtomicUsize::new(0),
        }
    }

    /// What a room is made with of which nothing else is said.
    pub fn settings(&self) -> RoomSettings {
        RoomSettings { empty: self.patience.empty, departure: self.patience.departure, ..RoomSettings::default() }
    }

    /// A number that no other connection or socket has.
    pub fn next_number(&self) -> u64 {
        self.next_conn.fetch_add(1, Ordering::Relaxed)
    }

    /// The media thread of whoever comes next: by turns, so that one room has the use of all of them.
    pub fn next_thread(&self) -> usize {
        self.next_thread.fetch_add(1, Ordering::Relaxed) % self.workers.len().max(1)
    }

    pub fn room(&self, name: &RoomName) -> Option<RoomHandle> {
        self.rooms().open.get(name).cloned()
    }

    pub fn all_rooms(&self) -> Vec<RoomHandle> {
        self.rooms().open.values().cloned().collect()
    }

    /// The API room of this name. A meeting is none, and nobody with a key learns that there is one.
    pub fn api_room(&self, name: &RoomName) -> Option<RoomHandle> {
        self.room(name).filter(|room| room.kind == RoomKind::Api)
    }

    /// The API rooms, or those of these names.
    pub fn api_rooms(&self, names: &[String]) -> Vec<RoomHandle> {
        let rooms = self.rooms();
        let meant = |name: &RoomName| names.is_empty() || names.iter().any(|one| one == name.as_str());
        let of_keys = rooms.open.iter().filter(|(name, room)| room.kind == RoomKind::Api && meant(name));
        of_keys.map(|(_, room)| room.clone()).collect()
    }

    /// Opens a room that must not be open yet.
    pub fn open(self: &Arc<Self>, name: &RoomName, kind: RoomKind) -> Result<RoomHandle, OpenError> {
        let mut rooms = self.rooms();
        if rooms.stopping {
            return Err(OpenError::Stopping);
        }
        if rooms.open.contains_key(name) {
            return Err(OpenError::Exists);
        }
        let handle = self.start(name, kind, self.settings());
        rooms.open.insert(name.clone(), handle.clone());
        Ok(handle)
    }

    /// The room of this name, whatever its kind; a new API room with these settings if there is none.
    pub fn find_or_open_api(
        self: &Arc<Self>,
        name: &RoomName,
        settings: RoomSettings,
    ) -> Result<RoomHandle, OpenError> {
        let mut rooms = self.rooms();
        if rooms.stopping {
            return Err(OpenError::Stopping);
        }
        if let Some(handle) = rooms.open.get(name) {
            return Ok(handle.clone());
        }
        if rooms.open.values().filter(|room| room.kind == RoomKind::Api).count() >= API_ROOMS {
            return Err(OpenError::TooMany);
        }
        let handle = self.start(name, RoomKind::Api, settings);
        rooms.open.insert(name.clone(), handle.clone());
        Ok(handle)
    }

    /// Takes a room off the list, if it is still the same one.
    pub fn forget(&self, name: &RoomName, orders: &mpsc::UnboundedSender<RoomOrder>) {
        let mut rooms = self.rooms();
        if rooms.open.get(name).is_some_and(|r| r.orders.same_channel(orders)) {
            rooms.open.remove(name);
        }
    }

    /// From now on no room opens.
    pub fn stop_opening(&self) {
        self.rooms().stopping = true;
    }

    fn start(self: &Arc<Self>, name: &RoomName, kind: RoomKind, settings: RoomSettings) -> RoomHandle {
        let (orders, order_inbox) = mpsc::unbounded_channel();
        let (signals, signal_inbox) = mpsc::channel(SIGNALS);
        let door = Door { orders: orders.clone(), order_inbox, signal_inbox };
        spawn_room(self.clone(), name.clone(), kind, settings, door);
        RoomHandle { kind, orders, signals }
    }

    fn rooms(&self) -> std::sync::MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
