//! What a viewer's connection carries, and what it is therefore given. Sound goes first and is never held back; pictures
//! come smaller, and on a line that has proved thin not all of them come.

use std::time::Duration;

use kloud_sfu::{Demand, Kind, LayerIndex, Thrift, allocate};
use str0m::media::Mid;

use super::flood::Change;
use super::order::Fact;
use super::peer::Peer;
use super::turn::Turn;

/// Bits per second kept for one sound, and for how many of them at most: people do not all speak at once, and who is
/// silent sends next to nothing.
const SOUND: u64 = 50_000;
const SOUNDS_MAX: usize = 3;
/// The same where sound goes as sparingly as it can.
const SOUND_LEAST: u64 = 30_000;
/// Estimates that differ by less than this part from the last are not acted on.
const STEP: u64 = 16;
/// What is paused comes back when the line carries it with this part of it to spare.
const SPARE: u64 = 8;
/// A line in front of which packets wait no longer than this has drained, if it still looks so after a while; after so long
/// it is taken for drained, which is seen at the end of a window, the second one here.
const DRAINED: Duration = Duration::from_millis(50);
const DRAINS_LEAST: Duration = Duration::from_millis(150);
const DRAINS_MAX: Duration = Duration::from_millis(900);
/// Bits per second from which a look at a thin line begins at least.
const LOOK_FROM: u64 = 60_000;

impl Peer {
    /// Takes what the connection carries, or nothing if the client gives no feedback.
    pub(super) fn estimated(&mut self, turn: &mut Turn) {
        let carries = self.out.congestion.estimate();
        let small = match (self.carries, carries) {
            (Some(before), Some(now)) => before.abs_diff(now) < before / STEP,
            (before, now) => before == now,
        };
        if !small {
            self.carries = carries;
            self.share_out(turn);
        }
    }

    /// More is sent than the line carries, or no longer. Pictures get the keyframes that may have been lost with the rest,
    /// which clients ask for only after three seconds.
    pub(super) fn flooded(&mut self, change: Change, turn: &mut Turn) {
        self.damaged |= change == Change::Begins;
        if change == Change::Begins && self.drains.is_none() {
            self.drains = Some(turn.now);
            self.share_out(turn);
        }
        self.mend(turn);
    }

    /// Asks for the keyframes that a flood has cost, once it is over and has left: they are the largest of all pictures.
    fn mend(&mut self, turn: &mut Turn) {
        if self.damaged && self.drains.is_none() && !self.flood.is_on() {
            self.damaged = false;
            let pictures = self.views.values().filter(|v| v.kind == Kind::Video && !v.hidden);
            let flowing = pictures.filter_map(|v| Some((v.publisher, v.rendition, v.egress.current()?)));
            turn.keyframes.extend(flowing);
        }
    }

    /// A picture that the client has lost begins again when the line has drained. Until then it would be in the way.
    pub(super) fn begins_when_drained(&mut self, mid: Mid, turn: &mut Turn) -> bool {
        let draining = self.drains.is_some();
        if draining && let Some(view) = self.views.get_mut(&mid) {
            view.egress.begin_again();
            view.line.into_iter().for_each(|line| self.out.forget_waiting(line));
            self.share_out(turn);
        }
        draining
    }

    /// What had to leave before the smaller pictures begin has left.
    pub(super) fn drained(&mut self, turn: &mut Turn) {
        let patience = if self.waits_in_front() { DRAINS_MAX } else { DRAINS_LEAST };
        if self.drains.take_if(|since| turn.now >= *since + patience).is_some() {
            self.share_out(turn);
            self.mend(turn);
        }
    }

    /// Whether packets wait in front of the line.
    fn waits_in_front(&self) -> bool {
        self.out.congestion.standing() > DRAINED
    }

    /// A second has passed: a line may have proved thin, or be due for a look.
    pub(super) fn second_passed(&mut self, turn: &mut Turn) {
        if self.thin.looks(turn.now) {
            // Where little is sent, the estimate can stay where a full line has left it. Anew, it begins with a probe.
            self.out.congestion.reset(turn.now, self.carries.unwrap_or(0).max(LOOK_FROM));
        }
        if self.thin.is_open() {
            self.share_out(turn);
        }
    }

    /// What each sound takes, in bits per second, and what each picture asks for.
    fn demands(&self) -> (Vec<u64>, Vec<(Mid, Demand)>) {
        let (mut sounds, mut pictures) = (Vec::new(), Vec::new());
        for (mid, view) in self.views.iter().filter(|(_, v)| !v.hidden) {
            match (view.kind, view.wanted) {
                (Kind::Audio, Some(_)) if view.merges() => sounds.push(SOUND_LEAST),
                (Kind::Audio, Some(_)) => sounds.push(if view.repeated { 2 * SOUND } else { SOUND }),
                (Kind::Video, Some(wanted)) => {
                    pictures.push((*mid, Demand { bitrates: view.bitrates.clone(), wanted }));
                }
                (Kind::Audio | Kind::Video, None) => {}
            }
        }
        sounds.sort_unstable();
        // Equal pictures are served in the order of their lines, so that the outcome does not flicker.
        pictures.sort_by_key(|(mid, _)| *mid);
        (sounds, pictures)
    }

