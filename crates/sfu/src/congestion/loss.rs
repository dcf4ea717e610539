//! What the losses allow. A line that loses a share of everything is not helped by sending less; one that loses what is
//! beyond its end is. Which of the two it is, the last windows tell: the explanation under which they are likeliest.

use super::{LOWEST, Micros};

/// A window holds at least so many packets and so many microseconds,
const PACKETS: u32 = 20;
const LASTS: Micros = 300_000;
/// or, where little is sent, half of them in so long.
const LONG: Micros = 1_000_000;
const WINDOWS: usize = 12;
/// Weight of a window against the one after it.
const FADES: f64 = 0.85;
/// Losses in a row for so long are an outage, and say nothing of rates.
const OUTAGE: Micros = 300_000;
/// What leaves within this time after a full queue may be lost to it, microseconds.
const DRAINS: Micros = 300_000;
/// Less than this is no reason to ask for explanations.
const BEARABLE: f64 = 0.02;
/// More than this is not borne without one.
const UNBEARABLE: f64 = 0.10;
/// And at more than this nothing useful gets through.
const HOPELESS: f64 = 0.40;
/// Part of the present rate that is tried to see whether less is lost then.
const TRY: f64 = 0.7;
/// That is not tried below this rate, bits per second, unless it is hopeless.
const ENOUGH: f64 = 700_000.0;
/// For how long, and not again before, microseconds.
const TRIES: Micros = 2_000_000;
const AGAIN: Micros = 30_000_000;
/// Windows that make up what is lost at present.
const FEW: usize = 4;
/// Shares of loss that a line may have of its own.
const SHARES: [f64; 11] = [0.002, 0.01, 0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5];
/// How unlikely a line is that loses everything, against one that loses nothing; a logarithm.
const UNLIKELY: f64 = 15.0;
/// Losses come in groups: each counts for half.
const GROUPED: f64 = 0.5;
/// The explanation that costs somebody quality must be likelier by this; a logarithm.
const CLEAR: f64 = 6.0;
/// Windows that differ by less than this part passed the same.
const NEARLY: f64 = 0.85;
/// How a bound is lifted with each window that loses nothing to speak of.
const LIFT: f64 = 1.03;

#[derive(Clone, Copy, Default)]
struct Window {
    rate: f64,
    packets: f64,
    lost: f64,
}

impl Window {
    fn share(&self) -> f64 {
        self.lost / self.packets.max(1.0)
    }
}

#[derive(Default)]
pub(super) struct Loss {
    windows: [Window; WINDOWS],
    count: usize,
    begins: Option<Micros>,
    packets: u32,
    lost: u32,
    bytes: u64,
    full: Option<Micros>,
    run: u32,
    run_begins: Micros,
    bound: Option<f64>,
    bounded: Option<Micros>,
    tried: Option<Micros>,
    shown: f32,
}

impl Loss {
    /// A packet that left at this time arrived.
    #[inline]
    pub fn arrived(&mut self, at: Micros, bytes: u32) {
        if self.run > 0 {
            if at.saturating_sub(self.run_begins) >= OUTAGE {
                self.begins = None;
                self.shown += (1.0 - self.shown) / 2.0;
            } else {
                self.lost += self.run;
                self.packets += self.run;
            }
            self.run = 0;
        }
        if self.begins.is_none() {
            (self.begins, self.packets, self.lost, self.bytes) = (Some(at), 0, 0, 0);
        }
        self.packets += 1;
        self.bytes += u64::from(bytes);
    }

    /// A packet that left at this time did not arrive.
    #[inline]
    pub fn lost(&mut self, at: Micros, bytes: u32) {
        if self.run == 0 {
            self.run_begins = at;
        }
        self.run += 1;
        self.bytes += u64::from(bytes);
    }

    /// One that was thought lost was late.
    pub fn found(&mut self) {
        self.lost = self.lost.saturating_sub(1);
    }

