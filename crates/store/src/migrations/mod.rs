//! Frozen schema changes. Never edited after a release.

pub mod m0001_store;
