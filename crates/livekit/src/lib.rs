//! Kloud livekit.
