//! Looks at a database from beside whoever serves it.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::engine::sqlx_error;
use crate::{Database, StoreError};

/// For a connection and its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Every applied migration has a row here, on both engines.
const MIGRATIONS: &str = "select count(*) from seaql_migrations";

/// How many migrations a database holds. Nothing is changed, and nothing is made that is not there; a server may use it
/// meanwhile.
///
/// # Errors
/// When it cannot be reached, or is no database of Kloud's.
pub async fn probe(database: &Database) -> Result<i64, StoreError> {
    let count = async {
        match database {
            Database::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let mut connection = options.connect().await?;
                let count = sqlx::query_scalar(MIGRATIONS).fetch_one(&mut connection).await?;
                connection.close().await?;
                Ok(count)
            }
            Database::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                let mut connection = options.disable_statement_logging().connect().await?;
                let count = sqlx::query_scalar(MIGRATIONS).fetch_one(&mut connection).await?;
                connection.close().await?;
                Ok(count)
            }
        }
    };
    tokio::time::timeout(PATIENCE, count).await.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map_err(sqlx_error)
}