    /// Decides anew which layer each picture comes in, if it comes.
    pub(super) fn share_out(&mut self, turn: &mut Turn) {
        let (sounds, pictures) = self.demands();
        let redundant = 2 * SOUND * sounds.len().min(SOUNDS_MAX) as u64;
        let sounds: u64 = sounds.iter().rev().take(SOUNDS_MAX).sum();
        let demands: Vec<_> = pictures.iter().map(|(_, demand)| demand.clone()).collect();
        let full: u64 = sounds + demands.iter().map(Demand::full_rate).sum::<u64>();
        self.wants = full;
        let left = self.carries.map(|carries| carries.saturating_sub(sounds));
        // Where one picture fits, all are sent small: the many are worth a little loss, and the estimate may be wrong.
        let least = demands.iter().map(Demand::least_rate).min().unwrap_or(0);
        // Where redundancy takes what even the smallest picture needs, it loses more than it mends.
        let alone =
            self.down.thrift() > Thrift::Full || self.carries.is_some_and(|carries| carries < redundant + least);
        self.views.values_mut().filter(|view| view.kind == Kind::Audio).for_each(|view| view.alone = alone);
        let thin = self.may_pause && left.is_some_and(|left| self.thin.judge(left, least, turn.now));
        let given = left.map(|left| allocate(&demands, left, thin));
        // An estimate cannot rise far above what is sent, so padding fills up to the rate of the next step.
        let next =
            given.as_ref().and_then(|given| given.next).map(|next| if thin { least + least / SPARE } else { next });
        let next = next.filter(|_| !thin || self.thin.is_looking());
        let next = next.filter(|_| self.drains.is_none()).map_or(0, |next| sounds + next);
        // Sound is not paced, and alone nothing needs to be found out. On a line that is known to be thin a probe is a
        // flood, which passes all the same if it is short: only a look finds out anything there.
        let wished = if pictures.is_empty() || (thin && !self.thin.is_looking()) { 0 } else { full };
        self.out.congestion.set_rates(turn.now, next, wished);
        turn.touch(&mut self.touched, self.conn);
        for (n, (mid, demand)) in pictures.iter().enumerate() {
            let layer = given.as_ref().and_then(|given| *given.layers.get(n)?).unwrap_or(demand.wanted);
            // The smallest layer is sent whatever the connection carries. Held back, it would only wait ever longer.
            if let Some(view) = self.views.get_mut(mid) {
                view.unpaced = layer == LayerIndex(0) && demand.bitrates.len() > 1;
            }
        }
        tracing::trace!(conn = self.conn, carries = ?self.carries, sounds, least, thin, ?given, "shared out");
        let (Some(given), Some(left)) = (given, left) else { return };
        // What is paused comes back only with something to spare.
        let sure = allocate(&demands, left.saturating_sub(left / SPARE), thin);
        // The first to come back waits until the line has carried enough for a while: a burst passes almost everywhere.
        let none_yet = thin && pictures.iter().all(|(mid, _)| self.views.get(mid).is_some_and(|view| view.paused));
        let now = turn.epoch.tick(turn.now);
        for (n, (mid, demand)) in pictures.iter().enumerate() {
            let Some(view) = self.views.get_mut(mid) else { continue };
            let allocation = if view.paused { &sure } else { &given };
            let layer = allocation.layers.get(n).copied().flatten().filter(|_| !none_yet);
            if view.paused != layer.is_none() {
                view.paused = layer.is_none();
                if view.paused {
                    view.line.into_iter().for_each(|line| self.out.forget_sent(line));
                } else {
                    self.thin.grew(turn.now);
                }
                self.facts.tell(Fact::Paused { conn: self.conn, track: view.rendition.track, paused: view.paused });
            }
            // A single stream has nothing smaller to offer.
            let single = demand.bitrates.len() < 2;
            if !single && layer.is_some_and(|layer| layer < demand.wanted && view.egress.current() > Some(layer)) {
                // What is too much fills the line, and so does what is sent again of it: the keyframe of the smaller
                // picture would be lost behind it.
                view.egress.begin_again();
                view.line.into_iter().for_each(|line| self.out.forget_waiting(line));
                // Nothing is filled up meanwhile.
                self.drains.get_or_insert(turn.now);
                self.out.congestion.set_rates(turn.now, 0, wished);
            }
            // Of what waits in front of the line, sound is the first to be lost. A picture that has to begin with a
            // keyframe does so when the line has drained.
            let layer = layer.filter(|_| self.drains.is_none() || view.egress.current().is_some());
            view.egress.set_target(layer.map(|layer| if single { LayerIndex(u8::MAX) } else { layer }));
            if let Some(layer) = view.egress.wants_keyframe(now) {
                turn.keyframes.push((view.publisher, view.rendition, layer));
            }
        }
    }
}
