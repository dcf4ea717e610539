//! How people are asked to send their sound, where a line is thin: their own, or that of somebody who hears them.

use std::time::{Duration, Instant};

use kloud_livekit::Sparing;
use kloud_sfu::{Identity, ParticipantSid, Thrift};

use super::RoomTask;
use super::seat::Seat;
use crate::mono;

/// In a room with more people than this nobody sounds worse for the sake of one line.
const SMALL: usize = 8;
/// Who is back so soon comes by the same line.
const REMEMBERED: Duration = Duration::from_secs(120);

/// How sparingly sound goes to one person, and comes from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lean {
    pub down: Thrift,
    pub up: Thrift,
}

/// What is remembered of a line after its end.
#[derive(Clone, Copy, Debug)]
pub struct Was {
    lean: Lean,
    at: Instant,
}

impl RoomTask {
    /// A connection has found out what its line carries. Of two, each counts for its own way.
    pub(super) fn thrifty(&mut self, conn: u64, down: Thrift, up: Thrift) {
        let Some(seat) = self.conns.get(&conn).and_then(|sid| self.seats.get_mut(sid)) else { return };
        if seat.conns.down == conn {
            seat.lean.down = down;
        }
        if seat.conns.up == conn {
            seat.lean.up = up;
        }
        tracing::debug!(participant = %seat.sid, lean = ?seat.lean, "sound on a thin line");
        self.weigh_thrift();
    }

    /// Somebody has come, gone, or a line has become another.
    pub(super) fn weigh_thrift(&mut self) {
        let small = self.seats.len() <= SMALL;
        let mut downs: Vec<_> = self.seats.values().map(|seat| (seat.lean.down, seat.sid)).collect();
        downs.sort_unstable_by_key(|(down, _)| std::cmp::Reverse(*down));
        let worst = |sid: ParticipantSid| downs.iter().find(|(_, other)| *other != sid).map(|(down, _)| *down);
        for seat in self.seats.values_mut() {
            let heard = worst(seat.sid).filter(|_| small).unwrap_or_default();
            self.lines_changed |= seat.lines.spare(Sparing { own: seat.lean.up, heard });
        }
    }

    pub(super) fn remember_line(&mut self, seat: &Seat) {
        let now = mono::now();
        self.lines_were.retain(|_, was| now.saturating_duration_since(was.at) < REMEMBERED);
        if seat.lean != Lean::default() {
            self.lines_were.insert(seat.identity.clone(), Was { lean: seat.lean, at: now });
        }
    }

    pub(super) fn line_was(&mut self, identity: &Identity) -> Lean {
        let was = self.lines_were.remove(identity);
        was.filter(|was| was.at.elapsed() < REMEMBERED).map(|was| was.lean).unwrap_or_default()
    }
}
