//! Hands: up by one's own, down by one's own or a host.

use kloud_http::Caller;

use super::{Meet, SeatView};
use crate::error::MeetError;
use crate::model::{Code, SeatStatus};
use crate::store::{self, meeting, seat};

impl Meet {
    /// Raises or lowers one's own hand. A raised one keeps its place.
    pub async fn set_hand(&self, caller: &Caller, code: &Code, raised: bool) -> Result<SeatView, MeetError> {
        let (sitter, meeting, row) = self.inside(caller, code).await?;
        let row = self.move_hand(&meeting, &row, raised).await?;
        self.seat_view(sitter, meeting, row).await
    }

    pub(crate) async fn move_hand(
        &self,
        meeting: &meeting::Model,
        row: &seat::Model,
        raised: bool,
    ) -> Result<seat::Model, MeetError> {
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        if row.hand_at.is_some() == raised {
            return Ok(row);
        }
        row.hand_at = raised.then(|| self.now());
        store::save_seat(&mut tx, row.clone()).await?;
        self.tell_seat(&mut tx, meeting, &row).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Lowers every hand.
    pub(crate) async fn lower_hands(&self, meeting: &meeting::Model) -> Result<(), MeetError> {
        for row in store::seats(&self.store().read().await?, meeting.id, &[SeatStatus::Admitted]).await? {
            if row.hand_at.is_some() {
                self.move_hand(meeting, &row, false).await?;
            }
        }
        Ok(())
    }
}
