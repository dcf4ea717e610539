//! What is counted of each person. Written by the media threads, read by anyone, never waited for.

use std::sync::atomic::{AtomicU64, Ordering};

use kloud_sfu::{BySource, Source};

/// Packets of one person, by source.
#[derive(Debug, Default)]
pub struct Counters {
    received: BySource<AtomicU64>,
    forwarded: BySource<AtomicU64>,
    refused: BySource<AtomicU64>,
}

/// A reading of the counters of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Packets that came from the person, whatever became of them.
    pub received: u64,
    /// Packets that left towards others: one received packet counts once for each viewer.
    pub forwarded: u64,
    /// Packets that the gate held back.
    pub refused_by_gate: u64,
}

impl Counters {
    pub fn received(&self, source: Source) {
        self.received.get(source).fetch_add(1, Ordering::Relaxed);
    }

    pub fn forwarded(&self, source: Source) {
        self.forwarded.get(source).fetch_add(1, Ordering::Relaxed);
    }

    pub fn refused(&self, source: Source) {
        self.refused.get(source).fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> BySource<Counted> {
        BySource::from_fn(|source| Counted {
            received: self.received.get(source).load(Ordering::Relaxed),
            forwarded: self.forwarded.get(source).load(Ordering::Relaxed),
            refused_by_gate: self.refused.get(source).load(Ordering::Relaxed),
        })
    }
}
