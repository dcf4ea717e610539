//! The store through its edge, on both engines.

#![allow(clippy::unwrap_used)]

mod crashes;
mod events;
mod jobs;
mod support;
mod transactions;
