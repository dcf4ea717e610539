//! Whether the line carries more: a few packets at a higher rate, one after the other, and how fast they arrive.

use super::{Micros, sent::Named};

/// A probe takes at least so long, microseconds, and more where delays vary, up to a bound,
const LASTS: f64 = 20_000.0;
const JITTERS: f64 = 7.0;
const LONGEST: f64 = 100_000.0;
/// And vary much.
const JITTERY: f64 = 4_000.0;
/// or until so many pieces have left,
const PIECES: u32 = 5;
/// and not more than what its rate carries in so many times that,
const AT_MOST: f64 = 2.2;
/// or, on thin lines, so many bytes.
const AT_MOST_BYTES: f64 = 1_000.0;
/// The smallest piece, in bytes.
const PIECE: f64 = 200.0;
/// Time between pieces at high rates, microseconds.
const TICK: f64 = 2_000.0;
/// Packets that leave within this time are one piece.
const TOGETHER: Micros = 700;
/// As do those that arrive within this time.
const TICKS: i64 = 500;
/// A probe for which nothing leaves is given up.
const GIVEN_UP: Micros = 250_000;
/// Answers are waited for so long, beside the round trip.
const ANSWERED: Micros = 1_000_000;
/// Pieces that must have arrived for a result.
const FEWEST: u32 = 3;
/// Arriving in fewer bunches than this, it was too short: the next takes twice as long, up to so many times.
const BUNCHES: u32 = 4;
const MOST_STRETCH: f64 = 4.0;
/// Slower on arrival than this part of how fast they left: that is what the line carries.
const SLOWER: f64 = 0.9;
/// What is kept to of that.
const KEPT: f64 = 0.95;
/// Packets that arrive faster than this many times as they left were held up somewhere: nothing follows from it.
const FASTER: f64 = 2.5;
/// From this part of what was tried the line may carry yet more.
const PASSED: f64 = 0.8;
/// Time to the next probe after one that met the end of the line: first and longest.
const SOON: Micros = 1_000_000;
const LATEST: Micros = 5_000_000;
/// A queue that grows within this time of a raise was its doing,
const BURNT: Micros = 4_000_000;
/// and the longest time to the next one then.
const CAREFUL: Micros = 8_000_000;
/// that gets longer each time, up to this.
const SELDOM: Micros = 8_000_000;
/// So long after that probes take their time.
const FORGIVEN: Micros = 60_000_000;
/// Probes without any answer until nobody is thought to listen.
const UNHEARD: u8 = 3;

#[derive(Clone, Copy, Default)]
struct Cluster {
    rate: f64,
    lasts: f64,
    /// Delays vary too much for its parts to say anything.
    jittery: bool,
    begins: Option<Micros>,
    sent: f64,
    pieces: u32,
    newest: Micros,
    named: f64,
    arrived: f64,
    first_left: Micros,
    last_left: Micros,
    /// Bytes of the last piece, of which only the beginning counts.
    last_piece: f64,
    left_pieces: u32,
    first_came: i64,
    first_bytes: f64,
    last_came: i64,
    came_pieces: u32,
    /// When half of it had arrived, and how much that was.
    half_came: i64,
    half: f64,
}

/// Bits per second that a line carries, and whether that is all that it carries.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub rate: f64,
    pub all: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    Sending { since: Micros },
    Waiting { until: Micros },
}

pub(super) struct Probe {
    stage: Stage,
    cluster: Cluster,
    id: u8,
    due: Micros,
    pause: Micros,
    unheard: u8,
    raised: Option<Micros>,
    burnt: Micros,
    stretch: f64,
    /// A queue grew lately: only the second half of a probe counts, and it has to pass twice.
    careful: bool,
    careful_until: Micros,
    /// It passed once already.
    twice: bool,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            stage: Stage::Idle,
            cluster: Cluster::default(),
            id: 1,
            due: 0,
            pause: SOON,
            unheard: 0,
            raised: None,
            burnt: BURNT,
            stretch: 1.0,
            careful: false,
            careful_until: 0,
            twice: false,
        }
    }
}

impl Probe {
    /// Takes its time: nothing that is sent now has emptied a token bucket.
    pub fn careful(now: Micros) -> Self {
        Self { careful: true, careful_until: now + FORGIVEN, ..Self::default() }
    }

