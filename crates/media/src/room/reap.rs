//! Deadlines of a room: who has been away too long, whose token is due, whether anybody is left.

use std::time::{Duration, Instant};

use kloud_livekit::proto::RoomEndReason;
use kloud_sfu::MemberState;

use super::seat::Seat;
use super::{RoomKind, RoomTask};
use crate::event::LeftReason;
use crate::mono;

/// A new token for each client.
pub const REFRESH_EVERY: Duration = Duration::from_secs(5 * 60);

impl RoomTask {
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let empty = self.is_left().then(|| self.empty_since + self.patience_when_empty());
        let seats =
            self.seats.values().flat_map(|seat| [self.lost_at(seat), seat.unanswered_at(), Some(seat.refresh_at)]);
        seats.flatten().chain(empty).chain(self.fewer_layers_at()).chain(self.call_due_at()).min()
    }

    pub(super) fn reap(&mut self) {
        let now = mono::now();
        let lost = self.seats.values().filter(|seat| self.lost_at(seat).is_some_and(|at| at <= now));
        let lost: Vec<_> = lost.map(|seat| seat.sid).collect();
        lost.into_iter().for_each(|sid| self.end(sid, LeftReason::Lost));
        let silent = self.seats.values().filter(|seat| seat.unanswered_at().is_some_and(|at| at <= now));
        let silent: Vec<_> = silent.map(|seat| seat.sid).collect();
        silent.into_iter().for_each(|sid| self.end(sid, LeftReason::Failed));
        let due: Vec<_> = self.seats.values().filter(|s| s.refresh_at <= now).map(|s| s.sid).collect();
        due.into_iter().for_each(|sid| self.refresh_token(sid));
        self.reap_layers(now);
        self.reap_calls(now);
        let over = self.empty_since + self.patience_when_empty() <= now;
        if self.is_left() && over {
            self.ended = RoomEndReason::RoomEndIdleTimeout;
            self.open = false;
        }
        self.ask_for_lines();
    }

    /// Nobody is in it or about to come in, so that it ends after a time.
    fn is_left(&self) -> bool {
        self.kind == RoomKind::Api && self.seats.is_empty() && self.expected.is_empty()
    }

    fn patience_when_empty(&self) -> Duration {
        if self.entered { self.settings.departure } else { self.settings.empty }
    }

    /// When a participant counts as gone, if nothing is heard until then.
    fn lost_at(&self, seat: &Seat) -> Option<Instant> {
        let patience = self.shared.patience;
        let active = self.room.member(seat.sid).is_some_and(|m| m.state == MemberState::Active);
        let never = (!active).then(|| seat.joined + patience.join);
        let away = match (seat.socket_lost, seat.media_lost.values().min().copied()) {
            (Some(socket), Some(media)) => Some(socket.max(media) + patience.both_lost),
            (Some(one), None) | (None, Some(one)) => Some(one + patience.one_lost),
            (None, None) => None,
        };
        never.into_iter().chain(away).min()
    }
}
