//! Keys: every one is random and wrapped, none is derived. Root → subject key → data keys.
//!
//! Wrapped keys live in a small database of their own, never beside the data; roots live in a file outside of that
//! database, so that destroying a root is destroying one small file's content.

pub(crate) mod instance;
pub(crate) mod ledger;
pub(crate) mod ring;
pub(crate) mod roots;
mod secret;
pub(crate) mod store;
mod wrapped;

pub(crate) use secret::Secret;
pub(crate) use wrapped::{Wrapped, WrappedKind};
