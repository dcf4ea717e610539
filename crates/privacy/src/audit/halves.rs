//! What was begun in one of the two databases and not finished in the other.

use std::collections::HashSet;
use std::path::Path;

use kloud_base::{HOUR, Timestamp};
use kloud_store::Store;
use uuid::Uuid;

use super::closure::Fault;
use crate::error::PrivacyError;
use crate::keys::ledger::{self, Ledger};
use crate::keys::store as keystore;
use crate::reconcile::{AnchorKind, anchors};

/// The reconciler comes every hour and leaves an hour's keys alone; what is older was left lying.
const LEFT_LYING: kloud_base::Millis = 3 * HOUR;

/// Keys that no row uses, rows whose keys are nowhere, names that are neither free nor taken, endings that the ledger
/// in `folder` does not have. Empty is right.
pub async fn half_done(
    rows: &Store,
    keystore: &Store,
    folder: &Path,
    now: Timestamp,
) -> Result<Vec<Fault>, PrivacyError> {
    let ledger = ledger::ids(&Ledger::read(folder)?);
    let read = rows.read().await?;
    let subjects: HashSet<Uuid> = anchors(&read, AnchorKind::Subject).await?.into_iter().collect();
    let keys: HashSet<Uuid> = anchors(&read, AnchorKind::Key).await?.into_iter().collect();
    drop(read);
    let read = keystore.read().await?;
    let ids = |all: Vec<crate::SubjectId>| all.into_iter().map(|id| id.as_uuid());
    let all_subjects: HashSet<Uuid> = ids(keystore::subjects_created_before(&read, now).await?).collect();
    let all_keys = keystore::single_keys_created_before(&read, now).await?;
    let all_keys: HashSet<Uuid> = all_keys.into_iter().map(|id| id.as_uuid()).collect();
    let old_subjects = ids(keystore::subjects_created_before(&read, now - LEFT_LYING).await?);
    let old_keys = keystore::single_keys_created_before(&read, now - LEFT_LYING).await?;
    let reserved = keystore::reserved_identifiers(&read).await?;
    let endings = keystore::endings(&read).await?;
    drop(read);
    let absent = |anchors: &HashSet<Uuid>, there: &HashSet<Uuid>| {
        anchors.iter().filter(|id| !there.contains(id) && !ledger.contains(id)).count()
    };
    let unused = old_subjects.filter(|id| !subjects.contains(id)).count()
        + old_keys.into_iter().filter(|id| !keys.contains(&id.as_uuid())).count();
    let overdue = |at: Option<Timestamp>| at.is_some_and(|at| at < now - LEFT_LYING);
    let found = [
        Fault::Unused { keys: unused },
        Fault::KeyMissing { rows: absent(&subjects, &all_subjects) + absent(&keys, &all_keys) },
        Fault::Reserved { identifiers: reserved.iter().filter(|row| overdue(row.expires_at)).count() },
        Fault::NotInLedger { endings: endings.iter().filter(|row| !ledger.contains(&row.id)).count() },
    ];
    Ok(found.into_iter().filter(|fault| !fault.counts_nothing()).collect())
}

impl Fault {
    fn counts_nothing(&self) -> bool {
        match self {
            Self::Unused { keys: count }
            | Self::KeyMissing { rows: count }
            | Self::Reserved { identifiers: count }
            | Self::NotInLedger { endings: count } => *count == 0,
            Self::Undeclared { .. }
            | Self::Missing { .. }
            | Self::DeclaredTwice { .. }
            | Self::LabelTwice { .. }
            | Self::TooLong { .. }
            | Self::SinceUnknown { .. }
            | Self::NotSealed { .. } => false,
        }
    }
}
