//! Frozen schema changes. Never edited after a release.

mod m0006_meet;
mod m0008_meet_roles;
mod m0009_meet_spotlight;

use sea_orm_migration::MigrationTrait;

/// This crate's part of the one list.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(m0006_meet::Migration),
        Box::new(m0008_meet_roles::Migration),
        Box::new(m0009_meet_spotlight::Migration),
    ]
}
