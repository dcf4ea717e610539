//! How many bits a second arrived, on the receiver's clock: windows of a fraction of a second, each weighed by how far
//! it is from what was thought before.

use super::Micros;

/// The first window, microseconds.
const FIRST: i64 = 500_000;
/// The others.
const WINDOW: i64 = 150_000;
/// A pause or a jump of the receiver's clock of this much begins anew.
const GAP: i64 = 2_000_000;
/// How much less sure the past gets with each window (kbit/s, squared).
const DRIFT: f64 = 5.0;
/// How little a window is trusted that is far away from the past.
const DOUBT: f64 = 10.0;

/// What arrives within this time is counted together.
const TOGETHER: i64 = 5_000;
const BUCKETS: usize = 64;
/// The short view takes at least so long,
const SHORT: i64 = 60_000;
/// and so many packets.
const SHORT_PACKETS: u32 = 10;

#[derive(Clone, Copy, Default)]
struct Bucket {
    at: i64,
    bytes: u32,
    packets: u32,
}

#[derive(Default)]
pub(super) struct Acked {
    buckets: Buckets,
    begins: Option<i64>,
    newest: i64,
    bytes: u64,
    /// Kilobits a second, and the variance.
    mean: Option<f64>,
    variance: f64,
}

impl Acked {
    /// A packet arrived, at this time of the receiver's clock in microseconds.
    #[inline]
    pub fn arrived(&mut self, at: i64, bytes: u32) {
        self.buckets.arrived(at, bytes);
        let begins = *self.begins.get_or_insert(at);
        let since = at - begins;
        if at < begins - GAP || at > self.newest.max(begins) + GAP {
            (self.begins, self.newest, self.bytes) = (Some(at), at, 0);
            self.buckets = Buckets::default();
            return;
        }
        self.newest = self.newest.max(at);
        let window = if self.mean.is_none() { FIRST } else { WINDOW };
        if since >= window {
            let kbps = self.bytes as f64 * 8_000.0 / since as f64;
            self.weigh(kbps);
            self.begins = Some(at);
            self.bytes = 0;
        }
        self.bytes += u64::from(bytes);
    }

    /// Bits per second.
    pub fn rate(&self) -> Option<f64> {
        self.mean.map(|kbps| kbps * 1_000.0)
    }

    /// What arrived in the last moments, bits per second: how much the line carries, where a queue grows.
    /// `jitter`: by how many microseconds delays differ anyway.
    pub fn lately(&self, jitter: f64) -> Option<f64> {
        self.buckets.rate(SHORT + (4.0 * jitter) as i64)
    }

    /// What arrives from here on has nothing to do with what came before.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    fn weigh(&mut self, kbps: f64) {
        let Some(mean) = self.mean else {
            (self.mean, self.variance) = (Some(kbps), 50.0);
            return;
        };
        let far = DOUBT * (mean - kbps).abs() / mean.max(1.0);
        let (of_window, of_past) = (far * far, self.variance + DRIFT);
        self.mean = Some((of_window * mean + of_past * kbps) / (of_window + of_past));
        self.variance = of_window * of_past / (of_window + of_past);
    }
}

struct Buckets {
    ring: [Bucket; BUCKETS],
    count: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Self { ring: [Bucket::default(); BUCKETS], count: 0 }
    }
}

impl Buckets {
    #[inline]
    fn arrived(&mut self, at: i64, bytes: u32) {
        let newest = &mut self.ring[(self.count + BUCKETS - 1) % BUCKETS];
        if self.count == 0 || at >= newest.at + TOGETHER {
            self.ring[self.count % BUCKETS] = Bucket { at, bytes, packets: 1 };
            self.count += 1;
        } else {
            newest.bytes += bytes;
            newest.packets += 1;
        }
    }

    fn rate(&self, span: i64) -> Option<f64> {
        let newest = self.ring[(self.count + BUCKETS - 1) % BUCKETS].at;
        let (mut bytes, mut packets) = (0.0, 0);
        for back in 0..self.count.min(BUCKETS) {
            let bucket = self.ring[(self.count + BUCKETS - 1 - back) % BUCKETS];
            let lasted = newest - bucket.at;
            if lasted >= span && packets >= SHORT_PACKETS {
                return Some(bytes * 8e6 / lasted as f64);
            }
            bytes += f64::from(bucket.bytes);
            packets += bucket.packets;
        }
        None
    }
}

/// How many bits a second leave, on our own clock.
#[derive(Default)]
pub(super) struct Leaving {
    begins: Micros,
    bytes: u64,
    rate: f64,
}

impl Leaving {
    const WINDOW: Micros = 250_000;

    #[inline]
    pub fn leaves(&mut self, now: Micros, bytes: usize) {
        let since = now.saturating_sub(self.begins);
        if since >= Self::WINDOW {
            let rate = self.bytes as f64 * 8e6 / since as f64;
            self.rate = if since >= 4 * Self::WINDOW { rate } else { 0.5 * self.rate + 0.5 * rate };
            (self.begins, self.bytes) = (now, 0);
        }
        self.bytes += bytes as u64;
    }

    /// Bits per second.
    pub fn rate(&self, now: Micros) -> f64 {
        let since = now.saturating_sub(self.begins);
        if since < 2 * Self::WINDOW { self.rate } else { self.bytes as f64 * 8e6 / since as f64 }
    }
}
