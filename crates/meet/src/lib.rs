//! Kloud meet.
