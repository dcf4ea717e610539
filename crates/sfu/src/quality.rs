//! How good a person's connection is, from what was measured on it: loss in both directions, round-trip time, and what
//! it carries against what its tiles want. Without a measure nothing is said.

use std::collections::BTreeMap;

use crate::ParticipantSid;

/// Score of a connection without fault.
const BEST: f32 = 100.0;
/// Points for each hundredth of the packets that is lost. At four hundredths sound begins to suffer.
const PER_LOSS: f32 = 5.0;
/// Round trips up to this are not noticed in talk (ITU-T G.114 counts one way). Milliseconds.
const EASY_RTT: f32 = 150.0;
/// Milliseconds above it that cost a point.
const RTT_STEP: f32 = 5.0;
/// Points for each power of e that the connection carries too little.
const PER_SQUEEZE: f32 = 20.0;
/// Weight of a new window against the past.
const SMOOTHING: f32 = 0.5;
const EXCELLENT: f32 = 80.0;
const GOOD: f32 = 40.0;
/// Changes of score below this are not worth a message.
const STEP: f32 = 5.0;

/// What was measured on a connection during one window. `None` is what nothing could be said of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// Share of the packets from the person that did not arrive, 0..=1.
    pub sent_loss: Option<f32>,
    /// Share of the packets to the person that did not arrive, 0..=1.
    pub received_loss: Option<f32>,
    pub rtt_ms: Option<f32>,
    /// Bits per second that the connection carries, and that its tiles want.
    pub carries: Option<(u64, u64)>,
}

impl Sample {
    /// Two connections of one person as one, in each respect as bad as the worse.
    pub fn worse(&self, other: &Self) -> Self {
        let larger = |one: Option<f32>, other: Option<f32>| one.into_iter().chain(other).reduce(f32::max);
        let squeeze = |(carries, wants): &(u64, u64)| *wants as f32 / (*carries).max(1) as f32;
        let carries = self.carries.into_iter().chain(other.carries);
        Self {
            sent_loss: larger(self.sent_loss, other.sent_loss),
            received_loss: larger(self.received_loss, other.received_loss),
            rtt_ms: larger(self.rtt_ms, other.rtt_ms),
            carries: carries.max_by(|one, other| squeeze(one).total_cmp(&squeeze(other))),
        }
    }

    /// The score of this window, 0..=100. A window in which no packet was accounted for has none.
    fn score(&self) -> Option<f32> {
        let loss = self.sent_loss.into_iter().chain(self.received_loss).reduce(f32::max)?;
        let late = self.rtt_ms.map_or(0.0, |rtt| (rtt - EASY_RTT).max(0.0) / RTT_STEP);
        let squeezed = self.carries.map_or(0.0, |(carries, wants)| {
            let times = wants as f32 / carries.max(1) as f32;
            times.max(1.0).ln() * PER_SQUEEZE
        });
        Some((BEST - loss * 100.0 * PER_LOSS - late - squeezed).clamp(0.0, BEST))
    }
}

/// In words, as clients show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionQuality {
    /// No sign of life.
    Lost,
    Poor,
    Good,
    Excellent,
}

/// One line of an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityChange {
    pub participant: ParticipantSid,
    pub quality: ConnectionQuality,
    pub score: f32,
}

impl QualityChange {
    fn of(participant: ParticipantSid, rating: Rating) -> Self {
        let quality = match rating {
            Rating::Lost => ConnectionQuality::Lost,
            Rating::Score(score) if score >= EXCELLENT => ConnectionQuality::Excellent,
            Rating::Score(score) if score >= GOOD => ConnectionQuality::Good,
            Rating::Score(_) => ConnectionQuality::Poor,
        };
        let score = match rating {
            Rating::Lost => 0.0,
            Rating::Score(score) => score,
        };
        Self { participant, quality, score }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Rating {
    Lost,
    Score(f32),
}

#[derive(Clone, Copy, Debug)]
struct Known {
    rating: Rating,
    told: QualityChange,
}

/// The connections of a room. Gives out changes only.
#[derive(Clone, Debug, Default)]
pub struct Qualities(BTreeMap<ParticipantSid, Known>);

impl Qualities {
    /// Takes one participant's window; returns the change that others should hear of.
    pub fn observe(&mut self, participant: ParticipantSid, sample: &Sample) -> Option<QualityChange> {
        let score = sample.score()?;
        let smooth = match self.0.get(&participant).map(|known| known.rating) {
            Some(Rating::Score(before)) => before * (1.0 - SMOOTHING) + score * SMOOTHING,
            Some(Rating::Lost) | None => score,
        };
        self.rate(participant, Rating::Score(smooth))
    }

    /// There is no sign of life on any path.
    pub fn lost(&mut self, participant: ParticipantSid) -> Option<QualityChange> {
        self.rate(participant, Rating::Lost)
    }

    /// A lost connection is there again. It counts as poor until it is measured.
    pub fn found(&mut self, participant: ParticipantSid) -> Option<QualityChange> {
        let lost = self.0.get(&participant).is_some_and(|known| known.rating == Rating::Lost);
        if lost { self.rate(participant, Rating::Score(0.0)) } else { None }
    }

    pub fn forget(&mut self, participant: ParticipantSid) {
        self.0.remove(&participant);
    }

    /// Everyone who was measured, for one who has just come.
    pub fn now(&self) -> impl Iterator<Item = QualityChange> {
        self.0.values().map(|known| known.told)
    }

    fn rate(&mut self, participant: ParticipantSid, rating: Rating) -> Option<QualityChange> {
        let change = QualityChange::of(participant, rating);
        let before = self.0.get(&participant).map(|known| known.told);
        let same = |told: QualityChange| told.quality == change.quality && (told.score - change.score).abs() < STEP;
        let told = before.filter(|told| same(*told)).unwrap_or(change);
        self.0.insert(participant, Known { rating, told });
        (before != Some(told)).then_some(change)
    }
}

#[cfg(test)]
#[path = "quality_tests.rs"]
mod tests;
