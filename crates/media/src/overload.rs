//! Whether the server carries as much as it may. Whoever is new is then refused, before those inside suffer; they and
//! whoever comes back to a place are not.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::meters::Meters;
use crate::mono;

/// Readings in one window.
const READINGS: u32 = 5;
/// When whoever was refused may try again.
pub const RETRY_AFTER_SECONDS: u32 = 10;

/// Why nobody new comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overload {
    /// As many people are inside as there may be.
    People,
    /// A media thread has worked nearly all of the time lately.
    Busy,
}

/// What is known of the load, and its bounds.
#[derive(Debug)]
pub struct Load {
    limits: Limits,
    meters: Arc<Meters>,
    /// Thousandths of the last window that the busiest thread has worked.
    busiest: AtomicU32,
}

/// What the threads had worked at one time.
type Reading = (Instant, Vec<Duration>);

impl Load {
    pub fn new(limits: Limits, meters: Arc<Meters>) -> Self {
        Self { limits, meters, busiest: AtomicU32::new(0) }
    }

    /// Whether somebody new must be refused now, and why.
    pub fn refuses(&self) -> Option<Overload> {
        let Limits { participants, busy, .. } = self.limits;
        if participants != 0 && self.meters.inside() >= participants {
            return Some(Overload::People);
        }
        (busy < 1.0 && self.busiest() >= busy).then_some(Overload::Busy)
    }

    /// The share of the last window that the busiest media thread has worked, 0..=1.
    pub fn busiest(&self) -> f64 {
        f64::from(self.busiest.load(Ordering::Relaxed)) / 1_000.0
    }

    /// Reads what the threads have worked, again and again.
    pub async fn watch(self: Arc<Self>) {
        let mut beat = tokio::time::interval(self.limits.window / READINGS);
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut readings: VecDeque<Reading> = VecDeque::new();
        loop {
            beat.tick().await;
            let threads = self.meters.threads.iter().chain([&self.meters.receiver]);
            readings.push_back((mono::now(), threads.map(|thread| thread.busy_for()).collect()));
            if readings.len() > READINGS as usize {
                self.busiest.store((1_000.0 * share(&readings)) as u32, Ordering::Relaxed);
                readings.pop_front();
            }
        }
    }
}

/// The share of the time between the first and the last reading that the busiest thread has worked.
fn share(readings: &VecDeque<Reading>) -> f64 {
    let (Some((from, before)), Some((to, after))) = (readings.front(), readings.back()) else { return 0.0 };
    let worked = before.iter().zip(after).map(|(before, after)| after.saturating_sub(*before)).max();
    let passed = to.saturating_duration_since(*from).as_secs_f64();
    if passed > 0.0 { (worked.unwrap_or_default().as_secs_f64() / passed).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn milliseconds(each: [u64; 2]) -> Vec<Duration> {
        each.map(Duration::from_millis).into()
    }

    #[test]
    fn the_busiest_thread_of_the_window_counts() {
        let began = mono::now();
        let after = |passed| began + Duration::from_millis(passed);
        let readings = VecDeque::from([
            (began, milliseconds([10_000, 0])),
            (after(500), milliseconds([10_200, 400])),
            (after(1_000), milliseconds([10_300, 900])),
        ]);
        assert!((share(&readings) - 0.9).abs() < 1e-9);
        assert!(share(&VecDeque::new()).abs() < 1e-9);
    }

    #[test]
    fn people_are_counted_for_as_long_as_they_hold_their_place() {
        let meters = Arc::new(Meters::new(1));
        let limits = Limits { participants: 2, busy: 1.0, window: Duration::from_secs(1) };
        let load = Load::new(limits, meters.clone());
        let (_one, two) = (meters.take_place(), meters.take_place());
        assert_eq!(load.refuses(), Some(Overload::People));
        drop(two);
        assert_eq!(load.refuses(), None);
    }
}
