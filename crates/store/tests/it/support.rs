use kloud_store::{Migrations, Store, StoreOptions};
use kloud_testkit::TestDatabases;

pub async fn open(db: &TestDatabases) -> Store {
    Store::open(StoreOptions::new(db.rows.clone()), Migrations::default().with(kloud_store::migrations)).await.unwrap()
}
