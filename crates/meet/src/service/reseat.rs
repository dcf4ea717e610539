//! Rights on their way to the gate: what a seat has no right to any more is shut, and comes back only by a press.

use kloud_store::Tx;

use super::Meet;
use crate::error::MeetError;
use crate::model::{Permits, SeatStatus};
use crate::store::{self, meeting, seat};

impl Meet {
    /// Saves seats whose role or rights changed, ends the transaction and tells the media server. A device that was on
    /// without a right goes off; giving the right back switches nothing on.
    pub(crate) async fn reseat(
        &self,
        mut tx: Tx,
        meeting: &meeting::Model,
        seats: Vec<seat::Model>,
    ) -> Result<(), MeetError> {
        let mut changed = Vec::with_capacity(seats.len());
        for mut seat in seats {
            let permits = Permits { data: true, ..Permits::from_bits(seat.permits).within(seat.rights_in(meeting)) };
            seat.permits = permits.bits();
            seat.epoch += 1;
            store::save_seat(&mut tx, seat.clone()).await?;
            self.tell_seat(&mut tx, meeting, &seat).await?;
            changed.push(seat);
        }
        tx.commit().await?;
        for seat in changed.iter().filter(|seat| seat.status == SeatStatus::Admitted) {
            self.send_permits(meeting, seat).await?;
        }
        Ok(())
    }
}
