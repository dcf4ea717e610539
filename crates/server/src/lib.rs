//! Kloud server.
