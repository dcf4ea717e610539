//! Rows of erasures and of what their holders did.

use kloud_base::Timestamp;
use kloud_store::{Engine, Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{IntoActiveModel, QueryOrder, QuerySelect, Set};

use super::{ErasureId, ErasureState};
use crate::PersonalData;
use crate::subject::{KeyId, SubjectId};

pub(crate) mod erasure {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "erasures")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: ErasureId,
        #[not_personal("whose row it is, until the certificate is made")]
        pub subject_id: Option<SubjectId>,
        #[not_personal("a random id, until the certificate is made")]
        pub key_id: Option<KeyId>,
        #[personal(
            label = "erasure.state", category = Behaviour, purposes(), basis = Law, source = User,
            retention = days(30, "expires_at"), erase = keep("the machine's own state; it names nobody at its end")
        )]
        pub state: ErasureState,
        #[personal(
            label = "erasure.requested_at", category = Behaviour, purposes(), basis = Law, source = User,
            retention = days(30, "expires_at"), erase = keep("the machine's own state; it names nobody at its end")
        )]
        pub requested_at: Timestamp,
        #[not_personal("when it may go on")]
        pub due_at: Timestamp,
        #[not_personal("the hash of a random token that only the person has")]
        pub token_hash: Vec<u8>,
        #[not_personal("when the keys went")]
        pub keys_gone_at: Option<Timestamp>,
        #[not_personal("when the last root over them dies")]
        pub backups_gone_at: Option<Timestamp>,
        #[not_personal("names of categories")]
        pub categories: Option<String>,
        #[not_personal("a random number, categories, counts and dates; no name")]
        #[sea_orm(column_type = "Text", nullable)]
        pub certificate: Option<String>,
        #[not_personal("when the certificate goes")]
        pub expires_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod step {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "erasure_steps")]
    #[not_personal("how many things a holder removed")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub erasure_id: ErasureId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub holder: String,
        pub removed: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn insert(tx: &mut Tx, row: erasure::Model) -> Result<(), StoreError> {
    erasure::Entity::insert(erasure::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub(crate) async fn find(read: &Read, id: ErasureId) -> Result<Option<erasure::Model>, StoreError> {
    Ok(erasure::Entity::find_by_id(id).one(read.db()).await?)
}

/// The row, held until the transaction ends.
pub(crate) async fn lock(tx: &Tx, id: ErasureId) -> Result<Option<erasure::Model>, StoreError> {
    let mut find = erasure::Entity::find_by_id(id);
    if tx.engine() == Engine::Postgres {
        find = find.lock_exclusive();
    }
    Ok(find.one(tx.db()).await?)
}

pub(crate) async fn find_by_token(read: &Read, hash: &[u8]) -> Result<Option<erasure::Model>, StoreError> {
    Ok(erasure::Entity::find().filter(erasure::Column::TokenHash.eq(hash.to_vec())).one(read.db()).await?)
}

pub(crate) async fn of_subject(read: &Read, subject: SubjectId) -> Result<Vec<erasure::Model>, StoreError> {
    Ok(erasure::Entity::find().filter(erasure::Column::SubjectId.eq(subject)).all(read.db()).await?)
}

pub(crate) async fn of_key(read: &Read, key: KeyId) -> Result<Option<erasure::Model>, StoreError> {
    Ok(erasure::Entity::find().filter(erasure::Column::KeyId.eq(key)).one(read.db()).await?)
}

/// Erasures that are neither certified nor taken back.
pub(crate) async fn open(read: &Read) -> Result<Vec<erasure::Model>, StoreError> {
    let closed = [ErasureState::Certified, ErasureState::TakenBack];
    Ok(erasure::Entity::find().filter(erasure::Column::State.is_not_in(closed)).all(read.db()).await?)
}

/// Writes the whole row.
pub(crate) async fn update(tx: &mut Tx, row: erasure::Model) -> Result<(), StoreError> {
    let id = row.id;
    let row = row.into_active_model().reset_all();
    erasure::Entity::update_many().set(row).filter(erasure::Column::Id.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn add_removed(tx: &mut Tx, id: ErasureId, holder: &str, removed: i64) -> Result<(), StoreError> {
    let row = step::ActiveModel { erasure_id: Set(id), holder: Set(holder.to_owned()), removed: Set(removed) };
    step::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([step::Column::ErasureId, step::Column::Holder])
                .value(step::Column::Removed, Expr::col((step::Entity, step::Column::Removed)).add(removed))
                .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn steps(read: &Read, id: ErasureId) -> Result<Vec<step::Model>, StoreError> {
    Ok(step::Entity::find()
        .filter(step::Column::ErasureId.eq(id))
        .order_by_asc(step::Column::Holder)
        .all(read.db())
        .await?)
}

pub(crate) async fn delete_steps(tx: &mut Tx, id: ErasureId) -> Result<(), StoreError> {
    step::Entity::delete_many().filter(step::Column::ErasureId.eq(id)).exec(tx.db()).await?;
    Ok(())
}

pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let done = erasure::Entity::delete_many().filter(erasure::Column::ExpiresAt.lte(now)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}
