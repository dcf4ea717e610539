//! Rows of what left.

use kloud_base::Timestamp;
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use uuid::Uuid;

use super::DisclosureId;
use crate::PersonalData;
use crate::subject::SubjectId;

pub(crate) mod disclosure {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "disclosures")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id, known to the recipient")]
        pub id: DisclosureId,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "disclosure.recipient", category = Behaviour, purposes(), basis = Law, source = Observed,
            retention = account_life, erase = delete
        )]
        pub recipient: String,
        #[personal(
            label = "disclosure.purpose", category = Behaviour, purposes(), basis = Law, source = Observed,
            retention = account_life, erase = delete
        )]
        pub purpose: String,
        #[personal(
            label = "disclosure.contract", category = Behaviour, purposes(), basis = Law, source = Observed,
            retention = account_life, erase = delete
        )]
        pub contract: String,
        #[personal(
            label = "disclosure.fields", category = Behaviour, purposes(), basis = Law, source = Observed,
            retention = account_life, erase = delete
        )]
        #[sea_orm(column_type = "Text")]
        pub fields: String,
        #[personal(
            label = "disclosure.disclosed_at", category = Behaviour, purposes(), basis = Law, source = Observed,
            retention = account_life, erase = delete
        )]
        pub disclosed_at: Timestamp,
        #[not_personal("when the recipient was told of an erasure")]
        pub told_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn insert(tx: &mut Tx, row: disclosure::Model) -> Result<(), StoreError> {
    disclosure::Entity::insert(disclosure::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub(crate) async fn of_subject(read: &Read, subject: SubjectId) -> Result<Vec<disclosure::Model>, StoreError> {
    Ok(disclosure::Entity::find().filter(disclosure::Column::SubjectId.eq(subject)).all(read.db()).await?)
}

pub(crate) async fn set_told(tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
    disclosure::Entity::update_many()
        .col_expr(disclosure::Column::ToldAt, Expr::value(Some(now)))
        .filter(disclosure::Column::Id.eq(id))
        .exec(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn delete_of(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    let done =
        disclosure::Entity::delete_many().filter(disclosure::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}
