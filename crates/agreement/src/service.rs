//! What a person does with what is held of them.

use std::collections::HashMap;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kloud_base::{Clock, HOUR, Millis, Rng, Timestamp, typed_id};
use kloud_http::{AccountActor, Problem};
use kloud_identity::{Identity, IdentityError};
use kloud_privacy::consent::Receipt;
use kloud_privacy::erase::{EraseRequest, ErasureStatus, ErasureTicket};
use kloud_privacy::permission::{ChangedBy, DeviceClass, Permission, PermissionState};
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{ConsentId, Described, Own, Privacy, PrivacyError, SubjectId};
use kloud_store::StoreError;

typed_id!(
    /// One copy that was asked for.
    ExportId,
    "exp"
);

/// How long a copy can be fetched. It is made when it is fetched and kept nowhere.
const EXPORT_LIVES: Millis = HOUR;

/// Port: shuts what passes a device of a person, in memory, at once. Implemented by whoever passes media.
#[async_trait]
pub trait Gates: Send + Sync {
    async fn shut(&self, subject: SubjectId, class: DeviceClass) -> Result<(), PrivacyError>;
}

/// Why the agreement did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AgreementError {
    #[error("not found")]
    NotFound,
    /// The person must show their password once more.
    #[error("reauthentication required")]
    Reauthenticate,
    /// Refused with a code of its own.
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("the copy could not be made: {0}")]
    Archive(String),
}

impl From<PrivacyError> for AgreementError {
    fn from(error: PrivacyError) -> Self {
        Self::Identity(error.into())
    }
}

impl From<StoreError> for AgreementError {
    fn from(error: StoreError) -> Self {
        Self::Identity(error.into())
    }
}

impl From<AgreementError> for Problem {
    fn from(error: AgreementError) -> Self {
        match error {
            AgreementError::NotFound => Self::not_found(),
            AgreementError::Reauthenticate => Self::reauthentication_required(),
            AgreementError::Refused(code) => Self::conflict(code),
            AgreementError::Identity(error) => error.into(),
            AgreementError::Archive(error) => Self::internal(&error),
        }
    }
}

/// Everything of the agreement. Cheap to clone.
#[derive(Clone)]
pub struct Agreement {
    inner: Arc<Inner>,
}

/// What the agreement stands on.
pub struct AgreementParts {
    pub privacy: Privacy,
    pub identity: Identity,
    pub gates: Arc<dyn Gates>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
}

struct Inner {
    parts: AgreementParts,
    exports: Mutex<HashMap<ExportId, Asked>>,
}

#[derive(Clone, Copy)]
struct Asked {
    subject: SubjectId,
    until: Timestamp,
}

/// A device class of a person over all their sign-ins.
#[derive(Clone, Copy, Debug)]
pub struct PermissionView {
    pub class: DeviceClass,
    pub state: PermissionState,
    pub reach: Option<kloud_privacy::permission::Reach>,
    /// Whether anything asks for it yet.
    pub offered: bool,
}

/// What cancelling would do.
#[derive(Clone, Debug)]
pub struct CancellationPreview {
    pub profile: usize,
    pub messages: usize,
    pub meetings: usize,
    pub consents: usize,
    pub credentials: usize,
    pub attendance: usize,
    pub online_at: Timestamp,
    pub backups_at: Timestamp,
    /// When it begins, if it does not begin at once.
    pub waits_until: Option<Timestamp>,
}

impl Agreement {
    pub fn new(parts: AgreementParts) -> Self {
        Self { inner: Arc::new(Inner { parts, exports: Mutex::default() }) }
    }

    pub(crate) fn privacy(&self) -> &Privacy {
        &self.inner.parts.privacy
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.inner.parts.identity
    }

    fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    /// How each device class stands, over all sign-ins: on if it is on anywhere.
    pub async fn permissions(&self, subject: SubjectId) -> Result<Vec<PermissionView>, AgreementError> {
        let sessions = self.identity().sessions_of(subject).await?;
        let read = self.privacy().rows().read().await?;
        let mut all: Vec<Vec<Permission>> = Vec::with_capacity(sessions.len());
        for session in sessions {
            all.push(self.privacy().permissions(&read, subject, session.as_uuid()).await?);
        }
        Ok(DeviceClass::ALL
            .iter()
            .map(|class| {
                let mine = all.iter().flatten().filter(|one| one.device == *class);
                let rank = |state: PermissionState| match state {
                    PermissionState::Off => 0,
                    PermissionState::On => 1,
                    PermissionState::Suspended => 2,
                };
                let strongest = mine.max_by_key(|one| rank(one.state));
                PermissionView {
                    class: *class,
                    state: strongest.map_or(PermissionState::Off, |one| one.state),
                    reach: strongest.and_then(|one| one.reach),
                    offered: matches!(class, DeviceClass::Camera | DeviceClass::Microphone | DeviceClass::Screen),
                }
            })
            .collect())
    }

    /// Takes a device class back everywhere: the gates of running meetings first, then the rows of every sign-in.
    pub async fn withdraw(&self, subject: SubjectId, class: DeviceClass) -> Result<(), AgreementError> {
        let shut = self.inner.parts.gates.shut(subject, class).await;
        // Whatever became of the gates, the rows must say off: the media server reads them again.
        let shut_already = || {};
        for session in self.identity().sessions_of(subject).await? {
            let install = session.as_uuid();
            self.privacy().lower_permission(&shut_already, subject, install, class, ChangedBy::Person).await?;
        }
        Ok(shut?)
    }

    /// Everything that is held of a person.
    pub async fn my_data(&self, subject: SubjectId) -> Result<Vec<Described>, AgreementError> {
        Ok(self.privacy().my_data(subject).await?)
    }

    /// A person's answers as receipts, the newest first.
    pub async fn consents(&self, subject: SubjectId) -> Result<Vec<(ConsentId, Receipt)>, AgreementError> {
        let mut all = self.privacy().receipts(subject).await?;
        all.reverse();
        Ok(all)
    }

    /// One receipt of a person.
    pub async fn receipt(&self, subject: SubjectId, id: ConsentId) -> Result<Receipt, AgreementError> {
        let mine = self.privacy().receipts(subject).await?;
        mine.into_iter().find(|(one, _)| *one == id).map(|(_, receipt)| receipt).ok_or(AgreementError::NotFound)
    }

    /// Asks for a copy; it can be fetched for an hour.
    pub fn ask_export(&self, actor: &AccountActor) -> Result<(ExportId, Timestamp), AgreementError> {
        if !self.identity().is_reauthenticated(actor) {
            return Err(AgreementError::Reauthenticate);
        }
        let id = ExportId::random(&*self.inner.parts.rng);
        let until = self.now() + EXPORT_LIVES;
        let mut exports = self.exports();
        let now = self.now();
        exports.retain(|_, asked| asked.until > now);
        exports.insert(id, Asked { subject: actor.subject, until });
        Ok((id, until))
    }

    /// Until when a copy of this person can be fetched.
    pub fn export_until(&self, subject: SubjectId, id: ExportId) -> Result<Timestamp, AgreementError> {
        let asked = self.exports().get(&id).copied();
        let mine = asked.filter(|asked| asked.subject == subject && asked.until > self.now());
        mine.map(|asked| asked.until).ok_or(AgreementError::NotFound)
    }

    /// The copy as a ZIP: everything held, as JSON, and the receipts.
    pub async fn export(&self, subject: SubjectId, id: ExportId) -> Result<Vec<u8>, AgreementError> {
        self.export_until(subject, id)?;
        let export = self.privacy().export(subject).await?;
        let receipts = self.consents(subject).await?;
        let archive = |error: zip::result::ZipError| AgreementError::Archive(error.to_string());
        let write = |error: std::io::Error| AgreementError::Archive(error.to_string());
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        let mut files: Vec<(String, Vec<u8>)> = vec![("data.json".to_owned(), pretty(&export.data))];
        for (id, receipt) in receipts {
            files.push((format!("receipts/{id}.json"), pretty(&receipt)));
        }
        files.extend(export.files.into_iter().map(|(name, bytes)| (format!("files/{name}"), bytes)));
        for (name, bytes) in files {
            zip.start_file(name, options).map_err(archive)?;
            zip.write_all(&bytes).map_err(write)?;
        }
        Ok(zip.finish().map_err(archive)?.into_inner())
    }

