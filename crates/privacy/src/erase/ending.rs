//! The moment in which keys end.
//!
//! One transaction of the keystore takes a subject's keys, identifiers, stand-ins and row, and leaves the list of what
//! ended, which the ledger gets before anything is swept.

use uuid::Uuid;

use crate::category::CategoryName;
use crate::error::PrivacyError;
use crate::keys::store::{self, EndingKind, ending, sweep};
use crate::people::owner_tag;
use crate::privacy::Privacy;
use crate::subject::{KeyId, SubjectId};

impl Privacy {
    /// Ends a subject in the keystore, and remembers for the erasure of this id what its sweep needs to find rows.
    /// The ledger has it when this returns. Nothing happens when it is gone already.
    pub(crate) async fn end_subject(&self, subject: SubjectId, erasure: Option<Uuid>) -> Result<(), PrivacyError> {
        let day = self.now().day();
        let mut tx = self.inner.keystore.begin().await?;
        if let Some(row) = store::lock_subject(&tx, subject).await? {
            let tag = owner_tag(&self.unwrap_subject(&row)?);
            let keys: Vec<KeyId> = store::keys_of(&tx, subject).await?.into_iter().map(|key| key.id).collect();
            let members = store::members_of(&tx, &tag).await?;
            self.inner.ring.leave(keys.iter().copied());
            let ended = std::iter::once((subject.as_uuid(), EndingKind::Subject))
                .chain(keys.iter().map(|key| (key.as_uuid(), EndingKind::Key)));
            for (id, kind) in ended.clone() {
                store::insert_ending(&mut tx, ending::Model { id, kind, day }).await?;
            }
            if let Some(erasure_id) = erasure {
                let members = members.iter().map(|member| (member.as_uuid(), EndingKind::Membership));
                for (id, kind) in ended.chain(members) {
                    store::insert_sweep(&mut tx, sweep::Model { erasure_id, id, kind }).await?;
                }
            }
            store::delete_keys_of(&mut tx, subject).await?;
            store::delete_members_of(&mut tx, &tag).await?;
            store::delete_identifiers_of(&mut tx, &tag).await?;
            store::delete_subject(&mut tx, subject).await?;
        }
        tx.commit().await?;
        self.crash_point("privacy.ending.after-keys")?;
        self.flush_endings().await
    }

    /// The categories in which a subject has keys, for its certificate.
    pub(crate) async fn categories_of(&self, subject: SubjectId) -> Result<Vec<CategoryName>, PrivacyError> {
        let read = self.inner.keystore.read().await?;
        let mut categories: Vec<CategoryName> =
            store::keys_of(&read, subject).await?.into_iter().map(|key| key.category).collect();
        categories.sort_unstable();
        categories.dedup();
        Ok(categories)
    }
}
