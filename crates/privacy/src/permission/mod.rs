//! Device permissions: one for each person, install and device class.
//!
//! `Off → On{once | sitting | standing, consent, epoch} → Off`, and `Suspended` from any, which returns to *off*, never
//! to *on*. Only the person's own [`Gesture`] leads to *on*, in a transaction that also records the consent; everybody
//! else may only lower. Lowering shuts the caller's gate in memory first, then writes the row, then says it aloud: a
//! failed write leaves the gate shut.

pub(crate) mod store;

use kloud_base::text_enum;
use kloud_store::{Read, Tx};
use uuid::Uuid;

use crate::consent::{Answer, ConsentId, Receipt, Scope, Shown};
use crate::error::PrivacyError;
use crate::gesture::{Gesture, GivenBy};
use crate::privacy::Privacy;
use crate::revoked::Revoked;
use crate::subject::SubjectId;

text_enum! {
    /// What a browser guards.
    pub enum DeviceClass {
        Camera = "camera",
        Microphone = "microphone",
        Screen = "screen",
        Location = "location",
        AddressBook = "address_book",
        PhotoAlbum = "photo_album",
        Clipboard = "clipboard",
        Notifications = "notifications",
        Storage = "storage",
    }
}

impl DeviceClass {
    /// Whether a yes counts for one use alone.
    pub const fn once_only(self) -> bool {
        match self {
            Self::Clipboard | Self::PhotoAlbum | Self::AddressBook | Self::Storage => true,
            Self::Camera | Self::Microphone | Self::Screen | Self::Location | Self::Notifications => false,
        }
    }

    /// The purpose of its consent.
    const fn purpose(self) -> &'static str {
        match self {
            Self::Camera => "device.camera",
            Self::Microphone => "device.microphone",
            Self::Screen => "device.screen",
            Self::Location => "device.location",
            Self::AddressBook => "device.address_book",
            Self::PhotoAlbum => "device.photo_album",
            Self::Clipboard => "device.clipboard",
            Self::Notifications => "device.notifications",
            Self::Storage => "device.storage",
        }
    }
}

/// The version of what a yes to a device class means.
const DEVICE_CONSENT: u32 = 1;

text_enum! {
    /// How far a yes reaches.
    pub enum Reach { Once = "once", Sitting = "sitting", Standing = "standing" }
}

text_enum! {
    pub enum PermissionState { Off = "off", On = "on", Suspended = "suspended" }
}

text_enum! {
    /// Who changed it last. All but the person and the guardian may only lower.
    pub enum ChangedBy {
        Person = "person",
        Guardian = "guardian",
        Host = "host",
        Admin = "admin",
        Operator = "operator",
        System = "system",
    }
}

/// A device class as a type, for proofs.
pub trait Device: Send + Sync + 'static {
    const CLASS: DeviceClass;
}

macro_rules! devices {
    ($($name:ident),+ $(,)?) => {
        /// The device classes as types.
        pub mod device {
            $(
                #[derive(Clone, Copy, Debug)]
                pub struct $name;

                impl super::Device for $name {
                    const CLASS: super::DeviceClass = super::DeviceClass::$name;
                }
            )+
        }
    };
}

devices!(Camera, Microphone, Screen, Location, AddressBook, PhotoAlbum, Clipboard, Notifications, Storage);

/// The person's device class `D` is on, as a row says. A gate that opens takes this.
#[derive(Debug)]
pub struct Permitted<D> {
    subject: SubjectId,
    install: Uuid,
    epoch: i64,
    reach: Reach,
    device: std::marker::PhantomData<fn() -> D>,
}

impl<D: Device> Permitted<D> {
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    pub fn install(&self) -> Uuid {
        self.install
    }

    /// Grows with every change; a gate ignores what is older than what it knows.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    pub fn reach(&self) -> Reach {
        self.reach
    }
}

/// One device class as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    pub device: DeviceClass,
    pub install: Uuid,
    pub state: PermissionState,
    pub reach: Option<Reach>,
    pub epoch: i64,
}

