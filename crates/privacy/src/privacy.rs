//! The handle that everything goes through.

use std::path::PathBuf;
use std::sync::Arc;

use kloud_base::{Clock, Rng, Timestamp};
use kloud_store::{Store, StoreError};

use crate::error::PrivacyError;
use crate::keys::ledger::{self, Ending, Ledger};
use crate::keys::ring::Ring;
use crate::keys::roots::Roots;
use crate::keys::store;

/// What the engine stands on.
pub struct PrivacyOptions {
    /// A database of its own, migrated by [`crate::keystore_migrations`] alone and never part of a backup of the rows.
    pub keystore: Store,
    /// The rows of this crate and of the slices.
    pub rows: Store,
    /// `DIR/keys`: the roots and the ledger of endings.
    pub folder: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

/// The privacy engine of one data set. Cheap to clone.
#[derive(Clone)]
pub struct Privacy {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) keystore: Store,
    pub(crate) rows: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) roots: Roots,
    pub(crate) ledger: Ledger,
    pub(crate) ring: Arc<Ring>,
    /// One writer of the ledger at a time.
    flush: tokio::sync::Mutex<()>,
}

impl Privacy {
    /// Opens the engine: reads roots and endings, and writes into the ledger what a crash kept out of it.
    ///
    /// # Errors
    /// When keys exist but the roots file does not: without it nothing opens, and making a new one would hide that.
    pub async fn open(options: PrivacyOptions) -> Result<Self, PrivacyError> {
        let PrivacyOptions { keystore, rows, folder, clock, rng } = options;
        let read = keystore.read().await?;
        let empty = !store::holds_keys(&read).await?;
        let closing = store::closing_subjects(&read).await?;
        drop(read);
        let roots = Roots::open(&folder, empty, clock.now(), &*rng)?;
        let (ledger, endings) = Ledger::open(&folder)?;
        let ring = Arc::new(Ring::new(closing, ledger::ids(&endings)));
        let flush = tokio::sync::Mutex::default();
        let privacy = Self { inner: Arc::new(Inner { keystore, rows, clock, rng, roots, ledger, ring, flush }) };
        privacy.flush_endings().await?;
        Ok(privacy)
    }

    /// The database of the rows.
    pub fn rows(&self) -> &Store {
        &self.inner.rows
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.inner.rng
    }

    pub(crate) fn crash_point(&self, name: &'static str) -> Result<(), StoreError> {
        self.inner.keystore.crash_points().point(name)
    }

    /// Writes endings that the keystore has committed into the ledger, fsynced, and then forgets them there.
    pub(crate) async fn flush_endings(&self) -> Result<(), PrivacyError> {
        let _one = self.inner.flush.lock().await;
        let read = self.inner.keystore.read().await?;
        let rows = store::endings(&read).await?;
        drop(read);
        if rows.is_empty() {
            return Ok(());
        }
        let new: Vec<Ending> = rows
            .iter()
            .filter(|row| !self.inner.ring.has_ended(row.id))
            .map(|row| Ending { kind: row.kind, id: row.id, day: row.day })
            .collect();
        self.inner.ledger.append(&new)?;
        self.inner.ring.end(new.iter().map(|ending| ending.id));
        self.crash_point("privacy.ledger.after-fsync")?;
        let mut tx = self.inner.keystore.begin().await?;
        store::delete_endings(&mut tx, rows.into_iter().map(|row| row.id)).await?;
        tx.commit().await?;
        Ok(())
    }
}
