//! Whether a viewer's connection is given much more than it carries. Until the estimate says so and what
//! waits has left, sound is lost with the rest.
//!
//! A line that is too narrow first lets packets wait, each longer than the one before, and then drops them. Both show
//! what part of the packets does not arrive in time: what is lost, and what the queue took in.

use std::time::Duration;

/// How long a window is. A queue of a home router is full within half a second to one.
pub const WINDOW: Duration = Duration::from_millis(500);
/// The part of the packets whose loss no line shows that is merely bad.
pub const MUCH: f32 = 0.2;
/// A round trip that has become so much longer within one window, in milliseconds, is a queue. Radio alone makes less.
const GROWTH_MS: f32 = 150.0;

/// What the windows have shown so far.
#[derive(Debug, Default)]
pub struct Flood {
    is_on: bool,
    /// The round trip at the end of the window before, in milliseconds.
    rtt_ms: Option<f32>,
}

/// What a window says that others do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// More is sent than the line carries.
    Begins,
    /// What is sent arrives again.
    Ends,
}

impl Flood {
    /// Whether more is sent than the line carries, as far as the last window has shown.
    pub fn is_on(&self) -> bool {
        self.is_on
    }

    /// Takes the part of the packets that was lost, and the round trip of the last of them. Windows without packets
    /// show nothing.
    pub fn window(&mut self, loss: Option<f32>, rtt_ms: Option<f32>) -> Option<Change> {
        let before = std::mem::replace(&mut self.rtt_ms, rtt_ms);
        let loss = loss?;
        let grown = before.zip(rtt_ms).map_or(0.0, |(before, now)| now - before);
        let kept = if grown >= GROWTH_MS { grown / WINDOW.as_millis() as f32 } else { 0.0 };
        let is_on = loss + kept >= MUCH;
        match (std::mem::replace(&mut self.is_on, is_on), is_on) {
            (false, true) => Some(Change::Begins),
            (true, false) => Some(Change::Ends),
            (false, false) | (true, true) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_loss_begins_a_flood_once_and_its_end_is_told_once() {
        let mut flood = Flood::default();
        assert_eq!(flood.window(Some(0.05), None), None);
        assert_eq!(flood.window(Some(0.3), None), Some(Change::Begins));
        assert_eq!(flood.window(Some(0.4), None), None);
        assert_eq!(flood.window(None, None), None, "a window without packets shows nothing");
        assert_eq!(flood.window(Some(0.1), None), Some(Change::Ends));
        assert_eq!(flood.window(Some(0.0), None), None);
    }

    #[test]
    fn a_queue_that_grows_is_a_flood_before_anything_is_lost() {
        let mut flood = Flood::default();
        assert_eq!(flood.window(Some(0.0), Some(40.0)), None);
        assert_eq!(flood.window(Some(0.0), Some(240.0)), Some(Change::Begins));
        assert_eq!(flood.window(Some(0.0), Some(240.0)), Some(Change::Ends));
    }

    #[test]
    fn a_long_way_and_one_that_wavers_are_none() {
        let mut flood = Flood::default();
        for rtt in [300.0, 420.0, 310.0, 440.0] {
            assert_eq!(flood.window(Some(0.1), Some(rtt)), None);
        }
        assert_eq!(flood.window(None, Some(900.0)), None, "nothing was sent");
    }
}
