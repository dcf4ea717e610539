//! Whether packets take longer and longer: bursts of packets, the growth of the delay from burst to burst, its trend over
//! the last ones, and a threshold that follows what is usual on the path (draft-ietf-rmcat-gcc-02, sections 5.1 to 5.4,
//! with a fitted line instead of its filter).

use super::Micros;

/// What leaves within so many microseconds is one burst.
const BURST: u64 = 5_000;
/// A burst that the path has bunched together spans at most this on arrival.
const BUNCHED: i64 = 100_000;
/// Delays that jump by this much are a clock that was set.
const JUMP: i64 = 3_000_000;
/// Bursts that may arrive before their forerunners until the clock is thought to have been set.
const BACKWARDS: u8 = 3;
/// Bursts that the line is fitted to.
const POINTS: usize = 20;
const SMOOTHING: f64 = 0.9;
/// Makes slopes into something that compares with milliseconds.
const GAIN: f64 = 4.0;
const MOST_WEIGHT: u32 = 60;
/// How fast the threshold follows upwards and downwards, for each millisecond.
const UP: f64 = 0.0087;
const DOWN: f64 = 0.039;
const THRESHOLD: f64 = 12.5;
/// Excesses beyond this say nothing of what is usual.
const OUTLIER: f64 = 15.0;
/// Milliseconds that the excess must last.
const LASTS: f64 = 10.0;

/// A queue that grows holds everything up by at least so much, microseconds. What is held up for a moment only, as by
/// jitter or behind a large frame, is no queue.
const STANDING: f64 = 8_000.0;
/// For how long the least delay is remembered, and over how long a queue must stand, microseconds; up to twice as long.
const REMEMBERED: i64 = 10_000_000;
const STANDS: i64 = 100_000;
/// Where delays differ by more than this, so many bursts must be held up.
const JITTERY: f64 = 4_000.0;
const MANY: u32 = 8;

/// How the path is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Usage {
    #[default]
    Normal,
    /// A queue grows.
    Over,
    /// A queue drains.
    Under,
}

#[derive(Clone, Copy)]
struct Burst {
    first_left: Micros,
    last_left: Micros,
    first_came: i64,
    last_came: i64,
}

pub(super) struct Delay {
    burst: Option<Burst>,
    before: Option<Burst>,
    backwards: u8,
    line: Line,
    usage: Usage,
    threshold: f64,
    /// Milliseconds for which, and how many times in a row, the trend was above the threshold.
    over: Option<(f64, u32)>,
    slope_before: f64,
    least: Lowest,
    lately: Lowest,
    /// By how many microseconds delays differ from burst to burst.
    jitter: f64,
}

impl Default for Delay {
    fn default() -> Self {
        Self {
            burst: None,
            before: None,
            backwards: 0,
            line: Line::default(),
            usage: Usage::Normal,
            threshold: THRESHOLD,
            over: None,
            slope_before: 0.0,
            least: Lowest::default(),
            lately: Lowest::default(),
            jitter: 0.0,
        }
    }
}

impl Delay {
    /// A packet that left at one time arrived at another, on the receiver's clock in microseconds.
    #[inline]
    pub fn arrived(&mut self, left: Micros, came: i64) {
        let single = Burst { first_left: left, last_left: left, first_came: came, last_came: came };
        let Some(burst) = &mut self.burst else {
            self.burst = Some(single);
            return;
        };
        if left < burst.first_left {
            // Late news about an earlier burst.
            return;
        }
        let after = came - burst.last_came;
        let bunched = after < left.saturating_sub(burst.last_left) as i64
            && after <= BURST as i64
            && came - burst.first_came < BUNCHED;
        if left - burst.first_left <= BURST || bunched {
            burst.last_left = burst.last_left.max(left);
            burst.last_came = burst.last_came.max(came);
        } else {
            let done = *burst;
            self.burst = Some(single);
            self.complete(done);
        }
    }

    pub fn usage(&self) -> Usage {
        match self.usage {
            // The trend comes late: the queue may have drained already.
            Usage::Over if self.standing() as f64 <= STANDING + 2.0 * self.jitter => Usage::Under,
            usage => usage,
        }
    }

    /// Microseconds for which everything is held up, beyond the least that was seen on the path.
    pub fn standing(&self) -> i64 {
        self.lately.value().zip(self.least.value()).map_or(0, |(lately, least)| lately - least)
    }

