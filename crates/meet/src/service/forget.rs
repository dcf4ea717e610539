//! What goes by the clock: attendance that is not kept within the hour, the rest of it when the chat goes.

use std::collections::HashSet;

use kloud_base::HOUR;
use kloud_privacy::MemberId;
use kloud_store::Tx;

use super::Meet;
use crate::error::MeetError;
use crate::model::{Attendance, MeetingState, SeatStatus};
use crate::store::{self, meeting};

impl Meet {
    /// Forgets who was at meetings that are over, as far as their time has come.
    pub async fn forget(&self) -> Result<(), MeetError> {
        let now = self.now();
        let read = self.store().read().await?;
        let rested = store::rested_before(&read, now - HOUR).await?;
        let over = store::over_by(&read, now).await?;
        drop(read);
        for meeting in rested {
            self.forget_what_is_not_kept(meeting).await?;
        }
        for meeting in over {
            self.forget_all(meeting).await?;
        }
        Ok(())
    }

    /// Times of those who did not agree, and names of those who wrote nothing either.
    async fn forget_what_is_not_kept(&self, meeting: meeting::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let Some(meeting) = at_rest(&mut tx, &meeting).await? else { return Ok(()) };
        let (authors, _) = self.chat().authors(&tx, meeting.conversation_id).await?;
        let authors: HashSet<MemberId> = authors.into_iter().collect();
        let mut gone = Vec::new();
        for mut seat in store::hold_seats(&mut tx, meeting.id, SeatStatus::ALL).await? {
            if meeting.attendance == Attendance::NotKept || !seat.accepts(&meeting) {
                seat.forget(meeting.created_at, authors.contains(&seat.member_id));
                gone.push(seat.member_id);
                store::save_seat(&mut tx, seat).await?;
            }
        }
        store::delete_shares(&mut tx, &gone).await?;
        store::save_meeting(&mut tx, meeting::Model { forgotten: 1, ..meeting }).await?;
        Ok(tx.commit().await?)
    }

    async fn forget_all(&self, meeting: meeting::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let Some(meeting) = at_rest(&mut tx, &meeting).await? else { return Ok(()) };
        let mut all = Vec::new();
        for mut seat in store::hold_seats(&mut tx, meeting.id, SeatStatus::ALL).await? {
            seat.forget(meeting.created_at, false);
            all.push(seat.member_id);
            store::save_seat(&mut tx, seat).await?;
        }
        store::delete_shares(&mut tx, &all).await?;
        store::lift_bans_of(&mut tx, meeting.id).await?;
        store::save_meeting(&mut tx, meeting::Model { forgotten: 2, ..meeting }).await?;
        Ok(tx.commit().await?)
    }
}

/// The meeting as it stands now, unless somebody came in since it was found.
async fn at_rest(tx: &mut Tx, found: &meeting::Model) -> Result<Option<meeting::Model>, MeetError> {
    let now = store::hold_meeting(tx, found.id).await?;
    Ok(now.filter(|row| row.state != MeetingState::Live && row.ended_at == found.ended_at))
}
