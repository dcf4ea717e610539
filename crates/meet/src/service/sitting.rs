//! A sitting begins with the first person inside and rests when the last has left; ending is the host's.

use kloud_base::{DAY, Timestamp};
use kloud_http::{AccountActor, SessionId};
use kloud_privacy::permission::Lowered;
use kloud_privacy::{MemberId, Revoked, SubjectId};
use kloud_store::Read;
use tokio::sync::broadcast;

use super::Meet;
use crate::error::MeetError;
use crate::live::LiveSeat;
use crate::model::{Code, MeetingState, SeatStatus, ShareId};
use crate::ports::SittingId;
use crate::store::{self, meeting, share, sitting};

impl Meet {
    /// The meeting's sitting, begun if there is none. Media rooms are opened again after a restart.
    pub(crate) async fn begin_sitting(&self, row: meeting::Model) -> Result<sitting::Model, MeetError> {
        let now = self.now();
        let read = self.store().read().await?;
        if let Some(sitting) = goes_on(&read, &row, now).await? {
            self.inner.media.open(sitting.id).await?;
            return Ok(sitting);
        }
        drop(read);
        let mut tx = self.store().begin().await?;
        // Two may come in at once: whoever commits second finds the first one's sitting.
        let mut row = store::hold_meeting(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        if let Some(sitting) = goes_on(&tx, &row, now).await? {
            drop(tx);
            self.inner.media.open(sitting.id).await?;
            return Ok(sitting);
        }
        let id = SittingId::random(self.rng());
        let sitting = sitting::Model { id, meeting_id: row.id, started_at: now, ended_at: None };
        store::insert_sitting(&mut tx, sitting.clone()).await?;
        row.state = MeetingState::Live;
        row.sitting = Some(id);
        row.forgotten = 0;
        row.started_at = row.started_at.or(Some(now));
        row.ended_at = None;
        store::save_meeting(&mut tx, row.clone()).await?;
        self.chat().keep_until(&mut tx, row.conversation_id, None).await?;
        self.tell_meeting(&mut tx, &row, "meeting.changed").await?;
        tx.commit().await?;
        self.inner.media.open(sitting.id).await?;
        Ok(sitting)
    }

    /// When nobody is inside any more the sitting is over and the clocks of what is kept begin.
    pub(crate) async fn rest_if_empty(&self, meeting: meeting::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let Some(mut row) = store::hold_meeting(&mut tx, meeting.id).await? else { return Ok(()) };
        let inside = store::count_seats(&tx, meeting.id, SeatStatus::Admitted).await?;
        if inside > 0 || row.state != MeetingState::Live {
            return Ok(());
        }
        let sitting = row.sitting.take();
        let now = self.now();
        row.state = MeetingState::Idle;
        row.ended_at = Some(now);
        store::save_meeting(&mut tx, row.clone()).await?;
        if let Some(sitting) = sitting {
            store::end_sitting(&mut tx, sitting, now).await?;
        }
        self.chat().keep_until(&mut tx, row.conversation_id, Some(now + row.chat_kept_days * DAY)).await?;
        self.tell_meeting(&mut tx, &row, "meeting.changed").await?;
        tx.commit().await?;
        if let Some(sitting) = sitting {
            self.inner.live.leave_all(sitting);
            self.inner.media.close(sitting).await?;
        }
        Ok(())
    }

    /// Ends a meeting for all; its link opens nothing any more.
    pub async fn end(&self, actor: &AccountActor, code: &Code) -> Result<(), MeetError> {
        let row = self.hosted(actor, code).await?;
        self.finish(row).await
    }

    pub(crate) async fn finish(&self, meeting: meeting::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let Some(mut row) = store::hold_meeting(&mut tx, meeting.id).await? else { return Ok(()) };
        if row.state == MeetingState::Ended {
            return Ok(());
        }
        let now = self.now();
        let sitting = row.sitting.take();
        row.state = MeetingState::Ended;
        row.ended_at = Some(row.ended_at.unwrap_or(now));
        store::save_meeting(&mut tx, row.clone()).await?;
        let mut lowered = Lowered::default();
        for mut seat in store::hold_seats(&mut tx, row.id, &[SeatStatus::Admitted, SeatStatus::Waiting]).await? {
            seat.status = SeatStatus::Left;
            seat.left_at = Some(now);
            seat.hand_at = None;
            seat.spotlit_at = None;
            seat.permits = 0;
            seat.epoch += 1;
            store::save_seat(&mut tx, seat.clone()).await?;
            self.tell_seat(&mut tx, &row, &seat).await?;
            lowered = lowered.and(self.end_permissions(&mut tx, seat.member_id).await?);
        }
        if let Some(sitting) = sitting {
            store::end_sitting(&mut tx, sitting, now).await?;
        }
        self.chat().keep_until(&mut tx, row.conversation_id, Some(now + row.chat_kept_days * DAY)).await?;
        self.tell_meeting(&mut tx, &row, "meeting.ended").await?;
        tx.commit().await?;
        self.privacy().announce(lowered);
        if let Some(sitting) = sitting {
            self.inner.live.leave_all(sitting);
            self.inner.media.close(sitting).await?;
        }
        Ok(())
    }

    /// The media server says that somebody is gone and did not come back.
    pub async fn media_left(&self, sitting: SittingId, member: MemberId) -> Result<(), MeetError> {
        let read = self.store().read().await?;
        let Some(meeting) = store::meeting_of_sitting(&read, sitting).await? else { return Ok(()) };
        let Some(seat) = store::seat_of_member(&read, member).await? else { return Ok(()) };
        drop(read);
        if seat.status != SeatStatus::Admitted {
            return Ok(());
        }
        self.vacate(meeting, seat, SeatStatus::Left).await
    }

    /// The media server says that somebody shows a screen now, or does not any more.
    pub async fn media_shown(&self, sitting: SittingId, member: MemberId, shown: bool) -> Result<(), MeetError> {
        let now = self.now();
        let mut tx = self.store().begin().await?;
        let ended = store::end_shares(&mut tx, member, now).await?;
        if shown {
            let Some(meeting) = store::meeting_of_sitting(&tx, sitting).await? else { return Ok(()) };
            let id = ShareId::new(now, self.rng());
            let (sitting_id, meeting_id, member_id) = (sitting, meeting.id, member);
            let row = share::Model { id, sitting_id, meeting_id, member_id, started_at: now, ended_at: None };
            store::insert_share(&mut tx, row).await?;
        } else if !ended {
            return Ok(());
        }
        Ok(tx.commit().await?)
    }

    /// Empties the seats whose people were absent at two looks, half a period apart or more.
    pub async fn reap_seats(&self) -> Result<(), MeetError> {
        let meetings = store::live_meetings(&self.store().read().await?).await?;
        for meeting in meetings {
            let present = match meeting.sitting {
                Some(sitting) => self.inner.media.present(sitting).await?,
                None => Vec::new(),
            };
            let seats = store::seats(&self.store().read().await?, meeting.id, &[SeatStatus::Admitted]).await?;
            for seat in seats {
                if self.inner.live.absent(seat.member_id, !present.contains(&seat.member_id), self.now()) {
                    self.vacate(meeting.clone(), seat, SeatStatus::Left).await?;
                }
            }
            self.rest_if_empty(meeting).await?;
        }
        Ok(())
    }

    /// Acts on what ends elsewhere until the engine closes: an ended session or subject leaves its meetings, a
    /// withdrawn permission shuts its gate.
    pub async fn follow_revocations(&self, mut revoked: broadcast::Receiver<Revoked>) {
        loop {
            let acted = match revoked.recv().await {
                Ok(Revoked::Session(session)) => self.session_ended(SessionId::from_uuid(session)).await,
                Ok(Revoked::Subject(subject)) => self.subject_ended(subject).await,
                Ok(Revoked::Permission { subject, install, device, .. }) => {
                    self.permission_ended(subject, install, device).await
                }
                Ok(Revoked::Membership { .. }) => Ok(()),
                // What was missed is in the rows; seats without a right are found when they next ask for a pass.
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    tracing::warn!(missed, "revocations came faster than they could be followed");
                    Ok(())
                }
                Err(broadcast::error::RecvError::Closed) => return,
            };
            if let Err(error) = acted {
                tracing::error!(%error, "a revocation could not be followed");
            }
        }
    }

