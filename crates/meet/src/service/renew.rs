//! What a media server that outlives this process is told again, and how it learns what became of a room it still has.

use super::Meet;
use crate::error::MeetError;
use crate::model::SeatStatus;
use crate::ports::SittingId;
use crate::store;

impl Meet {
    /// Opens the rooms of all that goes on and says again what may be forwarded of everybody inside.
    pub async fn renew_media(&self) -> Result<(), MeetError> {
        for meeting in store::live_meetings(&self.store().read().await?).await? {
            let Some(sitting) = meeting.sitting else { continue };
            self.inner.media.open(sitting).await?;
            let seats = store::seats(&self.store().read().await?, meeting.id, &[SeatStatus::Admitted]).await?;
            for seat in seats {
                self.send_permits(&meeting, &seat).await?;
            }
        }
        Ok(())
    }

    /// Whether a sitting is over; `None` if there never was one here.
    pub async fn is_over(&self, sitting: SittingId) -> Result<Option<bool>, MeetError> {
        let read = self.store().read().await?;
        if store::meeting_of_sitting(&read, sitting).await?.is_some() {
            return Ok(Some(false));
        }
        Ok(store::find_sitting(&read, sitting).await?.map(|_| true))
    }
}
