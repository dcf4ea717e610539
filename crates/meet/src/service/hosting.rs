//! What hosts do with people: let in, turn away, put out, silence, give the word. Never switch something of theirs on.

use kloud_http::Caller;
use kloud_privacy::Membership;
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowToAudience;
use kloud_spaces::model::{Action, Role};
use kloud_store::NewEvent;

use super::Meet;
use crate::error::MeetError;
use crate::model::{Code, Device, Permits, Rights, SeatId, SeatRole, SeatStatus};
use crate::store::{self, meeting, seat};

/// What is done to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAct {
    Admit,
    Deny,
    /// Back into the lobby.
    PutBack,
    /// Out; may knock again.
    Remove,
    /// Out for good.
    Ban,
    Unban,
    LowerHand,
    /// Off now; `stay` keeps it off until it is allowed again.
    Stop {
        device: Device,
        stay: bool,
    },
    /// May be switched on, whatever the meeting says of attendees.
    Allow(Device),
    /// Asks its person to switch it on.
    Ask(Device),
    Become(SeatRole),
    HandOver,
    /// Large on everybody's screen, or not any more.
    Spotlight(bool),
}

/// What is done to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostActAll {
    Admit,
    /// Everybody but hosts; `stay` keeps attendees silent until they are allowed again.
    Mute {
        stay: bool,
    },
    LowerHands,
}

