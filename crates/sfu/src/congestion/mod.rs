//! How much a connection carries, and when a packet may leave on it: congestion control at the sender, from the
//! receiver's word on when each packet arrived (draft-ietf-rmcat-gcc-02; the feedback is that of
//! draft-holmer-rmcat-transport-wide-cc-extensions-01).
//!
//! The delays set a rate ([`delay`], [`aimd`]), losses may bound it ([`loss`]), probes lift it where less is sent than
//! would be liked ([`probe`]), and a bucket spreads what leaves ([`pacer`]). Invariant: where nothing is wished, nothing
//! wants to be woken. Deliberately not here: the bytes of feedback, queues and sockets (crate `media`).

mod acked;
mod aimd;
mod delay;
mod drowned;
mod loss;
mod pacer;
mod probe;
mod sent;
#[cfg(test)]
mod sim;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use acked::{Acked, Leaving};
use aimd::Aimd;
use delay::{Delay, Usage};
use drowned::Drowned;
use loss::Loss;
use pacer::Pacer;
use probe::Probe;
use sent::{Fate, Sent};

/// Microseconds since the connection began.
type Micros = u64;

/// Bits per second that an estimate is never below or above.
const LOWEST: f64 = 10_000.0;
const HIGHEST: f64 = 1e9;
/// Nobody needs to know whether the line carries more than this many times what is wished.
const ROOM: f64 = 1.25;
/// And from this many times on nothing more is tried.
const CONTENT: f64 = 1.15;
/// How many times the estimate the first probe tries, and each after it.
const FIRST_STEP: f64 = 3.0;
const STEP: f64 = 2.0;
/// Packets that nobody answers for this long, beside two round trips, go nowhere.
const SILENCE: Micros = 1_000_000;
/// Before anything is known.
const ROUND_TRIP: Micros = 100_000;
/// Losses while everything is held up for this long, microseconds, are those of a full queue.
const CONGESTED: f64 = 15_000.0;
/// From this part of what is sent on all of it is thought to arrive.
const ALL: f64 = 0.85;
/// And a line loses at most this share of everything, for that.
const LOSSY: f64 = 0.2;
/// For how long after losses had their say bursts are kept small.
const GENTLY: Micros = 20_000_000;
/// A probe waits for a quiet line, so long at a time.
const QUIET: Micros = 200_000;
/// Padding leaves in pieces of this many microseconds, or this many bytes.
const PIECE_LASTS: f64 = 10_000.0;
const PIECE: f64 = 250.0;

/// When a packet arrived: quarters of a millisecond on the receiver's clock, turning over. In transport-wide feedback,
/// 256 times the reference time and the deltas up to the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival(pub u32);

/// Congestion control of one connection. One that sends nothing costs a few bytes.
pub struct Congestion {
    start: f64,
    inner: Option<Box<Inner>>,
}

impl Congestion {
    /// `start`: bits per second to begin with.
    pub fn new(start: u64) -> Self {
        Self { start: (start as f64).clamp(LOWEST, HIGHEST), inner: None }
    }

    /// Whether a paced packet may leave now; otherwise when to ask again.
    #[inline]
    pub fn may_leave(&mut self, now: Instant) -> Result<(), Instant> {
        let inner = self.inner(now);
        let now = inner.time(now);
        inner.may_leave(now).map_err(|at| inner.instant(at))
    }

    /// A packet leaves, of so many bytes on the wire. Its transport-wide number. Packets that were not asked for with
    /// [`may_leave`](Self::may_leave) are counted against the others.
    #[inline]
    pub fn leaves(&mut self, now: Instant, bytes: usize) -> u16 {
        let inner = self.inner(now);
        let now = inner.time(now);
        inner.leaves(now, bytes)
    }

    /// One message of feedback: for each packet when it arrived, or that it had not.
    pub fn feedback(&mut self, now: Instant, arrivals: impl Iterator<Item = (u16, Option<Arrival>)>) {
        let Some(inner) = &mut self.inner else { return };
        let now = inner.time(now);
        inner.feedback(now, arrivals);
        inner.advance(now);
    }

    /// Time passes.
    pub fn advance(&mut self, now: Instant) {
        let Some(inner) = &mut self.inner else { return };
        let now = inner.time(now);
        inner.advance(now);
    }