    /// After feedback whose newest packet left at this time: whether a window ended in which more was lost than can be
    /// borne. Where the delays tell of a full queue they have their say already, and the losses are not those of the line.
    pub fn update(&mut self, newest: Micros, full: bool) -> bool {
        if full {
            self.full = Some(newest + DRAINS);
        }
        let Some(begins) = self.begins else { return false };
        let lasted = newest.saturating_sub(begins);
        let enough = self.packets >= PACKETS && lasted >= LASTS || self.packets >= PACKETS / 2 && lasted >= LONG;
        if !enough {
            return false;
        }
        let rate = self.bytes as f64 * 8e6 / lasted as f64;
        let window = Window { rate, packets: f64::from(self.packets), lost: f64::from(self.lost.min(self.packets)) };
        self.shown += (window.share() as f32 - self.shown) * 0.3;
        (self.begins, self.packets, self.lost, self.bytes) = (None, 0, 0, 0);
        if self.full.is_none_or(|until| begins > until) {
            self.windows[self.count % WINDOWS] = window;
            self.count += 1;
            self.decide(newest);
            if self.bound.is_some_and(|bound| bound < window.rate) {
                self.bounded = Some(newest);
            }
        }
        window.share() > UNBEARABLE
    }

    /// Bits per second, where losses set an end.
    pub fn bound(&self) -> Option<f64> {
        self.bound
    }

    /// When more was sent last than losses allow.
    pub fn bounded(&self) -> Option<Micros> {
        self.bounded
    }

    /// A probe has shown that the line carries so much.
    pub fn raise(&mut self, rate: f64) {
        self.bound = self.bound.map(|bound| bound.max(rate));
    }

    /// The share that was lost lately.
    pub fn shown(&self) -> f32 {
        self.shown
    }

    /// What was seen was seen on another path.
    pub fn restart(&mut self) {
        *self = Self::default();
    }

    fn decide(&mut self, now: Micros) {
        let lately = self.recent().take(FEW).fold(Window::default(), |sum, (window, _)| Window {
            rate: sum.rate + window.rate / FEW as f64,
            packets: sum.packets + window.packets,
            lost: sum.lost + window.lost,
        });
        let share = lately.share();
        if share < BEARABLE {
            self.bound = self.bound.map(|bound| bound * LIFT);
            return;
        }
        let (own, (ends, end)) = (self.likelihood(None), self.likeliest_end());
        if ends - own > CLEAR {
            self.bound = Some(end.max(LOWEST));
        } else if own - ends > CLEAR || share < UNBEARABLE {
            self.bound = None;
        } else if self.tried.is_some_and(|tried| now.saturating_sub(tried) < AGAIN) && share < HOPELESS {
            let over = self.tried.is_none_or(|tried| now.saturating_sub(tried) > TRIES);
            self.bound = self.bound.filter(|_| !over);
        } else if lately.rate > ENOUGH || share > HOPELESS {
            let tried = (TRY * lately.rate).max(if share > HOPELESS { LOWEST } else { ENOUGH });
            self.bound = Some(self.bound.map_or(tried, |bound| bound.min(tried)));
            self.tried = Some(now);
        }
    }

    /// The last windows, newest first, with their weight.
    fn recent(&self) -> impl Iterator<Item = (&Window, f64)> {
        let known = self.count.min(WINDOWS);
        let newest = self.count + WINDOWS - 1;
        (0..known).map(move |back| (&self.windows[(newest - back) % WINDOWS], FADES.powi(back as i32)))
    }

    fn likeliest_end(&self) -> (f64, f64) {
        let passed = |window: &Window| window.rate * (1.0 - window.share());
        let most = self.recent().map(|(window, _)| passed(window)).fold(0.0, f64::max);
        // What has passed is not beyond the end; a window is no exact measure.
        let ends = self.recent().map(|(window, _)| passed(window)).filter(|end| *end > NEARLY * most);
        ends.map(|end| (self.likelihood(Some(end)), end))
            .fold((f64::NEG_INFINITY, f64::INFINITY), |best, this| if this.0 > best.0 { this } else { best })
    }

    /// How likely the windows are on a line that ends there, with the share of its own that fits best; a logarithm.
    fn likelihood(&self, end: Option<f64>) -> f64 {
        let with = |own: f64| {
            let sum: f64 = self
                .recent()
                .map(|(window, weight)| {
                    let beyond = end.map_or(0.0, |end| ((window.rate - end) / window.rate.max(1.0)).max(0.0));
                    let share = own + (1.0 - own) * beyond;
                    weight * (window.lost * share.ln() + (window.packets - window.lost) * (1.0 - share).max(1e-6).ln())
                })
                .sum();
            GROUPED * sum - UNLIKELY * own
        };
        SHARES.iter().map(|own| with(*own)).fold(f64::NEG_INFINITY, f64::max)
    }
}
