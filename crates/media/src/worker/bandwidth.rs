//! What a viewer's connection carries, and what it is therefore given. Sound goes first and is never held back; pictures
//! come smaller, and on a line that has proved thin not all of them come.

use std::time::{Duration, Instant};

use kloud_sfu::{Demand, Kind, LayerIndex, allocate};
use str0m::bwe::Bitrate;
use str0m::media::Mid;

use super::order::Fact;
use super::peer::Peer;
use super::turn::Turn;

/// Bits per second kept for one sound.
const SOUND: u64 = 50_000;
/// Estimates that differ by less than this part from the last are not acted on.
const STEP: u64 = 16;
/// A line is thin when for so long it could not carry the smallest pictures. Estimates begin low and rise within this.
const THIN_AFTER: Duration = Duration::from_secs(4);
/// What a line must carry beyond the need before it is believed, as a part of the need.
const MARGIN: u64 = 8;
/// On a thin line padding would compete with the sound. It is tried for a while, in every so many windows.
const TRIES: (u32, u32) = (2, 6);

/// Whether a connection has proved too thin for the pictures that it should show.
#[derive(Debug, Default)]
pub struct Thin {
    short_since: Option<Instant>,
    proved: bool,
    windows: u32,
}

impl Thin {
    /// Takes what is left for pictures and the least that they need, both in bits per second.
    fn judge(&mut self, left: u64, least: u64, now: Instant) -> bool {
        if self.proved {
            self.proved = left < least + least / MARGIN;
        } else if left < least - least / MARGIN {
            let since = *self.short_since.get_or_insert(now);
            self.proved = now.saturating_duration_since(since) >= THIN_AFTER;
        } else {
            self.short_since = None;
        }
        if self.proved {
            self.short_since = None;
        } else {
            self.windows = 0;
        }
        self.proved
    }

    fn tries(&self) -> bool {
        self.windows % TRIES.1 >= TRIES.1 - TRIES.0
    }
}

impl Peer {
    /// A new estimate, or none if the client gives no feedback.
    pub(super) fn estimated(&mut self, carries: Option<u64>, turn: &mut Turn) {
        let small = match (self.carries, carries) {
            (Some(before), Some(now)) => before.abs_diff(now) < before / STEP,
            (before, now) => before == now,
        };
        if !small {
            self.carries = carries;
            self.share_out(turn);
        }
    }

    /// A window has passed: a line may have proved thin, or be due for a try.
    pub(super) fn window_passed(&mut self, turn: &mut Turn) {
        if self.thin.proved {
            self.thin.windows += 1;
        }
        if self.thin.proved || self.thin.short_since.is_some() {
            self.share_out(turn);
        }
    }

    /// Decides anew which layer each picture comes in, if it comes.
    pub(super) fn share_out(&mut self, turn: &mut Turn) {
        let mut sounds = 0;
        let mut pictures: Vec<(Mid, Demand)> = Vec::new();
        for (mid, view) in self.views.iter().filter(|(_, v)| !v.hidden) {
            match (view.kind, view.wanted) {
                (Kind::Audio, Some(_)) => sounds += SOUND,
                (Kind::Video, Some(wanted)) => {
                    pictures.push((*mid, Demand { bitrates: view.bitrates.clone(), wanted }));
                }
                (Kind::Audio | Kind::Video, None) => {}
            }
        }
        // Equal pictures are served in the order of their lines, so that the outcome does not flicker.
        pictures.sort_by_key(|(mid, _)| *mid);
        let demands: Vec<_> = pictures.iter().map(|(_, demand)| demand.clone()).collect();
        let full: u64 = sounds + demands.iter().map(Demand::full_rate).sum::<u64>();
        self.wants = full;
        let left = self.carries.map(|carries| carries.saturating_sub(sounds));
        let least = demands.iter().map(Demand::least_rate).sum();
        let thin = self.may_pause && left.is_some_and(|left| self.thin.judge(left, least, turn.now));
        let given = left.map(|left| allocate(&demands, left, thin));
        // An estimate cannot rise far above what is sent, so padding fills up to the rate of the next step.
        let next = given.as_ref().and_then(|given| given.next).filter(|_| !thin || self.thin.tries());
        let next = next.map_or(0, |next| sounds + next);
        self.rtc.bwe().set_bitrate(Bitrate::bps(next), Bitrate::bps(full + full / 4));
        turn.touch(&mut self.touched, self.conn);
        for (n, (mid, demand)) in pictures.iter().enumerate() {
            let layer = given.as_ref().and_then(|given| *given.layers.get(n)?).unwrap_or(demand.wanted);
            // The smallest layer is sent whatever the connection carries. Held back, it would only wait ever longer.
            let unpaced = layer == LayerIndex(0) && demand.bitrates.len() > 1;
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(*mid, None) {
                stream.set_unpaced(unpaced);
            }
        }
        let (Some(given), Some(left)) = (given, left) else { return };
        // What is paused comes back only with something to spare.
        let sure = allocate(&demands, left.saturating_sub(left / MARGIN), thin);
        let now = turn.epoch.tick(turn.now);
        for (n, (mid, demand)) in pictures.iter().enumerate() {
            let Some(view) = self.views.get_mut(mid) else { continue };
            let allocation = if view.paused { &sure } else { &given };
            let layer = allocation.layers.get(n).copied().flatten();
            if view.paused != layer.is_none() {
                view.paused = layer.is_none();
                self.facts.tell(Fact::Paused { conn: self.conn, track: view.track, paused: view.paused });
            }
            // A single stream has nothing smaller to offer.
            let single = demand.bitrates.len() < 2;
            view.egress.set_target(layer.map(|layer| if single { LayerIndex(u8::MAX) } else { layer }));
            if let Some(layer) = view.egress.wants_keyframe(now) {
                turn.keyframes.push((view.publisher, view.track, layer));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mono;

    #[test]
    fn a_line_is_thin_once_it_was_short_for_long_enough_and_until_it_has_something_to_spare() {
        let start = mono::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut thin = Thin::default();
        assert!(!thin.judge(100, 800, start));
        assert!(!thin.judge(750, 800, after(2_000)), "nearly enough is enough");
        assert!(!thin.judge(100, 800, after(3_000)));
        assert!(!thin.judge(100, 800, after(6_999)));
        assert!(thin.judge(100, 800, after(7_000)));
        assert!(thin.judge(899, 800, after(7_001)));
        assert!(!thin.judge(900, 800, after(7_002)));
        assert!(!thin.judge(0, 0, after(7_003)), "nothing to show is not too much");
    }
}
