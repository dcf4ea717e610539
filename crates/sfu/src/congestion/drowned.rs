//! A line that is given many times what it carries: nearly everything is lost, with a packet now and then that comes
//! through. To the delays that is too little to go by, and to the losses it looks like one outage after another. But an
//! outage ends once, and here packets come through again and again.

use super::Micros;

/// So much of what left within this time at least must be known, in packets and microseconds.
const PACKETS: u32 = 10;
const LASTS: Micros = 500_000;
/// The share that is lost at least.
const SHARE: f64 = 0.7;
/// How often packets came through after others had been lost.
const RETURNS: u32 = 2;

#[derive(Default)]
pub(super) struct Drowned {
    begins: Option<Micros>,
    packets: u32,
    lost: u32,
    bytes: u64,
    returns: u32,
    last_lost: bool,
}

impl Drowned {
    #[inline]
    pub fn arrived(&mut self, at: Micros, bytes: u32) {
        self.begins.get_or_insert(at);
        self.packets += 1;
        self.bytes += u64::from(bytes);
        self.returns += u32::from(std::mem::take(&mut self.last_lost));
    }

    #[inline]
    pub fn lost(&mut self, at: Micros) {
        self.begins.get_or_insert(at);
        self.packets += 1;
        self.lost += 1;
        self.last_lost = true;
    }

    /// After feedback whose newest packet left at this time: what came through, in bits per second, if the rest drowned.
    pub fn update(&mut self, newest: Micros) -> Option<f64> {
        let lasted = newest.saturating_sub(self.begins?);
        if lasted < LASTS || self.packets < PACKETS {
            return None;
        }
        let drowns = f64::from(self.lost) >= SHARE * f64::from(self.packets);
        // Where little comes through, it takes longer until that shows.
        if drowns && self.returns < RETURNS && lasted < 4 * LASTS {
            return None;
        }
        let (bytes, returns) = (self.bytes, self.returns);
        *self = Self { last_lost: self.last_lost, ..Self::default() };
        (drowns && returns >= RETURNS).then(|| bytes as f64 * 8e6 / lasted as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet each 10 ms, with feedback on each; what comes through by its number.
    fn said(packets: u64, came: impl Fn(u64) -> bool) -> Vec<f64> {
        let mut drowned = Drowned::default();
        let mut all = Vec::new();
        for packet in 0..packets {
            let at = packet * 10_000;
            if came(packet) {
                drowned.arrived(at, 1_000)
            } else {
                drowned.lost(at)
            }
            all.extend(drowned.update(at));
        }
        all
    }

    #[test]
    fn what_comes_through_now_and_then_is_what_the_line_carries() {
        let said = said(200, |packet| packet % 20 == 19);
        assert!(said.len() >= 3, "{said:?}");
        assert!(said.iter().all(|rate| (20_000.0..60_000.0).contains(rate)), "a twentieth of 800 kbit/s: {said:?}");
    }

    #[test]
    fn an_outage_and_a_line_that_merely_loses_are_none() {
        assert!(said(300, |packet| !(50..250).contains(&packet)).is_empty());
        assert!(said(300, |packet| packet % 2 == 0).is_empty());
        assert!(said(300, |_| false).is_empty());
        assert!(said(300, |_| true).is_empty());
    }
}
