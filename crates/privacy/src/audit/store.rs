//! Schema and raw columns of any table, on both engines.

use kloud_store::{Engine, Read, StoreError};
use sea_orm::sea_query::{Alias, Query};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

fn backend(engine: Engine) -> DbBackend {
    match engine {
        Engine::Sqlite => DbBackend::Sqlite,
        Engine::Postgres => DbBackend::Postgres,
    }
}

/// Every table and column, sorted; the migrations' own table is left out.
pub(super) async fn columns(read: &Read) -> Result<Vec<(String, String)>, StoreError> {
    let sql = match read.engine() {
        Engine::Sqlite => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1, 2"
        }
        Engine::Postgres => {
            "SELECT table_name::text AS t, column_name::text AS c FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY 1, 2"
        }
    };
    let statement = Statement::from_string(backend(read.engine()), sql.to_owned());
    let rows = read.db().query_all_raw(statement).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let table: String = row.try_get("", "t")?;
        if table != "seaql_migrations" {
            found.push((table, row.try_get("", "c")?));
        }
    }
    Ok(found)
}

/// All values of one column that are not null.
pub(super) async fn blobs(read: &Read, table: &str, column: &str) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut select = Query::select();
    select.column(Alias::new(column)).from(Alias::new(table));
    let rows = read.db().query_all(&select).await?;
    let mut values = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(value) = row.try_get_by_index::<Option<Vec<u8>>>(0)? {
            values.push(value);
        }
    }
    Ok(values)
}
