//! Kloud media.
