//! Rows of identity: the instance, accounts, sessions, recovery codes.

use kloud_base::{Timestamp, text_enum, typed_id};
use kloud_http::SessionId;
use kloud_privacy::category::{Behaviour, Contact, Credential, Identity};
use kloud_privacy::purposes::{Notify, Protect, ShowToAudience, SignIn};
use kloud_privacy::{PersonalData, Sealed, SubjectId};
use kloud_store::{Read, StoreError, StreamId, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder};

use crate::model::{Language, Theme};

typed_id!(
    /// One unused recovery code.
    RecoveryCodeId,
    "rec"
);

text_enum! {
    /// Whose session it is.
    pub enum SessionKind { Account = "account", Guest = "guest" }
}

/// The one instance row.
pub const THE_INSTANCE: i32 = 1;

pub mod instance {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "instances")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("always 1")]
        pub id: i32,
        #[not_personal("the instance's own name")]
        pub name: String,
        #[not_personal("the public contact of whoever is responsible, shown to everybody on purpose")]
        pub officer_name: String,
        #[not_personal("the public contact of whoever is responsible, shown to everybody on purpose")]
        pub officer_contact: String,
        #[not_personal("a promise, not a person")]
        pub answers_within_days: i32,
        #[not_personal("when the instance began")]
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod account {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "accounts")]
    #[personal(subject = "id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[personal(label = "account.id", category = Pseudonym, purposes(), basis = Contract, source = Observed, retention = account_life, erase = delete)]
        pub id: SubjectId,
        #[not_personal("random, leads to nobody without this row")]
        pub stream_id: StreamId,
        #[personal(label = "account.identifier", category = Contact, purposes(SignIn, Notify), basis = Contract, source = User, retention = account_life, erase = shred)]
        pub identifier: Sealed<String, Contact>,
        #[personal(label = "account.nickname", category = Identity, purposes(ShowToAudience), basis = Contract, source = User, retention = account_life, erase = shred)]
        pub nickname: Sealed<String, Identity>,
        #[personal(label = "account.real_name", category = Identity, purposes(), basis = Consent, source = User, retention = account_life, erase = shred)]
        pub real_name: Option<Sealed<String, Identity>>,
        #[personal(label = "account.age_band", category = Identity, purposes(), basis = Law, source = User, retention = account_life, erase = shred)]
        pub age_band: Option<Sealed<String, Identity>>,
        #[personal(label = "account.password", category = Credential, purposes(SignIn), basis = Contract, source = User, retention = account_life, erase = shred)]
        pub password: Sealed<String, Credential>,
        #[personal(label = "account.language", category = Behaviour, purposes(), basis = Contract, source = User, retention = account_life, erase = delete)]
        pub language: Language,
        #[personal(label = "account.theme", category = Behaviour, purposes(), basis = Contract, source = User, retention = account_life, erase = delete)]
        pub theme: Theme,
        #[personal(label = "account.is_operator", category = Pseudonym, purposes(), basis = Contract, source = Observed, retention = account_life, erase = delete)]
        pub is_operator: bool,
        #[personal(label = "account.credentials_changed_at", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = account_life, erase = delete)]
        pub credentials_changed_at: Timestamp,
        #[personal(label = "account.created_at", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = account_life, erase = delete)]
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod session {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "sessions")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("random")]
        pub id: SessionId,
        #[personal(label = "session.subject", category = Pseudonym, purposes(), basis = Contract, source = Observed, retention = days(60, "last_used_at"), erase = delete)]
        pub subject_id: SubjectId,
        #[not_personal("account or guest")]
        pub kind: SessionKind,
        #[not_personal("the hash of a random secret")]
        pub token_hash: Vec<u8>,
        #[personal(label = "session.device", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = days(60, "last_used_at"), erase = shred)]
        pub device: Sealed<String, Behaviour>,
        #[personal(label = "session.place", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = days(60, "last_used_at"), erase = shred)]
        pub place: Sealed<String, Behaviour>,
        #[personal(label = "session.created_at", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = days(60, "last_used_at"), erase = delete)]
        pub created_at: Timestamp,
        #[personal(label = "session.last_used_at", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = days(60, "last_used_at"), erase = delete)]
        pub last_used_at: Timestamp,
        #[personal(label = "session.reauthenticated_at", category = Behaviour, purposes(Protect), basis = LegitimateInterest, source = Observed, retention = days(60, "last_used_at"), erase = delete)]
        pub reauthenticated_at: Timestamp,
        #[not_personal("a bound")]
        pub expires_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod recovery_code {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "recovery_codes")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("random")]
        pub id: RecoveryCodeId,
        #[personal(label = "recovery_code.subject", category = Pseudonym, purposes(), basis = Contract, source = Observed, retention = account_life, erase = delete)]
        pub subject_id: SubjectId,
        #[personal(label = "recovery_code.hash", category = Credential, purposes(SignIn), basis = Contract, source = Observed, retention = account_life, erase = shred)]
        pub code_hash: Sealed<Vec<u8>, Credential>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn the_instance(read: &Read) -> Result<Option<instance::Model>, StoreError> {
    Ok(instance::Entity::find_by_id(THE_INSTANCE).one(read.db()).await?)
}

