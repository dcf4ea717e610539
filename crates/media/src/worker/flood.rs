//! Whether a viewer's connection is given much more than it carries. The estimator of the stack needs up to five seconds
//! to find that out, and until then sound is lost with the rest.
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
/// A line that carries nothing at all is a line that is cut, which other watches find.
const MISSING_MAX: f32 = 0.9;
/// After so many windows in a row the estimator has found out itself.
const WINDOWS_MAX: u8 = 4;

/// What the windows have shown so far.
#[derive(Debug, Default)]
pub struct Flood {
    /// How many windows in a row have shown one.
    windows: u8,
    /// The round trip at the end of the window before, in milliseconds.
    rtt_ms: Option<f32>,
}

/// What a window says that others do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// More is sent than the line carries. This part of it does not arrive in time.
    Begins(f32),
    /// It has lasted so long that it is no news any more.
    Lasts,
    /// What is sent arrives again.
    Ends,
}

impl Flood {
    /// Takes the part of the packets that was lost, and the round trip of the last of them. Windows without packets
    /// show nothing.
    pub fn window(&mut self, loss: Option<f32>, rtt_ms: Option<f32>) -> Option<Change> {
        let before = std::mem::replace(&mut self.rtt_ms, rtt_ms);
        let loss = loss?;
        let grown = before.zip(rtt_ms).map_or(0.0, |(before, now)| now - before);
        let kept = if grown >= GROWTH_MS { grown / WINDOW.as_millis() as f32 } else { 0.0 };
        let missing = (loss + kept).min(MISSING_MAX);
        if missing < MUCH {
            return (std::mem::take(&mut self.windows) > 0).then_some(Change::Ends);
        }
        self.windows = self.windows.saturating_add(1);
        match self.windows {
            1 => Some(Change::Begins(missing)),
            WINDOWS_MAX => Some(Change::Lasts),
            _ => None,
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
        assert_eq!(flood.window(Some(0.3), None), Some(Change::Begins(0.3)));
        assert_eq!(flood.window(Some(0.4), None), None);
        assert_eq!(flood.window(None, None), None, "a window without packets shows nothing");
        assert_eq!(flood.window(Some(0.1), None), Some(Change::Ends));
        assert_eq!(flood.window(Some(0.0), None), None);
    }

    #[test]
    fn one_that_lasts_is_told_as_such_once() {
        let mut flood = Flood::default();
        let told: Vec<_> = (0..10).filter_map(|_| flood.window(Some(0.3), None)).collect();
        assert_eq!(told, [Change::Begins(0.3), Change::Lasts]);
        assert_eq!(flood.window(Some(0.0), None), Some(Change::Ends));
    }

    #[test]
    fn a_queue_that_grows_is_a_flood_before_anything_is_lost() {
        let mut flood = Flood::default();
        assert_eq!(flood.window(Some(0.0), Some(40.0)), None);
        assert_eq!(flood.window(Some(0.0), Some(240.0)), Some(Change::Begins(0.4)));
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

    #[test]
    fn something_always_arrives() {
        let mut flood = Flood::default();
        flood.window(Some(0.0), Some(0.0));
        assert_eq!(flood.window(Some(1.0), Some(5_000.0)), Some(Change::Begins(MISSING_MAX)));
    }
}
