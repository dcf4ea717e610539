//! The process side of the agreement: its text, what is held of a person, permissions, answers, copies, the end.
//!
//! Invariants: reading the agreement needs no account, cookie or script. Whatever a person may do with their data they
//! do themselves, at once. No slice knows this one.

mod holder;
mod http;
pub mod page;
mod service;
pub mod text;

pub use holder::AgreementHolder;
pub use http::{ledger_routes, routes};
pub use service::{Agreement, AgreementParts, Gates};
