//! The rows of the keystore. The only module that queries them.
//!
//! Nothing here says whose an identifier or a stand-in is, without a root: `whose` is the subject's id under the root,
//! rewrapped with it every night, and `owner_tag` is a MAC under the subject's own key, so that a copy of this database
//! whose root has died leads from no address and from no shared row to a subject.

use kloud_base::{Timestamp, text_enum};
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder, QuerySelect, Set};
use uuid::Uuid;

use crate::category::{CategoryName, KeyClass};
use crate::subject::{KeyId, Life, MemberId, SubjectId, SubjectKind};

text_enum! {
    /// What ended for good. A restore revives none of it.
    pub enum EndingKind {
        Subject = "subject",
        Key = "key",
        Consent = "consent",
        Permission = "permission",
        Objection = "objection",
        Membership = "membership",
        Share = "share",
    }
}

pub(crate) mod subject {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "subjects")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SubjectId,
        pub kind: SubjectKind,
        pub life: Life,
        pub root_id: Uuid,
        pub wrapped: Vec<u8>,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod key {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: KeyId,
        pub subject_id: SubjectId,
        pub category: CategoryName,
        pub class: KeyClass,
        /// The month of a monthly key since year 0, 0 for a standing one, absent for a single one.
        pub period: Option<i64>,
        pub wrapped: Vec<u8>,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod member {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MemberId,
        pub root_id: Uuid,
        pub whose: Vec<u8>,
        pub owner_tag: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

text_enum! {
    /// Whether an identifier is somebody's already.
    pub enum IdentifierState { Reserved = "reserved", Confirmed = "confirmed" }
}

pub(crate) mod identifier {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "identifiers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub index_name: String,
        pub token: Vec<u8>,
        pub state: IdentifierState,
        pub root_id: Uuid,
        pub whose: Vec<u8>,
        pub owner_tag: Vec<u8>,
        pub expires_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod instance_key {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "instance_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub root_id: Uuid,
        pub wrapped: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod ending {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "endings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: EndingKind,
        pub day: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod sweep {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "sweeps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub erasure_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: EndingKind,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn insert_subject(tx: &mut Tx, row: subject::Model) -> Result<(), StoreError> {
    subject::Entity::insert(subject::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub(crate) async fn find_subject(read: &Read, id: SubjectId) -> Result<Option<subject::Model>, StoreError> {
    Ok(subject::Entity::find_by_id(id).one(read.db()).await?)
}

/// The subject's row, held until the transaction ends, so that its life does not change meanwhile.
pub(crate) async fn lock_subject(tx: &Tx, id: SubjectId) -> Result<Option<subject::Model>, StoreError> {
    let mut find = subject::Entity::find_by_id(id);
    if tx.engine() == kloud_store::Engine::Postgres {
        find = find.lock_exclusive();
    }
    Ok(find.one(tx.db()).await?)
}

pub(crate) async fn find_subjects(
    read: &Read,
    ids: impl IntoIterator<Item = SubjectId>,
) -> Result<Vec<subject::Model>, StoreError> {
    Ok(subject::Entity::find().filter(subject::Column::Id.is_in(ids)).all(read.db()).await?)
}

pub(crate) async fn closing_subjects(read: &Read) -> Result<Vec<SubjectId>, StoreError> {
    let rows = subject::Entity::find().filter(subject::Column::Life.eq(Life::Closing)).all(read.db()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn subjects_created_before(read: &Read, at: Timestamp) -> Result<Vec<SubjectId>, StoreError> {
    let rows = subject::Entity::find()
        .filter(subject::Column::CreatedAt.lt(at))
        .filter(subject::Column::Life.eq(Life::Living))
        .all(read.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn set_closing(tx: &mut Tx, id: SubjectId) -> Result<(), StoreError> {
    subject::Entity::update_many()
        .col_expr(subject::Column::Life, Expr::value(Life::Closing))
        .filter(subject::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn delete_subject(tx: &mut Tx, id: SubjectId) -> Result<(), StoreError> {
    subject::Entity::delete_by_id(id).exec(tx.db()).await?;
    Ok(())
}

/// Takes each key unless its place (subject, category, period) is taken already.
pub(crate) async fn insert_keys(tx: &mut Tx, rows: Vec<key::Model>) -> Result<(), StoreError> {
    key::Entity::insert_many(rows.into_iter().map(key::ActiveModel::from))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// The standing and monthly keys of these subjects.
pub(crate) async fn shared_keys(
    read: &Read,
    subjects: impl IntoIterator<Item = SubjectId>,
) -> Result<Vec<key::Model>, StoreError> {
    Ok(key::Entity::find()
        .filter(key::Column::SubjectId.is_in(subjects))
        .filter(key::Column::Period.is_not_null())
        .all(read.db())
        .await?)
}

pub(crate) async fn keys_by_id(
    read: &Read,
    ids: impl IntoIterator<Item = KeyId>,
) -> Result<Vec<key::Model>, StoreError> {
    Ok(key::Entity::find().filter(key::Column::Id.is_in(ids)).all(read.db()).await?)
}

pub(crate) async fn keys_of(read: &Read, subject: SubjectId) -> Result<Vec<key::Model>, StoreError> {
    Ok(key::Entity::find().filter(key::Column::SubjectId.eq(subject)).all(read.db()).await?)
}

/// Single keys made before a moment, for the reconciler.
pub(crate) async fn single_keys_created_before(read: &Read, at: Timestamp) -> Result<Vec<KeyId>, StoreError> {
    let rows = key::Entity::find()
        .filter(key::Column::Class.eq(KeyClass::Single))
        .filter(key::Column::CreatedAt.lt(at))
        .all(read.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Monthly keys of a period before `period`.
pub(crate) async fn monthly_keys_before(read: &Read, period: i64) -> Result<Vec<key::Model>, StoreError> {
    Ok(key::Entity::find()
        .filter(key::Column::Class.eq(KeyClass::Monthly))
        .filter(key::Column::Period.lt(period))
        .all(read.db())
        .await?)
}

pub(crate) async fn delete_keys(tx: &mut Tx, ids: impl IntoIterator<Item = KeyId>) -> Result<(), StoreError> {
    key::Entity::delete_many().filter(key::Column::Id.is_in(ids)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn insert_member(tx: &mut Tx, row: member::Model) -> Result<(), StoreError> {
    member::Entity::insert(member::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub(crate) async fn find_members(
    read: &Read,
    ids: impl IntoIterator<Item = MemberId>,
) -> Result<Vec<member::Model>, StoreError> {
    Ok(member::Entity::find().filter(member::Column::Id.is_in(ids)).all(read.db()).await?)
}

pub(crate) async fn members_of(read: &Read, owner_tag: &[u8]) -> Result<Vec<MemberId>, StoreError> {
    let rows = member::Entity::find()
        .filter(member::Column::OwnerTag.eq(owner_tag.to_vec()))
        .order_by_asc(member::Column::Id)
        .all(read.db())
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn delete_members_of(tx: &mut Tx, owner_tag: &[u8]) -> Result<(), StoreError> {
    member::Entity::delete_many().filter(member::Column::OwnerTag.eq(owner_tag.to_vec())).exec(tx.db()).await?;
    Ok(())
}

/// Whether the identifier was free; a reservation that has expired is.
pub(crate) async fn insert_identifier(tx: &mut Tx, row: identifier::Model, now: Timestamp) -> Result<bool, StoreError> {
    identifier::Entity::delete_many()
        .filter(identifier::Column::IndexName.eq(&row.index_name))
        .filter(identifier::Column::Token.eq(row.token.clone()))
        .filter(identifier::Column::State.eq(IdentifierState::Reserved))
        .filter(identifier::Column::ExpiresAt.lte(now))
        .exec(tx.db())
        .await?;
    let taken = identifier::Entity::insert(identifier::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(taken > 0)
}

pub(crate) async fn find_identifier(
    read: &Read,
    index_name: &str,
    token: &[u8],
) -> Result<Option<identifier::Model>, StoreError> {
    Ok(identifier::Entity::find()
        .filter(identifier::Column::IndexName.eq(index_name))
        .filter(identifier::Column::Token.eq(token.to_vec()))
        .one(read.db())
        .await?)
}

pub(crate) async fn reserved_identifiers(read: &Read) -> Result<Vec<identifier::Model>, StoreError> {
    Ok(identifier::Entity::find()
        .filter(identifier::Column::State.eq(IdentifierState::Reserved))
        .all(read.db())
        .await?)
}

pub(crate) async fn confirm_identifier(tx: &mut Tx, id: Uuid) -> Result<bool, StoreError> {
    let done = identifier::Entity::update_many()
        .col_expr(identifier::Column::State, Expr::value(IdentifierState::Confirmed))
        .col_expr(identifier::Column::ExpiresAt, Expr::value(Option::<i64>::None))
        .filter(identifier::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(done.rows_affected > 0)
}

pub(crate) async fn delete_identifier(tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
    identifier::Entity::delete_by_id(id).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn delete_identifiers_of(tx: &mut Tx, owner_tag: &[u8]) -> Result<(), StoreError> {
    identifier::Entity::delete_many().filter(identifier::Column::OwnerTag.eq(owner_tag.to_vec())).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn instance_key(read: &Read, name: &str) -> Result<Option<instance_key::Model>, StoreError> {
    Ok(instance_key::Entity::find_by_id(name.to_owned()).one(read.db()).await?)
}

/// Takes the key unless one of this name is there.
pub(crate) async fn insert_instance_key(tx: &mut Tx, row: instance_key::Model) -> Result<(), StoreError> {
    instance_key::Entity::insert(instance_key::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn insert_ending(tx: &mut Tx, row: ending::Model) -> Result<(), StoreError> {
    ending::Entity::insert(ending::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Endings that may not be in the ledger yet, by id: their order tells nothing.
pub(crate) async fn endings(read: &Read) -> Result<Vec<ending::Model>, StoreError> {
    Ok(ending::Entity::find().order_by_asc(ending::Column::Id).all(read.db()).await?)
}

pub(crate) async fn delete_endings(tx: &mut Tx, ids: impl IntoIterator<Item = Uuid>) -> Result<(), StoreError> {
    ending::Entity::delete_many().filter(ending::Column::Id.is_in(ids)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn insert_sweep(tx: &mut Tx, row: sweep::Model) -> Result<(), StoreError> {
    sweep::Entity::insert(sweep::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn sweeps(read: &Read, erasure: Uuid) -> Result<Vec<sweep::Model>, StoreError> {
    Ok(sweep::Entity::find().filter(sweep::Column::ErasureId.eq(erasure)).all(read.db()).await?)
}

pub(crate) async fn delete_sweeps(tx: &mut Tx, erasure: Uuid) -> Result<(), StoreError> {
    sweep::Entity::delete_many().filter(sweep::Column::ErasureId.eq(erasure)).exec(tx.db()).await?;
    Ok(())
}

/// What is still under another root than `root`, at most `limit` rows of each kind.
pub(crate) struct Stale {
    pub(crate) subjects: Vec<subject::Model>,
    pub(crate) members: Vec<member::Model>,
    pub(crate) identifiers: Vec<identifier::Model>,
    pub(crate) instance_keys: Vec<instance_key::Model>,
}

impl Stale {
    pub(crate) fn is_empty(&self) -> bool {
        self.subjects.is_empty()
            && self.members.is_empty()
            && self.identifiers.is_empty()
            && self.instance_keys.is_empty()
    }
}

pub(crate) async fn stale(read: &Read, root: Uuid, limit: u64) -> Result<Stale, StoreError> {
    let db = read.db();
    Ok(Stale {
        subjects: subject::Entity::find().filter(subject::Column::RootId.ne(root)).limit(limit).all(db).await?,
        members: member::Entity::find().filter(member::Column::RootId.ne(root)).limit(limit).all(db).await?,
        identifiers: identifier::Entity::find()
            .filter(identifier::Column::RootId.ne(root))
            .limit(limit)
            .all(db)
            .await?,
        instance_keys: instance_key::Entity::find()
            .filter(instance_key::Column::RootId.ne(root))
            .limit(limit)
            .all(db)
            .await?,
    })
}

pub(crate) async fn rewrap_subject(tx: &mut Tx, id: SubjectId, root: Uuid, wrapped: Vec<u8>) -> Result<(), StoreError> {
    let row = subject::ActiveModel { id: Set(id), root_id: Set(root), wrapped: Set(wrapped), ..Default::default() };
    subject::Entity::update_many().set(row).filter(subject::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn rewrap_member(tx: &mut Tx, id: MemberId, root: Uuid, whose: Vec<u8>) -> Result<(), StoreError> {
    let row = member::ActiveModel { root_id: Set(root), whose: Set(whose), ..Default::default() };
    member::Entity::update_many().set(row).filter(member::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn rewrap_identifier(tx: &mut Tx, id: Uuid, root: Uuid, whose: Vec<u8>) -> Result<(), StoreError> {
    let row = identifier::ActiveModel { root_id: Set(root), whose: Set(whose), ..Default::default() };
    identifier::Entity::update_many().set(row).filter(identifier::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn rewrap_instance_key(
    tx: &mut Tx,
    name: &str,
    root: Uuid,
    wrapped: Vec<u8>,
) -> Result<(), StoreError> {
    let row = instance_key::ActiveModel { root_id: Set(root), wrapped: Set(wrapped), ..Default::default() };
    instance_key::Entity::update_many().set(row).filter(instance_key::Column::Name.eq(name)).exec(tx.db()).await?;
    Ok(())
}

/// Whether anything is here that needs a root.
pub(crate) async fn holds_keys(read: &Read) -> Result<bool, StoreError> {
    Ok(subject::Entity::find().one(read.db()).await?.is_some()
        || instance_key::Entity::find().one(read.db()).await?.is_some())
}

pub(crate) async fn delete_keys_of(tx: &mut Tx, subject: SubjectId) -> Result<(), StoreError> {
    key::Entity::delete_many().filter(key::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(())
}
