//! Kloud privacy.
