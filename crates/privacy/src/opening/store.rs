//! Rows of what was opened.

use kloud_base::{DAY, Timestamp};
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{QueryOrder, Set};
use uuid::Uuid;

use crate::PersonalData;
use crate::category::Behaviour;
use crate::opening::Detail;
use crate::sealed::Sealed;
use crate::subject::SubjectId;

pub(crate) mod day {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "day_openings")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: Uuid,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "day_opening.purpose", category = Behaviour, purposes(), basis = Right, source = Observed,
            retention = days(365, "day"), erase = delete
        )]
        pub purpose: String,
        #[personal(
            label = "day_opening.day", category = Behaviour, purposes(), basis = Right, source = Observed,
            retention = days(365, "day"), erase = delete
        )]
        pub day: i64,
        #[personal(
            label = "day_opening.count", category = Behaviour, purposes(), basis = Right, source = Observed,
            retention = days(365, "day"), erase = delete
        )]
        pub count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod named {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "named_openings")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: Uuid,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "named_opening.purpose", category = Behaviour, purposes(), basis = Right, source = Observed,
            retention = days(730, "opened_at"), erase = delete
        )]
        pub purpose: String,
        #[personal(
            label = "named_opening.opened_at", category = Behaviour, purposes(), basis = Right,
            source = Observed, retention = days(730, "opened_at"), erase = delete
        )]
        pub opened_at: Timestamp,
        #[personal(
            label = "named_opening.detail", purposes(), basis = Right, source = Observed,
            retention = days(730, "opened_at"), erase = shred
        )]
        pub detail: Sealed<Detail, Behaviour>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Counts one more opening of each on this day.
pub(crate) async fn count_day(
    tx: &Tx,
    rows: Vec<(Uuid, SubjectId)>,
    purpose: &'static str,
    day: i64,
) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(|(id, subject)| day::ActiveModel {
        id: Set(id),
        subject_id: Set(subject),
        purpose: Set(purpose.to_owned()),
        day: Set(day),
        count: Set(1),
    });
    day::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([day::Column::SubjectId, day::Column::Purpose, day::Column::Day])
                .value(day::Column::Count, Expr::col((day::Entity, day::Column::Count)).add(1))
                .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn insert_named(tx: &Tx, row: named::Model) -> Result<(), StoreError> {
    named::Entity::insert(named::ActiveModel::from(row)).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub(crate) async fn days_of(read: &Read, subject: SubjectId) -> Result<Vec<day::Model>, StoreError> {
    Ok(day::Entity::find()
        .filter(day::Column::SubjectId.eq(subject))
        .order_by_desc(day::Column::Day)
        .all(read.db())
        .await?)
}

pub(crate) async fn named_of(read: &Read, subject: SubjectId) -> Result<Vec<named::Model>, StoreError> {
    Ok(named::Entity::find()
        .filter(named::Column::SubjectId.eq(subject))
        .order_by_desc(named::Column::OpenedAt)
        .all(read.db())
        .await?)
}

pub(crate) async fn delete_of(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    let days = day::Entity::delete_many().filter(day::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    let named = named::Entity::delete_many().filter(named::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(days.rows_affected + named.rows_affected)
}

/// Deletes what is past its time: day rows after 12 months, named ones after 24.
pub(crate) async fn purge(tx: &mut Tx, now: Timestamp) -> Result<u64, StoreError> {
    let days = day::Entity::delete_many().filter(day::Column::Day.lt(now.day() - 365)).exec(tx.db()).await?;
    let named = named::Entity::delete_many().filter(named::Column::OpenedAt.lt(now - 730 * DAY)).exec(tx.db()).await?;
    Ok(days.rows_affected + named.rows_affected)
}
