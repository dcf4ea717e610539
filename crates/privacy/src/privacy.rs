//! The handle that everything goes through.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use kloud_base::{Clock, HOUR, Rng, Timestamp};
use kloud_store::jobs::JobRegistry;
use kloud_store::{Store, StoreError};
use tokio::sync::broadcast;

use crate::consent::SignHead;
use crate::erase::AdvanceErasure;
use crate::error::PrivacyError;
use crate::holder::{Holder, TellRecipient};
use crate::housekeeping::PurgeExpired;
use crate::keys::instance::Instance;
use crate::keys::ledger::{self, Ending, Ledger};
use crate::keys::ring::Ring;
use crate::keys::roots::Roots;
use crate::keys::store;
use crate::reconcile::ReconcileKeys;
use crate::revoked::Revoked;
use crate::rotate::{EPOCH, RotateRoot};

/// How many endings a slow listener may fall behind before it must look at the rows.
const REVOKED_BACKLOG: usize = 1024;

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
    pub(crate) instance: Instance,
    revoked: broadcast::Sender<Revoked>,
    holders: RwLock<Vec<Arc<dyn Holder>>>,
    teller: RwLock<Option<Arc<dyn TellRecipient>>>,
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
        let instance = Instance::open(&keystore, &roots, &*rng).await?;
        let inner = Inner {
            keystore,
            rows,
            clock,
            rng,
            roots,
            ledger,
            ring,
            instance,
            revoked: broadcast::channel(REVOKED_BACKLOG).0,
            holders: RwLock::default(),
            teller: RwLock::default(),
            flush: tokio::sync::Mutex::default(),
        };
        let privacy = Self { inner: Arc::new(inner) };
        privacy.flush_endings().await?;
        Ok(privacy)
    }

    /// The database of the rows.
    pub fn rows(&self) -> &Store {
        &self.inner.rows
    }

    /// Registers a slice's holder. Done once at start, before any job runs.
    pub fn register_holder(&self, holder: Arc<dyn Holder>) {
        self.inner.holders.write().expect("no holder of this lock panics").push(holder);
    }

    /// Registers who tells recipients of an erasure.
    pub fn register_teller(&self, teller: Arc<dyn TellRecipient>) {
        *self.inner.teller.write().expect("no holder of this lock panics") = Some(teller);
    }

    pub(crate) fn holders(&self) -> Vec<Arc<dyn Holder>> {
        self.inner.holders.read().expect("no holder of this lock panics").clone()
    }

    pub(crate) fn teller(&self) -> Option<Arc<dyn TellRecipient>> {
        self.inner.teller.read().expect("no holder of this lock panics").clone()
    }

    /// What ends, as it ends. A listener that lags looks at the rows.
    pub fn revoked(&self) -> broadcast::Receiver<Revoked> {
        self.inner.revoked.subscribe()
    }

    /// Says that something ended, after its row was committed.
    pub fn revoke(&self, what: Revoked) {
        // Nobody listening is no error: the rows are the truth.
        let _ = self.inner.revoked.send(what);
    }

    /// The jobs of this crate.
    pub fn jobs(&self) -> JobRegistry {
        JobRegistry::default()
            .on::<AdvanceErasure>(self.clone())
            .on::<RotateRoot>(self.clone())
            .on::<SignHead>(self.clone())
            .on::<ReconcileKeys>(self.clone())
            .on::<PurgeExpired>(self.clone())
            .every(EPOCH, &RotateRoot {})
            .every(24 * HOUR, &SignHead {})
            .every(HOUR, &ReconcileKeys {})
            .every(HOUR, &PurgeExpired {})
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
