//! Accounts: made, shown, changed.
//!
//! A person's keys and their rows live in two databases without a common transaction, so order is the protocol: keys
//! and the reservation of the identifier first, rows second, the confirmation last. Whatever stops in between leaves
//! keys without rows, which go after an hour, and never rows without keys.

use std::sync::Arc;

use kloud_base::{Clock, HOUR, Rng, Timestamp};
use kloud_http::limits::{FailureLimiter, GUESSES, GUESSES_FROM_ONE_PLACE};
use kloud_http::{AccountActor, AddressPrefix};
use kloud_privacy::consent::Shown;
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Index, Own, Privacy, Sealer, SubjectId, SubjectKind};
use kloud_store::{NewEvent, Store, StreamId, Tx};
use zeroize::Zeroizing;

use crate::error::IdentityError;
use crate::model::{AgeBand, Identifier, Language, Nickname, RECOVERY_CODES, RecoveryCode, Theme, judge_password};
use crate::password::Passwords;
use crate::sessions::{Place, SignedIn, code_hash};
use crate::setup::SetupToken;
use crate::store::{self, account, instance, recovery_code};

/// Everything of identity. Cheap to clone.
#[derive(Clone)]
pub struct Identity {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    privacy: Privacy,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    passwords: Passwords,
    setup: SetupToken,
    guesses: FailureLimiter<(String, AddressPrefix)>,
    guesses_from: FailureLimiter<AddressPrefix>,
    texts: AgreementTexts,
}

/// The version of the agreement in force and the SHA-256 of its text in each language. Each answer names them.
#[derive(Clone, Copy, Debug)]
pub struct AgreementTexts {
    pub version: u32,
    pub english: [u8; 32],
    pub chinese: [u8; 32],
}

impl AgreementTexts {
    /// What was shown to somebody who answered on this screen.
    pub fn shown(&self, language: Language, screen: &'static str) -> Shown {
        let text_sha256 = match language {
            Language::English => self.english,
            Language::Chinese => self.chinese,
        };
        let agreement_version = self.version.to_string();
        let language = language.as_str().to_owned();
        Shown { agreement_version, text_sha256, language, screen, gpc: false, age_band: None }
    }
}

/// What somebody gives to sign up.
pub struct NewAccount {
    pub identifier: String,
    pub nickname: String,
    pub password: Zeroizing<String>,
    pub language: Language,
}

/// What somebody changes of themselves; absent stays as it is.
#[derive(Default)]
pub struct ProfileChange {
    pub nickname: Option<String>,
    /// `Some(None)` takes it away.
    pub real_name: Option<Option<String>>,
    pub age_band: Option<Option<AgeBand>>,
    pub language: Option<Language>,
    pub theme: Option<Theme>,
}

