//! Kloud chat.