pub async fn insert_instance(tx: &mut Tx, row: instance::Model) -> Result<(), StoreError> {
    instance::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn insert_account(tx: &mut Tx, row: account::Model) -> Result<(), StoreError> {
    account::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_account(read: &Read, id: SubjectId) -> Result<Option<account::Model>, StoreError> {
    Ok(account::Entity::find_by_id(id).one(read.db()).await?)
}

/// Writes every column anew.
pub async fn save_account(tx: &mut Tx, row: account::Model) -> Result<(), StoreError> {
    account::Entity::update(row.into_active_model().reset_all()).exec(tx.db()).await?;
    Ok(())
}

pub async fn delete_account(tx: &mut Tx, id: SubjectId) -> Result<u64, StoreError> {
    Ok(account::Entity::delete_by_id(id).exec(tx.db()).await?.rows_affected)
}

pub async fn insert_session(tx: &mut Tx, row: session::Model) -> Result<(), StoreError> {
    session::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn session_by_token(read: &Read, hash: &[u8]) -> Result<Option<session::Model>, StoreError> {
    Ok(session::Entity::find().filter(session::Column::TokenHash.eq(hash)).one(read.db()).await?)
}

/// A person's sessions, the newest first.
pub async fn sessions_of(read: &Read, subject: SubjectId) -> Result<Vec<session::Model>, StoreError> {
    Ok(session::Entity::find()
        .filter(session::Column::SubjectId.eq(subject))
        .order_by_desc(session::Column::LastUsedAt)
        .all(read.db())
        .await?)
}

pub async fn touch_session(
    tx: &mut Tx,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    let row =
        session::ActiveModel { id: Set(id), last_used_at: Set(now), expires_at: Set(expires_at), ..Default::default() };
    session::Entity::update_many().set(row).filter(session::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub async fn set_reauthenticated(tx: &mut Tx, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    let row = session::ActiveModel { reauthenticated_at: Set(now), ..Default::default() };
    session::Entity::update_many().set(row).filter(session::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

/// Ends one session of a person; false when it is not theirs or was over.
pub async fn delete_session(tx: &mut Tx, subject: SubjectId, id: SessionId) -> Result<bool, StoreError> {
    let done = session::Entity::delete_many()
        .filter(session::Column::Id.eq(id))
        .filter(session::Column::SubjectId.eq(subject))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected > 0)
}

/// Ends all sessions of a person but one; the answer is which.
pub async fn delete_sessions(
    tx: &mut Tx,
    subject: SubjectId,
    but: Option<SessionId>,
) -> Result<Vec<SessionId>, StoreError> {
    let ended: Vec<SessionId> =
        sessions_of(tx, subject).await?.into_iter().map(|row| row.id).filter(|id| Some(*id) != but).collect();
    session::Entity::delete_many().filter(session::Column::Id.is_in(ended.iter().copied())).exec(tx.db()).await?;
    Ok(ended)
}

/// Ends what has not been used for too long.
pub async fn delete_expired_sessions(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let done = session::Entity::delete_many().filter(session::Column::ExpiresAt.lte(now)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}

pub async fn recovery_codes_of(read: &Read, subject: SubjectId) -> Result<Vec<recovery_code::Model>, StoreError> {
    Ok(recovery_code::Entity::find().filter(recovery_code::Column::SubjectId.eq(subject)).all(read.db()).await?)
}

pub async fn insert_recovery_codes(tx: &mut Tx, rows: Vec<recovery_code::Model>) -> Result<(), StoreError> {
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    recovery_code::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn delete_recovery_code(tx: &mut Tx, id: RecoveryCodeId) -> Result<bool, StoreError> {
    Ok(recovery_code::Entity::delete_by_id(id).exec(tx.db()).await?.rows_affected > 0)
}

pub async fn delete_recovery_codes(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    let done =
        recovery_code::Entity::delete_many().filter(recovery_code::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}

/// How many rows of a person are left, in all tables of identity.
pub async fn count_rows(read: &Read, subject: SubjectId) -> Result<u64, StoreError> {
    let accounts = account::Entity::find_by_id(subject).count(read.db()).await?;
    let sessions = session::Entity::find().filter(session::Column::SubjectId.eq(subject)).count(read.db()).await?;
    let codes =
        recovery_code::Entity::find().filter(recovery_code::Column::SubjectId.eq(subject)).count(read.db()).await?;
    Ok(accounts + sessions + codes)
}