impl Meet {
    /// Does something to a seat of a meeting whose people one manages.
    pub async fn host_act(&self, caller: &Caller, code: &Code, seat: SeatId, act: HostAct) -> Result<(), MeetError> {
        let meeting = self.by_code(code).await?;
        let who = self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::ManagePeople).await?;
        let row = store::find_seat(&self.store().read().await?, seat).await?;
        let row = row.filter(|row| row.meeting_id == meeting.id).ok_or(MeetError::NotFound)?;
        let is_harmless = matches!(act, HostAct::LowerHand | HostAct::Spotlight(_));
        let touches_host = row.role_in(&meeting) == SeatRole::Host && !is_harmless;
        let is_hosts = match act {
            HostAct::HandOver => true,
            HostAct::Become(role) => role == SeatRole::CoHost || row.role == SeatRole::CoHost,
            _ => false,
        };
        if touches_host || (is_hosts && who.role != Role::Owner) {
            return Err(MeetError::Refused("forbidden"));
        }
        match act {
            HostAct::Admit => self.admit(meeting, row).await,
            HostAct::Deny => self.vacate_from(meeting, row, SeatStatus::Waiting, SeatStatus::Denied).await,
            HostAct::PutBack => self.vacate_from(meeting, row, SeatStatus::Admitted, SeatStatus::Waiting).await,
            HostAct::Remove => self.vacate(meeting, row, SeatStatus::Removed).await,
            HostAct::Ban => self.vacate(meeting, row, SeatStatus::Banned).await,
            HostAct::Unban => self.unban(meeting, row).await,
            HostAct::LowerHand => self.move_hand(&meeting, &row, false).await.map(drop),
            HostAct::Stop { device, stay } => self.stop(&meeting, row, device, stay).await,
            HostAct::Allow(device) => self.allow(&meeting, row, device).await,
            HostAct::Ask(device) => self.ask(&meeting, row, device).await,
            HostAct::Become(role) => self.become_role(&meeting, row, role).await,
            HostAct::HandOver => self.hand_over(caller, meeting, row).await,
            HostAct::Spotlight(on) => self.set_spotlight(&meeting, &row, on).await,
        }
    }

    /// Does something to everybody in a meeting whose people one manages.
    pub async fn host_act_all(&self, caller: &Caller, code: &Code, act: HostActAll) -> Result<(), MeetError> {
        let meeting = self.by_code(code).await?;
        let who = self.inner.spaces.authorise(meeting.space_id, &caller.subjects(), Action::ManagePeople).await?;
        match act {
            HostActAll::Admit => {
                let waiting = store::seats(&self.store().read().await?, meeting.id, &[SeatStatus::Waiting]).await?;
                for row in waiting {
                    self.admit(meeting.clone(), row).await?;
                }
                Ok(())
            }
            HostActAll::Mute { stay } => {
                let mut others = store::seats(&self.store().read().await?, meeting.id, &[SeatStatus::Admitted]).await?;
                others.retain(|row| !row.role_in(&meeting).manages() && row.member_id != who.member);
                if stay {
                    self.silence(&meeting).await?
                }
                for row in others {
                    self.mute(&meeting, &row, Device::Microphone).await?;
                }
                Ok(())
            }
            HostActAll::LowerHands => self.lower_hands(&meeting).await,
        }
    }

    async fn admit(&self, meeting: meeting::Model, row: seat::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        if row.status != SeatStatus::Waiting {
            return if row.status == SeatStatus::Admitted { Ok(()) } else { Err(MeetError::NotFound) };
        }
        row.status = SeatStatus::Admitted;
        row.admitted_at = row.admitted_at.or(Some(self.now()));
        row.left_at = None;
        store::save_seat(&mut tx, row.clone()).await?;
        let role = row.role_in(&meeting).part(row.is_guest);
        self.inner.spaces.give(&mut tx, meeting.space_id, row.member_id, role).await?;
        self.tell_seat(&mut tx, &meeting, &row).await?;
        Ok(tx.commit().await?)
    }

    async fn unban(&self, meeting: meeting::Model, row: seat::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        if row.status != SeatStatus::Banned {
            return Err(MeetError::NotFound);
        }
        row.status = SeatStatus::Removed;
        store::save_seat(&mut tx, row.clone()).await?;
        store::lift_bans(&mut tx, row.member_id).await?;
        self.tell_seat(&mut tx, &meeting, &row).await?;
        Ok(tx.commit().await?)
    }

    /// Silences a device of one who is inside, until they switch it on again themselves.
    async fn mute(&self, meeting: &meeting::Model, row: &seat::Model, device: Device) -> Result<(), MeetError> {
        if let (Some(sitting), SeatStatus::Admitted) = (meeting.sitting, row.status) {
            self.inner.media.mute(sitting, row.member_id, device).await?;
        }
        Ok(())
    }

    async fn stop(
        &self,
        meeting: &meeting::Model,
        row: seat::Model,
        device: Device,
        stay: bool,
    ) -> Result<(), MeetError> {
        if !stay && device != Device::Screen {
            return self.mute(meeting, &row, device).await;
        }
        self.change_seat(meeting, row, |row| {
            // A screen is shown once for each yes.
            row.permits = Permits::from_bits(row.permits).with(device, false).bits();
            if stay {
                row.held = Rights::from_bits(row.held).with(device, true).bits();
                row.granted = Rights::from_bits(row.granted).with(device, false).bits();
            }
        })
        .await
    }

    async fn allow(&self, meeting: &meeting::Model, row: seat::Model, device: Device) -> Result<(), MeetError> {
        self.change_seat(meeting, row, |row| {
            row.held = Rights::from_bits(row.held).with(device, false).bits();
            if !row.rights_in(meeting).of(device) {
                row.granted = Rights::from_bits(row.granted).with(device, true).bits();
            }
        })
        .await
    }

    async fn ask(&self, meeting: &meeting::Model, row: seat::Model, device: Device) -> Result<(), MeetError> {
        if row.status != SeatStatus::Admitted {
            return Err(MeetError::NotFound);
        }
        if !row.rights_in(meeting).of(device) {
            self.allow(meeting, row.clone(), device).await?;
        }
        let mut tx = self.store().begin().await?;
        let event = NewEvent::new("seat.asked").id("source", device.as_str());
        tx.append(row.stream_id, event, self.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn become_role(&self, meeting: &meeting::Model, row: seat::Model, role: SeatRole) -> Result<(), MeetError> {
        if role == SeatRole::Host {
            return Err(MeetError::Refused("forbidden"));
        }
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        row.role = role;
        row.granted = 0;
        if row.status == SeatStatus::Admitted {
            let part = role.part(row.is_guest);
            self.inner.spaces.give(&mut tx, meeting.space_id, row.member_id, part).await?;
        }
        self.reseat(tx, meeting, vec![row]).await
    }

    /// Makes another account the host. What the meeting is called goes over into their keys.
    async fn hand_over(&self, caller: &Caller, meeting: meeting::Model, row: seat::Model) -> Result<(), MeetError> {
        let next = self.privacy().subject_of(row.member_id).await?;
        let (false, SeatStatus::Admitted, Some(next)) = (row.is_guest, row.status, next) else {
            return Err(MeetError::Refused("needs_account"));
        };
        let account = caller.account.as_ref().ok_or(MeetError::Refused("forbidden"))?;
        let why = Membership::checked("meet.hand_over", meeting.id.as_uuid());
        let grant = self.privacy().grant::<ShowToAudience>(account.subject, meeting.host_member_id, why).await?;
        let title = meeting.title().map(|title| title.open(&grant)).transpose()?;
        let passcode = meeting.passcode().map(|code| code.open(&grant)).transpose()?;
        let sealer = self.privacy().sealer(next).await?;

        let mut tx = self.store().begin().await?;
        let mut meeting = store::hold_meeting(&mut tx, meeting.id).await?.ok_or(MeetError::NotFound)?;
        let before = meeting.host_member_id;
        let seal_title = |title: String| meeting::Model::seal_title(&sealer, meeting.id, &title);
        let sealed_title = title.and_then(|title| title.release(Screen)).map(seal_title).transpose()?;
        let seal_code = |code: String| meeting::Model::seal_passcode(&sealer, meeting.id, &code);
        let sealed_code = passcode.and_then(|code| code.release(Screen)).map(seal_code).transpose()?;
        (meeting.title, meeting.passcode) = (sealed_title, sealed_code);
        meeting.host_member_id = row.member_id;
        store::save_meeting(&mut tx, meeting.clone()).await?;
        let spaces = &self.inner.spaces;
        spaces.give(&mut tx, meeting.space_id, before, SeatRole::CoHost.part(false)).await?;
        spaces.give(&mut tx, meeting.space_id, row.member_id, SeatRole::Host.part(false)).await?;
        self.tell_meeting(&mut tx, &meeting, "meeting.changed").await?;
        let mut seats = Vec::new();
        if let Some(mut old) = store::hold_seat_of(&mut tx, before).await? {
            old.role = SeatRole::CoHost;
            seats.push(old);
        }
        seats.extend(store::hold_seat(&mut tx, row.id).await?);
        self.reseat(tx, &meeting, seats).await
    }

    /// Attendees speak only when they are given the word.
    async fn silence(&self, meeting: &meeting::Model) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let mut meeting = store::hold_meeting(&mut tx, meeting.id).await?.ok_or(MeetError::NotFound)?;
        meeting.attendees_may = meeting.attendees().with(Device::Microphone, false).bits();
        store::save_meeting(&mut tx, meeting.clone()).await?;
        self.tell_meeting(&mut tx, &meeting, "meeting.changed").await?;
        let mut seats = store::hold_seats(&mut tx, meeting.id, &[SeatStatus::Admitted]).await?;
        for row in &mut seats {
            row.granted = Rights::from_bits(row.granted).with(Device::Microphone, false).bits();
        }
        self.reseat(tx, &meeting, seats).await
    }

    async fn change_seat(
        &self,
        meeting: &meeting::Model,
        row: seat::Model,
        change: impl FnOnce(&mut seat::Model),
    ) -> Result<(), MeetError> {
        let mut tx = self.store().begin().await?;
        let mut row = store::hold_seat(&mut tx, row.id).await?.ok_or(MeetError::NotFound)?;
        change(&mut row);
        self.reseat(tx, meeting, vec![row]).await
    }

    async fn vacate_from(
        &self,
        meeting: meeting::Model,
        row: seat::Model,
        from: SeatStatus,
        to: SeatStatus,
    ) -> Result<(), MeetError> {
        if row.status == from { self.vacate(meeting, row, to).await } else { Err(MeetError::NotFound) }
    }
}
