//! Kloud store.
