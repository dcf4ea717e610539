//! Frozen schema changes. Never edited after a release. `k…` are those of the keystore, a database of its own.

pub mod k0001_keystore;
pub mod m0002_privacy;
