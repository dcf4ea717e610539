//! Frozen schema changes. Never edited after a release.

mod m0004_spaces;

use sea_orm_migration::MigrationTrait;

/// This crate's part of the one list.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0004_spaces::Migration)]
}
