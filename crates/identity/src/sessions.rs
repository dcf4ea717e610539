//! Sessions: one random secret in a cookie for each sign-in, its hash in a row.

use async_trait::async_trait;
use kloud_base::{MINUTE, Millis, random_bytes};
use kloud_http::{AccountActor, AddressPrefix, Authenticate, Caller, GuestActor, SessionId, Tokens};
use kloud_privacy::purpose::{Compare, Screen};
use kloud_privacy::purposes::{ShowOwn, SignIn};
use kloud_privacy::{Index, Own, Revoked, Sealer, SubjectId};
use kloud_store::{NewEvent, StoreError, Tx};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::error::IdentityError;
use crate::model::{Identifier, REAUTHENTICATION_COUNTS, RecoveryCode, device_label, judge_password};
use crate::service::Identity;
use crate::store::{self, SessionKind, account, session};

/// Where a request comes from, as coarse as it is kept.
#[derive(Clone, Debug)]
pub struct Place {
    /// Such as `Chromium on Linux`.
    pub device: &'static str,
    pub address: AddressPrefix,
}

impl Place {
    pub fn new(user_agent: &str, address: AddressPrefix) -> Self {
        Self { device: device_label(user_agent), address }
    }
}

/// What a sign-in gives: the secret for the cookie, and who it is.
pub struct SignedIn {
    pub token: String,
    pub actor: AccountActor,
}