    /// When [`advance`](Self::advance) and [`padding`](Self::padding) must be called at the latest. None where nothing is
    /// wished.
    pub fn next(&self) -> Option<Instant> {
        let inner = self.inner.as_ref()?;
        inner.next().map(|at| inner.instant(at))
    }

    /// Bits per second that the connection carries, as far as is known. None before any feedback.
    pub fn estimate(&self) -> Option<u64> {
        let inner = self.inner.as_ref()?;
        inner.heard.map(|_| inner.estimate() as u64)
    }

    /// For how long packets wait in front of the line now, as far as arrivals show.
    pub fn standing(&self) -> Duration {
        let standing = self.inner.as_ref().map_or(0, |inner| inner.delay.standing());
        Duration::from_micros(u64::try_from(standing).unwrap_or(0))
    }

    /// Bits per second, everything counted. `least`: padding fills up to it, 0 for none. `wished`: what everything that
    /// is wished would take, 0 where nothing of it is paced; no probe goes far beyond.
    pub fn set_rates(&mut self, now: Instant, least: u64, wished: u64) {
        if self.inner.is_none() && least == 0 && wished == 0 {
            return;
        }
        let inner = self.inner(now);
        let now = inner.time(now);
        inner.set_rates(now, least as f64, wished as f64);
    }

    /// Begins anew from this estimate, with a probe: the path is another one. Numbers go on.
    pub fn reset(&mut self, now: Instant, start: u64) {
        self.start = (start as f64).clamp(LOWEST, HIGHEST);
        let Some(inner) = &mut self.inner else { return };
        let now = inner.time(now);
        inner.reset(now, self.start);
    }

    /// Bytes of padding that should leave now, where nothing else waits: for a probe, or to fill up to the least.
    pub fn padding(&mut self, now: Instant) -> usize {
        let Some(inner) = &mut self.inner else { return 0 };
        let now = inner.time(now);
        inner.padding(now)
    }

    /// From a packet's leaving to the word of it, smoothed.
    pub fn round_trip(&self) -> Option<Duration> {
        self.inner.as_ref()?.round_trip.map(Duration::from_micros)
    }

    /// The share of the packets that was lost lately, 0..=1.
    pub fn loss(&self) -> f32 {
        self.inner.as_ref().map_or(0.0, |inner| inner.loss.shown())
    }

    #[inline]
    fn inner(&mut self, now: Instant) -> &mut Inner {
        let start = self.start;
        self.inner.get_or_insert_with(|| Box::new(Inner::new(now, start)))
    }
}

struct Inner {
    base: Instant,
    now: Micros,
    sent: Sent,
    delay: Delay,
    acked: Acked,
    leaving: Leaving,
    aimd: Aimd,
    loss: Loss,
    drowned: Drowned,
    probe: Probe,
    pacer: Pacer,
    least: f64,
    wished: f64,
    /// Bytes of padding that are due, or that are not because of what left, and as of when.
    fill: f64,
    filled: Micros,
    round_trip: Option<Micros>,
    heard: Option<Micros>,
    /// When the first packet left that nobody said anything of.
    unanswered: Option<Micros>,
    silent: bool,
    /// The last arrival, and the receiver's clock in microseconds that it stands for.
    arrival: Option<(u32, i64)>,
    probed: bool,
}

impl Inner {
    fn new(now: Instant, start: f64) -> Self {
        let mut inner = Self {
            base: now,
            now: 0,
            sent: Sent::default(),
            delay: Delay::default(),
            acked: Acked::default(),
            leaving: Leaving::default(),
            aimd: Aimd::new(start),
            loss: Loss::default(),
            drowned: Drowned::default(),
            probe: Probe::default(),
            pacer: Pacer::default(),
            least: 0.0,
            wished: 0.0,
            fill: 0.0,
            filled: 0,
            round_trip: None,
            heard: None,
            unanswered: None,
            silent: false,
            arrival: None,
            probed: false,
        };
        inner.set_pace(0);
        inner
    }

    #[inline]
    fn time(&mut self, now: Instant) -> Micros {
        let since = now.saturating_duration_since(self.base);
        self.now = self.now.max(since.as_secs() * 1_000_000 + u64::from(since.subsec_micros()));
        self.now
    }

    fn instant(&self, at: Micros) -> Instant {
        self.base + Duration::from_micros(at)
    }

