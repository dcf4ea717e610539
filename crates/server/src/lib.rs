//! Puts everything together: the whole program as [`app::App`], its configuration, its commands.
//!
//! Invariant: this is the only crate that knows all slices; each port of the ground and of the slices is joined here.
//! What it deliberately does not do: decide anything about the product.

pub mod app;
pub mod audit;
mod begun;
mod carrier;
mod cluster;
pub mod config;
pub mod doctor;
mod documents;
mod door;
mod gates;
mod housekeeping;
mod media_backend;
pub mod metrics;
mod openapi;
pub mod serve;
pub mod system;
pub mod tls;
pub mod tools;
mod traces;
mod watch;