/// A guest's seat as a session.
pub struct NewSession {
    pub token: String,
    pub session: SessionId,
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub struct DeviceView {
    pub session: SessionId,
    pub device: Option<String>,
    pub place: Option<String>,
    pub created_at: kloud_base::Timestamp,
    pub last_used_at: kloud_base::Timestamp,
}

/// A use is written down at most so often.
const TOUCH_EVERY: Millis = 5 * MINUTE;

impl Identity {
    /// Signs in with a password. Slow and equal for known and unknown identifiers; failing waits longer and longer.
    pub async fn sign_in(
        &self,
        identifier: &str,
        password: Zeroizing<String>,
        place: &Place,
    ) -> Result<SignedIn, IdentityError> {
        let key = self.may_guess(identifier, place)?;
        let found = self.find_by_identifier(identifier).await?;
        let hash = match &found {
            Some(row) => {
                let grant = self.privacy().grant::<SignIn>(row.id, row.id, Own).await?;
                row.password().open(&grant)?.release(Compare)
            }
            None => None,
        };
        let fits = self.passwords().verify(password, hash).await;
        let Some(row) = found.filter(|_| fits) else {
            self.guessed_wrong(key);
            return Err(IdentityError::SignInFailed);
        };
        self.guesses().succeeded(&key);
        let sealer = self.privacy().month_sealer(row.id).await?;
        let mut tx = self.store().begin().await?;
        let mut signed_in = self.open_session(&mut tx, &sealer, place).await?;
        signed_in.actor.is_operator = row.is_operator;
        tx.append(row.stream_id, NewEvent::new("sessions.changed"), self.now()).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Signs in with a recovery code, which is used up, and sets a new password. All other sessions end.
    pub async fn recover(
        &self,
        identifier: &str,
        code: &str,
        new_password: Zeroizing<String>,
        place: &Place,
    ) -> Result<(SignedIn, usize), IdentityError> {
        let key = self.may_guess(identifier, place)?;
        let found = self.find_by_identifier(identifier).await?;
        let used = match (&found, RecoveryCode::parse(code)) {
            (Some(row), Some(code)) => self.matching_code(row.id, &code).await?,
            (Some(_) | None, _) => None,
        };
        let (Some(row), Some(used)) = (found, used) else {
            self.guessed_wrong(key);
            return Err(IdentityError::SignInFailed);
        };
        self.guesses().succeeded(&key);
        let password = self.accept_password(&row, new_password).await?;
        let sealer = self.privacy().month_sealer(row.id).await?;
        let (stream, is_operator) = (row.stream_id, row.is_operator);
        let mut tx = self.store().begin().await?;
        if !store::delete_recovery_code(&mut tx, used).await? {
            return Err(IdentityError::SignInFailed);
        }
        self.replace_password(&mut tx, &sealer, row, &password).await?;
        let ended = store::delete_sessions(&mut tx, sealer.subject(), None).await?;
        let mut signed_in = self.open_session(&mut tx, &sealer, place).await?;
        signed_in.actor.is_operator = is_operator;
        tx.append(stream, NewEvent::new("sessions.changed"), self.now()).await?;
        let left = store::recovery_codes_of(&tx, sealer.subject()).await?.len();
        tx.commit().await?;
        self.tell_ended(&ended);
        Ok((signed_in, left))
    }

    /// Shows the password once more; counts for a while.
    pub async fn reauthenticate(
        &self,
        actor: &AccountActor,
        password: Zeroizing<String>,
        place: &Place,
    ) -> Result<(), IdentityError> {
        let row = self.account(actor).await?;
        self.check_password(&row, password, place).await?;
        let mut tx = self.store().begin().await?;
        store::set_reauthenticated(&mut tx, actor.session, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Whether the person showed their password lately.
    pub fn is_reauthenticated(&self, actor: &AccountActor) -> bool {
        self.now() - actor.reauthenticated_at < REAUTHENTICATION_COUNTS
    }

    /// Changes the password; all other sessions end.
    pub async fn change_password(
        &self,
        actor: &AccountActor,
        current: Zeroizing<String>,
        new: Zeroizing<String>,
        place: &Place,
    ) -> Result<(), IdentityError> {
        let row = self.account(actor).await?;
        self.check_password(&row, current, place).await?;
        let password = self.accept_password(&row, new).await?;
        let sealer = self.privacy().sealer(actor.subject).await?;
        let stream = row.stream_id;
        let mut tx = self.store().begin().await?;
        self.replace_password(&mut tx, &sealer, row, &password).await?;
        store::set_reauthenticated(&mut tx, actor.session, self.now()).await?;
        let ended = store::delete_sessions(&mut tx, actor.subject, Some(actor.session)).await?;
        tx.append(stream, NewEvent::new("sessions.changed"), self.now()).await?;
        tx.commit().await?;
        self.tell_ended(&ended);
        Ok(())
    }

    /// New recovery codes; the old ones end.
    pub async fn renew_recovery_codes(&self, actor: &AccountActor) -> Result<Vec<String>, IdentityError> {
        let sealer = self.privacy().sealer(actor.subject).await?;
        let mut tx = self.store().begin().await?;
        let codes = self.new_recovery_codes(&mut tx, &sealer).await?;
        tx.commit().await?;
        Ok(codes)
    }

    /// A person's sessions, opened for themselves.
    pub async fn devices(&self, actor: &AccountActor) -> Result<Vec<DeviceView>, IdentityError> {
        let rows = store::sessions_of(&self.store().read().await?, actor.subject).await?;
        let grant = self.privacy().grant::<ShowOwn>(actor.subject, actor.subject, Own).await?;
        rows.into_iter()
            .map(|row| {
                Ok(DeviceView {
                    session: row.id,
                    device: row.device().open(&grant)?.release(Screen),
                    place: row.place().open(&grant)?.release(Screen),
                    created_at: row.created_at,
                    last_used_at: row.last_used_at,
                })
            })
            .collect()
    }

    /// Ends one session of a person; false when it is not theirs.
    pub async fn end_session(&self, subject: SubjectId, id: SessionId) -> Result<bool, IdentityError> {
        let mut tx = self.store().begin().await?;
        let found = store::delete_session(&mut tx, subject, id).await?;
        if let Some(row) = store::find_account(&tx, subject).await? {
            tx.append(row.stream_id, NewEvent::new("sessions.changed"), self.now()).await?;
        }
        tx.commit().await?;
        if found {
            self.tell_ended(&[id]);
        }
        Ok(found)
    }

    /// Ends all sessions of a person but the one at hand.
    pub async fn end_other_sessions(&self, actor: &AccountActor) -> Result<usize, IdentityError> {
        let row = self.account(actor).await?;
        let mut tx = self.store().begin().await?;
        let ended = store::delete_sessions(&mut tx, actor.subject, Some(actor.session)).await?;
        tx.append(row.stream_id, NewEvent::new("sessions.changed"), self.now()).await?;
        tx.commit().await?;
        self.tell_ended(&ended);
        Ok(ended.len())
    }

    /// Ends every session of a person, in the caller's transaction; tell with [`Identity::tell_ended`] after it.
    pub async fn end_all_sessions(&self, tx: &mut Tx, subject: SubjectId) -> Result<Vec<SessionId>, IdentityError> {
        Ok(store::delete_sessions(tx, subject, None).await?)
    }

    /// Tells sockets and media that sessions are over.
    pub fn tell_ended(&self, ended: &[SessionId]) {
        for session in ended {
            self.privacy().revoke(Revoked::Session(session.as_uuid()));
        }
    }

    /// A person's sessions, by id.
    pub async fn sessions_of(&self, subject: SubjectId) -> Result<Vec<SessionId>, IdentityError> {
        let rows = store::sessions_of(&self.store().read().await?, subject).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// Opens a session for a guest, in the caller's transaction; it lives so long.
    pub async fn open_guest_session(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        place: &Place,
        lives: Millis,
    ) -> Result<NewSession, IdentityError> {
        let (token, session) = self.insert_session(tx, sealer, place, SessionKind::Guest, lives).await?;
        Ok(NewSession { token, session })
    }

    pub(crate) async fn open_session(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        place: &Place,
    ) -> Result<SignedIn, IdentityError> {
        let lives = crate::model::SESSION_LIVES;
        let (token, session) = self.insert_session(tx, sealer, place, SessionKind::Account, lives).await?;
        let now = self.now();
        let is_operator = store::find_account(tx, sealer.subject()).await?.is_some_and(|row| row.is_operator);
        let actor = AccountActor {
            subject: sealer.subject(),
            session,
            is_operator,
            signed_in_at: now,
            reauthenticated_at: now,
        };
        Ok(SignedIn { token, actor })
    }

    async fn insert_session(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        place: &Place,
        kind: SessionKind,
        lives: Millis,
    ) -> Result<(String, SessionId), IdentityError> {
        let now = self.now();
        let id = SessionId::new(now, self.rng());
        let token = data_encoding::BASE64URL_NOPAD.encode(&random_bytes::<32>(self.rng()));
        let row = session::Model {
            id,
            subject_id: sealer.subject(),
            kind,
            token_hash: token_hash(&token),
            device: session::Model::seal_device(sealer, id, place.device)?,
            place: session::Model::seal_place(sealer, id, &place.address.to_string())?,
            created_at: now,
            last_used_at: now,
            reauthenticated_at: now,
            expires_at: now + lives,
        };
        store::insert_session(tx, row).await?;
        Ok((token, id))
    }

    async fn find_by_identifier(&self, identifier: &str) -> Result<Option<account::Model>, IdentityError> {
        let Ok(identifier) = Identifier::parse(identifier) else { return Ok(None) };
        let Some(subject) = self.privacy().find_identifier(Index::SignIn, &identifier.folded()).await? else {
            return Ok(None);
        };
        Ok(store::find_account(&self.store().read().await?, subject).await?)
    }

    async fn matching_code(
        &self,
        subject: SubjectId,
        code: &RecoveryCode,
    ) -> Result<Option<store::RecoveryCodeId>, IdentityError> {
        let wanted = code_hash(subject, code);
        let grant = self.privacy().grant::<SignIn>(subject, subject, Own).await?;
        let mut found = None;
        for row in store::recovery_codes_of(&self.store().read().await?, subject).await? {
            let hash = row.code_hash().open(&grant)?.release(Compare);
            if hash.is_some_and(|hash| bool::from(hash.ct_eq(&wanted))) {
                found = Some(row.id);
            }
        }
        Ok(found)
    }

    async fn check_password(
        &self,
        row: &account::Model,
        password: Zeroizing<String>,
        place: &Place,
    ) -> Result<(), IdentityError> {
        let key = self.may_guess(&row.id.to_string(), place)?;
        let grant = self.privacy().grant::<SignIn>(row.id, row.id, Own).await?;
        let hash = row.password().open(&grant)?.release(Compare);
        if self.passwords().verify(password, hash).await {
            self.guesses().succeeded(&key);
            Ok(())
        } else {
            self.guessed_wrong(key);
            Err(IdentityError::SignInFailed)
        }
    }

    /// Judges a new password against the person's own words and hashes it.
    async fn accept_password(
        &self,
        row: &account::Model,
        new: Zeroizing<String>,
    ) -> Result<Zeroizing<String>, IdentityError> {
        let grant = self.privacy().grant::<ShowOwn>(row.id, row.id, Own).await?;
        let identifier = row.identifier().open(&grant)?.release(Screen).unwrap_or_default();
        let nickname = row.nickname().open(&grant)?.release(Screen).unwrap_or_default();
        match judge_password(&new, &[&identifier, &nickname]).fault {
            Some(fault) => Err(IdentityError::Password(fault)),
            None => Ok(Zeroizing::new(self.passwords().hash(new).await)),
        }
    }

    async fn replace_password(
        &self,
        tx: &mut Tx,
        sealer: &Sealer,
        mut row: account::Model,
        hash: &str,
    ) -> Result<(), IdentityError> {
        row.password = account::Model::seal_password(sealer, row.id, hash)?;
        row.credentials_changed_at = self.now();
        Ok(store::save_account(tx, row).await?)
    }

    fn may_guess(&self, identifier: &str, place: &Place) -> Result<(String, AddressPrefix), IdentityError> {
        let folded: String = identifier.trim().to_lowercase().chars().take(254).collect();
        let key = (folded, place.address);
        let now = self.now();
        let wait = self.guesses().wait(&key, now).max(self.guesses_from().wait(&place.address, now));
        if wait > 0 { Err(IdentityError::TooManyAttempts(wait)) } else { Ok(key) }
    }

    fn guessed_wrong(&self, key: (String, AddressPrefix)) {
        let now = self.now();
        self.guesses_from().failed(key.1, now);
        self.guesses().failed(key, now);
    }

    async fn live_session(&self, token: Option<&str>, kind: SessionKind) -> Result<Option<session::Model>, StoreError> {
        let Some(token) = token.filter(|token| token.len() == 43) else { return Ok(None) };
        let now = self.now();
        let row = store::session_by_token(&self.store().read().await?, &token_hash(token)).await?;
        let Some(row) = row.filter(|row| row.kind == kind && row.expires_at > now) else { return Ok(None) };
        if now - row.last_used_at > TOUCH_EVERY {
            let lives = row.expires_at - row.last_used_at;
            let expires_at = match kind {
                SessionKind::Account => now + lives,
                SessionKind::Guest => row.expires_at,
            };
            let mut tx = self.store().begin().await?;
            store::touch_session(&mut tx, row.id, now, expires_at).await?;
            tx.commit().await?;
        }
        Ok(Some(row))
    }
}

#[async_trait]
impl Authenticate for Identity {
    async fn authenticate(&self, tokens: Tokens<'_>) -> Result<Caller, StoreError> {
        let mut caller = Caller::default();
        if let Some(row) = self.live_session(tokens.account, SessionKind::Account).await? {
            let account = store::find_account(&self.store().read().await?, row.subject_id).await?;
            caller.account = account.map(|account| AccountActor {
                subject: row.subject_id,
                session: row.id,
                is_operator: account.is_operator,
                signed_in_at: row.created_at,
                reauthenticated_at: row.reauthenticated_at,
            });
        }
        if let Some(row) = self.live_session(tokens.guest, SessionKind::Guest).await? {
            caller.guest = Some(GuestActor { subject: row.subject_id, session: row.id });
        }
        Ok(caller)
    }
}

fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A code has 60 random bits, so one round of hashing under its owner is enough.
pub(crate) fn code_hash(subject: SubjectId, code: &RecoveryCode) -> Vec<u8> {
    Sha256::new().chain_update(subject.as_bytes()).chain_update(code.to_string()).finalize().to_vec()
}
