//! What meet does by the clock: guests' keys end when the card at the door said so.

use async_trait::async_trait;
use kloud_base::{DAY, MINUTE};
use kloud_privacy::erase::EraseRequest;
use kloud_store::jobs::{Job, JobFailure, JobHandler, JobRegistry};
use serde::{Deserialize, Serialize};

use crate::model::{GUEST_KEY_DAYS, REAP_EVERY, TURNED_AWAY_LIVES};
use crate::service::Meet;
use crate::store;

/// Erases guests whose time is over.
#[derive(Serialize, Deserialize)]
pub struct EndGuests {}

impl Job for EndGuests {
    const KIND: &'static str = "EndGuests";
}

struct EndGuestsHandler(Meet);

#[async_trait]
impl JobHandler<EndGuests> for EndGuestsHandler {
    async fn run(&self, _: EndGuests) -> Result<(), JobFailure> {
        let meet = &self.0;
        let now = meet.now();
        let read = meet.store().read().await?;
        let mut over = store::turned_away_before(&read, now - TURNED_AWAY_LIVES / 2).await?;
        over.extend(store::guests_of_meetings_ended_before(&read, now - GUEST_KEY_DAYS * DAY).await?);
        drop(read);
        for seat in over {
            // Its sweep marks the seat as nobody's, so it does not come round again.
            let Some(subject) = meet.privacy().subject_of(seat.member_id).await? else { continue };
            if meet.privacy().erasure_of(subject).await?.is_none() {
                let request = EraseRequest { subject, session_started_at: None, credentials_changed_at: None };
                let mut tx = meet.store().begin().await?;
                meet.privacy().request_erasure(&mut tx, &request).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}

/// Empties seats whose people are gone without a word: a closed lid, a crash, a restart of the server.
#[derive(Serialize, Deserialize)]
pub struct ReapSeats {}

impl Job for ReapSeats {
    const KIND: &'static str = "ReapSeats";
}

struct ReapSeatsHandler(Meet);

#[async_trait]
impl JobHandler<ReapSeats> for ReapSeatsHandler {
    async fn run(&self, _: ReapSeats) -> Result<(), JobFailure> {
        self.0.reap_seats().await.map_err(|error| {
            tracing::warn!(%error, "seats could not be reaped");
            JobFailure::Retry("meet")
        })
    }
}

/// Forgets who was at meetings that are over.
#[derive(Serialize, Deserialize)]
pub struct ForgetAttendance {}

impl Job for ForgetAttendance {
    const KIND: &'static str = "ForgetAttendance";
}

struct ForgetAttendanceHandler(Meet);

#[async_trait]
impl JobHandler<ForgetAttendance> for ForgetAttendanceHandler {
    async fn run(&self, _: ForgetAttendance) -> Result<(), JobFailure> {
        self.0.forget().await.map_err(|error| {
            tracing::warn!(%error, "attendance could not be forgotten");
            JobFailure::Retry("meet")
        })
    }
}

/// The jobs of meet.
pub fn jobs(meet: &Meet) -> JobRegistry {
    JobRegistry::default()
        .on(EndGuestsHandler(meet.clone()))
        .every(10 * MINUTE, &EndGuests {})
        .on(ForgetAttendanceHandler(meet.clone()))
        .every(10 * MINUTE, &ForgetAttendance {})
        .on(ReapSeatsHandler(meet.clone()))
        .every(REAP_EVERY, &ReapSeats {})
}
