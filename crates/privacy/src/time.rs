//! Months, for monthly keys.

use kloud_base::Timestamp;

/// The month of a time since year 0, UTC: 12 a year. The proleptic Gregorian calendar by Howard Hinnant's
/// `civil_from_days`.
pub(crate) fn month(at: Timestamp) -> i64 {
    let days = at.day() + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let (month, carry) = if shifted < 10 { (shifted + 2, 0) } else { (shifted - 10, 1) };
    (year_of_era + era * 400 + carry) * 12 + month
}

#[cfg(test)]
mod tests {
    use kloud_base::DAY;

    use super::*;

    #[test]
    fn months_follow_the_calendar() {
        let check = |day: i64, year: i64, of_year: i64| {
            assert_eq!(month(Timestamp::from_millis(day * DAY)), year * 12 + of_year - 1, "day {day}");
        };
        check(0, 1970, 1);
        check(30, 1970, 1);
        check(31, 1970, 2);
        check(58, 1970, 2);
        check(59, 1970, 3);
        check(364, 1970, 12);
        check(365, 1971, 1);
        check(-1, 1969, 12);
        check(11_016, 2000, 2);
        check(11_017, 2000, 3);
        check(20_781, 2026, 11);
    }
}