impl Identity {
    pub fn new(privacy: Privacy, texts: AgreementTexts, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let store = privacy.rows().clone();
        let inner = Inner {
            store,
            privacy,
            clock,
            rng,
            passwords: Passwords::default(),
            setup: SetupToken::default(),
            guesses: FailureLimiter::new(GUESSES),
            guesses_from: FailureLimiter::new(GUESSES_FROM_ONE_PLACE),
            texts,
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn privacy(&self) -> &Privacy {
        &self.inner.privacy
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn rng(&self) -> &dyn Rng {
        &*self.inner.rng
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    /// The agreement in force.
    pub fn texts(&self) -> &AgreementTexts {
        &self.inner.texts
    }

    pub(crate) fn setup_token(&self) -> &SetupToken {
        &self.inner.setup
    }

    pub(crate) fn guesses(&self) -> &FailureLimiter<(String, AddressPrefix)> {
        &self.inner.guesses
    }

    pub(crate) fn guesses_from(&self) -> &FailureLimiter<AddressPrefix> {
        &self.inner.guesses_from
    }

    /// Makes an account and signs it in. Refused before the instance is set up.
    pub async fn sign_up(&self, new: NewAccount, place: &Place) -> Result<(SignedIn, Vec<String>), IdentityError> {
        if self.instance().await?.is_none() {
            return Err(IdentityError::Refused("setup_required"));
        }
        self.make_account(new, place, None).await
    }

    pub(crate) async fn make_account(
        &self,
        new: NewAccount,
        place: &Place,
        instance: Option<instance::Model>,
    ) -> Result<(SignedIn, Vec<String>), IdentityError> {
        let identifier = Identifier::parse(&new.identifier).map_err(text("identifier"))?;
        let nickname = Nickname::parse(&new.nickname).map_err(text("nickname"))?.into_string();
        if let Some(fault) = judge_password(&new.password, &[identifier.as_str(), &nickname]).fault {
            return Err(IdentityError::Password(fault));
        }
        let password = Zeroizing::new(self.passwords().hash(new.password).await);

        let new_subject = self.privacy().create_subject(SubjectKind::Account).await?;
        let subject = new_subject.id();
        let reserved = self.privacy().reserve_identifier(Index::SignIn, &identifier.folded(), subject, HOUR).await?;
        let sealer = self.privacy().month_sealer(subject).await?;
        let now = self.now();
        let row = account::Model {
            id: subject,
            stream_id: StreamId::random(self.rng()),
            identifier: account::Model::seal_identifier(&sealer, subject, identifier.as_str())?,
            nickname: account::Model::seal_nickname(&sealer, subject, &nickname)?,
            real_name: None,
            age_band: None,
            password: account::Model::seal_password(&sealer, subject, &password)?,
            language: new.language,
            theme: Theme::System,
            is_operator: instance.is_some(),
            credentials_changed_at: now,
            created_at: now,
        };
        let mut tx = self.store().begin().await?;
        new_subject.anchor(&mut tx, self.privacy()).await?;
        reserved.anchor(&mut tx, self.privacy()).await?;
        if let Some(instance) = instance {
            store::insert_instance(&mut tx, instance).await.map_err(|error| {
                if error.is_unique_violation() { IdentityError::Refused("setup_link_invalid") } else { error.into() }
            })?;
        }
        store::insert_account(&mut tx, row).await?;
        let codes = self.new_recovery_codes(&mut tx, &sealer).await?;
        let signed_in = self.open_session(&mut tx, &sealer, place).await?;
        tx.commit().await?;
        self.store().crash_points().point("identity.account-committed")?;
        self.privacy().confirm_identifier(reserved).await?;
        Ok((signed_in, codes))
    }

    /// The row of a signed-in person.
    pub async fn account(&self, actor: &AccountActor) -> Result<account::Model, IdentityError> {
        let row = store::find_account(&self.store().read().await?, actor.subject).await?;
        row.ok_or(IdentityError::Privacy(kloud_privacy::PrivacyError::NotLiving))
    }

    /// When a password was last set.
    pub async fn credentials_changed_at(&self, actor: &AccountActor) -> Result<Timestamp, IdentityError> {
        Ok(self.account(actor).await?.credentials_changed_at)
    }

    /// What one's own stream is called inside.
    pub async fn stream_of(&self, subject: SubjectId) -> Result<Option<StreamId>, IdentityError> {
        Ok(store::find_account(&self.store().read().await?, subject).await?.map(|row| row.stream_id))
    }

    /// The name a person shows to others, opened for themselves.
    pub async fn own_nickname(&self, subject: SubjectId) -> Result<Option<String>, IdentityError> {
        let Some(row) = store::find_account(&self.store().read().await?, subject).await? else { return Ok(None) };
        let grant = self.privacy().grant::<ShowOwn>(subject, subject, Own).await?;
        Ok(row.nickname().open(&grant)?.release(Screen))
    }

    /// How many unused recovery codes are left.
    pub async fn recovery_codes_left(&self, subject: SubjectId) -> Result<usize, IdentityError> {
        Ok(store::recovery_codes_of(&self.store().read().await?, subject).await?.len())
    }

    /// Changes what a person gave of themselves.
    pub async fn change_profile(&self, actor: &AccountActor, change: ProfileChange) -> Result<(), IdentityError> {
        let nickname = change.nickname.map(|name| Nickname::parse(&name).map_err(text("nickname"))).transpose()?;
        let real_name = match change.real_name {
            Some(Some(name)) => Some(Some(Nickname::parse(&name).map_err(text("real_name"))?)),
            Some(None) => Some(None),
            None => None,
        };
        let subject = actor.subject;
        let sealer = self.privacy().sealer(subject).await?;
        let mut tx = self.store().begin().await?;
        let Some(mut row) = store::find_account(&tx, subject).await? else {
            return Err(kloud_privacy::PrivacyError::NotLiving.into());
        };
        if let Some(name) = nickname {
            row.nickname = account::Model::seal_nickname(&sealer, subject, &name.into_string())?;
        }
        if let Some(name) = real_name {
            let seal = |name: Nickname| account::Model::seal_real_name(&sealer, subject, &name.into_string());
            row.real_name = name.map(seal).transpose()?;
        }
        if let Some(band) = change.age_band {
            let seal = |band: AgeBand| account::Model::seal_age_band(&sealer, subject, band.as_str());
            row.age_band = band.map(seal).transpose()?;
        }
        row.language = change.language.unwrap_or(row.language);
        row.theme = change.theme.unwrap_or(row.theme);
        let stream = row.stream_id;
        store::save_account(&mut tx, row).await?;
        tx.append(stream, NewEvent::new("me.changed"), self.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Ten new codes; the old ones end.
    pub(crate) async fn new_recovery_codes(&self, tx: &mut Tx, sealer: &Sealer) -> Result<Vec<String>, IdentityError> {
        let subject = sealer.subject();
        store::delete_recovery_codes(tx, subject).await?;
        let mut shown = Vec::with_capacity(RECOVERY_CODES);
        let mut rows = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            let code = RecoveryCode::generate(self.rng());
            let id = store::RecoveryCodeId::random(self.rng());
            let hash = code_hash(subject, &code);
            let code_hash = recovery_code::Model::seal_code_hash(sealer, id, &hash)?;
            rows.push(recovery_code::Model { id, subject_id: subject, code_hash });
            shown.push(code.to_string());
        }
        store::insert_recovery_codes(tx, rows).await?;
        Ok(shown)
    }
}

pub(crate) fn text(field: &'static str) -> impl Fn(crate::model::TextFault) -> IdentityError {
    move |fault| IdentityError::Text { field, fault }
}
