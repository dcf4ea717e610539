//! Fresh databases on both engines. PostgreSQL is the server that `cargo xtask test` starts and names in
//! `KLOUD_TEST_POSTGRES`; each test gets databases of its own, dropped at the end.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use kloud_store::{Database, Engine};
use sqlx::{Connection, Executor, PgConnection};

/// Two empty databases (rows and keys) and a folder, gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabases {
    pub engine: Engine,
    pub rows: Database,
    pub keys: Database,
    folder: tempfile::TempDir,
    drop_names: Vec<String>,
}

impl TestDatabases {
    /// A folder for blobs and whatever else the test writes.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Fresh databases of one engine.
///
/// # Panics
/// When PostgreSQL is asked for and `KLOUD_TEST_POSTGRES` does not name a server: a test is never skipped.
pub async fn fresh(engine: Engine) -> TestDatabases {
    let folder = tempfile::tempdir().expect("a temporary folder");
    match engine {
        Engine::Sqlite => {
            let (rows, keys): (PathBuf, PathBuf) = (folder.path().join("kloud.db"), folder.path().join("keys.db"));
            let (rows, keys) = (Database::Sqlite(rows), Database::Sqlite(keys));
            TestDatabases { engine, rows, keys, folder, drop_names: Vec::new() }
        }
        Engine::Postgres => {
            let (rows, rows_name) = create_postgres().await;
            let (keys, keys_name) = create_postgres().await;
            TestDatabases { engine, rows, keys, folder, drop_names: vec![rows_name, keys_name] }
        }
    }
}

/// The server's URL without a database name.
#[expect(clippy::disallowed_methods, reason = "the test command names its server in the environment")]
fn server() -> String {
    std::env::var("KLOUD_TEST_POSTGRES")
        .expect("KLOUD_TEST_POSTGRES names the PostgreSQL server; `cargo xtask test` starts one and sets it")
}

async fn create_postgres() -> (Database, String) {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = format!("t_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let url = server();
    let mut admin = PgConnection::connect(&format!("{url}/postgres")).await.expect("the PostgreSQL server answers");
    let sql = format!("CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0");
    admin.execute(sqlx::AssertSqlSafe(sql)).await.expect("a fresh database");
    (Database::Postgres(format!("{url}/{name}")), name)
}

impl Drop for TestDatabases {
    fn drop(&mut self) {
        if self.drop_names.is_empty() {
            return;
        }
        let names = std::mem::take(&mut self.drop_names);
        // The test's own runtime is ending; a thread of its own finishes the cleaning.
        let cleaner = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                if let Ok(mut admin) = PgConnection::connect(&format!("{}/postgres", server())).await {
                    for name in names {
                        let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                        let _ = admin.execute(sqlx::AssertSqlSafe(sql)).await;
                    }
                }
            });
        });
        let _ = cleaner.join();
    }
}