    pub fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    pub fn is_sending(&self) -> bool {
        matches!(self.stage, Stage::Sending { .. })
    }

    /// When the next may begin. None while nobody answers.
    pub fn due(&self) -> Option<Micros> {
        (self.unheard < UNHEARD).then_some(self.due)
    }

    /// The next may begin at once.
    pub fn hurry(&mut self, now: Micros) {
        self.due = self.due.min(now);
        self.pause = SOON;
    }

    pub fn not_before(&mut self, at: Micros) {
        self.due = self.due.max(at);
    }

    /// A queue grew.
    pub fn burns(&mut self, now: Micros) {
        self.stage = Stage::Idle;
        (self.careful, self.careful_until) = (true, now + FORGIVEN);
        if self.raised.take_if(|raised| now.saturating_sub(*raised) < BURNT).is_some() {
            self.not_before(now + self.burnt);
            self.burnt = (self.burnt * 3 / 2).min(SELDOM);
        } else {
            self.not_before(now + 2 * SOON);
        }
    }

    /// `jitter`: by how many microseconds delays differ anyway.
    pub fn begin(&mut self, now: Micros, rate: f64, jitter: f64) {
        self.id = self.id.checked_add(1).unwrap_or(1);
        if now >= self.careful_until {
            (self.careful, self.burnt) = (false, BURNT);
        }
        // What a token bucket lets pass at once fools a short probe.
        let least = if self.careful { LONGEST } else { LASTS * self.stretch };
        self.cluster = Cluster {
            rate,
            lasts: (JITTERS * jitter).clamp(least, LONGEST),
            jittery: jitter > JITTERY,
            ..Cluster::default()
        };
        self.stage = Stage::Sending { since: now };
    }

    pub fn stop(&mut self) {
        self.stage = Stage::Idle;
    }

    /// Bytes that should leave now.
    pub fn wants(&self, now: Micros) -> f64 {
        if !self.is_sending() {
            return 0.0;
        }
        let (cluster, piece) = (&self.cluster, self.piece());
        let since = cluster.begins.map_or(0, |begins| now.saturating_sub(begins)) as f64;
        let wants = cluster.rate / 8e6 * since + piece - cluster.sent;
        // A packet fits no piece exactly.
        if wants < 0.5 * piece { 0.0 } else { wants.min(4.0 * piece) }
    }

    /// A packet leaves. The number of the probe that it belongs to, 0 for none.
    pub fn leaves(&mut self, now: Micros, bytes: usize, round_trip: Micros) -> u8 {
        if !self.is_sending() {
            return 0;
        }
        let cluster = &mut self.cluster;
        let begins = *cluster.begins.get_or_insert(now);
        if cluster.pieces == 0 || now.saturating_sub(cluster.newest) >= TOGETHER {
            cluster.pieces += 1;
            cluster.newest = now;
        }
        cluster.sent += bytes as f64;
        let lasted = now.saturating_sub(begins) as f64;
        let most = (cluster.rate / 8e6 * AT_MOST * cluster.lasts).max(AT_MOST_BYTES);
        if (lasted >= cluster.lasts && cluster.pieces >= PIECES) || cluster.sent >= most {
            self.stage = Stage::Waiting { until: now + round_trip + ANSWERED };
        }
        self.id
    }

    /// When it must be asked again.
    pub fn next(&self, now: Micros) -> Option<Micros> {
        match self.stage {
            Stage::Idle => None,
            Stage::Waiting { until } => Some(until),
            Stage::Sending { .. } => {
                let Some(begins) = self.cluster.begins else { return Some(now) };
                let at = self.cluster.sent * 8e6 / self.cluster.rate;
                Some((begins + at as Micros).clamp(now + TICK as Micros / 2, now + GIVEN_UP / 2))
            }
        }
    }

    pub fn advance(&mut self, now: Micros) {
        match self.stage {
            Stage::Sending { since } => {
                let newest = if self.cluster.begins.is_some() { self.cluster.newest } else { since };
                if now.saturating_sub(newest) > GIVEN_UP {
                    self.fails(now);
                }
            }
            Stage::Waiting { until } if now >= until => {
                self.unheard = self.unheard.saturating_add(1);
                self.fails(now);
            }
            Stage::Waiting { .. } | Stage::Idle => {}
        }
    }

