//! Everything durable: rows on SQLite or PostgreSQL, jobs, event streams, blobs.
//!
//! Reading takes [`Store::read`], a snapshot; changing takes [`Store::begin`], one immediate transaction in which the
//! change, its jobs and its events commit together. Queries take `&Read`, commands `&mut Tx`.
//!
//! Invariants: [`Tx::commit`] returns after the fsync. There is no way to begin a deferred write. A crash between any
//! two steps loses nothing that was committed, and leaves nothing half done that a job does not finish.
//! What it deliberately does not do: know what any row means.

pub mod blobs;
pub mod crash;
mod engine;
pub mod events;
pub mod jobs;
mod lock;
mod migrate;
mod migrations;
mod probe;
mod tx;

pub use blobs::{BlobName, Blobs};
pub use crash::CrashPoints;
pub use engine::{Database, Engine, Store, StoreOptions};
pub use events::{Event, NewEvent, StreamId};
pub use lock::{DataLock, DatabaseLock};
pub use migrate::{Migrations, migrations};
pub use probe::probe;
pub use tx::{Read, Tx};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A blob could not be read or written.
    #[error("blob: {0}")]
    Blob(#[from] object_store::Error),
    /// A row holds what this version cannot read.
    #[error("row of {table} is damaged: {reason}")]
    Damaged { table: &'static str, reason: String },
    /// The data set is in use by another process.
    #[error(
        "this data is in use by {holder}; stop that process, or name another folder with --data and another database"
    )]
    InUse { holder: String },
    /// The file system said no.
    #[error("{path}: {source}")]
    Io { path: String, source: std::io::Error },
    /// A named crash point fired (tests only).
    #[error("stopped at crash point {0}")]
    Crashed(&'static str),
}

impl StoreError {
    /// Whether a unique index refused the row: the caller lost a race for a name.
    pub fn is_unique_violation(&self) -> bool {
        match self {
            Self::Database(error) => {
                matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_)))
            }
            Self::Blob(_) | Self::Damaged { .. } | Self::InUse { .. } | Self::Io { .. } | Self::Crashed(_) => false,
        }
    }
}
