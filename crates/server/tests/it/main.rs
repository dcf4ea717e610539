//! The whole program, in process and as a process, on both engines.

#![allow(clippy::unwrap_used)]

mod access;
mod account;
mod crashes;
mod inventory;
mod meeting;
mod support;
