//! Anchors: what the rows know of the keystore's keys.

use kloud_base::{Timestamp, text_enum};
use kloud_store::{Read, StoreError, Tx};
use sea_orm::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use crate::PersonalData;

text_enum! {
    /// What in the keystore an anchor stands for.
    pub enum AnchorKind { Subject = "subject", Key = "key", Identifier = "identifier" }
}

mod anchor {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "anchors")]
    #[not_personal("random ids of keys, so that keystore and rows can be compared")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: AnchorKind,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn insert_anchor(tx: &mut Tx, id: Uuid, kind: AnchorKind, now: Timestamp) -> Result<(), StoreError> {
    let row = anchor::ActiveModel { id: Set(id), kind: Set(kind), created_at: Set(now) };
    anchor::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

/// Which of these have an anchor.
pub(crate) async fn anchored(read: &Read, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    let rows = anchor::Entity::find().filter(anchor::Column::Id.is_in(ids)).all(read.db()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// All anchors of a kind.
pub(crate) async fn anchors(read: &Read, kind: AnchorKind) -> Result<Vec<Uuid>, StoreError> {
    let rows = anchor::Entity::find().filter(anchor::Column::Kind.eq(kind)).all(read.db()).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn delete_anchors(tx: &mut Tx, ids: Vec<Uuid>) -> Result<u64, StoreError> {
    let done = anchor::Entity::delete_many().filter(anchor::Column::Id.is_in(ids)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}
