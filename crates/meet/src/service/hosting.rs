//! What a host does with people: let in, turn away, put out, silence. Never switch something of theirs on.

use kloud_chat::NameOf as _;
use kloud_http::Caller;
use kloud_privacy::MemberId;
use kloud_spaces::Authorised;
use kloud_spaces::model::{Action, Role};

use super::Meet;
use crate::error::MeetError;
use crate::model::{Code, Device, Permits, SeatId, SeatRole, SeatStatus};
use crate::names::SeatNames;
use crate::store::{self, meeting, seat};

/// Somebody in a meeting, as those inside see them.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub id: SeatId,
    pub member: MemberId,
    pub name: Option<String>,
    pub role: SeatRole,
    pub status: SeatStatus,
    pub is_you: bool,
    pub permits: Permits,
}

/// What a host may do to a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAct {
    Admit,
    Deny,
    Remove,
    Mute,
}

impl Meet {
    /// Who is inside; for a host, also who waits.
    pub async fn people(&self, caller: &Caller, code: &Code) -> Result<Vec<PersonView>, MeetError> {
        let meeting = self.by_code(code).await?;
        let authorised = self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::See).await?;
        let hosts = kloud_spaces::model::may(Some(authorised.role), Action::ManagePeople);
        let states: &[SeatStatus] =
            if hosts { &[SeatStatus::Admitted, SeatStatus::Waiting] } else { &[SeatStatus::Admitted] };
        let rows = store::seats(&self.store().read().await?, meeting.id, states).await?;
        let members: Vec<MemberId> = rows.iter().map(|row| row.member_id).collect();
        let names = SeatNames::new(self.privacy().clone()).names(&authorised, &members).await?;
        Ok(rows
            .into_iter()
            .map(|row| PersonView {
                id: row.id,
                member: row.member_id,
                name: names.get(&row.member_id).cloned(),
                role: if row.member_id == meeting.host_member_id { SeatRole::Host } else { SeatRole::Attendee },
                status: row.status,
                is_you: row.member_id == authorised.member,
                permits: Permits::from_bits(row.permits),
            })
            .collect())
    }

    /// Does something to a seat of a meeting one hosts.
    pub async fn host_act(&self, caller: &Caller, code: &Code, seat: SeatId, act: HostAct) -> Result<(), MeetError> {
        let meeting = self.by_code(code).await?;
        let authorised =
            self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::ManagePeople).await?;
        let row = store::find_seat(&self.store().read().await?, seat).await?;
        let row = row.filter(|row| row.meeting_id == meeting.id).ok_or(MeetError::NotFound)?;
        match act {
            HostAct::Admit => self.admit(meeting, row).await,
            HostAct::Deny if row.status == SeatStatus::Waiting => self.vacate(meeting, row, SeatStatus::Denied).await,
            HostAct::Deny => Err(MeetError::NotFound),
            HostAct::Remove if is_self(&authorised, &row) => Err(MeetError::Refused("forbidden")),
            HostAct::Remove => self.vacate(meeting, row, SeatStatus::Removed).await,
            HostAct::Mute => self.mute(meeting, row).await,
        }
    }

    async fn admit(&self, meeting: meeting::Model, mut row: seat::Model) -> Result<(), MeetError> {
        if row.status != SeatStatus::Waiting {
            return if row.status == SeatStatus::Admitted { Ok(()) } else { Err(MeetError::NotFound) };
        }
        row.status = SeatStatus::Admitted;
        row.admitted_at = Some(self.now());
        let role = if row.is_guest { Role::Guest } else { Role::Member };
        let mut tx = self.store().begin().await?;
        store::save_seat(&mut tx, row.clone()).await?;
        self.inner.spaces.add(&mut tx, meeting.space_id, row.member_id, role).await?;
        self.tell_seat(&mut tx, &meeting, &row).await?;
        Ok(tx.commit().await?)
    }

    async fn mute(&self, meeting: meeting::Model, row: seat::Model) -> Result<(), MeetError> {
        if let (Some(sitting), SeatStatus::Admitted) = (meeting.sitting, row.status) {
            self.inner.media.mute(sitting, row.member_id, Device::Microphone).await?;
        }
        Ok(())
    }
}

fn is_self(authorised: &Authorised, row: &seat::Model) -> bool {
    authorised.member == row.member_id
}