    /// By how many microseconds delays differ from burst to burst.
    pub fn jitter(&self) -> f64 {
        self.jitter
    }

    /// What arrives from here on is another path, or another clock.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    fn complete(&mut self, burst: Burst) {
        let Some(before) = self.before.replace(burst) else { return };
        let (left, came) = (burst.last_left as i64 - before.last_left as i64, burst.last_came - before.last_came);
        if (came - left).abs() > JUMP {
            let burst = self.burst;
            *self = Self { burst, threshold: self.threshold, ..Self::default() };
            return;
        }
        if came < 0 {
            self.backwards += 1;
            if self.backwards >= BACKWARDS {
                self.restart();
            }
            return;
        }
        self.backwards = 0;
        let delay = burst.last_came - burst.last_left as i64;
        self.least.push(burst.last_came, delay, REMEMBERED, 1);
        let fewest = if self.jitter > JITTERY { MANY } else { 1 };
        self.lately.push(burst.last_came, delay, STANDS, fewest);
        self.jitter += ((came - left).abs() as f64 - self.jitter) / 16.0;
        self.line.push(burst.last_came, (came - left) as f64 / 1e3);
        self.detect(left as f64 / 1e3, came as f64 / 1e3);
    }

    fn detect(&mut self, left_ms: f64, came_ms: f64) {
        let Some(slope) = self.line.slope() else { return };
        let trend = f64::from(self.line.count.min(MOST_WEIGHT)) * slope * GAIN;
        if trend > self.threshold {
            let (lasts, times) = self.over.map_or((left_ms / 2.0, 1), |(lasts, times)| (lasts + left_ms, times + 1));
            self.over = Some((lasts, times));
            if lasts > LASTS && times > 1 && slope >= self.slope_before {
                self.over = Some((0.0, 0));
                self.usage = Usage::Over;
            }
        } else {
            self.over = None;
            self.usage = if trend < -self.threshold { Usage::Under } else { Usage::Normal };
        }
        self.slope_before = slope;
        if trend.abs() <= self.threshold + OUTLIER {
            let speed = if trend.abs() < self.threshold { DOWN } else { UP };
            self.threshold += speed * (trend.abs() - self.threshold) * came_ms.min(100.0);
            self.threshold = self.threshold.clamp(6.0, 600.0);
        }
    }
}

/// The least of what came lately: of this span of time and of the one before.
#[derive(Default)]
struct Lowest {
    since: i64,
    now: Option<i64>,
    before: Option<i64>,
    count: u32,
}

impl Lowest {
    fn push(&mut self, at: i64, value: i64, span: i64, fewest: u32) {
        if self.now.is_none() || at < self.since || at - self.since >= span && self.count >= fewest {
            *self = Self { since: at, now: None, before: self.now, count: 0 };
        }
        self.count += 1;
        self.now = Some(self.now.map_or(value, |now| now.min(value)));
    }

    fn value(&self) -> Option<i64> {
        self.now.into_iter().chain(self.before).min()
    }
}

/// The last bursts, and the slope of the line through them: milliseconds of delay for each of time.
struct Line {
    /// Time of arrival and smoothed delay, milliseconds.
    points: [(f64, f64); POINTS],
    count: u32,
    origin: i64,
    sum: f64,
    smooth: f64,
}

impl Default for Line {
    fn default() -> Self {
        Self { points: [(0.0, 0.0); POINTS], count: 0, origin: 0, sum: 0.0, smooth: 0.0 }
    }
}

impl Line {
    fn push(&mut self, came: i64, grows_ms: f64) {
        if self.count == 0 {
            self.origin = came;
        }
        self.sum += grows_ms;
        self.smooth = SMOOTHING * self.smooth + (1.0 - SMOOTHING) * self.sum;
        self.points[self.count as usize % POINTS] = ((came - self.origin) as f64 / 1e3, self.smooth);
        // The place goes on through the ring; only its remainder and "many" matter.
        self.count = if self.count == u32::MAX { POINTS as u32 * 16 } else { self.count + 1 };
    }

    fn slope(&self) -> Option<f64> {
        if (self.count as usize) < POINTS {
            return None;
        }
        let many = POINTS as f64;
        let (x, y) = self.points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (x, y) = (x / many, y / many);
        let (over, under) = self.points.iter().fold((0.0, 0.0), |(over, under), point| {
            let dx = point.0 - x;
            (over + dx * (point.1 - y), under + dx * dx)
        });
        (under > 0.0).then(|| over / under)
    }
}
