//! Kloud testkit.
