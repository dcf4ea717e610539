//! The two halves of a packet's way: the publisher half decides whether it enters, each subscriber half whether it
//! leaves and under which numbers.
//!
//! A receiver must see one stream without holes, whatever happens behind it: layers change, the gate shuts and opens,
//! the publisher mutes. So each subscriber half counts sequence numbers, timestamps and VP8 picture ids of its own and
//! bends the incoming ones to continue them.

use crate::{Epoch, Frame, Gate, Kind, LayerIndex, Pass, Permits, Selector, Source, Tick};

/// A layer that was silent for so long is taken for switched off. Milliseconds; a still screen sends a frame a second.
const SILENT_AFTER: Tick = 2_000;
/// Milliseconds between two requests for the same keyframe.
const KEYFRAME_PATIENCE: Tick = 500;
/// Most layers a track can have.
const LAYERS: usize = 4;
/// How often one wish for another layer of the same stream is asked for. A sender may not be able to fulfil it.
const CLIMBS: u8 = 4;

/// What the forwarding needs to know of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketMeta {
    pub layer: LayerIndex,
    /// Sequence number of the layer's stream, extended over rollovers.
    pub seq: u64,
    pub timestamp: u32,
    /// The first packet of a frame that needs no other. Always true for audio.
    pub starts_keyframe: bool,
    pub vp8: Option<Vp8Meta>,
    /// In a stream that holds several layers, the frame that the packet belongs to.
    pub frame: Option<Frame>,
}

/// The fields of a VP8 payload descriptor (RFC 7741) that must run on without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vp8Meta {
    /// 15 bits.
    pub picture_id: Option<u16>,
    pub tl0_pic_idx: Option<u8>,
}

/// The numbers under which a packet leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Extended sequence number; the first of a stream is below 65,536, as SRTP needs (RFC 3711 section 3.3.1).
    pub seq: u64,
    pub timestamp: u32,
    pub picture_id: Option<u16>,
    pub tl0_pic_idx: Option<u8>,
    /// The stream begins again after a pause.
    pub resumed: bool,
    /// Clock ticks since the stream began or began again. What is older must not leave.
    pub since: u32,
    /// Whether the packet ends its picture, if what comes after it on higher layers is left out.
    pub ends: Option<bool>,
}

/// Why a packet goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The person has not permitted this source.
    Gate,
    Muted,
    /// The viewer wants nothing now.
    Unwanted,
    /// The stream must begin with a keyframe.
    NoKeyframeYet,
    OtherLayer,
    /// Older than the beginning of what the viewer sees.
    Late,
}

/// The publisher half of one track.
#[derive(Clone, Debug)]
pub struct Ingress {
    gate: Gate,
    source: Source,
    muted: bool,
}

impl Ingress {
    /// Begins shut: permits come by [`Ingress::permit`].
    pub fn new(source: Source) -> Self {
        Self { gate: Gate::default(), source, muted: false }
    }

    /// Whether a packet may enter. Nothing of it may be kept or handed on otherwise.
    pub fn admit(&self) -> Result<Pass, Refusal> {
        let pass = self.gate.pass(self.source).ok_or(Refusal::Gate)?;
        if self.muted { Err(Refusal::Muted) } else { Ok(pass) }
    }

    pub fn permit(&mut self, permits: Permits, epoch: Epoch) {
        self.gate.apply(permits, epoch);
    }

    pub fn set_muted(&mut self, muted: bool) {
        self.muted = muted;
    }

    pub fn source(&self) -> Source {
        self.source
    }
}

/// The subscriber half of one track for one viewer.
#[derive(Clone, Debug)]
pub struct Egress {
    kind: Kind,
    source: Source,
    gate: Gate,
    muted: bool,
    target: Option<LayerIndex>,
    run: Option<Run>,
    last: Option<Last>,
    heard: [Option<Tick>; LAYERS],
    keyframe_asked: Option<Tick>,
    /// Of a stream that holds several layers.
    selector: Option<Selector>,
    climbs: u8,
}

