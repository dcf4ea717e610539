//! Kloud identity.
