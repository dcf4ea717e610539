//! How well a connection works, from what its client reports and what arrives of it.

use std::collections::HashMap;
use std::time::Duration;

use kloud_sfu::{Kind, Sample, Thrift};
use str0m::media::{Mid, Rid};
use str0m::stats::MediaIngressStats;

use super::flood;
use super::order::{Fact, Facts};
use super::peer::Peer;
use super::turn::Turn;
use crate::rtp::Block;

/// Packets that need so long there and back have waited in front of a line that carries less than it is given.
const WAITS: Duration = Duration::from_millis(250);
/// How many windows make a second, and how many the room is told of at once.
const WINDOWS_A_SECOND: usize = 2;
const WINDOWS_TOLD: usize = 4;

/// What receivers have reported of single streams since the last window ended.
#[derive(Debug, Default)]
pub struct Reports {
    loss: f32,
    streams: u16,
    rtt_ms: Option<f32>,
}

/// What came on a line, and how often more was asked for, since it began.
#[derive(Clone, Copy, Debug, Default)]
struct Came {
    packets: u64,
    asked: u64,
}

/// What has flowed between a client and the server, apart from what is measured.
#[derive(Debug, Default)]
pub struct FlowState {
    begun: bool,
    incoming: HashMap<(Mid, Option<Rid>), Came>,
}

impl FlowState {
    /// Tells the room once that there is sound or a picture.
    pub fn begins(&mut self, conn: u64, facts: &Facts) {
        if !std::mem::replace(&mut self.begun, true) {
            facts.tell(Fact::FirstMedia { conn });
        }
    }
}

impl Peer {
    /// A receiver's report of one stream. Only streams on which something was sent count: the rest have nothing to
    /// lose. Lines that are for sound alone have no other measure.
    pub(super) fn reported(&mut self, mid: Mid, block: &Block, round_trip: Option<Duration>, turn: &mut Turn) {
        let Some((sent, heard)) = self.out.counted(mid) else { return };
        let Some(view) = self.views.get_mut(&mid) else { return };
        turn.meter.lost_out.add(heard.lost.saturating_sub(view.reported.lost));
        turn.meter.asked_by_viewers.add(heard.asked.saturating_sub(view.reported.asked));
        view.reported = heard;
        if sent > view.reported_packets {
            let (kind, packets) = (view.kind, sent - view.reported_packets);
            let last = view.egress.last_number();
            // Where nothing waits the line is bad and not thin, and redundancy is what helps.
            let is_thin = self.down.thrift() > Thrift::Full || round_trip.is_some_and(|rtt| rtt >= WAITS);
            let own = lost_here(block.loss, packets, last.saturating_sub(view.reported_number));
            (view.reported_packets, view.reported_number) = (sent, last);
            self.reports.loss += block.loss;
            self.reports.streams += 1;
            self.reports.rtt_ms = round_trip.map(milliseconds).or(self.reports.rtt_ms);
            // Pictures give way first.
            let pictures =
                || self.views.values().any(|v| v.kind == Kind::Video && !v.hidden && v.egress.current().is_some());
            if kind == Kind::Audio && is_thin && !pictures() && self.down.reported(own, packets, turn.now).is_some() {
                self.spare_sound(turn);
            }
        }
    }

    /// Sound goes more or less sparingly from now on.
    fn spare_sound(&mut self, turn: &mut Turn) {
        let (down, up) = (self.down.thrift(), self.up.thrift());
        for view in self.views.values_mut().filter(|view| view.kind == Kind::Audio) {
            view.long = down == Thrift::Least;
            view.alone |= down > Thrift::Full;
        }
        self.facts.tell(Fact::Thrift { conn: self.conn, down, up });
        self.share_out(turn);
    }