/// What passes media or data in memory. Shut means shut, whatever becomes of the row.
pub trait Gate: Send + Sync {
    fn shut(&self);
}

impl<F: Fn() + Send + Sync> Gate for F {
    fn shut(&self) {
        self();
    }
}

/// Something was lowered in a transaction that is not committed yet.
#[must_use = "say it aloud after the commit: privacy.announce(lowered)"]
#[derive(Debug, Default)]
pub struct Lowered(Vec<Revoked>);

impl Lowered {
    /// Both, to be said aloud after one commit.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }
}

impl Privacy {
    /// Turns a device class on, by the person's own gesture, with its consent. Open the gate after the commit.
    ///
    /// # Errors
    /// [`PrivacyError::NotNow`] when the class may only be on once and more is asked, or it is suspended.
    pub async fn turn_on<D: Device>(
        &self,
        tx: &mut Tx,
        gesture: &Gesture,
        install: Uuid,
        reach: Reach,
        shown: &Shown,
    ) -> Result<(Permitted<D>, Receipt), PrivacyError> {
        if D::CLASS.once_only() && reach != Reach::Once {
            return Err(PrivacyError::NotNow("this device class is asked for each use"));
        }
        let subject = gesture.subject();
        let before = store::find(tx, subject, install, D::CLASS).await?;
        if before.as_ref().is_some_and(|row| row.state == PermissionState::Suspended) {
            return Err(PrivacyError::NotNow("suspended"));
        }
        let scope = match reach {
            Reach::Once | Reach::Sitting => Scope::For(gesture.session()),
            Reach::Standing => Scope::Everywhere,
        };
        let purpose = (D::CLASS.purpose(), DEVICE_CONSENT);
        let recorded = self.record_answer(tx, gesture, purpose, scope, Answer::Yes, shown).await?;
        let by = match gesture.given_by() {
            GivenBy::Person => ChangedBy::Person,
            GivenBy::Guardian => ChangedBy::Guardian,
        };
        let on = Change { state: PermissionState::On, reach: Some(reach), consent: Some(recorded.id), by };
        let epoch = self.put_permission(tx, subject, install, D::CLASS, before, on).await?;
        let permitted = Permitted { subject, install, epoch, reach, device: std::marker::PhantomData };
        Ok((permitted, recorded.receipt))
    }

    /// The proof that a device class is on, from the rows.
    pub async fn permitted<D: Device>(
        &self,
        read: &Read,
        subject: SubjectId,
        install: Uuid,
    ) -> Result<Option<Permitted<D>>, PrivacyError> {
        let row = store::find(read, subject, install, D::CLASS).await?;
        Ok(row.filter(|row| row.state == PermissionState::On && !self.inner.ring.is_barred(subject)).map(|row| {
            Permitted {
                subject,
                install,
                epoch: row.epoch,
                reach: row.reach.unwrap_or(Reach::Once),
                device: std::marker::PhantomData,
            }
        }))
    }

    /// How every device class of a person stands on one install; those never asked are off.
    pub async fn permissions(
        &self,
        read: &Read,
        subject: SubjectId,
        install: Uuid,
    ) -> Result<Vec<Permission>, PrivacyError> {
        let rows = store::of_subject(read, subject).await?;
        Ok(DeviceClass::ALL
            .iter()
            .map(|device| {
                let row = rows.iter().find(|row| row.device == *device && row.install_id == install);
                Permission {
                    device: *device,
                    install,
                    state: row.map_or(PermissionState::Off, |row| row.state),
                    reach: row.and_then(|row| row.reach),
                    epoch: row.map_or(0, |row| row.epoch),
                }
            })
            .collect())
    }

    /// Turns a device class off: the gate, then the row, then the word to all who listen.
    ///
    /// # Errors
    /// When the row could not be written. The gate is shut all the same; call again.
    pub async fn lower_permission(
        &self,
        gate: &dyn Gate,
        subject: SubjectId,
        install: Uuid,
        device: DeviceClass,
        by: ChangedBy,
    ) -> Result<(), PrivacyError> {
        gate.shut();
        let mut tx = self.inner.rows.begin().await?;
        let lowered = self.lower_in(&mut tx, subject, |row| (row.install_id, row.device) == (install, device), by);
        let lowered = lowered.await?;
        tx.commit().await?;
        self.announce(lowered);
        Ok(())
    }