    async fn session_ended(&self, session: SessionId) -> Result<(), MeetError> {
        self.leave_live(self.inner.live.of_session(session)).await
    }

    pub(crate) async fn subject_ended(&self, subject: SubjectId) -> Result<(), MeetError> {
        self.leave_live(self.inner.live.of_subject(subject)).await
    }

    /// Ends every meeting that one of these hosts.
    pub(crate) async fn hosts_ended(&self, hosts: &[MemberId]) -> Result<(), MeetError> {
        let meetings = store::meetings_of_hosts(&self.store().read().await?, hosts, None).await?;
        for meeting in meetings {
            self.finish(meeting).await?;
        }
        Ok(())
    }

    async fn leave_live(&self, seats: Vec<LiveSeat>) -> Result<(), MeetError> {
        // Media first, all of it; rows after.
        for seat in &seats {
            self.inner.media.remove(seat.sitting, seat.member).await?;
        }
        for seat in seats {
            self.media_left(seat.sitting, seat.member).await?;
            self.inner.live.leave(seat);
        }
        Ok(())
    }
}

/// The sitting that goes on, if one does. One that began before sittings had rows has no beginning of its own.
async fn goes_on(read: &Read, row: &meeting::Model, now: Timestamp) -> Result<Option<sitting::Model>, MeetError> {
    let (MeetingState::Live, Some(id)) = (row.state, row.sitting) else { return Ok(None) };
    let began = sitting::Model { id, meeting_id: row.id, started_at: row.started_at.unwrap_or(now), ended_at: None };
    Ok(Some(store::find_sitting(read, id).await?.unwrap_or(began)))
}