    /// What has come on one line of the client. What has not is reckoned from the share that is missing.
    pub(super) fn received(&mut self, stats: &MediaIngressStats, turn: &mut Turn) {
        let before = self.flow.incoming.entry((stats.mid, stats.rid)).or_default();
        let came = stats.packets.saturating_sub(before.packets) as f64;
        let share = f64::from(stats.loss.unwrap_or(0.0)).clamp(0.0, 0.99);
        turn.meter.lost_in.add((came * share / (1.0 - share)).round() as u64);
        turn.meter.asked_of_publishers.add(stats.nacks.saturating_sub(before.asked));
        let packets = stats.packets.saturating_sub(before.packets);
        (before.packets, before.asked) = (stats.packets, stats.nacks);
        let is_sound =
            self.sending.get(&stats.mid).is_some_and(|sending| sending.rendition.codec.kind() == Kind::Audio);
        if is_sound && self.up.reported(share as f32, packets, turn.now).is_some() {
            self.spare_sound(turn);
        }
    }

    /// Takes what a window has shown. The room hears of a few at once. A round trip counts only if packets of this
    /// window made it.
    pub(super) fn measured(&mut self, turn: &mut Turn) {
        let reports = std::mem::take(&mut self.reports);
        let reported = (reports.streams > 0).then(|| reports.loss / f32::from(reports.streams));
        let window = self.out.window();
        let loss = window.loss();
        let rtt = loss.and(window.round_trip).map(milliseconds);
        let a_second = |bytes: u64| bytes as f64 * 8.0 / flood::WINDOW.as_secs_f64();
        let (sent, again) = (a_second(window.bytes), a_second(window.again));
        tracing::trace!(conn = self.conn, ?loss, rtt, sent, again, "a window has passed");
        self.estimated(turn);
        self.drained(turn);
        if loss.is_some_and(|loss| loss >= flood::MUCH) && self.thin.look_fails(turn.now) {
            self.share_out(turn);
        }
        if let Some(change) = self.flood.window(loss, rtt) {
            self.flooded(change, turn);
        }
        self.samples.push(Sample {
            sent_loss: self.lost_in.take(),
            received_loss: loss.into_iter().chain(reported).reduce(f32::max),
            rtt_ms: rtt.or(reports.rtt_ms),
            carries: self.carries.map(|carries| (carries, self.wants)),
        });
        if self.samples.len().is_multiple_of(WINDOWS_A_SECOND) {
            let second = together(self.samples.rchunks(WINDOWS_A_SECOND).next().unwrap_or_default());
            self.thin.second(second.received_loss, second.rtt_ms);
            self.second_passed(turn);
        }
        if self.samples.len() >= WINDOWS_TOLD {
            let sample = together(&std::mem::take(&mut self.samples));
            if sample.sent_loss.or(sample.received_loss).is_some() {
                self.facts.tell(Fact::Measured { conn: self.conn, sample });
            }
        }
    }
}

/// The part that was lost of the packets that left here. Of the numbers that they went under some were holes already:
/// what a publisher's line loses is missing to everybody.
fn lost_here(loss: f32, packets: u64, numbers: u64) -> f32 {
    let came = (1.0 - loss) * numbers.max(packets) as f32;
    (1.0 - came / packets.max(1) as f32).clamp(0.0, 1.0)
}

fn milliseconds(span: Duration) -> f32 {
    span.as_secs_f32() * 1_000.0
}

/// Some windows as one.
fn together(samples: &[Sample]) -> Sample {
    let mean = |part: fn(&Sample) -> Option<f32>| {
        let known: Vec<_> = samples.iter().filter_map(part).collect();
        (!known.is_empty()).then(|| known.iter().sum::<f32>() / known.len() as f32)
    };
    Sample {
        sent_loss: mean(|sample| sample.sent_loss),
        received_loss: mean(|sample| sample.received_loss),
        rtt_ms: mean(|sample| sample.rtt_ms),
        carries: samples.last().and_then(|sample| sample.carries),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_missing_before_is_not_lost_on_the_viewers_line() {
        assert_eq!(lost_here(0.7, 30, 100), 0.0);
        assert!((lost_here(0.85, 30, 100) - 0.5).abs() < 0.001);
        assert_eq!(lost_here(0.25, 100, 100), 0.25);
        assert_eq!((lost_here(0.0, 100, 90), lost_here(1.0, 0, 0)), (0.0, 1.0));
    }
}
