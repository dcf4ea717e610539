//! Rows of consents, their leaves and the signed heads.

use kloud_base::Timestamp;
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{QueryOrder, Set};
use uuid::Uuid;

use super::{Answer, ConsentId, ConsentRecord};
use crate::PersonalData;
use crate::category::Identity;
use crate::sealed::Sealed;
use crate::subject::SubjectId;

pub(crate) mod consent {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "consents")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: ConsentId,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "consent.purpose", category = Identity, purposes(), basis = Law, source = User,
            retention = account_life, erase = delete
        )]
        pub purpose: String,
        #[not_personal("which text the purpose had")]
        pub purpose_version: i32,
        #[personal(
            label = "consent.scope", category = Identity, purposes(), basis = Law, source = User,
            retention = account_life, erase = delete
        )]
        pub scope: Uuid,
        #[personal(
            label = "consent.answer", category = Identity, purposes(), basis = Law, source = User,
            retention = account_life, erase = delete
        )]
        pub answer: Answer,
        #[personal(
            label = "consent.given_at", category = Identity, purposes(), basis = Law, source = User,
            retention = account_life, erase = delete
        )]
        pub given_at: Timestamp,
        #[personal(
            label = "consent.until", category = Identity, purposes(), basis = Law, source = User,
            retention = account_life, erase = delete
        )]
        pub until: Option<Timestamp>,
        #[not_personal("the number of its leaf, which says nothing of whom")]
        #[sea_orm(unique)]
        pub leaf: i64,
        #[personal(
            label = "consent.record", purposes(), basis = Law, source = User, retention = account_life,
            erase = shred
        )]
        pub record: Sealed<ConsentRecord, Identity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod leaf {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "consent_leaves")]
    #[not_personal("a salted hash; once record and salt are gone it is noise")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub hash: Vec<u8>,
        pub day: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod chain {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "leaf_chain")]
    #[not_personal("a count and a hash over all leaves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub count: i64,
        pub hash: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod head {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "leaf_heads")]
    #[not_personal("a signed count and hash over all leaves, published")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub day: i64,
        pub count: i64,
        pub hash: Vec<u8>,
        pub signature: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

const CHAIN: i32 = 1;

/// Appends a leaf; its number and the chain's new hash. `link` makes the next hash from the last one.
pub(crate) async fn append_leaf(
    tx: &mut Tx,
    hash: [u8; 32],
    day: i64,
    link: impl FnOnce(&[u8], &[u8; 32]) -> [u8; 32],
) -> Result<i64, StoreError> {
    // The update takes the row's lock, so numbers have no holes and the chain no forks.
    let first = chain::ActiveModel { id: Set(CHAIN), count: Set(1), hash: Set(Vec::new()) };
    let state = chain::Entity::insert(first)
        .on_conflict(
            OnConflict::column(chain::Column::Id)
                .value(chain::Column::Count, Expr::col((chain::Entity, chain::Column::Count)).add(1))
                .to_owned(),
        )
        .exec_with_returning(tx.db())
        .await?;
    let next = link(&state.hash, &hash);
    chain::Entity::update_many()
        .col_expr(chain::Column::Hash, Expr::value(next.to_vec()))
        .filter(chain::Column::Id.eq(CHAIN))
        .exec(tx.db())
        .await?;
    let row = leaf::ActiveModel { number: Set(state.count), hash: Set(hash.to_vec()), day: Set(day) };
    leaf::Entity::insert(row).exec_without_returning(tx.db()).await?;
    Ok(state.count)
}

pub(crate) async fn chain_state(read: &Read) -> Result<(i64, Vec<u8>), StoreError> {
    let row = chain::Entity::find_by_id(CHAIN).one(read.db()).await?;
    Ok(row.map_or((0, Vec::new()), |row| (row.count, row.hash)))
}

pub(crate) async fn insert_head(tx: &mut Tx, row: head::Model) -> Result<(), StoreError> {
    head::Entity::insert(head::ActiveModel::from(row))
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn latest_head(read: &Read) -> Result<Option<head::Model>, StoreError> {
    Ok(head::Entity::find().order_by_desc(head::Column::Day).one(read.db()).await?)
}

pub(crate) async fn leaves(read: &Read, up_to: i64) -> Result<Vec<leaf::Model>, StoreError> {
    Ok(leaf::Entity::find()
        .filter(leaf::Column::Number.lte(up_to))
        .order_by_asc(leaf::Column::Number)
        .all(read.db())
        .await?)
}

pub(crate) async fn insert_consent(tx: &mut Tx, row: consent::Model) -> Result<(), StoreError> {
    consent::Entity::insert(consent::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// The last answer of a subject to a purpose in a scope.
pub(crate) async fn latest(
    read: &Read,
    subject: SubjectId,
    purpose: &str,
    scope: Uuid,
) -> Result<Option<consent::Model>, StoreError> {
    Ok(consent::Entity::find()
        .filter(consent::Column::SubjectId.eq(subject))
        .filter(consent::Column::Purpose.eq(purpose))
        .filter(consent::Column::Scope.eq(scope))
        .order_by_desc(consent::Column::Leaf)
        .one(read.db())
        .await?)
}

pub(crate) async fn consents_of(read: &Read, subject: SubjectId) -> Result<Vec<consent::Model>, StoreError> {
    Ok(consent::Entity::find()
        .filter(consent::Column::SubjectId.eq(subject))
        .order_by_asc(consent::Column::Leaf)
        .all(read.db())
        .await?)
}

pub(crate) async fn find_consent(read: &Read, id: ConsentId) -> Result<Option<consent::Model>, StoreError> {
    Ok(consent::Entity::find_by_id(id).one(read.db()).await?)
}

pub(crate) async fn delete_of(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    let done = consent::Entity::delete_many().filter(consent::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}
