//! One process for each data set: a lock on the data folder, and one on the database where that is a server's.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use fs4::fs_std::FileExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, Row as _};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::engine::sqlx_error;
use crate::{Database, StoreError};

/// Held as long as the process serves this folder; the operating system lets go of it when the process dies.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the lock of a folder.
    ///
    /// # Errors
    /// [`StoreError::InUse`] names the process that holds it.
    pub fn take(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("lock");
        let io = |source| StoreError::Io { path: path.display().to_string(), source };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        if !FileExt::try_lock_exclusive(&file).map_err(io)? {
            let mut holder = String::new();
            file.read_to_string(&mut holder).map_err(io)?;
            return Err(StoreError::InUse { holder: format!("process {}", holder.trim()) });
        }
        file.set_len(0).map_err(io)?;
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        writeln!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}

/// The number of the advisory lock: "kloud" in ASCII.
const KLOUD: i64 = 0x6b_6c6f_7564;
/// A server notices within this time that a process which held the lock was killed.
const LET_GO: Duration = Duration::from_secs(3);
/// How often the connection that holds the lock is tried.
const TRY_EVERY: Duration = Duration::from_secs(10);

/// Held as long as the process serves this PostgreSQL database: two data folders cannot name the same one. The server
/// lets go of it when the connection ends; then it is taken again.
#[derive(Debug)]
pub struct DatabaseLock {
    lost: watch::Receiver<bool>,
    keeper: JoinHandle<()>,
}

impl DatabaseLock {
    /// Takes the lock. On SQLite there is nothing to take: the file is in the data folder, which has its own.
    ///
    /// # Errors
    /// [`StoreError::InUse`] names the connection that holds it; [`StoreError::Database`] if there is no connection.
    pub async fn take(database: &Database) -> Result<Option<Self>, StoreError> {
        let Database::Postgres(url) = database else { return Ok(None) };
        let options: PgConnectOptions = url.parse().map_err(sqlx_error)?;
        let options = options.application_name(&format!("kloud, process {}", std::process::id()));
        let mut connection = hold(&options).await?;
        let (tell, lost) = watch::channel(false);
        let keeper = tokio::spawn(async move {
            loop {
                tokio::time::sleep(TRY_EVERY).await;
                if connection.ping().await.is_ok() {
                    continue;
                }
                match hold(&options).await {
                    Ok(again) => connection = again,
                    Err(StoreError::InUse { holder }) => {
                        tracing::error!(%holder, "another process has taken this database");
                        let _ = tell.send(true);
                        return;
                    }
                    // The server is away: nobody can take the lock from it, and it is tried again.
                    Err(error) => tracing::warn!(%error, "the connection that holds the database's lock was lost"),
                }
            }
        });
        Ok(Some(Self { lost, keeper }))
    }

    /// Waits until another process has the lock, which may happen after the server was away. Then this one must stop.
    pub async fn lost(&self) {
        let _ = self.lost.clone().wait_for(|lost| *lost).await;
    }
}

impl Drop for DatabaseLock {
    fn drop(&mut self) {
        self.keeper.abort();
    }
}

async fn hold(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let mut connection = options.connect().await.map_err(sqlx_error)?;
    let end = tokio::time::Instant::now() + LET_GO;
    loop {
        let taken = sqlx::query_scalar("select pg_try_advisory_lock($1)").bind(KLOUD).fetch_one(&mut connection).await;
        if taken.map_err(sqlx_error)? {
            return Ok(connection);
        }
        if tokio::time::Instant::now() > end {
            return Err(StoreError::InUse { holder: holder(&mut connection).await.map_err(sqlx_error)? });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn holder(connection: &mut PgConnection) -> Result<String, sqlx::Error> {
    let found = sqlx::query(
        "select activity.application_name, coalesce(host(activity.client_addr), 'this machine')
         from pg_locks locks join pg_stat_activity activity on activity.pid = locks.pid
         where locks.locktype = 'advisory' and locks.granted and locks.objid::bigint = ($1 & 4294967295)
           and locks.database = (select oid from pg_database where datname = current_database())",
    );
    let found = found.bind(KLOUD).fetch_optional(connection).await?;
    Ok(match found {
        Some(row) => format!("{} on {}", row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?),
        None => "a process that has just stopped".to_owned(),
    })
}
