//! Keystore and rows compared: the repair of what a crash between the two left behind.
//!
//! A key without an anchor among the rows an hour after it was made was never used: it goes. A reserved identifier whose
//! rows were committed is confirmed; one whose rows were not goes when it expires. Rows whose key is neither there nor
//! in the ledger of endings are *not* swept: that is damage, and it is said aloud.

mod store;

pub(crate) use store::{AnchorKind, anchors, delete_anchors, insert_anchor};

use std::collections::HashSet;

use async_trait::async_trait;
use kloud_base::HOUR;
use kloud_store::jobs::{Job, JobFailure, JobHandler};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::PrivacyError;
use crate::keys::store::{self as keystore, EndingKind, ending};
use crate::privacy::Privacy;
use crate::subject::{KeyId, SubjectId};

/// How long a key may be without rows.
const UNUSED: kloud_base::Millis = HOUR;
/// How many ids are looked up at once.
const CHUNK: usize = 500;

/// Compares keystore and rows. Runs at start and every hour.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReconcileKeys {}

impl Job for ReconcileKeys {
    const KIND: &'static str = "ReconcileKeys";

    fn dedupe(&self) -> Option<String> {
        Some("one".to_owned())
    }
}

#[async_trait]
impl JobHandler<ReconcileKeys> for Privacy {
    async fn run(&self, _: ReconcileKeys) -> Result<(), JobFailure> {
        self.reconcile().await?;
        Ok(())
    }
}

/// What a comparison found and did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Subjects whose keys went because no rows ever used them.
    pub unused_subjects: usize,
    /// Single keys that went for the same reason.
    pub unused_keys: usize,
    pub confirmed_identifiers: usize,
    pub dropped_identifiers: usize,
    /// Anchors whose key is neither there nor in the ledger: damage.
    pub missing_keys: usize,
}

impl Privacy {
    /// Compares keystore and rows, and repairs what a crash left.
    pub async fn reconcile(&self) -> Result<Reconciled, PrivacyError> {
        self.flush_endings().await?;
        let mut done = Reconciled::default();
        self.reconcile_identifiers(&mut done).await?;
        self.drop_unused(&mut done).await?;
        self.find_missing(&mut done).await?;
        let mut tx = self.inner.rows.begin().await?;
        self.resume_erasures(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn reconcile_identifiers(&self, done: &mut Reconciled) -> Result<(), PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let reserved = keystore::reserved_identifiers(&read).await?;
        drop(read);
        for row in reserved {
            let rows = self.inner.rows.read().await?;
            let committed = !store::anchored(&rows, vec![row.id]).await?.is_empty();
            drop(rows);
            let mut tx = self.inner.keystore.begin().await?;
            if committed {
                keystore::confirm_identifier(&mut tx, row.id).await?;
                done.confirmed_identifiers += 1;
            } else if row.expires_at.is_some_and(|at| at <= self.now()) {
                keystore::delete_identifier(&mut tx, row.id).await?;
                done.dropped_identifiers += 1;
            } else {
                continue;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    async fn drop_unused(&self, done: &mut Reconciled) -> Result<(), PrivacyError> {
        let before = self.now() - UNUSED;
        let read = self.inner.keystore.read().await?;
        let subjects = keystore::subjects_created_before(&read, before).await?;
        let keys = keystore::single_keys_created_before(&read, before).await?;
        drop(read);
        let subjects: Vec<SubjectId> = subjects.into_iter().collect();
        for subject in self.without_anchor(subjects, |id| id.as_uuid()).await? {
            self.drop_unused_subject(subject).await?;
            done.unused_subjects += 1;
        }
        for key in self.without_anchor(keys, |id| id.as_uuid()).await? {
            self.end_keys(&[key]).await?;
            done.unused_keys += 1;
        }
        Ok(())
    }

    async fn without_anchor<T: Copy>(&self, ids: Vec<T>, uuid: impl Fn(&T) -> Uuid) -> Result<Vec<T>, PrivacyError> {
        let mut without = Vec::new();
        for chunk in ids.chunks(CHUNK) {
            let read = self.inner.rows.read().await?;
            let found: HashSet<Uuid> =
                store::anchored(&read, chunk.iter().map(&uuid).collect()).await?.into_iter().collect();
            without.extend(chunk.iter().filter(|id| !found.contains(&uuid(id))).copied());
        }
        Ok(without)
    }

    async fn drop_unused_subject(&self, subject: SubjectId) -> Result<(), PrivacyError> {
        self.inner.ring.bar(subject);
        self.end_subject(subject, None).await
    }

    async fn find_missing(&self, done: &mut Reconciled) -> Result<(), PrivacyError> {
        let read = self.inner.rows.read().await?;
        let subjects = anchors(&read, AnchorKind::Subject).await?;
        let keys = anchors(&read, AnchorKind::Key).await?;
        drop(read);
        let read = self.inner.keystore.read().await?;
        for chunk in subjects.chunks(CHUNK) {
            let ids = chunk.iter().map(|id| SubjectId::from_uuid(*id));
            let there: HashSet<Uuid> =
                keystore::find_subjects(&read, ids).await?.into_iter().map(|row| row.id.as_uuid()).collect();
            done.missing_keys += self.count_missing(chunk, &there);
        }
        for chunk in keys.chunks(CHUNK) {
            let ids = chunk.iter().map(|id| KeyId::from_uuid(*id));
            let there: HashSet<Uuid> =
                keystore::keys_by_id(&read, ids).await?.into_iter().map(|row| row.id.as_uuid()).collect();
            done.missing_keys += self.count_missing(chunk, &there);
        }
        if done.missing_keys > 0 {
            tracing::error!(
                missing = done.missing_keys,
                "keys that rows need are neither in the keystore nor in the ledger of endings: \
                 this keystore does not belong to these rows, or is older"
            );
        }
        Ok(())
    }

    fn count_missing(&self, anchors: &[Uuid], there: &HashSet<Uuid>) -> usize {
        anchors.iter().filter(|id| !there.contains(id) && !self.inner.ring.has_ended(**id)).count()
    }

    /// Ends keys one by one: out of the keystore, into the ledger, out of memory.
    pub(crate) async fn end_keys(&self, keys: &[KeyId]) -> Result<(), PrivacyError> {
        let day = self.now().day();
        let read = self.inner.keystore.read().await?;
        let rows = keystore::keys_by_id(&read, keys.iter().copied()).await?;
        drop(read);
        self.inner.ring.leave(keys.iter().copied());
        let mut tx = self.inner.keystore.begin().await?;
        for key in keys {
            let row = ending::Model { id: key.as_uuid(), kind: EndingKind::Key, day };
            keystore::insert_ending(&mut tx, row).await?;
        }
        keystore::delete_keys(&mut tx, keys.iter().copied()).await?;
        tx.commit().await?;
        self.flush_endings().await?;
        for row in rows {
            self.inner.ring.forget(row.subject_id);
        }
        Ok(())
    }
}