    /// Ends what was for one sitting or one use, when its person sits nowhere any more. Shut the gates first.
    pub async fn end_sitting(&self, tx: &mut Tx, subject: SubjectId) -> Result<Lowered, PrivacyError> {
        let of_sitting = |row: &store::permission::Model| matches!(row.reach, Some(Reach::Once | Reach::Sitting));
        self.lower_in(tx, subject, of_sitting, ChangedBy::System).await
    }

    /// Uses up a yes for one use.
    pub async fn use_once<D: Device>(&self, tx: &mut Tx, permitted: Permitted<D>) -> Result<Lowered, PrivacyError> {
        let this = |row: &store::permission::Model| {
            row.install_id == permitted.install && row.device == D::CLASS && row.reach == Some(Reach::Once)
        };
        self.lower_in(tx, permitted.subject, this, ChangedBy::System).await
    }

    /// Suspends everything of a person, in a dispute or while an answer is pending. Shut the gates first.
    pub async fn suspend_permissions(
        &self,
        tx: &mut Tx,
        subject: SubjectId,
        by: ChangedBy,
    ) -> Result<Lowered, PrivacyError> {
        let mut lowered = Vec::new();
        for row in store::of_subject(tx, subject).await? {
            if row.state != PermissionState::Suspended {
                lowered.push(self.change_to(tx, row, PermissionState::Suspended, by).await?);
            }
        }
        Ok(Lowered(lowered))
    }

    /// Ends a suspension: everything is off, and asked again when it is needed.
    pub async fn end_suspension(&self, tx: &mut Tx, subject: SubjectId, by: ChangedBy) -> Result<(), PrivacyError> {
        for row in store::of_subject(tx, subject).await? {
            if row.state == PermissionState::Suspended {
                self.change_to(tx, row, PermissionState::Off, by).await?;
            }
        }
        Ok(())
    }

    /// Says aloud what was lowered, after its commit.
    pub fn announce(&self, lowered: Lowered) {
        for revoked in lowered.0 {
            self.revoke(revoked);
        }
    }

    async fn lower_in(
        &self,
        tx: &mut Tx,
        subject: SubjectId,
        which: impl Fn(&store::permission::Model) -> bool,
        by: ChangedBy,
    ) -> Result<Lowered, PrivacyError> {
        let mut lowered = Vec::new();
        for row in store::of_subject(tx, subject).await? {
            if row.state == PermissionState::On && which(&row) {
                lowered.push(self.change_to(tx, row, PermissionState::Off, by).await?);
            }
        }
        Ok(Lowered(lowered))
    }

    async fn change_to(
        &self,
        tx: &mut Tx,
        row: store::permission::Model,
        state: PermissionState,
        by: ChangedBy,
    ) -> Result<Revoked, PrivacyError> {
        let (subject, install, device) = (row.subject_id, row.install_id, row.device);
        let change = Change { state, reach: None, consent: row.consent_id, by };
        let epoch = self.put_permission(tx, subject, install, device, Some(row), change).await?;
        Ok(Revoked::Permission { subject, install, device, epoch })
    }

    async fn put_permission(
        &self,
        tx: &mut Tx,
        subject: SubjectId,
        install: Uuid,
        device: DeviceClass,
        before: Option<store::permission::Model>,
        change: Change,
    ) -> Result<i64, PrivacyError> {
        let epoch = before.map_or(0, |row| row.epoch) + 1;
        let row = store::permission::Model {
            id: self.random_uuid(),
            subject_id: subject,
            install_id: install,
            device,
            state: change.state,
            reach: change.reach,
            consent_id: change.consent,
            epoch,
            changed_at: self.now(),
            changed_by: change.by,
        };
        store::put(tx, row).await?;
        Ok(epoch)
    }
}

struct Change {
    state: PermissionState,
    reach: Option<Reach>,
    consent: Option<ConsentId>,
    by: ChangedBy,
}
