//! The spotlight: whom a host shows large to everybody.

use super::Meet;
use crate::error::MeetError;
use crate::model::{SPOTLIGHT_MAX, SeatStatus};
use crate::store::{self, meeting, seat};

impl Meet {
    /// Puts somebody who is inside into the spotlight, or takes them out. One too many lets go of the first.
    pub(crate) async fn set_spotlight(
        &self,
        meeting: &meeting::Model,
        row: &seat::Model,
        on: bool,
    ) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let mut inside = store::hold_seats(&mut tx, meeting.id, &[SeatStatus::Admitted]).await?;
        let at = inside.iter().position(|seat| seat.id == row.id).ok_or(MeetError::NotFound)?;
        let row = inside.swap_remove(at);
        if row.spotlit_at.is_some() == on {
            return Ok(());
        }
        let mut changed = vec![seat::Model { spotlit_at: on.then(|| self.now()), ..row }];
        if on {
            inside.retain(|seat| seat.spotlit_at.is_some());
            inside.sort_unstable_by_key(|seat| (seat.spotlit_at, seat.id));
            let too_many = (inside.len() + 1).saturating_sub(SPOTLIGHT_MAX);
            changed.extend(inside.into_iter().take(too_many).map(|seat| seat::Model { spotlit_at: None, ..seat }));
        }
        for seat in changed {
            self.tell_seat(&mut tx, meeting, &seat).await?;
            store::save_seat(&mut tx, seat).await?;
        }
        Ok(tx.commit().await?)
    }
}
