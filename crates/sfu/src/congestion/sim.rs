//! A line and a sender of layers, in virtual time, for the tests.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::{Arrival, Congestion};

/// Microseconds of a step.
pub const STEP: u64 = 500;
pub const LAYERS: [u64; 3] = [150_000, 600_000, 2_000_000];
const PACKET: usize = 1_200;

/// Numbers that look random and are the same in each run.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn part(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What the network is like. Bits per second, microseconds.
#[derive(Clone, Copy)]
pub struct Line {
    pub capacity: f64,
    pub one_way: u64,
    pub queue: u64,
    pub loss: f64,
    pub jitter: u64,
    pub dead: bool,
    /// Bytes that pass at once after a pause, as a token bucket lets them.
    pub bucket: f64,
    /// Microseconds between messages of feedback.
    pub reports: u64,
    /// Packets come out of the air in bunches, so many microseconds apart.
    pub bunches: u64,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            capacity: 3e6,
            one_way: 25_000,
            queue: 300_000,
            loss: 0.0,
            jitter: 0,
            dead: false,
            bucket: 0.0,
            reports: 50_000,
            bunches: 0,
        }
    }
}

/// What the sender does.
#[derive(Clone, Copy)]
pub struct Source {
    pub layers: &'static [u64],
    pub sound: u64,
    /// Padding up to the estimate, as far as the wish goes.
    pub fills: bool,
}

impl Default for Source {
    fn default() -> Self {
        Self { layers: &LAYERS, sound: 0, fills: false }
    }
}

#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: f64,
    pub estimate: f64,
    pub layer: u64,
    pub queue_ms: f64,
    pub sent: f64,
}

/// When each packet arrived, if it did.
type Report = Vec<(u16, Option<Arrival>)>;

pub struct World {
    pub congestion: Congestion,
    pub line: Line,
    pub source: Source,
    pub trail: Vec<Moment>,
    pub dropped: usize,
    pub padding: usize,
    /// Packets that left.
    pub numbers: u64,
    dice: Dice,
    base: Instant,
    pub now: u64,
    waiting: VecDeque<usize>,
    queue: VecDeque<(u16, usize)>,
    tokens: f64,
    arrives_after: u64,
    flight: VecDeque<(u64, u16)>,
    got: Vec<(u16, u64)>,
    base_number: Option<u16>,
    reports: VecDeque<(u64, Report)>,
    layer: u64,
    frame_at: u64,
    sound_at: u64,
    report_at: u64,
    wished: u64,
    sent: u64,
}

impl World {
    pub fn new(start: u64, line: Line, source: Source) -> Self {
        Self {
            congestion: Congestion::new(start),
            line,
            source,
            trail: Vec::new(),
            dropped: 0,
            padding: 0,
            numbers: 0,
            dice: Dice(7),
            base: Instant::now(),
            now: 0,
            waiting: VecDeque::new(),
            queue: VecDeque::new(),
            tokens: 0.0,
            arrives_after: 0,
            flight: VecDeque::new(),
            got: Vec::new(),
            base_number: None,
            reports: VecDeque::new(),
            layer: 0,
            frame_at: 0,
            sound_at: 0,
            report_at: 0,
            wished: 0,
            sent: 0,
        }
    }

    pub fn seed(mut self, seed: u64) -> Self {
        self.dice = Dice(seed);
        self
    }

    pub fn seconds(&self) -> f64 {
        self.now as f64 / 1e6
    }

    /// Runs for so long.
    pub fn run(&mut self, seconds: f64) -> &mut Self {
        let until = self.now + (seconds * 1e6) as u64;
        while self.now < until {
            self.step();
        }
        self
    }

    /// The moments from one second of the run to another.
    pub fn between(&self, from: f64, to: f64) -> impl Iterator<Item = &Moment> {
        self.trail.iter().filter(move |moment| moment.at >= from && moment.at < to)
    }

    /// The second in which it first held, from one on.
    pub fn first(&self, from: f64, holds: impl Fn(&Moment) -> bool) -> f64 {
        self.trail.iter().find(|moment| moment.at >= from && holds(moment)).map_or(f64::INFINITY, |moment| moment.at)
    }

    fn instant(&self) -> Instant {
        self.base + Duration::from_micros(self.now)
    }

    fn step(&mut self) {
        self.now += STEP;
        self.serve();
        self.receive();
        while self.reports.front().is_some_and(|(at, _)| *at <= self.now) {
            let (_, report) = self.reports.pop_front().unwrap();
            let now = self.instant();
            self.congestion.feedback(now, report.into_iter());
        }
        self.choose();
        self.produce();
        if self.now.is_multiple_of(1_000) {
            self.send();
        }
        if self.now.is_multiple_of(50_000) {
            self.note();
        }
    }

