//! What a viewer's connection carries, and what it is therefore given. Sound goes first and is never held back; only
//! the size of pictures is negotiable.

use kloud_sfu::{Demand, Kind, LayerIndex, allocate};
use str0m::bwe::Bitrate;
use str0m::media::Mid;

use super::peer::Peer;
use super::turn::Turn;

/// Bits per second kept for one sound.
const SOUND: u64 = 50_000;
/// Estimates that differ by less than this part from the last are not acted on.
const STEP: u64 = 16;

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

    /// Decides anew which layer each picture comes in.
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
        let given = self.carries.map(|carries| allocate(&demands, carries.saturating_sub(sounds)));
        // An estimate cannot rise far above what is sent, so padding fills up to the rate of the next step.
        let next = given.as_ref().and_then(|given| given.next).map_or(0, |next| sounds + next);
        self.rtc.bwe().set_bitrate(Bitrate::bps(next), Bitrate::bps(full + full / 4));
        turn.touch(&mut self.touched, self.conn);
        for (n, (mid, demand)) in pictures.iter().enumerate() {
            let layer = given.as_ref().and_then(|given| given.layers.get(n)).unwrap_or(&demand.wanted);
            // The smallest layer is sent whatever the connection carries. Held back, it would only wait ever longer.
            let unpaced = *layer == LayerIndex(0) && demand.bitrates.len() > 1;
            if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(*mid, None) {
                stream.set_unpaced(unpaced);
            }
        }
        let Some(given) = given else { return };
        let now = turn.epoch.tick(turn.now);
        for ((mid, demand), layer) in pictures.iter().zip(given.layers) {
            let Some(view) = self.views.get_mut(mid) else { continue };
            // A single stream has nothing smaller to offer.
            let single = demand.bitrates.len() < 2;
            view.egress.set_target(Some(if single { LayerIndex(u8::MAX) } else { layer }));
            if let Some(layer) = view.egress.wants_keyframe(now) {
                turn.keyframes.push((view.publisher, view.track, layer));
            }
        }
    }
}
