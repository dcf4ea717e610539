//! Order of reliable messages: nothing twice, and what was missed during a short break comes again.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::{ParticipantSid, Tick};

/// Remembers the last number of one sender. A client numbers its reliable messages from 1 and repeats some after a
/// break; a repeated one is not delivered again.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sequencer {
    last: u32,
}

impl Sequencer {
    /// True if the message is new. Number 0 means that the sender does not number its messages.
    pub fn accept(&mut self, sequence: u32) -> bool {
        if sequence == 0 {
            return true;
        }
        let new = sequence > self.last;
        self.last = self.last.max(sequence);
        new
    }

    pub fn last(&self) -> u32 {
        self.last
    }
}

/// A message that can be sent again.
#[derive(Clone, Debug)]
pub struct ReliableEntry {
    pub from: ParticipantSid,
    pub sequence: u32,
    /// Receivers by name; empty means everyone but the sender.
    pub to: Vec<ParticipantSid>,
    pub bytes: Arc<[u8]>,
    pub at: Tick,
}

/// The last reliable messages of a room: bounded in number, bytes and age.
#[derive(Clone, Debug, Default)]
pub struct ReliableLog {
    entries: VecDeque<ReliableEntry>,
    bytes: usize,
}

impl ReliableLog {
    pub const MAX_ENTRIES: usize = 512;
    pub const MAX_BYTES: usize = 1 << 20;
    /// Milliseconds. A client that is away longer starts anew anyway.
    pub const MAX_AGE: Tick = 60_000;

    pub fn push(&mut self, entry: ReliableEntry) {
        let now = entry.at;
        self.bytes += entry.bytes.len();
        self.entries.push_back(entry);
        while let Some(first) = self.entries.front() {
            let old = now.saturating_sub(first.at) > Self::MAX_AGE;
            if !old && self.entries.len() <= Self::MAX_ENTRIES && self.bytes <= Self::MAX_BYTES {
                break;
            }
            self.bytes -= first.bytes.len();
            self.entries.pop_front();
        }
    }

    /// What `receiver` has missed. `seen` holds the last number it has of each sender it knows; of others it gets
    /// nothing, because it has never had a stream of theirs to continue.
    pub fn missed<'a>(
        &'a self,
        receiver: ParticipantSid,
        seen: &'a [(ParticipantSid, u32)],
    ) -> impl Iterator<Item = &'a ReliableEntry> {
        self.entries.iter().filter(move |e| {
            let meant = e.from != receiver && (e.to.is_empty() || e.to.contains(&receiver));
            meant && seen.iter().any(|(from, last)| *from == e.from && e.sequence > *last)
        })
    }

    /// Forgets what one sender said, for one whose permission ended.
    pub fn forget(&mut self, from: ParticipantSid) {
        self.entries.retain(|e| e.from != from);
        self.bytes = self.entries.iter().map(|e| e.bytes.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use kloud_base::Rng;

    use super::*;

    struct Fill(u8);

    impl Rng for Fill {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn sid(n: u8) -> ParticipantSid {
        ParticipantSid::random(&Fill(n))
    }

    fn entry(from: u8, sequence: u32, to: Vec<ParticipantSid>, at: Tick) -> ReliableEntry {
        ReliableEntry { from: sid(from), sequence, to, bytes: vec![0; 1000].into(), at }
    }

    #[test]
    fn a_repeated_message_is_not_delivered_again() {
        let mut sequencer = Sequencer::default();
        assert!(sequencer.accept(1) && sequencer.accept(2));
        assert!(!sequencer.accept(2) && !sequencer.accept(1));
        assert!(sequencer.accept(0) && sequencer.accept(0), "unnumbered messages always pass");
    }

    #[test]
    fn after_a_break_the_receiver_gets_what_it_missed_and_nothing_meant_for_others() {
        let mut log = ReliableLog::default();
        log.push(entry(1, 1, vec![], 0));
        log.push(entry(1, 2, vec![], 1));
        log.push(entry(1, 3, vec![sid(9)], 2));
        log.push(entry(2, 1, vec![], 3));
        let seen = [(sid(1), 1)];
        let missed: Vec<_> = log.missed(sid(3), &seen).map(|e| e.sequence).collect();
        assert_eq!(missed, [2]);
        assert_eq!(log.missed(sid(1), &seen).count(), 0, "nobody gets their own words back");
    }

    #[test]
    fn the_log_is_bounded() {
        let mut log = ReliableLog::default();
        (0..3000).for_each(|n| log.push(entry(1, n + 1, vec![], u64::from(n))));
        assert!(log.entries.len() <= ReliableLog::MAX_ENTRIES && log.bytes <= ReliableLog::MAX_BYTES);
        log.push(entry(1, 5000, vec![], 1_000_000));
        assert_eq!(log.entries.len(), 1, "old ones leave");
    }
}
