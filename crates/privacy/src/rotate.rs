//! Root epochs: every night a new root, all that lives is wrapped anew under it, and the old one dies.
//!
//! A root dies [`WINDOW`] after its last keystore backup, or after it was superseded where there was none; with it dies
//! every copy of the keystore from its time, whoever has one. Whoever is erased today was wrapped under today's root at
//! the latest, so the day it dies is the date on the certificate.

use async_trait::async_trait;
use kloud_base::{DAY, Millis, Timestamp};
use kloud_store::jobs::{Job, JobFailure, JobHandler};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::PrivacyError;
use crate::keys::instance::instance_id;
use crate::keys::roots::Root;
use crate::keys::store::{self, Stale};
use crate::keys::{Wrapped, WrappedKind};
use crate::privacy::Privacy;

/// How long a root lives after the last backup under it, so that this backup can be restored.
pub const WINDOW: Millis = 7 * DAY;
/// How often there is a new root.
pub const EPOCH: Millis = DAY;
/// How many rows of each kind one transaction rewraps.
const BATCH: u64 = 200;

/// Makes the night's root. Runs every [`EPOCH`].
#[derive(Debug, Serialize, Deserialize)]
pub struct RotateRoot {}

impl Job for RotateRoot {
    const KIND: &'static str = "RotateRoot";

    fn dedupe(&self) -> Option<String> {
        Some("one".to_owned())
    }
}

#[async_trait]
impl JobHandler<RotateRoot> for Privacy {
    async fn run(&self, _: RotateRoot) -> Result<(), JobFailure> {
        self.rotate_root().await.inspect_err(|error| {
            tracing::error!(%error, "the night's root was not made: dates on certificates move until it is");
        })?;
        Ok(())
    }
}

impl Privacy {
    /// Makes a new root when the current one is a night old, rewraps all that is under an older one, and destroys the
    /// roots whose time has come. Stopped anywhere, it goes on from there.
    pub async fn rotate_root(&self) -> Result<(), PrivacyError> {
        let now = self.now();
        if now - self.inner.roots.current().made_at >= EPOCH {
            self.inner.roots.add(now, self.rng())?;
            self.crash_point("rotate.after-new-root")?;
        }
        self.rewrap_all().await?;
        let current = self.inner.roots.current().id;
        let older: Vec<Uuid> = self.inner.roots.all().iter().map(|root| root.id).filter(|id| *id != current).collect();
        if self.inner.roots.all().iter().any(|root| root.id != current && root.superseded_at.is_none()) {
            self.inner.roots.supersede(&older, now)?;
        }
        self.crash_point("rotate.after-superseding")?;
        let due: Vec<Uuid> = self
            .inner
            .roots
            .all()
            .iter()
            .filter(|root| root.id != current && dies_at(root).is_some_and(|at| at <= now))
            .map(|root| root.id)
            .collect();
        if !due.is_empty() {
            self.inner.roots.destroy(&due)?;
        }
        Ok(())
    }

    /// Wraps anew whatever is not under the current root.
    async fn rewrap_all(&self) -> Result<(), PrivacyError> {
        let root = self.inner.roots.current();
        loop {
            let mut tx = self.inner.keystore.begin().await?;
            let stale = store::stale(&tx, root.id, BATCH).await?;
            if stale.is_empty() {
                return Ok(());
            }
            self.rewrap(&mut tx, stale, &root).await?;
            tx.commit().await?;
            self.crash_point("rotate.between-batches")?;
        }
    }

    async fn rewrap(&self, tx: &mut kloud_store::Tx, stale: Stale, root: &Root) -> Result<(), PrivacyError> {
        for row in stale.subjects {
            let wrapped = self.rewrapped(WrappedKind::Subject, row.id.as_uuid(), &row.wrapped, root)?;
            store::rewrap_subject(tx, row.id, root.id, wrapped).await?;
        }
        for row in stale.members {
            let whose = self.rewrapped(WrappedKind::Reference, row.id.as_uuid(), &row.whose, root)?;
            store::rewrap_member(tx, row.id, root.id, whose).await?;
        }
        for row in stale.identifiers {
            let whose = self.rewrapped(WrappedKind::Reference, row.id, &row.whose, root)?;
            store::rewrap_identifier(tx, row.id, root.id, whose).await?;
        }
        for row in stale.instance_keys {
            let wrapped = self.rewrapped(WrappedKind::Instance, instance_id(&row.name), &row.wrapped, root)?;
            store::rewrap_instance_key(tx, &row.name, root.id, wrapped).await?;
        }
        Ok(())
    }

    fn rewrapped(&self, kind: WrappedKind, id: Uuid, old: &[u8], root: &Root) -> Result<Vec<u8>, PrivacyError> {
        let secret = self.unwrap_under_root(kind, id, old)?;
        Ok(Wrapped::wrap(kind, id, &secret, (root.id, &root.secret), self.rng()))
    }

    /// When the last root dies that could open a copy of the keystore made until now.
    pub fn backups_gone_at(&self) -> Timestamp {
        let current = self.inner.roots.current();
        let superseded = (current.made_at + EPOCH).max(self.now());
        current.last_backup_at.map_or(superseded, |at| at.max(superseded)) + WINDOW
    }

    /// Notes that a backup of the keystore was made: the current root lives [`WINDOW`] longer than it.
    pub fn note_keystore_backup(&self) -> Result<(), PrivacyError> {
        Ok(self.inner.roots.note_backup(self.now())?)
    }

    /// How often the roots file was written; a backup that remembers more is newer.
    pub fn roots_counter(&self) -> u64 {
        self.inner.roots.counter()
    }
}

fn dies_at(root: &Root) -> Option<Timestamp> {
    let superseded = root.superseded_at?;
    Some(root.last_backup_at.map_or(superseded, |at| at.max(superseded)) + WINDOW)
}