    /// Feedback names a packet of a probe; `came` is on the receiver's clock in microseconds.
    pub fn named(&mut self, packet: &Named, came: Option<i64>) {
        if packet.cluster != self.id || self.stage == Stage::Idle {
            return;
        }
        let (cluster, bytes) = (&mut self.cluster, f64::from(packet.bytes));
        cluster.named += bytes;
        let Some(came) = came else { return };
        if cluster.arrived == 0.0 {
            (cluster.first_left, cluster.first_came, cluster.last_came) = (packet.at, came, came);
            cluster.first_bytes = bytes;
        }
        if cluster.arrived == 0.0 || packet.at >= cluster.last_left + TOGETHER {
            (cluster.last_left, cluster.last_piece) = (packet.at, 0.0);
            cluster.left_pieces += 1;
        }
        cluster.last_piece += bytes;
        cluster.arrived += bytes;
        if came < cluster.first_came {
            (cluster.first_came, cluster.first_bytes) = (came, bytes);
        } else if cluster.arrived > bytes && came - cluster.first_came <= TICKS {
            cluster.first_bytes += bytes;
        }
        if cluster.arrived == bytes || came > cluster.last_came + TICKS {
            cluster.came_pieces += 1;
        }
        cluster.last_came = cluster.last_came.max(came);
        if cluster.half == 0.0 && cluster.arrived >= 0.5 * cluster.sent {
            (cluster.half_came, cluster.half) = (came, cluster.arrived);
        }
    }

    /// After feedback: what the line was shown to carry. `lossy`: the share that it loses of everything.
    pub fn result(&mut self, now: Micros, lossy: f64) -> Option<Shown> {
        self.unheard = 0;
        let Stage::Waiting { .. } = self.stage else { return None };
        let cluster = self.cluster;
        let all = cluster.named >= cluster.sent;
        if !(all || cluster.arrived >= 0.8 * cluster.sent) {
            return None;
        }
        // What is lost anyway is sent all the same.
        let lost = 1.0 - (cluster.arrived / cluster.sent).min(1.0);
        let whole = 8e6 / (1.0 - lossy.min(lost).min(0.5));
        let left =
            (cluster.arrived - cluster.last_piece) * whole / (cluster.last_left - cluster.first_left).max(1) as f64;
        let came =
            (cluster.arrived - cluster.first_bytes) * whole / (cluster.last_came - cluster.first_came).max(1) as f64;
        let half = (cluster.arrived - cluster.half) * whole / (cluster.last_came - cluster.half_came).max(1) as f64;
        let came = if self.careful && !cluster.jittery { came.min(half) } else { came };
        if cluster.left_pieces < FEWEST || came > FASTER * left || cluster.arrived < 0.5 * cluster.sent {
            self.fails(now);
            return None;
        }
        if cluster.came_pieces < BUNCHES && self.stretch < MOST_STRETCH {
            self.stretch *= 2.0;
            (self.stage, self.due) = (Stage::Idle, now);
            return None;
        }
        let all = came < SLOWER * left;
        let shown = if all { KEPT * came } else { left.min(came) }.min(cluster.rate);
        if self.careful && shown >= PASSED * cluster.rate && !self.twice {
            // A bucket that passed it once is empty now.
            (self.twice, self.stage, self.due) = (true, Stage::Idle, now);
            return None;
        }
        self.twice = false;
        if shown >= PASSED * cluster.rate {
            (self.stage, self.due, self.pause) = (Stage::Idle, now, SOON);
        } else {
            self.fails(now);
        }
        Some(Shown { rate: shown, all: all && !cluster.jittery })
    }

    /// The estimate was raised by a result.
    pub fn raises(&mut self, now: Micros) {
        self.raised = Some(now);
    }

    fn fails(&mut self, now: Micros) {
        (self.stage, self.twice) = (Stage::Idle, false);
        self.not_before(now + self.pause);
        let latest = if self.careful { CAREFUL } else { LATEST };
        self.pause = (self.pause * 3 / 2).min(latest);
    }

    fn piece(&self) -> f64 {
        (self.cluster.rate / 8e6 * TICK).max(PIECE)
    }
}