    fn estimate(&self) -> f64 {
        self.loss.bound().map_or(self.aimd.rate(), |bound| bound.min(self.aimd.rate())).clamp(LOWEST, HIGHEST)
    }

    fn may_leave(&mut self, now: Micros) -> Result<(), Micros> {
        if !self.probe.is_sending() {
            return self.pacer.may_leave(now);
        }
        if self.probe.wants(now) > 0.0 { Ok(()) } else { Err(self.probe.next(now).unwrap_or(now)) }
    }

    fn leaves(&mut self, now: Micros, bytes: usize) -> u16 {
        self.refill(now);
        self.fill -= bytes as f64;
        self.leaving.leaves(now, bytes);
        self.pacer.leaves(now, bytes);
        let unanswered = *self.unanswered.get_or_insert(now);
        let round_trip = self.round_trip.unwrap_or(ROUND_TRIP);
        if self.heard.is_some() && now.saturating_sub(unanswered) > SILENCE + 2 * round_trip {
            self.falls_silent(now);
        }
        let cluster = self.probe.leaves(now, bytes, round_trip);
        self.sent.push(now, bytes, cluster)
    }

    fn feedback(&mut self, now: Micros, arrivals: impl Iterator<Item = (u16, Option<Arrival>)>) {
        let (mut newest, mut came) = (None, false);
        for (number, arrival) in arrivals {
            let Some(packet) = self.sent.answer(now, number, arrival.is_some()) else { continue };
            newest = newest.max(Some(packet.at));
            match (packet.was, arrival) {
                (Fate::Arrived, _) | (Fate::Missing, None) => {}
                (Fate::Left, None) => {
                    self.loss.lost(packet.at, packet.bytes);
                    self.drowned.lost(packet.at);
                    self.probe.named(&packet, None);
                }
                (was @ (Fate::Left | Fate::Missing), Some(arrival)) => {
                    came = true;
                    let at = self.receiver_time(arrival);
                    self.acked.arrived(at, packet.bytes);
                    if was == Fate::Missing {
                        self.loss.found();
                        continue;
                    }
                    self.loss.arrived(packet.at, packet.bytes);
                    self.drowned.arrived(packet.at, packet.bytes);
                    if packet.cluster == 0 {
                        self.delay.arrived(packet.at, at);
                    } else {
                        self.probe.named(&packet, Some(at));
                    }
                }
            }
        }
        let Some(newest) = newest else { return };
        self.heard = Some(now);
        self.unanswered = None;
        let full =
            self.delay.usage() == Usage::Over || self.delay.standing() as f64 > CONGESTED + 2.0 * self.delay.jitter();
        let bounded = self.loss.bounded();
        let drops = self.loss.update(newest, full) && full;
        if self.loss.bounded() != bounded {
            self.probe.burns(now);
        }
        if came {
            self.learn(now, newest, drops);
        }
        if let Some(came_through) = self.drowned.update(newest) {
            self.aimd.lower(came_through);
            self.probe.burns(now);
        }
        self.set_pace(now);
    }

    /// Something arrived: what follows for the rate. `drops`: a full queue drops much of what comes.
    fn learn(&mut self, now: Micros, newest: Micros, drops: bool) {
        let round_trip = now.saturating_sub(newest);
        self.round_trip = Some(self.round_trip.map_or(round_trip, |before| (7 * before + round_trip) / 8));
        if std::mem::take(&mut self.silent) {
            // The delays of an outage are not those of a queue.
            self.delay.restart();
            self.acked.restart();
            self.probe.hurry(now);
        }
        let usage = if drops { Usage::Over } else { self.delay.usage() };
        let most = ROOM * self.wished;
        let round_trip = self.round_trip.unwrap_or(ROUND_TRIP);
        if self.aimd.update(now, usage, self.carried(now, usage, drops), round_trip, most) {
            self.probe.burns(now);
        }
        let Some(shown) = self.probe.result(now, f64::from(self.loss.shown())) else { return };
        if usage == Usage::Over {
            return;
        }
        self.loss.raise(shown.rate);
        if shown.rate > self.aimd.rate() {
            self.aimd.raise(now, shown.rate);
            self.probe.raises(now);
        }
        if shown.all {
            self.aimd.ends(shown.rate);
        }
    }

