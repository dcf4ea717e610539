//! Sound on a thin line: packets that follow each other leave as one. Each carries so much of headers that of 40 kbit/s
//! nothing would be left for the sound in them.
//!
//! Invariant: what waits here has no number yet, and is dropped with the permit for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_sfu::{OpusFrames, OpusMerger, Redundant, Rewrite};
use str0m::media::Mid;

use super::peer::Peer;
use super::turn::Turn;
use super::view::{View, send};
use crate::rtp::Packet;

/// What follows comes within this, or not in time.
const PATIENCE: Duration = Duration::from_millis(80);

/// Sound that waits for what follows.
#[derive(Debug)]
pub struct Held {
    merger: OpusMerger,
    /// The first packet, and the numbers that it was to leave under.
    first: Arc<Packet>,
    rewrite: Rewrite,
    /// What must come next, by the publisher's numbers and time.
    next: (u64, u32),
    until: Instant,
}

/// What becomes of a packet of sound.
#[derive(Debug)]
pub enum Sound {
    /// It waits until then.
    Waits(Instant),
    /// This leaves, with what waited before it; the first of the packets speaks for all.
    Leaves(Rewrite, Arc<Packet>, Arc<[u8]>),
    /// It leaves as it is.
    Alone,
}

impl Held {
    fn begin(first: &Arc<Packet>, rewrite: &Rewrite, now: Instant) -> Self {
        let (first, until) = (first.clone(), now + PATIENCE);
        Self { merger: OpusMerger::default(), first, rewrite: *rewrite, next: (0, 0), until }
    }

    pub fn until(&self) -> Instant {
        self.until
    }

    /// Whether a packet can be put behind what waits. What comes late is for others to judge.
    fn takes(&self, packet: &Packet, frames: Option<&OpusFrames>) -> bool {
        let goes_on = (packet.meta.seq, packet.meta.timestamp) == self.next;
        let fits = frames.is_some_and(|frames| !frames.is_pause() && self.merger.fits(frames));
        packet.meta.seq < self.next.0 || (goes_on && fits)
    }
}

impl View {
    /// Whether what waits must leave before this packet.
    pub fn must_leave_before(&self, packet: &Packet) -> bool {
        let frames = || plain(packet).and_then(OpusFrames::parse).filter(|_| self.merges());
        self.held.as_ref().is_some_and(|held| !held.takes(packet, frames().as_ref()))
    }

    /// Several packets leave as one. Of what is encrypted from end to end nobody can tell where it may be put together.
    pub fn merges(&self) -> bool {
        self.long && !self.sealed
    }

    /// Puts a packet behind what waits, which goes on with it.
    pub fn gather(&mut self, packet: &Arc<Packet>, payload: &[u8], rewrite: &Rewrite, now: Instant) -> Sound {
        let Some(frames) = OpusFrames::parse(payload).filter(|frames| !frames.is_pause()) else { return Sound::Alone };
        let mut held = self.held.take().unwrap_or_else(|| Held::begin(packet, rewrite, now));
        if !held.merger.fits(&frames) {
            return Sound::Alone;
        }
        held.merger.push(&frames);
        if held.merger.is_full(&frames) || !self.egress.join_next(&packet.meta) {
            return Sound::Leaves(Rewrite { seq: rewrite.seq, ..held.rewrite }, held.first, held.merger.take().into());
        }
        held.next = (packet.meta.seq + 1, packet.meta.timestamp.wrapping_add(frames.ticks()));
        Sound::Waits(self.held.insert(held).until)
    }
}

impl Peer {
    /// Sends what has waited on a line, as nothing follows it. Nothing of it leaves if it may not any more.
    pub fn let_go(&mut self, mid: Mid, turn: &mut Turn) {
        let Some(view) = self.views.get_mut(&mid) else { return };
        let Some(mut held) = view.held.take() else { return };
        let Some(seq) = view.egress.leave_alone() else { return };
        let rewrite = Rewrite { seq, ..held.rewrite };
        let merged = held.merger.take().into();
        if let Some(numbers) = view.numbers(&self.rtc, mid, &held.first)
            && let Some(bytes) =
                send(&mut self.out, view, &held.first, &rewrite, (numbers.plain, Some(merged)), turn.now)
        {
            turn.meter.forwarded.of(view.kind).add(bytes);
            view.last_sent = Some(turn.now);
            view.counters.forwarded(view.egress.source());
        }
    }

    /// Sends what has waited for too long.
    pub fn let_go_due(&mut self, turn: &mut Turn) {
        if self.held_until.is_none_or(|at| at > turn.now) {
            return;
        }
        let due = self.views.iter().filter(|(_, view)| view.held.as_ref().is_some_and(|held| held.until <= turn.now));
        let due: Vec<_> = due.map(|(mid, _)| *mid).collect();
        due.into_iter().for_each(|mid| self.let_go(mid, turn));
        self.held_until = self.views.values().filter_map(|view| view.held.as_ref().map(Held::until)).min();
    }
}

/// The sound of a packet without what it repeats.
fn plain(packet: &Packet) -> Option<&[u8]> {
    if !packet.format.red {
        return Some(&packet.payload);
    }
    Redundant::parse(&packet.payload, *packet.format.number).map(|redundant| redundant.newest())
}
