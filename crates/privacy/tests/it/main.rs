//! The engine through its edge, with a small slice of its own, on both database engines.

#![allow(clippy::unwrap_used)]

mod audits;
mod compile_fail;
mod consents;
mod demo;
mod drill;
mod erasure;
mod granting;
mod identifiers;
mod inventory;
mod lists;
mod openings;
mod performance;
mod permissions;
mod reconciling;
mod rotation;
mod sealing;
mod support;
