//! What operators are shown of the media server, in numbers and in trails of joins.
//!
//! Invariant: labels are closed sets of words. No name, id, room or address of anybody is in a label, a value or a
//! trail. The way of a packet is no longer for it: threads count for themselves, and sums are made when they are asked
//! for.

mod scrape;
mod thread;
mod trail;

pub use scrape::{Census, Thing};
use thread::Flow;
pub use thread::ThreadMeter;
pub use trail::{JoinOutcome, JoinTrail, MediaPath, Step, Trails};

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::broadcast;

/// Trails that a slow listener may be behind.
const TRAILS: usize = 1_024;
/// Seconds from the opening of the socket to first media.
const JOINS: [f64; 12] = [0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Seconds of a round trip.
const ROUND_TRIPS: [f64; 11] = [0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.25, 0.4, 0.8, 1.6];

/// Everything that is counted.
#[derive(Debug)]
pub struct Meters {
    /// One for each media thread, in order.
    pub threads: Vec<Arc<ThreadMeter>>,
    /// Of the thread that reads the port.
    pub receiver: Arc<ThreadMeter>,
    joins: Family<JoinLabels, Counter>,
    first_media: Family<PathLabels, Histogram>,
    round_trips: Histogram,
    hooks: Family<HookLabels, Counter>,
    trails: broadcast::Sender<Arc<JoinTrail>>,
    inside: Arc<AtomicUsize>,
    census: Mutex<Census>,
    kernel_drops: AtomicU64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JoinLabels {
    outcome: JoinOutcome,
    path: MediaPath,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PathLabels {
    path: MediaPath,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HookLabels {
    outcome: HookOutcome,
}

/// What became of an event that an application was to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HookOutcome {
    Taken,
    /// Not taken now; it is offered again.
    TriedAgain,
    /// Refused, or never taken.
    GivenUp,
    /// There was no place to keep it.
    Dropped,
}

/// A place that somebody takes for as long as this is held.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Meters {
    pub fn new(threads: usize) -> Self {
        let meters = Self {
            threads: (0..threads).map(|_| Arc::default()).collect(),
            receiver: Arc::default(),
            joins: Family::default(),
            first_media: Family::new_with_constructor(|| Histogram::new(JOINS)),
            round_trips: Histogram::new(ROUND_TRIPS),
            hooks: Family::default(),
            trails: broadcast::channel(TRAILS).0,
            inside: Arc::default(),
            census: Mutex::default(),
            kernel_drops: AtomicU64::new(0),
        };
        // What has not happened yet is shown as 0, so that a graph begins with the server.
        for path in [MediaPath::Udp, MediaPath::Tcp, MediaPath::Relay] {
            drop(meters.joins.get_or_create(&JoinLabels { outcome: JoinOutcome::Connected, path }));
            drop(meters.first_media.get_or_create(&PathLabels { path }));
        }
        for outcome in [HookOutcome::Taken, HookOutcome::TriedAgain, HookOutcome::GivenUp, HookOutcome::Dropped] {
            drop(meters.hooks.get_or_create(&HookLabels { outcome }));
        }
        meters
    }

    /// One more participant, in whichever room.
    pub fn take_place(&self) -> Place {
        self.inside.fetch_add(1, Ordering::Relaxed);
        Place(self.inside.clone())
    }

    /// Participants in all rooms.
    pub fn inside(&self) -> usize {
        self.inside.load(Ordering::Relaxed)
    }

    pub fn joined(&self, outcome: JoinOutcome, path: MediaPath) {
        self.joins.get_or_create(&JoinLabels { outcome, path }).inc();
    }

    /// A join that ends at the door.
    pub fn refused(&self, trail: JoinTrail, why: JoinOutcome) {
        self.joined(why, MediaPath::None);
        self.over(JoinTrail { outcome: why, ..trail });
    }

    pub fn first_media(&self, path: MediaPath, after: Duration) {
        self.first_media.get_or_create(&PathLabels { path }).observe(after.as_secs_f64());
    }

    pub fn round_trip(&self, milliseconds: f32) {
        self.round_trips.observe(f64::from(milliseconds) / 1_000.0);
    }

    pub fn hook(&self, outcome: HookOutcome) {
        self.hooks.get_or_create(&HookLabels { outcome }).inc();
    }

    /// Hands a trail that is over to whoever listens.
    pub fn over(&self, trail: JoinTrail) {
        // Mostly nobody does.
        let _ = self.trails.send(Arc::new(trail));
    }

    pub fn trails(&self) -> Trails {
        self.trails.subscribe()
    }
}

/// A label value is the word of one case.
macro_rules! labels {
    ($($kind:ty: $word:expr;)*) => {$(
        impl EncodeLabelValue for $kind {
            fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), std::fmt::Error> {
                let word: fn($kind) -> &'static str = $word;
                EncodeLabelValue::encode(&word(*self), encoder)
            }
        }
    )*};
}

labels! {
    JoinOutcome: JoinOutcome::name;
    MediaPath: MediaPath::name;
    HookOutcome: |outcome| match outcome {
        HookOutcome::Taken => "taken",
        HookOutcome::TriedAgain => "tried_again",
        HookOutcome::GivenUp => "given_up",
        HookOutcome::Dropped => "dropped",
    };
}
