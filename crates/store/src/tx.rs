//! What a caller holds while it reads or changes rows.

use std::ops::Deref;
use std::sync::Arc;

use sea_orm::DatabaseTransaction;
use tokio::sync::{Notify, broadcast};

use crate::{CrashPoints, Engine, StoreError, StreamId};

/// A snapshot: every query through it sees one moment. Queries take `&Read`.
#[derive(Debug)]
pub struct Read {
    db: DatabaseTransaction,
    engine: Engine,
}

impl Read {
    pub(crate) fn new(db: DatabaseTransaction, engine: Engine) -> Self {
        Self { db, engine }
    }

    /// The connection for the ORM; only `store.rs` and the ground call this.
    pub fn db(&self) -> &DatabaseTransaction {
        &self.db
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }
}

/// One change: rows, jobs and events that commit together or not at all. Dropping it rolls back. Commands take
/// `&mut Tx`; whatever takes `&Read` takes it too.
#[derive(Debug)]
pub struct Tx {
    read: Read,
    wakes: broadcast::Sender<StreamId>,
    jobs: Arc<Notify>,
    crash_points: Arc<CrashPoints>,
    touched: Vec<StreamId>,
    enqueued: bool,
}

impl Tx {
    pub(crate) fn new(
        read: Read,
        wakes: broadcast::Sender<StreamId>,
        jobs: Arc<Notify>,
        crash_points: Arc<CrashPoints>,
    ) -> Self {
        Self { read, wakes, jobs, crash_points, touched: Vec::new(), enqueued: false }
    }

    pub(crate) fn touch(&mut self, stream: StreamId) {
        if !self.touched.contains(&stream) {
            self.touched.push(stream);
        }
    }

    pub(crate) fn note_job(&mut self) {
        self.enqueued = true;
    }

    /// Returns after the fsync; then listeners of the touched streams and the job runner wake.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.crash_points.point("store.before-commit")?;
        self.read.db.commit().await?;
        self.crash_points.point("store.after-commit")?;
        for stream in self.touched {
            // No listener is no error: the rows are the truth, a wake only saves waiting.
            let _ = self.wakes.send(stream);
        }
        if self.enqueued {
            self.jobs.notify_one();
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.read
    }
}