/// An unbroken piece of one layer and how its numbers are bent.
#[derive(Clone, Copy, Debug)]
struct Run {
    layer: LayerIndex,
    first_seq: u64,
    first_timestamp: u32,
    seq_shift: i64,
    timestamp_shift: u32,
    picture_shift: u16,
    tl0_shift: u8,
}

/// The furthest numbers that have left.
#[derive(Clone, Copy, Debug)]
struct Last {
    seq: u64,
    timestamp: u32,
    picture_id: u16,
    tl0_pic_idx: u8,
    at: Tick,
}

impl Egress {
    /// Begins shut, wanting the best layer that there is.
    pub fn new(kind: Kind, source: Source) -> Self {
        Self {
            kind,
            source,
            gate: Gate::default(),
            muted: false,
            target: Some(LayerIndex(u8::MAX)),
            run: None,
            last: None,
            heard: [None; LAYERS],
            keyframe_asked: None,
            selector: None,
            climbs: 0,
        }
    }

    /// Continues the numbers of whatever was sent on the same stream before, so that the receiver's view of the
    /// stream never goes backwards.
    pub fn after(mut self, before: &Egress) -> Self {
        self.last = before.last;
        self
    }

    /// A gate that shuts ends the stream: what was said or shown before it opens again has no place in what follows.
    pub fn permit(&mut self, permits: Permits, epoch: Epoch) {
        self.gate.apply(permits, epoch);
        if self.gate.pass(self.source).is_none() {
            self.run = None;
        }
    }

    pub fn set_muted(&mut self, muted: bool) {
        self.muted = muted;
        if muted {
            self.run = None;
        }
    }

    /// The layer to work towards; `None` pauses.
    pub fn set_target(&mut self, target: Option<LayerIndex>) {
        if self.target != target {
            self.target = target;
            self.keyframe_asked = None;
            self.climbs = 0;
        }
    }

    pub fn source(&self) -> Source {
        self.source
    }

    /// The layer that flows now.
    pub fn current(&self) -> Option<LayerIndex> {
        let of_stream = self.selector.as_ref().map(|selector| LayerIndex(selector.layer()));
        self.run.map(|run| of_stream.unwrap_or(run.layer))
    }

    /// Decides on one packet. `Ok` means: send it now, under these numbers.
    pub fn offer(&mut self, meta: &PacketMeta, now: Tick) -> Result<Rewrite, Refusal> {
        if self.gate.pass(self.source).is_none() {
            return Err(self.interrupt(Refusal::Gate));
        }
        if self.muted {
            return Err(self.interrupt(Refusal::Muted));
        }
        if let Some(heard) = self.heard.get_mut(usize::from(meta.layer.0)) {
            *heard = Some(now);
        }
        let Some(target) = self.target else { return Err(self.interrupt(Refusal::Unwanted)) };
        match (&meta.frame, &mut self.selector) {
            (Some(frame), _) => return self.offer_frame(meta, frame, target, now),
            (None, Some(selector)) if self.run.is_some() => {
                // What belongs to no frame among those that say theirs only fills up.
                selector.skip(meta.seq);
                return Err(Refusal::OtherLayer);
            }
            (None, _) => {}
        }
        match self.run {
            Some(run) if run.layer == meta.layer => {
                if meta.seq < run.first_seq {
                    Err(Refusal::Late)
                } else {
                    Ok(self.send(run, meta, now, false))
                }
            }
            _ if !meta.starts_keyframe && self.run.is_none() => Err(Refusal::NoKeyframeYet),
            _ if !meta.starts_keyframe || !self.may_switch(meta.layer, target, now) => Err(Refusal::OtherLayer),
            _ => {
                let resumed = self.run.is_none();
                let run = self.begin(meta, now);
                Ok(self.send(run, meta, now, resumed))
            }
        }
    }

