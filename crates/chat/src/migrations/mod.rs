//! Frozen schema changes. Never edited after a release.

mod m0005_chat;
mod m0007_chat_edits;

use sea_orm_migration::MigrationTrait;

/// This crate's part of the one list.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(m0005_chat::Migration), Box::new(m0007_chat_edits::Migration)]
}