    /// Copies of a person can be fetched no more.
    pub(crate) fn forget_exports(&self, subject: SubjectId) {
        self.exports().retain(|_, asked| asked.subject != subject);
    }

    fn exports(&self) -> std::sync::MutexGuard<'_, HashMap<ExportId, Asked>> {
        self.inner.exports.lock().expect("no holder of this lock panics")
    }

    /// What cancelling would do; nothing happens.
    pub async fn preview_cancellation(&self, actor: &AccountActor) -> Result<CancellationPreview, AgreementError> {
        let held = self.my_data(actor.subject).await?;
        let count = |label: &str| held.iter().filter(|one| one.column.label == label).count();
        let of = |prefix: &str| held.iter().filter(|one| one.column.label.starts_with(prefix)).count();
        let request = self.request_of(actor).await?;
        let now = self.now();
        Ok(CancellationPreview {
            profile: of("account.") - count("account.password"),
            messages: count("message.body"),
            meetings: count("meeting.title"),
            consents: count("consent.record"),
            credentials: count("account.password") + count("recovery_code.hash"),
            attendance: count("seat.member"),
            online_at: now,
            backups_at: self.privacy().backups_gone_at(),
            waits_until: self.privacy().erasure_waits_until(&request),
        })
    }

    /// Asks for the end. Needs a password shown lately; all sessions end with the freeze.
    pub async fn cancel(&self, actor: &AccountActor) -> Result<ErasureTicket, AgreementError> {
        if !self.identity().is_reauthenticated(actor) {
            return Err(AgreementError::Reauthenticate);
        }
        let request = self.request_of(actor).await?;
        self.request(&request).await
    }

    /// *Leave and erase me*, for a guest.
    pub async fn erase_guest(&self, subject: SubjectId) -> Result<ErasureTicket, AgreementError> {
        self.request(&EraseRequest { subject, session_started_at: None, credentials_changed_at: None }).await
    }

    async fn request(&self, request: &EraseRequest) -> Result<ErasureTicket, AgreementError> {
        let mut tx = self.privacy().rows().begin().await?;
        let ticket = match self.privacy().request_erasure(&mut tx, request).await {
            Ok(ticket) => ticket,
            Err(PrivacyError::NotNow(_)) => return Err(AgreementError::Refused("cancellation_under_way")),
            Err(error) => return Err(error.into()),
        };
        tx.commit().await?;
        Ok(ticket)
    }

    async fn request_of(&self, actor: &AccountActor) -> Result<EraseRequest, AgreementError> {
        Ok(EraseRequest {
            subject: actor.subject,
            session_started_at: Some(actor.signed_in_at),
            credentials_changed_at: Some(self.identity().credentials_changed_at(actor).await?),
        })
    }

    /// How an erasure stands, by the secret of its link.
    pub async fn cancellation(&self, token: &str) -> Result<ErasureStatus, AgreementError> {
        self.privacy().erasure_status(token).await?.ok_or(AgreementError::NotFound)
    }

    /// Takes back what still waits.
    pub async fn take_back(&self, token: &str) -> Result<(), AgreementError> {
        let mut tx = self.privacy().rows().begin().await?;
        match self.privacy().take_back_erasure_by_token(&mut tx, token).await {
            Ok(()) => Ok(tx.commit().await?),
            Err(PrivacyError::NotNow("no such erasure")) => Err(AgreementError::NotFound),
            Err(PrivacyError::NotNow(_)) => Err(AgreementError::Refused("cancellation_has_begun")),
            Err(error) => Err(error.into()),
        }
    }

    /// Who opened what belongs to a person.
    pub async fn openings(&self, subject: SubjectId) -> Result<Vec<kloud_privacy::OpeningSeen>, AgreementError> {
        let grant = self.privacy().grant::<ShowOwn>(subject, subject, Own).await?;
        Ok(self.privacy().openings(subject, &grant).await?)
    }
}

fn pretty(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("what is held is JSON")
}
