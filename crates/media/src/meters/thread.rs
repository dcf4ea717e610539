//! What one thread counts as it goes. Only that thread writes, so a count costs a load and a store.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kloud_sfu::Kind;

/// A number that grows.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    /// Adds for a thread that is the only one to write here.
    pub fn add(&self, more: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
    }

    /// Adds where several threads write.
    pub fn add_shared(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// Writes how many there are now, of something that also becomes less.
    pub fn set(&self, now: u64) {
        self.0.store(now, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Packets and the bytes in them.
#[derive(Debug, Default)]
pub struct Flow {
    pub packets: Count,
    pub bytes: Count,
}

impl Flow {
    pub fn add(&self, bytes: usize) {
        self.packets.add(1);
        self.bytes.add(bytes as u64);
    }
}

/// The same, by what is carried.
#[derive(Debug, Default)]
pub struct Flows {
    pub audio: Flow,
    pub video: Flow,
    pub data: Flow,
}

impl Flows {
    pub fn of(&self, kind: Kind) -> &Flow {
        match kind {
            Kind::Audio => &self.audio,
            Kind::Video => &self.video,
        }
    }
}

/// The same on the wire, by the way that a client takes.
#[derive(Debug, Default)]
pub struct Wire {
    pub udp: Flow,
    pub tcp: Flow,
    pub relay: Flow,
}

/// Everything that one media thread counts.
#[derive(Debug, Default)]
pub struct ThreadMeter {
    busy_nanos: Count,
    /// Connections that are the thread's now.
    pub connections: Count,
    /// What came of publishers, and what left towards viewers: payloads of RTP and messages.
    pub received: Flows,
    pub forwarded: Flows,
    pub wire_in: Wire,
    pub wire_out: Wire,
    /// Packets that did not arrive: at the server as far as can be told, at viewers as they report.
    pub lost_in: Count,
    pub lost_out: Count,
    /// Packets on repair lines, those that only find out what a line carries among them.
    pub resent: Count,
    /// Requests for packets that were lost, of viewers and to publishers.
    pub asked_by_viewers: Count,
    pub asked_of_publishers: Count,
    /// Packets that the kernel did not take for sending.
    pub unsent: Count,
    /// Packets that came faster than the thread could take them. Written by the receiving thread.
    pub overrun: Count,
}

impl ThreadMeter {
    pub fn busy(&self, time: Duration) {
        self.busy_nanos.add(u64::try_from(time.as_nanos()).unwrap_or(0));
    }

    /// How long the thread has worked since it began.
    pub fn busy_for(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.get())
    }
}
