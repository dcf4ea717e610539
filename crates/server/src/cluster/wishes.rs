//! What is wished of everybody in the cluster's rooms, the newest by epoch, and whether the cluster is known to hold it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kloud_meet::SittingId;
use kloud_meet::model::Permits;
use kloud_privacy::MemberId;

/// Everybody who was let in.
#[derive(Debug, Default)]
pub struct Wishes {
    people: Mutex<HashMap<(SittingId, MemberId), Arc<Wish>>>,
}

/// Of one person.
#[derive(Debug)]
pub struct Wish {
    newest: Mutex<Newest>,
    /// Held by whoever tells the cluster.
    pub turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug)]
struct Newest {
    permits: Permits,
    epoch: i64,
    /// The cluster is known to hold it.
    is_held: bool,
    /// Whoever wished it was told that it holds. A wish that failed is kept to, and may still be taken back.
    is_firm: bool,
}

impl Wishes {
    /// An older epoch changes nothing; the same one only what nobody was told to hold.
    pub fn wish(&self, sitting: SittingId, member: MemberId, permits: Permits, epoch: i64) -> Arc<Wish> {
        let first = || Arc::new(Wish::new(Newest { permits, epoch, is_held: false, is_firm: false }));
        let wish = self.lock().entry((sitting, member)).or_insert_with(first).clone();
        let mut newest = wish.lock();
        if epoch > newest.epoch || (epoch == newest.epoch && !newest.is_firm) {
            *newest = Newest { permits, epoch, is_held: false, is_firm: false };
        }
        drop(newest);
        wish
    }

    pub fn of(&self, sitting: SittingId, member: MemberId) -> Option<Arc<Wish>> {
        self.lock().get(&(sitting, member)).cloned()
    }

    pub fn forget(&self, sitting: SittingId, member: MemberId) {
        self.lock().remove(&(sitting, member));
    }

    pub fn forget_all(&self, sitting: SittingId) {
        self.lock().retain(|(of, _), _| *of != sitting);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(SittingId, MemberId), Arc<Wish>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wish {
    fn new(newest: Newest) -> Self {
        Self { newest: Mutex::new(newest), turn: tokio::sync::Mutex::default() }
    }

    pub fn now(&self) -> (Permits, i64) {
        let newest = self.lock();
        (newest.permits, newest.epoch)
    }

    /// What the cluster is to be told; `None` if it holds that already.
    pub fn open(&self) -> Option<(Permits, i64)> {
        let newest = self.lock();
        (!newest.is_held).then_some((newest.permits, newest.epoch))
    }

    /// The cluster holds what was wished at this epoch.
    pub fn held(&self, epoch: i64) {
        let mut newest = self.lock();
        newest.is_held |= newest.epoch == epoch;
    }

    /// Whoever wished this is told that it holds.
    pub fn firm(&self, epoch: i64) {
        let mut newest = self.lock();
        newest.is_firm |= newest.epoch == epoch;
    }

    /// The cluster was seen to hold something else.
    pub fn lost(&self) {
        self.lock().is_held = false;
    }

    fn lock(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use kloud_testkit::SeededRng;

    use super::*;

    const NONE: Permits = Permits { camera: false, microphone: false, screen: false, data: false };
    const CAMERA: Permits = Permits { camera: true, ..NONE };

    #[test]
    fn an_older_wish_changes_nothing_and_one_that_never_arrived_is_open() {
        let rng = SeededRng::new(1);
        let (sitting, member) = (SittingId::random(&rng), MemberId::random(&rng));
        let wishes = Wishes::default();
        let wish = wishes.wish(sitting, member, CAMERA, 4);
        assert_eq!(wish.open(), Some((CAMERA, 4)));
        wish.held(4);
        wish.firm(4);
        assert_eq!(wish.open(), None);
        wishes.wish(sitting, member, NONE, 5);
        assert_eq!(wish.open(), Some((NONE, 5)), "told, and the cluster did not answer");
        wishes.wish(sitting, member, CAMERA, 4);
        assert_eq!(wish.open(), Some((NONE, 5)), "an older epoch");
        wishes.wish(sitting, member, NONE, 5);
        wish.held(4);
        assert_eq!(wish.open(), Some((NONE, 5)), "an answer to an older one");
        wish.held(5);
        wishes.wish(sitting, member, CAMERA, 5);
        assert_eq!(wish.open(), Some((CAMERA, 5)), "found later, and nobody was told: another wish took its place");
        wishes.wish(sitting, member, NONE, 5);
        wish.held(5);
        wish.firm(5);
        wishes.wish(sitting, member, CAMERA, 5);
        assert_eq!((wish.open(), wish.now()), (None, (NONE, 5)), "not newer");
        wish.lost();
        assert_eq!(wish.open(), Some((NONE, 5)));
        wishes.forget_all(sitting);
        assert!(wishes.of(sitting, member).is_none());
    }
}
