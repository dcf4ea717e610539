//! The rate that the delays allow: up by a share while nobody knows where the line ends, by a packet for each round trip
//! near to where it ended before, and down to a part of what arrives as soon as a queue grows (draft-ietf-rmcat-gcc-02,
//! section 5.5).

use super::{HIGHEST, LOWEST, Micros, delay::Usage};

/// Part of what arrives that is kept to when a queue grows.
const BACK: f64 = 0.85;
/// Growth in a second while the end of the line is not known.
const GROWTH: f64 = 1.08;
/// How quickly the mean of the ends that were met follows a new one.
const FOLLOW: f64 = 0.05;
/// Bounds of the variance of the ends by their mean, in kbit/s.
const NARROW: f64 = 0.4;
const WIDE: f64 = 2.5;
/// The least and the most growth in a second near the end of the line, as a part of the rate.
const LEAST_GROWTH: f64 = 0.01;
const MOST_GROWTH: f64 = 0.05;
/// Microseconds that a receiver takes to answer, beside the round trip.
const ANSWER: f64 = 100_000.0;

/// Where the line was found to end: the mean of what arrived when queues grew, and how much it varies.
#[derive(Clone, Copy)]
struct End {
    kbps: f64,
    /// Variance by the mean.
    spread: f64,
}

impl End {
    fn deviation(&self) -> f64 {
        (self.spread * self.kbps).sqrt()
    }

    fn meet(before: Option<Self>, kbps: f64) -> Self {
        let Some(Self { kbps: mean, spread }) = before else { return Self { kbps, spread: NARROW } };
        let mean = (1.0 - FOLLOW) * mean + FOLLOW * kbps;
        let off = (mean - kbps) * (mean - kbps) / mean.max(1.0);
        Self { kbps: mean, spread: ((1.0 - FOLLOW) * spread + FOLLOW * off).clamp(NARROW, WIDE) }
    }
}

pub(super) struct Aimd {
    rate: f64,
    end: Option<End>,
    grows: bool,
    changed: Option<Micros>,
    fell: Option<Micros>,
}

impl Aimd {
    pub fn new(start: f64) -> Self {
        Self { rate: start.clamp(LOWEST, HIGHEST), end: None, grows: false, changed: None, fell: None }
    }

    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// A probe has shown that the line carries so much.
    pub fn raise(&mut self, now: Micros, rate: f64) {
        self.rate = self.rate.max(rate).min(HIGHEST);
        self.changed = Some(now);
        if self.end.is_some_and(|end| rate / 1e3 > end.kbps + 3.0 * end.deviation()) {
            self.end = None;
        }
    }

    /// A probe has shown that the line carries so much and no more.
    pub fn ends(&mut self, rate: f64) {
        let kbps = rate / 1e3;
        self.end = Some(self.end.unwrap_or(End { kbps, spread: WIDE }));
    }

    /// Another reason to have less.
    pub fn lower(&mut self, rate: f64) {
        self.rate = self.rate.min(rate).max(LOWEST);
    }

    /// `acked`: what arrives. `most`: nobody wants more than that. Whether the rate was taken down.
    pub fn update(&mut self, now: Micros, usage: Usage, acked: Option<f64>, round_trip: Micros, most: f64) -> bool {
        match usage {
            Usage::Over => self.back(now, acked, round_trip),
            Usage::Under => {
                // The queue drains: wait for its end.
                (self.grows, self.changed) = (false, Some(now));
                false
            }
            Usage::Normal => {
                if self.grows {
                    self.grow(now, acked, round_trip, most);
                }
                (self.grows, self.changed) = (true, Some(now));
                false
            }
        }
    }

    fn back(&mut self, now: Micros, acked: Option<f64>, round_trip: Micros) -> bool {
        let pause = round_trip.clamp(10_000, 200_000);
        let again = self.fell.is_none_or(|fell| now.saturating_sub(fell) >= pause)
            || acked.is_some_and(|acked| acked < 0.5 * self.rate);
        if !again {
            return false;
        }
        let acked = acked.unwrap_or(self.rate);
        let end = acked / 1e3;
        if self.end.is_some_and(|known| (end - known.kbps).abs() > 3.0 * known.deviation()) {
            self.end = None;
        }
        self.end = Some(End::meet(self.end, end));
        let rate = (BACK * acked).min(self.rate).max(LOWEST);
        let fell = rate < self.rate;
        self.rate = rate;
        (self.grows, self.changed, self.fell) = (false, Some(now), Some(now));
        fell
    }

    fn grow(&mut self, now: Micros, acked: Option<f64>, round_trip: Micros, most: f64) {
        let seconds = self.changed.map_or(0.0, |changed| now.saturating_sub(changed) as f64 / 1e6).min(1.0);
        // Where little is sent, little is known.
        let known = acked.map_or(self.rate, |acked| 1.5 * acked + 10_000.0);
        if acked.zip(self.end).is_some_and(|(acked, end)| acked / 1e3 > end.kbps + 3.0 * end.deviation()) {
            self.end = None;
        }
        let grown = if let Some(end) = self.end {
            // Beyond the end goes only what arrives beyond it.
            let most = (end.kbps + 3.0 * end.deviation()) * 1e3;
            (self.rate + seconds * self.by_packets(round_trip)).min(most)
        } else {
            self.rate * GROWTH.powf(seconds) + 1_000.0 * seconds
        };
        self.rate = grown.min(known).min(most).max(self.rate).min(HIGHEST);
    }

    /// One packet of the usual size for each time it takes to hear of it.
    fn by_packets(&self, round_trip: Micros) -> f64 {
        let frame = self.rate / 30.0;
        let packet = frame / (frame / (8.0 * 1_200.0)).ceil().max(1.0);
        (packet * 1e6 / (round_trip as f64 + ANSWER)).clamp(LEAST_GROWTH * self.rate, MOST_GROWTH * self.rate)
    }
}
