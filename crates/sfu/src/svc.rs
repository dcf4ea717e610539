//! One stream that holds several layers: which of its frames a viewer gets.
//!
//! A frame is passed on if the layer that the viewer is on needs it. The viewer moves to another layer only at a frame
//! from which that layer can be decoded, and whose needs the viewer has had. What is left out leaves no hole in the
//! numbers, unless it arrives after what follows it.

use std::collections::VecDeque;

/// Most spatial layers of a stream.
pub const SPATIAL_LAYERS: usize = 4;
/// Frames whose fate is remembered.
const REMEMBERED: u64 = 128;
/// Packets left out whose place is remembered.
const MAX_SKIPPED: usize = 1_024;

/// How a layer sees a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// It is not part of the layer.
    Absent,
    /// Nothing else of the layer needs it.
    Discardable,
    /// If it can be decoded, all that follows of the layer can.
    Switch,
    Required,
}

/// The frame that a packet belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Grows with each frame of the stream.
    pub number: u64,
    pub spatial: u8,
    /// The packet is the frame's first.
    pub starts: bool,
    /// The packet is the frame's last.
    pub ends: bool,
    /// The video begins anew: the lowest layer of a picture that needs no other.
    pub begins: bool,
    /// The frames it needs; bit 0 is the one before it. `None` if one of them is further back.
    pub needs: Option<u64>,
    /// How each spatial layer with all its pictures sees it.
    pub indications: [Indication; SPATIAL_LAYERS],
    /// The highest layer that is sent now.
    pub top: u8,
}

/// What is passed on of a stream to one viewer. It begins before the first packet of a picture that needs no other.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    /// The layer that the viewer is on.
    at: u8,
    /// The highest layer that is sent, as far as is known.
    top: u8,
    /// The time of the picture with which the video began anew last.
    began: Option<u32>,
    fates: Fates,
    skipped: Skipped,
}

impl Selector {
    /// Whether a packet is passed on, and then whether it is the last of its picture. `wanted` is the layer to work
    /// towards, `timestamp` the packet's.
    pub fn take(&mut self, frame: &Frame, wanted: u8, timestamp: u32) -> Option<bool> {
        let goal = wanted.min(frame.top);
        self.top = frame.top;
        let passed = match self.fates.of(frame.number) {
            Some(fate) => fate,
            None => {
                if frame.begins {
                    self.began = Some(timestamp);
                }
                let fate = self.judge(frame, goal);
                self.fates.note(frame.number, fate);
                fate
            }
        };
        // A picture that begins the video anew is climbed up to the goal.
        let last = if self.began == Some(timestamp) { goal } else { self.at };
        passed.then_some(frame.ends && frame.spatial == last)
    }

    /// A packet of this number is left out.
    pub fn skip(&mut self, seq: u64) {
        self.skipped.skip(seq);
    }

    /// By how many the numbers of packets at this place are lower than they came. `None` if it is too far back.
    pub fn shift(&mut self, seq: u64) -> Option<u64> {
        self.skipped.pass(seq);
        self.skipped.before(seq)
    }

    /// The layer that the viewer is on.
    pub fn layer(&self) -> u8 {
        self.at
    }

    /// Whether the viewer is where it wants to be, or as near as the sender lets it.
    pub fn is_at(&self, wanted: u8) -> bool {
        self.at == wanted.min(self.top)
    }

    fn judge(&mut self, frame: &Frame, goal: u8) -> bool {
        if frame.begins {
            self.at = 0;
            return true;
        }
        let towards = frame.spatial != self.at && (frame.spatial == goal || (self.at..goal).contains(&frame.spatial));
        if towards && see(frame, frame.spatial) == Indication::Switch && self.fates.had(frame) {
            self.at = frame.spatial;
            return true;
        }
        frame.spatial <= self.at && see(frame, self.at) != Indication::Absent
    }
}

fn see(frame: &Frame, layer: u8) -> Indication {
    frame.indications.get(usize::from(layer)).copied().unwrap_or(Indication::Absent)
}

/// What became of the latest frames.
#[derive(Clone, Debug, Default)]
struct Fates {
    newest: u64,
    /// Bit n is the frame n before the newest.
    known: u128,
    passed: u128,
}

impl Fates {
    fn note(&mut self, number: u64, passed: bool) {
        if number > self.newest {
            let ahead = number - self.newest;
            let shifted = |bits: u128| if ahead < REMEMBERED { bits << ahead } else { 0 };
            (self.known, self.passed, self.newest) = (shifted(self.known), shifted(self.passed), number);
        }
        if let Some(bit) = self.bit(number) {
            self.known |= bit;
            self.passed |= if passed { bit } else { 0 };
        }
    }

    fn of(&self, number: u64) -> Option<bool> {
        let bit = self.bit(number)?;
        (self.known & bit != 0).then_some(self.passed & bit != 0)
    }

    /// Whether everything that the frame needs was passed on.
    fn had(&self, frame: &Frame) -> bool {
        let Some(needs) = frame.needs else { return false };
        let needed = (0..64).filter(|n| needs & (1 << n) != 0);
        needed.into_iter().all(|n| frame.number.checked_sub(n + 1).and_then(|need| self.of(need)) == Some(true))
    }

    fn bit(&self, number: u64) -> Option<u128> {
        let back = self.newest.checked_sub(number)?;
        (back < REMEMBERED).then(|| 1 << back)
    }
}

/// The places of packets that were left out.
#[derive(Clone, Debug, Default)]
struct Skipped {
    newest: Option<u64>,
    /// In order.
    places: VecDeque<u64>,
    /// So many more before all of them, and up to where.
    older: u64,
    reach: u64,
}

impl Skipped {
    fn skip(&mut self, seq: u64) {
        // What comes late has left its hole already; to close it would give a number twice.
        if self.newest.is_none_or(|newest| seq > newest) {
            self.newest = Some(seq);
            self.places.push_back(seq);
            if self.places.len() > MAX_SKIPPED {
                self.reach = self.places.pop_front().unwrap_or(self.reach);
                self.older += 1;
            }
        }
    }

    fn pass(&mut self, seq: u64) {
        self.newest = Some(self.newest.map_or(seq, |newest| newest.max(seq)));
    }

    fn before(&self, seq: u64) -> Option<u64> {
        if self.older > 0 && seq < self.reach {
            return None;
        }
        Some(self.older + self.places.partition_point(|place| *place < seq) as u64)
    }
}

#[cfg(test)]
#[path = "svc_tests.rs"]
mod tests;
