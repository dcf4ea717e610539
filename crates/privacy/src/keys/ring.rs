//! Unwrapped keys in memory, and the knowledge of what has ended.
//!
//! Invariant: from the moment a subject is barred nothing of theirs opens or is sealed in this process, not even by a
//! grant that was given before, because every opening asks here again.

use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use lru::LruCache;
use uuid::Uuid;

use super::Secret;
use crate::category::{CategoryName, KeyClass};
use crate::subject::{KeyId, MemberId, SubjectId, SubjectKind};

/// How many subjects' keys are kept unwrapped.
const SUBJECTS: NonZeroUsize = NonZeroUsize::new(10_000).expect("not zero");
/// How many stand-ins are remembered.
const MEMBERS: NonZeroUsize = NonZeroUsize::new(50_000).expect("not zero");

/// One unwrapped data key.
pub(crate) struct DataKey {
    pub(crate) id: KeyId,
    pub(crate) subject: SubjectId,
    pub(crate) category: CategoryName,
    pub(crate) class: KeyClass,
    pub(crate) period: Option<i64>,
    pub(crate) secret: Secret,
}

/// The unwrapped standing and monthly keys of one subject.
pub(crate) struct Keyring {
    pub(crate) subject: SubjectId,
    pub(crate) kind: SubjectKind,
    pub(crate) secret: Secret,
    pub(crate) keys: Vec<Arc<DataKey>>,
}

#[derive(Default)]
struct Ended {
    /// Subjects that are closing; they may still have rows in the keystore.
    barred: HashSet<SubjectId>,
    /// Keys that leave the keystore now; the ledger has them a moment later.
    leaving: HashSet<Uuid>,
    /// Everything in the ledger of endings.
    ledger: HashSet<Uuid>,
}

pub(crate) struct Ring {
    rings: Mutex<LruCache<SubjectId, Arc<Keyring>>>,
    members: Mutex<LruCache<MemberId, SubjectId>>,
    ended: RwLock<Ended>,
    /// Grows when keyrings that were read before are stale.
    version: AtomicU64,
}

impl Ring {
    pub(crate) fn new(barred: Vec<SubjectId>, ledger: HashSet<Uuid>) -> Self {
        Self {
            rings: Mutex::new(LruCache::new(SUBJECTS)),
            members: Mutex::new(LruCache::new(MEMBERS)),
            ended: RwLock::new(Ended { barred: barred.into_iter().collect(), leaving: HashSet::new(), ledger }),
            version: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, subject: SubjectId) -> Option<Arc<Keyring>> {
        self.rings().get(&subject).cloned()
    }

    /// To be taken before keyrings are read from the rows, and handed to [`Ring::keep`].
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Keeps a keyring that was read from the rows, unless it may be stale or its subject was barred meanwhile.
    pub(crate) fn keep(&self, ring: Arc<Keyring>, version: u64) {
        let ended = self.ended();
        let mut rings = self.rings();
        let barred = ended.barred.contains(&ring.subject) || ended.ledger.contains(&ring.subject.as_uuid());
        if !barred && self.version() == version {
            rings.put(ring.subject, ring);
        }
    }

    /// Forgets a subject's keys, so that they are read again.
    pub(crate) fn forget(&self, subject: SubjectId) {
        let mut rings = self.rings();
        self.version.fetch_add(1, Ordering::Release);
        rings.pop(&subject);
    }

    pub(crate) fn member(&self, member: MemberId) -> Option<SubjectId> {
        self.members().get(&member).copied()
    }

    pub(crate) fn keep_member(&self, member: MemberId, subject: SubjectId) {
        let ended = self.ended();
        if !ended.barred.contains(&subject) && !ended.ledger.contains(&subject.as_uuid()) {
            self.members().put(member, subject);
        }
    }

    /// Nothing of this subject opens from here on, and its keys leave memory.
    pub(crate) fn bar(&self, subject: SubjectId) {
        self.ended.write().expect("no holder of this lock panics").barred.insert(subject);
        self.rings().pop(&subject);
        let mut members = self.members();
        let theirs: Vec<MemberId> = members.iter().filter(|(_, of)| **of == subject).map(|(id, _)| *id).collect();
        for member in theirs {
            members.pop(&member);
        }
    }

    /// These keys are about to leave the keystore. Said before they do, so that no reader in between takes their
    /// absence for damage.
    pub(crate) fn leave(&self, ids: impl IntoIterator<Item = KeyId>) {
        let ids = ids.into_iter().map(|id| id.as_uuid());
        self.ended.write().expect("no holder of this lock panics").leaving.extend(ids);
    }

    /// These ids are in the ledger now.
    pub(crate) fn end(&self, ids: impl IntoIterator<Item = Uuid>) {
        let mut ended = self.ended.write().expect("no holder of this lock panics");
        for id in ids {
            ended.leaving.remove(&id);
            ended.ledger.insert(id);
        }
    }

    /// Whether a key has ended, or is leaving.
    pub(crate) fn is_over(&self, key: KeyId) -> bool {
        let ended = self.ended();
        ended.leaving.contains(&key.as_uuid()) || ended.ledger.contains(&key.as_uuid())
    }

    /// Whether the ledger has it.
    pub(crate) fn has_ended(&self, id: Uuid) -> bool {
        self.ended().ledger.contains(&id)
    }

    /// Whether nothing of this subject may open or be sealed.
    pub(crate) fn is_barred(&self, subject: SubjectId) -> bool {
        let ended = self.ended();
        ended.barred.contains(&subject) || ended.ledger.contains(&subject.as_uuid())
    }

    /// Everything in memory that could open something, for the drill.
    pub(crate) fn reachable(&self) -> Vec<Secret> {
        let rings = self.rings();
        rings
            .iter()
            .flat_map(|(_, ring)| {
                std::iter::once(ring.secret.duplicate()).chain(ring.keys.iter().map(|key| key.secret.duplicate()))
            })
            .collect()
    }

    fn rings(&self) -> MutexGuard<'_, LruCache<SubjectId, Arc<Keyring>>> {
        self.rings.lock().expect("no holder of this lock panics")
    }

    fn members(&self) -> MutexGuard<'_, LruCache<MemberId, SubjectId>> {
        self.members.lock().expect("no holder of this lock panics")
    }

    fn ended(&self) -> std::sync::RwLockReadGuard<'_, Ended> {
        self.ended.read().expect("no holder of this lock panics")
    }
}
