//! When a meeting is meant to be. Pure.

use kloud_base::{DAY, MINUTE, Millis, Timestamp};

/// A time that people agreed on. The instant decides; the zone is for showing it as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub starts_at: Timestamp,
    pub minutes: i32,
    /// A name of the IANA time zone database, such as `Europe/Berlin`.
    pub zone: String,
}

/// Which part of a time is wrong, and how.
pub type ScheduleFault = (&'static str, &'static str);

/// The longest meeting.
const MINUTES_MAX: i32 = 24 * 60;
/// How far ahead one may plan, and how far back: a clock may be wrong.
const AHEAD_MAX: Millis = 2 * 366 * DAY;
const BACK_MAX: Millis = DAY;

impl Schedule {
    /// What somebody chose.
    ///
    /// # Errors
    /// The field and why.
    pub fn parse(starts_at: Timestamp, minutes: i32, zone: &str, now: Timestamp) -> Result<Self, ScheduleFault> {
        if !(1..=MINUTES_MAX).contains(&minutes) {
            return Err(("duration_minutes", "out_of_range"));
        }
        if starts_at - now > AHEAD_MAX || now - starts_at > BACK_MAX {
            return Err(("starts_at", "out_of_range"));
        }
        let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        if !(1..=64).contains(&zone.len()) || !zone.chars().all(letter) {
            return Err(("zone", "malformed"));
        }
        Ok(Self { starts_at, minutes, zone: zone.to_owned() })
    }

    pub fn ends_at(&self) -> Timestamp {
        self.starts_at + i64::from(self.minutes) * MINUTE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_bounded_and_zones_are_names() {
        let now = Timestamp::from_millis(1_800_000_000_000);
        let fine = Schedule::parse(now + DAY, 30, "America/Argentina/Buenos_Aires", now).unwrap();
        assert_eq!(fine.ends_at() - fine.starts_at, 30 * MINUTE);
        for (at, minutes, zone, fault) in [
            (now + DAY, 0, "UTC", ("duration_minutes", "out_of_range")),
            (now + DAY, 1441, "UTC", ("duration_minutes", "out_of_range")),
            (now + 800 * DAY, 30, "UTC", ("starts_at", "out_of_range")),
            (now - 2 * DAY, 30, "UTC", ("starts_at", "out_of_range")),
            (now + DAY, 30, "", ("zone", "malformed")),
            (now + DAY, 30, "UTC\r\nX:1", ("zone", "malformed")),
        ] {
            assert_eq!(Schedule::parse(at, minutes, zone, now), Err(fault), "{zone:?}");
        }
    }
}