    fn note(&mut self) {
        let queued: usize = self.queue.iter().map(|(_, bytes)| bytes).sum();
        let moment = Moment {
            at: self.seconds(),
            estimate: self.congestion.estimate().unwrap_or(0) as f64,
            layer: self.layer,
            queue_ms: queued as f64 * 8e3 / self.line.capacity,
            sent: std::mem::take(&mut self.sent) as f64 * 8.0 / 0.05,
        };
        self.trail.push(moment);
    }

    fn choose(&mut self) {
        let estimate = self.congestion.estimate().unwrap_or(LAYERS[0]);
        let spare = estimate.saturating_sub(self.source.sound);
        let layer = self.source.layers.iter().copied().filter(|layer| *layer <= spare).max().unwrap_or(0);
        if layer != self.layer {
            self.layer = layer;
            self.waiting.clear();
            // A keyframe.
            self.frame(4.0);
        }
        let wished = self.source.layers.iter().max().copied().unwrap_or(0) + self.source.sound;
        if wished != self.wished && !self.source.layers.is_empty() {
            self.wished = wished;
            let least = if self.source.fills { wished } else { 0 };
            let now = self.instant();
            self.congestion.set_rates(now, least, wished);
        }
    }

    fn frame(&mut self, times: f64) {
        let mut bytes = (self.layer as f64 / 30.0 / 8.0 * times * (0.85 + 0.3 * self.dice.part())) as usize;
        while bytes > 0 {
            let packet = bytes.min(PACKET);
            self.waiting.push_back(packet);
            bytes -= packet;
        }
    }

    fn produce(&mut self) {
        if self.now >= self.frame_at {
            self.frame_at += 33_333;
            self.frame(1.0);
        }
        if self.source.sound > 0 && self.now >= self.sound_at {
            self.sound_at += 20_000;
            let bytes = (self.source.sound / 50 / 8) as usize;
            self.leaves(bytes);
        }
    }

    fn send(&mut self) {
        let now = self.instant();
        while let Some(bytes) = self.waiting.front().copied() {
            if self.congestion.may_leave(now).is_err() {
                return;
            }
            self.waiting.pop_front();
            self.leaves(bytes);
        }
        if self.congestion.next().is_some_and(|at| at <= now) {
            self.congestion.advance(now);
            let mut bytes = self.congestion.padding(now);
            while bytes > 0 {
                let packet = bytes.clamp(60, 280);
                self.padding += packet;
                self.leaves(packet);
                bytes = bytes.saturating_sub(packet);
            }
        }
    }

    fn leaves(&mut self, bytes: usize) {
        let now = self.instant();
        let number = self.congestion.leaves(now, bytes);
        self.sent += bytes as u64;
        self.numbers += 1;
        let queued: usize = self.queue.iter().map(|(_, bytes)| bytes).sum();
        let room = (self.line.capacity / 8e6 * self.line.queue as f64).max(1_500.0);
        if queued as f64 + bytes as f64 > room {
            self.dropped += 1;
        } else {
            self.queue.push_back((number, bytes));
        }
    }

    fn serve(&mut self) {
        self.tokens += self.line.capacity / 8e6 * STEP as f64;
        while let Some((number, bytes)) = self.queue.front().copied() {
            if self.tokens < bytes as f64 {
                return;
            }
            self.tokens -= bytes as f64;
            self.queue.pop_front();
            if self.line.dead || self.dice.part() < self.line.loss {
                continue;
            }
            let late = (self.dice.part() * 2.0 * self.line.jitter as f64) as u64;
            let at = (self.now + self.line.one_way + late).max(self.arrives_after);
            let at = at.next_multiple_of(self.line.bunches.max(1));
            self.arrives_after = at;
            self.flight.push_back((at, number));
        }
        self.tokens = self.tokens.min(self.line.bucket.max(self.line.capacity / 8e6 * STEP as f64));
    }

    fn receive(&mut self) {
        while self.flight.front().is_some_and(|(at, _)| *at <= self.now) {
            let (at, number) = self.flight.pop_front().unwrap();
            self.got.push((number, at));
        }
        if self.now < self.report_at || self.got.is_empty() {
            return;
        }
        self.report_at = self.now + self.line.reports;
        let got = std::mem::take(&mut self.got);
        let first = self.base_number.unwrap_or(got[0].0);
        let last = got.last().unwrap().0;
        let mut arrivals = got.iter().peekable();
        let report = (0..=last.wrapping_sub(first)).map(|more| {
            let number = first.wrapping_add(more);
            let at = arrivals.next_if(|(of, _)| *of == number).map(|(_, at)| Arrival((*at / 250) as u32));
            (number, at)
        });
        let report: Report = report.collect();
        self.base_number = Some(last.wrapping_add(1));
        // Feedback goes the other way, which loses as much.
        if !self.line.dead && self.dice.part() >= self.line.loss {
            self.reports.push_back((self.now + self.line.one_way, report));
        }
    }
}
