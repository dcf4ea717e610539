//! What a meeting keeps, and when a change of it must be asked about again. Pure.

use kloud_base::text_enum;

text_enum! {
    /// Whether who was there is kept after the meeting.
    pub enum Attendance {
        Kept = "kept",
        NotKept = "not_kept",
    }
}

/// For how many days a chat may be kept.
pub const CHAT_DAYS: &[i64] = &[1, 7, 30, 90];

/// What is kept of a meeting after its end. The card at the door shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Counts the changes that must be asked about.
    pub version: i64,
    pub chat_kept_days: i64,
    pub attendance: Attendance,
}

impl Policy {
    /// With what a host changes; absent stays. `written` says whether somebody wrote under the present promise.
    ///
    /// # Errors
    /// `out_of_range` for days that are not offered, `only_shorter` for a longer time after somebody wrote.
    pub fn change(
        self,
        chat_kept_days: Option<i64>,
        attendance: Option<Attendance>,
        written: bool,
    ) -> Result<Self, &'static str> {
        let days = chat_kept_days.unwrap_or(self.chat_kept_days);
        let attendance = attendance.unwrap_or(self.attendance);
        if !CHAT_DAYS.contains(&days) {
            return Err("out_of_range");
        }
        if days > self.chat_kept_days && written {
            return Err("only_shorter");
        }
        let keeps_more =
            days > self.chat_kept_days || (attendance, self.attendance) == (Attendance::Kept, Attendance::NotKept);
        let version = self.version + i64::from(keeps_more);
        Ok(Self { version, chat_kept_days: days, attendance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Policy = Policy { version: 3, chat_kept_days: 30, attendance: Attendance::NotKept };

    #[test]
    fn keeping_more_is_asked_about_and_keeping_less_is_not() {
        assert_eq!(NOW.change(None, None, true), Ok(NOW));
        assert_eq!(NOW.change(Some(7), None, true).map(|next| next.version), Ok(3));
        assert_eq!(NOW.change(Some(90), None, false).map(|next| next.version), Ok(4));
        let kept = NOW.change(None, Some(Attendance::Kept), true).unwrap();
        assert_eq!(kept, Policy { version: 4, attendance: Attendance::Kept, ..NOW });
        assert_eq!(kept.change(None, Some(Attendance::NotKept), true).map(|next| next.version), Ok(4));
    }

    #[test]
    fn what_was_written_is_never_kept_longer_than_was_said() {
        assert_eq!(NOW.change(Some(90), None, true), Err("only_shorter"));
        assert_eq!(NOW.change(Some(31), None, false), Err("out_of_range"));
    }
}