    /// Decides on a packet of a stream that holds several layers.
    fn offer_frame(
        &mut self,
        meta: &PacketMeta,
        frame: &Frame,
        target: LayerIndex,
        now: Tick,
    ) -> Result<Rewrite, Refusal> {
        let resumed = self.run.is_none();
        // A run of packets that belong to no frame counts in another way, so frames begin one of their own.
        let run = match self.run.filter(|_| self.selector.is_some()) {
            Some(run) if meta.seq < run.first_seq => return Err(Refusal::Late),
            Some(run) => run,
            None if frame.begins && frame.starts => {
                let run = self.begin(meta, now);
                self.selector = Some(Selector::default());
                run
            }
            None => return Err(Refusal::NoKeyframeYet),
        };
        if frame.begins && frame.starts {
            // The layers above come right behind it.
            self.keyframe_asked = Some(now);
        }
        let selector = self.selector.get_or_insert_default();
        let Some(ends) = selector.take(frame, target.0, meta.timestamp) else {
            selector.skip(meta.seq);
            return Err(Refusal::OtherLayer);
        };
        let shift = selector.shift(meta.seq).ok_or(Refusal::Late)?;
        let mut rewrite = self.send(run, &PacketMeta { seq: meta.seq - shift, ..*meta }, now, resumed);
        rewrite.ends = Some(ends);
        Ok(rewrite)
    }

    /// The layer that must send a keyframe for this viewer to get on, if it is time to ask.
    pub fn wants_keyframe(&mut self, now: Tick) -> Option<LayerIndex> {
        if self.kind == Kind::Audio || self.muted || self.gate.pass(self.source).is_none() {
            return None;
        }
        let target = self.target?;
        let climbs = self.run.is_some() && self.selector.is_some();
        let best = match &self.selector {
            // All layers are one stream, and it begins anew as a whole.
            Some(selector) if self.run.is_some_and(|_| selector.is_at(target.0)) => return None,
            Some(_) if climbs && self.climbs >= CLIMBS => return None,
            Some(_) => LayerIndex(0),
            None => self.best_alive(target, now).unwrap_or(target),
        };
        if !climbs && self.run.is_some_and(|r| r.layer == best) {
            return None;
        }
        if self.keyframe_asked.is_some_and(|at| now.saturating_sub(at) < KEYFRAME_PATIENCE) {
            return None;
        }
        self.keyframe_asked = Some(now);
        self.climbs += u8::from(climbs);
        Some(best)
    }

    /// The last number under which something left, counted from the first of the stream.
    pub fn last_number(&self) -> u64 {
        self.last.map_or(0, |last| last.seq)
    }

    /// The packet that was offered last does not leave by itself: it goes into the one behind it, under that one's
    /// number. Whatever comes late from before it has no place any more. `false` if it has come late itself: then it
    /// leaves as it is.
    pub fn join_next(&mut self, meta: &PacketMeta) -> bool {
        let (Some(run), Some(last)) = (&mut self.run, &mut self.last) else { return false };
        if meta.seq.wrapping_add_signed(run.seq_shift) != last.seq {
            return false;
        }
        run.seq_shift -= 1;
        run.first_seq = meta.seq + 1;
        last.seq -= 1;
        true
    }

    /// Nothing follows what was to go into the packet behind it: the number under which it leaves after all, if it still
    /// may.
    pub fn leave_alone(&mut self) -> Option<u64> {
        self.gate.pass(self.source).filter(|_| !self.muted)?;
        let (run, last) = (self.run.as_mut()?, self.last.as_mut()?);
        run.seq_shift += 1;
        last.seq += 1;
        Some(last.seq)
    }

    /// What was to leave last has not left: the picture begins again with a keyframe.
    pub fn begin_again(&mut self) {
        self.run = None;
    }

    /// After this, only a keyframe starts video again.
    fn interrupt(&mut self, why: Refusal) -> Refusal {
        self.run = None;
        why
    }

