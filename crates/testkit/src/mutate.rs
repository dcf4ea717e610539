//! Real messages, mutilated by a seed: what everybody runs before a fuzzer that is guided by coverage is at hand.

use std::fmt::Write as _;
use std::path::Path;

/// SplitMix64, so that every run sees the same inputs.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) >> 8).unwrap_or(0) % below.max(1)
    }

    /// Values at which readers of lengths and counts go wrong are as likely as all others together.
    fn byte(&mut self) -> u8 {
        const EDGES: [u8; 8] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xfe, 0xff];
        if self.roll(2) == 0 { EDGES[self.roll(EDGES.len())] } else { self.roll(256) as u8 }
    }

    /// One change: a byte set or a bit turned, bytes put in, taken out or doubled, the end cut off, or a piece of
    /// another message put in.
    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.roll(bytes.len() + 1);
        let end = (at + self.roll(64)).min(bytes.len());
        match self.roll(10) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, self.byte()),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let from = self.roll(other.len() + 1);
                let piece = other[from..(from + self.roll(64)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            5 | 6 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.roll(8);
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = self.byte();
                }
            }
        }
    }
}

/// Shows the bytes at which a reader failed.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let hex = self.0.iter().fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            });
            eprintln!("it failed at these {} bytes: {hex}", self.0.len());
        }
    }
}

/// Feeds `count` seeded mutilations of `sample` to `check`, each with one to four changes.
pub fn mutations(sample: &[u8], count: u32, mut check: impl FnMut(&[u8])) {
    mutilate(&mut Dice(0x9e37_79b9_7f4a_7c15), sample, sample, count, &mut check);
}

/// Feeds every file of a folder to `target`, each as it is and mutilated, `count` times in all.
///
/// # Panics
/// If there is no such folder or nothing in it.
pub fn replay(corpus: impl AsRef<Path>, count: u32, mut target: impl FnMut(&[u8])) {
    let folder = std::fs::read_dir(corpus).expect("a folder of real messages");
    let mut files: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let samples: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("a real message")).collect();
    let each = count.div_ceil(u32::try_from(samples.len()).expect("a few files"));
    for (index, sample) in samples.iter().enumerate() {
        show(sample, &mut target);
        let other = &samples[(index + 1) % samples.len()];
        mutilate(&mut Dice(index as u64), sample, other, each, &mut target);
    }
}

fn mutilate(dice: &mut Dice, sample: &[u8], other: &[u8], count: u32, check: &mut impl FnMut(&[u8])) {
    for _ in 0..count {
        let mut bytes = sample.to_vec();
        for _ in 0..=dice.roll(4) {
            dice.change(&mut bytes, other);
        }
        show(&bytes, check);
    }
}

fn show(bytes: &[u8], check: &mut impl FnMut(&[u8])) {
    let shown = Shown(bytes);
    check(shown.0);
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Believes a length that it is told.
    fn careless(bytes: &[u8]) -> u8 {
        match bytes {
            [length, rest @ ..] if *length > 0 => rest[usize::from(*length) - 1],
            _ => 0,
        }
    }

    #[test]
    fn a_careless_reader_is_found_and_every_run_sees_the_same() {
        let sample = [3, 7, 7, 7];
        let run = || {
            let (mut seen, mut faults) = (Vec::new(), 0);
            mutations(&sample, 1_000, |bytes| {
                seen.push(bytes.to_vec());
                faults += u32::from(catch_unwind(AssertUnwindSafe(|| careless(bytes))).is_err());
            });
            (seen, faults)
        };
        let (seen, faults) = run();
        assert!((100..900).contains(&faults), "{faults}");
        assert_eq!(run().0, seen);
        assert!(seen.iter().any(|bytes| bytes.len() > sample.len()) && seen.iter().any(Vec::is_empty));
    }
}
