//! Trying the way before a meeting: a room of one's own for anybody, for a minute.
//!
//! Invariants: nothing of it is written anywhere, no camera or microphone is ever forwarded in it, and there are only
//! so many such rooms at once. Whose it was is unknown; of the place only its count is held, in memory.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use kloud_base::{MINUTE, Millis, SECOND, Timestamp};
use kloud_http::AddressPrefix;
use kloud_http::limits::{FailureLimiter, SlowDown};
use kloud_privacy::MemberId;

use super::Meet;
use crate::error::MeetError;
use crate::model::Permits;
use crate::ports::{MediaPass, SittingId};

/// How long a room for a check is open, in milliseconds.
pub(crate) const LASTS: Millis = MINUTE;
/// So many rooms for checks are open at once.
const ROOMS: usize = 64;
/// An office may share an address: the first thirty from one place wait for nobody, the next some seconds each.
const FROM_ONE_PLACE: SlowDown = SlowDown { free: 30, longest: 4 * SECOND, memory: 5 * MINUTE };
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// Two ways into one room: what goes in by one comes out by the other.
pub struct CheckView {
    pub sender: MediaPass,
    pub hearer: MediaPass,
    pub ends_at: Timestamp,
}

/// The rooms that are open for checks.
pub(crate) struct Checks {
    /// The oldest first.
    open: Mutex<VecDeque<(SittingId, Timestamp)>>,
    taken: FailureLimiter<AddressPrefix>,
}

impl Default for Checks {
    fn default() -> Self {
        Self { open: Mutex::default(), taken: FailureLimiter::new(FROM_ONE_PLACE) }
    }
}

impl Checks {
    /// Counts a room and says when it ends; or how long to wait for one, in milliseconds.
    fn take(&self, room: SittingId, place: AddressPrefix, now: Timestamp) -> Result<Timestamp, Millis> {
        match self.taken.wait(&place, now) {
            0 => {}
            wait => return Err(wait),
        }
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let (true, Some((_, ends_at))) = (open.len() >= ROOMS, open.front()) {
            return Err((*ends_at - now).max(SECOND));
        }
        self.taken.failed(place, now);
        open.push_back((room, now + LASTS));
        Ok(now + LASTS)
    }

    /// Rooms whose time is over, each told once.
    fn over(&self, now: Timestamp) -> Vec<SittingId> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.iter().take_while(|(_, ends_at)| *ends_at <= now).count();
        open.drain(..count).map(|(room, _)| room).collect()
    }
}

impl Meet {
    /// Opens a room for one check.
    pub(crate) async fn open_check(&self, place: AddressPrefix) -> Result<CheckView, MeetError> {
        self.end_checks().await;
        let room = SittingId::random(self.rng());
        let ends_at = self.inner.checks.take(room, place, self.now()).map_err(MeetError::TooManyAttempts)?;
        let media = &self.inner.media;
        media.open(room).await?;
        let pass = async |permits| media.admit(room, MemberId::random(self.rng()), "", permits, 1).await;
        let sender = pass(Permits { camera: false, microphone: false, screen: false, data: true }).await?;
        let hearer = pass(Permits { camera: false, microphone: false, screen: false, data: false }).await?;
        Ok(CheckView { sender, hearer, ends_at })
    }

    /// Closes the rooms of checks whose time is over.
    async fn end_checks(&self) {
        for room in self.inner.checks.over(self.now()) {
            if let Err(error) = self.inner.media.close(room).await {
                tracing::warn!(%error, "the room of a check could not be closed");
            }
        }
    }

    /// Closes the rooms of checks when their time is over, for as long as it is polled.
    pub async fn follow_checks(&self) {
        let mut ticks = tokio::time::interval(SWEEP_EVERY);
        loop {
            ticks.tick().await;
            self.end_checks().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(number: u128) -> SittingId {
        SittingId::from_uuid(uuid::Uuid::from_u128(number))
    }

    fn place(octet: u8) -> AddressPrefix {
        AddressPrefix::of(std::net::IpAddr::from([192, 0, octet, 1]))
    }

    #[test]
    fn one_place_waits_after_many_and_others_do_not() {
        let (checks, now) = (Checks::default(), Timestamp::from_millis(0));
        for number in 0..30 {
            assert!(checks.take(room(number), place(1), now).is_ok());
        }
        assert_eq!(checks.take(room(30), place(1), now), Err(SECOND));
        assert_eq!(checks.take(room(31), place(2), now), Ok(now + LASTS));
        assert!(checks.take(room(32), place(1), now + SECOND).is_ok());
    }

    #[test]
    fn only_so_many_rooms_are_open_and_each_ends_once() {
        let (checks, now) = (Checks::default(), Timestamp::from_millis(0));
        for number in 0..ROOMS {
            let place = place(u8::try_from(number).expect("few"));
            assert!(checks.take(room(number as u128), place, now).is_ok());
        }
        assert_eq!(checks.take(room(99), place(200), now + SECOND), Err(LASTS - SECOND));
        assert!(checks.over(now + LASTS - 1).is_empty());
        assert_eq!(checks.over(now + LASTS).len(), ROOMS);
        assert!(checks.over(now + LASTS).is_empty());
        assert!(checks.take(room(99), place(200), now + LASTS).is_ok());
    }
}
