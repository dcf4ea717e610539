//! One linear list of migrations across all crates, applied at start.

use sea_orm::DatabaseConnection;
use sea_orm_migration::{MigrationTrait, MigratorTraitSelf};

use crate::StoreError;

/// Migrations in the order of their numbers. Names look like `m0001_store`; numbers are global and gapless.
#[derive(Clone, Default)]
pub struct Migrations {
    of: Vec<List>,
}

/// One crate's part of the list.
pub type List = fn() -> Vec<Box<dyn MigrationTrait>>;

impl Migrations {
    /// Adds a crate's list.
    #[must_use]
    pub fn with(mut self, list: List) -> Self {
        self.of.push(list);
        self
    }

    /// The names, in order.
    pub fn names(&self) -> Vec<String> {
        MigratorTraitSelf::migrations(self).iter().map(|migration| migration.name().to_owned()).collect()
    }

    pub(crate) async fn apply(&self, db: &DatabaseConnection) -> Result<(), StoreError> {
        Ok(MigratorTraitSelf::up(self, db, None).await?)
    }
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let mut all: Vec<_> = self.of.iter().flat_map(|list| list()).collect();
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all
    }
}

/// The store's own tables: jobs, schedules, streams, events.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(crate::migrations::m0001_store::Migration)]
}
