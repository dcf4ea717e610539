//! What is on. A yes is the person's own gesture, recorded before the gate opens; a no shuts the gate before it is
//! recorded.

use kloud_http::Caller;
use kloud_identity::model::Language;
use kloud_privacy::permission::{ChangedBy, DeviceClass, PermissionState, Reach, device};
use kloud_privacy::{Gesture, SubjectId};
use kloud_store::Tx;
use uuid::Uuid;

use super::{Meet, SeatView, Sitter};
use crate::error::MeetError;
use crate::model::{Code, Device, Permits};
use crate::store::{self, meeting, seat};

/// The screen on which a device is asked for.
const SCREEN: &str = "meeting.device";

impl Meet {
    /// Switches a device of one's own on or off, in this meeting.
    pub async fn set_device(
        &self,
        caller: &Caller,
        code: &Code,
        device: Device,
        on: bool,
        language: Language,
    ) -> Result<SeatView, MeetError> {
        let (sitter, meeting, row) = self.inside(caller, code).await?;
        if on && !row.rights_in(&meeting).of(device) {
            return Err(MeetError::Refused("not_allowed"));
        }
        let row = if on {
            self.switch_on(sitter, &meeting, row, device, language).await?
        } else {
            self.switch_off(sitter, &meeting, row, device).await?
        };
        self.seat_view(sitter, meeting, row).await
    }

    async fn switch_on(
        &self,
        sitter: Sitter,
        meeting: &meeting::Model,
        row: seat::Model,
        device: Device,
        language: Language,
    ) -> Result<seat::Model, MeetError> {
        let mut tx = self.store().begin().await?;
        self.consent(&mut tx, sitter, device, language).await?;
        let row = self.save_permits(&mut tx, meeting, row, device, true).await?;
        self.store().crash_points().point("meet.permit-before-commit")?;
        tx.commit().await?;
        self.send_permits(meeting, &row).await?;
        Ok(row)
    }

    async fn consent(&self, tx: &mut Tx, sitter: Sitter, device: Device, language: Language) -> Result<(), MeetError> {
        let install = sitter.session.as_uuid();
        let gesture = Gesture::of_person(sitter.subject, install);
        let shown = self.inner.identity.texts().shown(language, SCREEN);
        let privacy = self.privacy();
        match device {
            Device::Camera => {
                privacy.turn_on::<device::Camera>(tx, &gesture, install, Reach::Sitting, &shown).await?;
            }
            Device::Microphone => {
                privacy.turn_on::<device::Microphone>(tx, &gesture, install, Reach::Sitting, &shown).await?;
            }
            Device::Screen => {
                privacy.turn_on::<device::Screen>(tx, &gesture, install, Reach::Sitting, &shown).await?;
            }
        }
        Ok(())
    }

    async fn switch_off(
        &self,
        sitter: Sitter,
        meeting: &meeting::Model,
        row: seat::Model,
        device: Device,
    ) -> Result<seat::Model, MeetError> {
        let row = self.shut(meeting, row, device).await?;
        let class = class_of(device);
        let shut_already = || {};
        let install = sitter.session.as_uuid();
        self.privacy().lower_permission(&shut_already, sitter.subject, install, class, ChangedBy::Person).await?;
        Ok(row)
    }

    /// Shuts a device in every seat of a person, also in those that nobody has come back to since a restart.
    pub async fn shut_gates(&self, subject: SubjectId, class: DeviceClass) -> Result<(), MeetError> {
        let Some(device) = Device::ALL.iter().copied().find(|device| class_of(*device) == class) else { return Ok(()) };
        let members = self.privacy().members_of(subject).await?;
        let seats = store::seats_of_members(&self.store().read().await?, &members).await?;
        for seat in seats {
            let meeting = store::find_meeting(&self.store().read().await?, seat.meeting_id).await?;
            if let Some(meeting) = meeting {
                self.shut(&meeting, seat, device).await?;
            }
        }
        Ok(())
    }

    /// A permission has ended, unless it was given anew before this was heard of: what was acknowledged since stays on.
    pub(crate) async fn permission_ended(
        &self,
        subject: SubjectId,
        install: Uuid,
        class: DeviceClass,
    ) -> Result<(), MeetError> {
        let all = self.privacy().permissions(&self.store().read().await?, subject, install).await?;
        let is_back = all.iter().any(|one| one.device == class && one.state == PermissionState::On);
        if is_back { Ok(()) } else { self.shut_gates(subject, class).await }
    }

    /// The seat without what its person has not permitted: a permission may have ended while nobody was listening.
    pub(crate) async fn only_permitted(
        &self,
        subject: SubjectId,
        meeting: &meeting::Model,
        mut row: seat::Model,
    ) -> Result<seat::Model, MeetError> {
        for device in Device::ALL.iter().copied() {
            let permits = Permits::from_bits(row.permits);
            if permits != permits.with(device, false) && !self.permits(subject, class_of(device)).await? {
                row = self.shut(meeting, row, device).await?;
            }
        }
        Ok(row)
    }

    /// Whether a device class is on at any sign-in of a person.
    async fn permits(&self, subject: SubjectId, class: DeviceClass) -> Result<bool, MeetError> {
        for session in self.inner.identity.sessions_of(subject).await? {
            let all = self.privacy().permissions(&self.store().read().await?, subject, session.as_uuid()).await?;
            if all.iter().any(|one| one.device == class && one.state == PermissionState::On) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The gate, then the row.
    async fn shut(&self, meeting: &meeting::Model, row: seat::Model, device: Device) -> Result<seat::Model, MeetError> {
        let permits = Permits::from_bits(row.permits).with(device, false);
        if permits.bits() == row.permits {
            return Ok(row);
        }
        let ahead = seat::Model { permits: permits.bits(), epoch: row.epoch + 1, ..row.clone() };
        self.send_permits(meeting, &ahead).await?;
        let mut tx = self.store().begin().await?;
        let row = self.save_permits(&mut tx, meeting, row, device, false).await?;
        tx.commit().await?;
        Ok(row)
    }

    /// Writes one device's bit over the row as it stands now, with a newer epoch.
    async fn save_permits(
        &self,
        tx: &mut Tx,
        meeting: &meeting::Model,
        row: seat::Model,
        device: Device,
        on: bool,
    ) -> Result<seat::Model, MeetError> {
        let mut row = store::hold_seat(tx, row.id).await?.ok_or(MeetError::NotFound)?;
        row.permits = Permits::from_bits(row.permits).with(device, on).bits();
        row.epoch += 1;
        store::save_seat(tx, row.clone()).await?;
        self.tell_seat(tx, meeting, &row).await?;
        Ok(row)
    }

    pub(crate) async fn send_permits(&self, meeting: &meeting::Model, row: &seat::Model) -> Result<(), MeetError> {
        let Some(sitting) = meeting.sitting else { return Ok(()) };
        let permits = row.permits_in(meeting);
        Ok(self.inner.media.permit(sitting, row.member_id, permits, row.epoch).await?)
    }
}

const fn class_of(device: Device) -> DeviceClass {
    match device {
        Device::Camera => DeviceClass::Camera,
        Device::Microphone => DeviceClass::Microphone,
        Device::Screen => DeviceClass::Screen,
    }
}
