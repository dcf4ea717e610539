//! The packets that have left, by their transport-wide numbers, until the receiver has said what became of them.

use super::Micros;

/// Places that a ring begins with. Each takes eight bytes.
const FEWEST: usize = 256;
/// And has at most: a second of 80 Mbit/s.
const MOST: usize = 8_192;
/// A packet that nobody answered for so long is not waited for: its place may be taken.
const FORGOTTEN: u32 = 2_000_000;

/// What is known of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It left, nothing more is known.
    Left,
    /// The receiver said that it had not come. It may come yet.
    Missing,
    Arrived,
}

#[derive(Clone, Copy)]
struct Slot {
    /// Microseconds, the lower half: a packet is long forgotten when they come round.
    at: u32,
    bytes: u16,
    fate: Fate,
    cluster: u8,
}

const EMPTY: Slot = Slot { at: 0, bytes: 0, fate: Fate::Arrived, cluster: 0 };

/// A packet that feedback names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub at: Micros,
    pub bytes: u32,
    /// What was known of it before.
    pub was: Fate,
    /// The probe that it was part of, 0 for none.
    pub cluster: u8,
}

/// Grows while packets come round before they are answered, and never per packet.
#[derive(Default)]
pub(super) struct Sent {
    slots: Vec<Slot>,
    /// How many left; the lower 16 bits are the number of the next.
    next: u64,
}

impl Sent {
    pub fn push(&mut self, now: Micros, bytes: usize, cluster: u8) -> u16 {
        if self.slots.is_empty() {
            self.slots = vec![EMPTY; FEWEST];
        }
        let place = self.place(self.next);
        let taken = self.slots[place];
        if taken.fate == Fate::Left
            && (now as u32).wrapping_sub(taken.at) < FORGOTTEN
            && self.next >= self.slots.len() as u64
            && self.slots.len() < MOST
        {
            self.grow();
        }
        let place = self.place(self.next);
        let bytes = bytes.min(usize::from(u16::MAX)) as u16;
        self.slots[place] = Slot { at: now as u32, bytes, fate: Fate::Left, cluster };
        let number = self.next as u16;
        self.next += 1;
        number
    }

    /// The packet of this number, of which it is now known whether it arrived. None for numbers that were not given out
    /// lately.
    #[inline]
    pub fn answer(&mut self, now: Micros, number: u16, arrived: bool) -> Option<Named> {
        let newest = self.next.checked_sub(1)?;
        let back = u64::from((newest as u16).wrapping_sub(number));
        let of = newest.checked_sub(back).filter(|_| back < self.slots.len() as u64)?;
        let place = self.place(of);
        let slot = &mut self.slots[place];
        let was = slot.fate;
        slot.fate = match (was, arrived) {
            (Fate::Arrived, _) | (_, true) => Fate::Arrived,
            (Fate::Left | Fate::Missing, false) => Fate::Missing,
        };
        let age = u64::from((now as u32).wrapping_sub(slot.at));
        let at = now.saturating_sub(age);
        Some(Named { at, bytes: u32::from(slot.bytes), was, cluster: slot.cluster })
    }

    fn place(&self, of: u64) -> usize {
        // The length is a power of two.
        of as usize & (self.slots.len() - 1)
    }

    fn grow(&mut self) {
        let before = self.slots.len();
        let mut slots = vec![EMPTY; before * 2];
        let mask = slots.len() - 1;
        for of in self.next.saturating_sub(before as u64)..self.next {
            slots[of as usize & mask] = self.slots[of as usize & (before - 1)];
        }
        self.slots = slots;
    }
}
