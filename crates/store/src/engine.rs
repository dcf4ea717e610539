//! Opens the database: one writer and a few snapshot readers on SQLite, one pool on PostgreSQL.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    AccessMode, DatabaseConnection, IsolationLevel, SqliteTransactionMode, SqlxPostgresConnector, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::{Notify, broadcast};

use crate::{CrashPoints, Migrations, Read, StoreError, StreamId, Tx};

/// Where the rows live.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file; its folder must exist.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
}

/// Which SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How to open a [`Store`].
#[derive(Clone, Debug)]
pub struct StoreOptions {
    pub database: Database,
    /// Snapshot readers on SQLite, connections on PostgreSQL.
    pub connections: u32,
    /// Shared by the databases of one process, so that one drill can stop anywhere.
    pub crash_points: Arc<CrashPoints>,
}

impl StoreOptions {
    pub fn new(database: Database) -> Self {
        Self { database, connections: 8, crash_points: Arc::default() }
    }
}

/// One open database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    write: DatabaseConnection,
    read: DatabaseConnection,
    wakes: broadcast::Sender<StreamId>,
    jobs: Arc<Notify>,
    crash_points: Arc<CrashPoints>,
}

/// How many stream wakes a slow listener may fall behind before it must look at every stream it watches.
const WAKE_BACKLOG: usize = 1024;

impl Store {
    /// Opens the database and applies what is missing of `migrations`.
    ///
    /// # Errors
    /// When it cannot be reached, or holds migrations this program does not know (it was written by a newer one).
    pub async fn open(options: StoreOptions, migrations: Migrations) -> Result<Self, StoreError> {
        let (engine, write, read) = match &options.database {
            Database::Sqlite(path) => open_sqlite(path, options.connections).await?,
            Database::Postgres(url) => open_postgres(url, options.connections).await?,
        };
        migrations.apply(&write).await?;
        let (wakes, _) = broadcast::channel(WAKE_BACKLOG);
        let inner =
            Inner { engine, write, read, wakes, jobs: Arc::default(), crash_points: options.crash_points.clone() };
        Ok(Self { inner: Arc::new(inner) })
    }

    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// A snapshot for reading: all its queries see one moment. Drop it soon; on SQLite it holds the log back.
    pub async fn read(&self) -> Result<Read, StoreError> {
        let options = TransactionOptions {
            isolation_level: match self.inner.engine {
                Engine::Sqlite => None,
                Engine::Postgres => Some(IsolationLevel::RepeatableRead),
            },
            access_mode: match self.inner.engine {
                Engine::Sqlite => None,
                Engine::Postgres => Some(AccessMode::ReadOnly),
            },
            sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
        };
        let db = self.inner.read.begin_with_options(options).await?;
        Ok(Read::new(db, self.inner.engine))
    }

    /// A transaction for changing, immediate: on SQLite it holds the one writer until it ends.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let options = TransactionOptions {
            isolation_level: None,
            access_mode: None,
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        let db = self.inner.write.begin_with_options(options).await?;
        let crash_points = self.inner.crash_points.clone();
        Ok(Tx::new(Read::new(db, self.inner.engine), self.inner.wakes.clone(), self.inner.jobs.clone(), crash_points))
    }

    /// Which streams got something new, after each commit. A listener that lags must look at all it watches.
    pub fn wakes(&self) -> broadcast::Receiver<StreamId> {
        self.inner.wakes.subscribe()
    }

    pub(crate) fn job_wake(&self) -> Arc<Notify> {
        self.inner.jobs.clone()
    }

    pub fn crash_points(&self) -> &CrashPoints {
        &self.inner.crash_points
    }

    /// Makes what was deleted gone from the files, not only from the tables: on SQLite the log is folded into the
    /// database and cut to nothing. `Ok(false)` when a reader still holds the log; the caller tries again, because
    /// until then deleted bytes are in the file. On PostgreSQL there is nothing to do here (see the privacy crate).
    pub async fn checkpoint(&self) -> Result<bool, StoreError> {
        match self.inner.engine {
            Engine::Postgres => Ok(true),
            Engine::Sqlite => {
                let pool = self.inner.write.get_sqlite_connection_pool();
                let mut writer = pool.acquire().await.map_err(sqlx_error)?;
                // Whoever writes meanwhile waits for this, so it waits for readers only briefly.
                let busy = checkpoint(&mut writer).await;
                let patient = sqlx::query(BUSY_LONG).execute(&mut *writer).await;
                patient.map_err(sqlx_error)?;
                Ok(busy.map_err(sqlx_error)? == 0)
            }
        }
    }

    /// Ends all connections; on SQLite the log is folded in by the last one.
    pub async fn close(self) {
        let _ = self.inner.read.clone().close().await;
        let _ = self.inner.write.clone().close().await;
    }
}

/// How long a connection waits for a lock that another holds, in milliseconds, and how long a checkpoint does.
const BUSY_LONG: &str = "PRAGMA busy_timeout = 10000";
const BUSY_SHORT: &str = "PRAGMA busy_timeout = 250";

/// Answers 1 if somebody is in the way.
async fn checkpoint(writer: &mut SqliteConnection) -> Result<i32, sqlx::Error> {
    sqlx::query(BUSY_SHORT).execute(&mut *writer).await?;
    sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(writer).await
}

async fn open_sqlite(
    path: &Path,
    readers: u32,
) -> Result<(Engine, DatabaseConnection, DatabaseConnection), StoreError> {
    // Deleted text must not stay behind: freed pages are overwritten and nothing spills to temporary files.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .disable_statement_logging();
    let write = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(sqlx_error)?;
    let read = SqlitePoolOptions::new()
        .max_connections(readers.max(1))
        .connect_with(options.read_only(true))
        .await
        .map_err(sqlx_error)?;
    let (write, read) =
        (SqlxSqliteConnector::from_sqlx_sqlite_pool(write), SqlxSqliteConnector::from_sqlx_sqlite_pool(read));
    Ok((Engine::Sqlite, write, read))
}

async fn open_postgres(
    url: &str,
    connections: u32,
) -> Result<(Engine, DatabaseConnection, DatabaseConnection), StoreError> {
    let options: PgConnectOptions = url.parse().map_err(sqlx_error)?;
    let pool = PgPoolOptions::new()
        .max_connections(connections.max(2))
        .acquire_timeout(Duration::from_secs(10))
        .connect_with(options.disable_statement_logging())
        .await
        .map_err(sqlx_error)?;
    let write = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    let read = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
    Ok((Engine::Postgres, write, read))
}

pub(crate) fn sqlx_error(error: sqlx::Error) -> StoreError {
    StoreError::Database(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
}