    fn alive(&self, layer: LayerIndex, now: Tick) -> bool {
        let heard = self.heard.get(usize::from(layer.0)).copied().flatten();
        heard.is_some_and(|at| now.saturating_sub(at) < SILENT_AFTER)
    }

    /// The highest living layer up to the target, else the lowest living one.
    fn best_alive(&self, target: LayerIndex, now: Tick) -> Option<LayerIndex> {
        let layers = || (0..LAYERS as u8).map(LayerIndex);
        let below = layers().rev().find(|l| *l <= target && self.alive(*l, now));
        below.or_else(|| layers().find(|l| self.alive(*l, now)))
    }

    fn may_switch(&self, to: LayerIndex, target: LayerIndex, now: Tick) -> bool {
        let Some(run) = self.run else { return true };
        if !self.alive(run.layer, now) {
            return true;
        }
        // Towards the target, and never past it.
        to == target || (run.layer < to && to < target) || (target < to && to < run.layer) || {
            run.layer > target && to < target
        }
    }

    fn begin(&mut self, meta: &PacketMeta, now: Tick) -> Run {
        let vp8 = meta.vp8.unwrap_or(Vp8Meta { picture_id: None, tl0_pic_idx: None });
        let (picture, tl0) = (vp8.picture_id.unwrap_or(0), vp8.tl0_pic_idx.unwrap_or(0));
        let run = match self.last {
            None => Run {
                layer: meta.layer,
                first_seq: meta.seq,
                first_timestamp: meta.timestamp,
                seq_shift: shift(1, meta.seq),
                timestamp_shift: 0,
                picture_shift: 0,
                tl0_shift: 0,
            },
            Some(last) => {
                let elapsed = now.saturating_sub(last.at).max(1);
                let ticks = elapsed.wrapping_mul(u64::from(self.kind.clock_rate())) / 1000;
                let timestamp = last.timestamp.wrapping_add(ticks as u32);
                Run {
                    layer: meta.layer,
                    first_seq: meta.seq,
                    first_timestamp: meta.timestamp,
                    seq_shift: shift(last.seq + 1, meta.seq),
                    timestamp_shift: timestamp.wrapping_sub(meta.timestamp),
                    picture_shift: last.picture_id.wrapping_add(1).wrapping_sub(picture) & 0x7fff,
                    tl0_shift: last.tl0_pic_idx.wrapping_add(1).wrapping_sub(tl0),
                }
            }
        };
        self.run = Some(run);
        self.selector = None;
        self.keyframe_asked = None;
        self.climbs = 0;
        run
    }

    fn send(&mut self, run: Run, meta: &PacketMeta, now: Tick, resumed: bool) -> Rewrite {
        let seq = meta.seq.wrapping_add_signed(run.seq_shift);
        let timestamp = meta.timestamp.wrapping_add(run.timestamp_shift);
        let picture_id = meta.vp8.and_then(|v| v.picture_id).map(|p| p.wrapping_add(run.picture_shift) & 0x7fff);
        let tl0_pic_idx = meta.vp8.and_then(|v| v.tl0_pic_idx).map(|t| t.wrapping_add(run.tl0_shift));
        if self.last.is_none_or(|l| seq > l.seq) {
            let before = self.last.unwrap_or(Last { seq, timestamp, picture_id: 0, tl0_pic_idx: 0, at: now });
            self.last = Some(Last {
                seq,
                timestamp,
                picture_id: picture_id.unwrap_or(before.picture_id),
                tl0_pic_idx: tl0_pic_idx.unwrap_or(before.tl0_pic_idx),
                at: now,
            });
        }
        let since = meta.timestamp.wrapping_sub(run.first_timestamp);
        Rewrite { seq, timestamp, picture_id, tl0_pic_idx, resumed, since, ends: None }
    }
}

/// What to add to `from` to get `to`.
fn shift(to: u64, from: u64) -> i64 {
    to.wrapping_sub(from).cast_signed()
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
