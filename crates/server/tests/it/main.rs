//! The whole program, in process and as a process, on both engines.

#![allow(clippy::unwrap_used)]

mod abuse;
mod access;
mod account;
mod acme;
mod check;
mod cluster;
mod commands;
mod crashes;
mod devices;
mod events;
mod hosting;
mod inventory;
mod meeting;
mod operators;
mod ports;
mod support;