    /// What the line carries, as far as that can be seen, bits per second.
    fn carried(&self, now: Micros, usage: Usage, drops: bool) -> Option<f64> {
        match usage {
            Usage::Normal | Usage::Under => self.acked.rate(),
            // The line is full: what arrives now is all that it carries, unless all that is sent arrives.
            Usage::Over => {
                let acked = self.acked.lately(self.delay.jitter()).or(self.acked.rate())?;
                let sent = self.leaving.rate(now) * (1.0 - f64::from(self.loss.shown()).min(LOSSY));
                Some(if acked > ALL * sent && !drops { acked.max(self.aimd.rate()) } else { acked })
            }
        }
    }

    fn set_pace(&mut self, now: Micros) {
        let estimate = self.estimate();
        let gently = self.loss.bounded().is_some_and(|at| now.saturating_sub(at) < GENTLY);
        self.pacer.set(now, estimate, self.leaving.rate(now) < 0.5 * estimate, gently);
    }

    fn falls_silent(&mut self, now: Micros) {
        self.silent = true;
        self.unanswered = Some(now);
        self.aimd.lower(0.5 * self.aimd.rate());
        self.probe.stop();
        self.set_pace(now);
    }

    fn set_rates(&mut self, now: Micros, least: f64, wished: f64) {
        let more = wished > self.wished * 1.05;
        (self.least, self.wished) = (least.min(HIGHEST), wished.min(HIGHEST));
        if self.wished == 0.0 {
            self.probe.stop();
        } else if more {
            self.probe.hurry(now);
        }
        self.advance(now);
    }

    fn reset(&mut self, now: Micros, start: f64) {
        self.delay.restart();
        self.acked.restart();
        self.loss.restart();
        self.drowned = Drowned::default();
        (self.aimd, self.probe) = (Aimd::new(start), Probe::careful(now));
        (self.silent, self.unanswered, self.arrival, self.probed) = (false, None, None, false);
        self.set_pace(now);
        self.advance(now);
    }

    fn wants_more(&self) -> bool {
        self.wished > 0.0 && self.estimate() < CONTENT * self.wished && !self.silent
    }

    fn advance(&mut self, now: Micros) {
        self.probe.advance(now);
        let due = self.probe.due().is_some_and(|due| now >= due);
        if !(due && self.probe.is_idle() && self.wants_more()) {
            return;
        }
        if self.delay.usage() != Usage::Normal {
            self.probe.not_before(now + QUIET);
            return;
        }
        let step = if self.probed { STEP } else { FIRST_STEP };
        self.probed = true;
        self.probe.begin(now, (step * self.estimate()).min(ROOM * self.wished), self.delay.jitter());
    }

    fn next(&self) -> Option<Micros> {
        if self.wished == 0.0 && self.least == 0.0 {
            return None;
        }
        let probe = if self.probe.is_idle() {
            self.probe.due().filter(|_| self.wants_more())
        } else {
            self.probe.next(self.now)
        };
        let least = self.least.min(self.estimate());
        let padding = (least > 0.0).then(|| {
            let wait = (self.piece(least) - self.fill).max(0.0) * 8e6 / least;
            self.filled + wait as Micros
        });
        probe.into_iter().chain(padding).min()
    }

    fn padding(&mut self, now: Micros) -> usize {
        self.advance(now);
        self.refill(now);
        let least = self.least.min(self.estimate());
        let fill = if least > 0.0 && self.fill + 1.0 >= self.piece(least) { self.fill } else { 0.0 };
        self.probe.wants(now).max(fill) as usize
    }

    fn refill(&mut self, now: Micros) {
        if self.least == 0.0 {
            (self.fill, self.filled) = (0.0, now);
            return;
        }
        let least = self.least.min(self.estimate()) / 8e6;
        let since = now.saturating_sub(self.filled) as f64;
        // What was sent beyond the least counts for a tenth of a second, and what was not is made up for half of that.
        self.fill = (self.fill + since * least).clamp(-100_000.0 * least, (50_000.0 * least).max(PIECE));
        self.filled = now;
    }

    fn piece(&self, least: f64) -> f64 {
        (least / 8e6 * PIECE_LASTS).max(PIECE)
    }

    fn receiver_time(&mut self, arrival: Arrival) -> i64 {
        let at =
            self.arrival.map_or(0, |(before, at)| at + i64::from(arrival.0.wrapping_sub(before).cast_signed()) * 250);
        self.arrival = Some((arrival.0, at));
        at
    }
}
