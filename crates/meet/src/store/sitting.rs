//! Rows of sittings: from the first one inside to the last one out; and of what was shown in them.

use kloud_base::Timestamp;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, PersonalData};
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ActiveValue::Set, IntoActiveModel, QueryOrder};

use crate::model::{MeetingId, ShareId};
use crate::ports::SittingId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
#[sea_orm(table_name = "sittings")]
#[not_personal("a time of a meeting; who was there is in seats")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SittingId,
    pub meeting_id: MeetingId,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

pub mod share {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "shares")]
    #[personal(subject = "member_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("random")]
        pub id: ShareId,
        #[not_personal("random")]
        pub sitting_id: SittingId,
        #[not_personal("a place")]
        pub meeting_id: MeetingId,
        #[personal(label = "share.member", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub member_id: MemberId,
        #[personal(label = "share.started_at", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub started_at: Timestamp,
        #[personal(label = "share.ended_at", category = Behaviour, purposes(ShowToAudience), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub ended_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn insert_sitting(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_sitting(read: &Read, id: SittingId) -> Result<Option<Model>, StoreError> {
    Ok(Entity::find_by_id(id).one(read.db()).await?)
}

/// A meeting's sittings, the first one first.
pub async fn sittings(read: &Read, meeting: MeetingId) -> Result<Vec<Model>, StoreError> {
    let all = Entity::find().filter(Column::MeetingId.eq(meeting)).order_by_asc(Column::StartedAt);
    Ok(all.all(read.db()).await?)
}

/// Ends a sitting and all that is shown in it.
pub async fn end_sitting(tx: &mut Tx, id: SittingId, at: Timestamp) -> Result<(), StoreError> {
    let ended = ActiveModel { ended_at: Set(Some(at)), ..Default::default() };
    Entity::update_many().set(ended).filter(Column::Id.eq(id)).exec(tx.db()).await?;
    let ended = share::ActiveModel { ended_at: Set(Some(at)), ..Default::default() };
    let open = share::Column::SittingId.eq(id).and(share::Column::EndedAt.is_null());
    share::Entity::update_many().set(ended).filter(open).exec(tx.db()).await?;
    Ok(())
}

pub async fn insert_share(tx: &mut Tx, row: share::Model) -> Result<(), StoreError> {
    share::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Ends what somebody shows; the answer is whether anything was shown.
pub async fn end_shares(tx: &mut Tx, member: MemberId, at: Timestamp) -> Result<bool, StoreError> {
    let ended = share::ActiveModel { ended_at: Set(Some(at)), ..Default::default() };
    let open = share::Column::MemberId.eq(member).and(share::Column::EndedAt.is_null());
    Ok(share::Entity::update_many().set(ended).filter(open).exec(tx.db()).await?.rows_affected > 0)
}

/// What was shown in a meeting, the first first.
pub async fn shares(read: &Read, meeting: MeetingId) -> Result<Vec<share::Model>, StoreError> {
    let all = share::Entity::find().filter(share::Column::MeetingId.eq(meeting));
    Ok(all.order_by_asc(share::Column::StartedAt).all(read.db()).await?)
}

pub async fn shares_of_members(read: &Read, members: &[MemberId]) -> Result<Vec<share::Model>, StoreError> {
    let mine = share::Column::MemberId.is_in(members.iter().copied());
    Ok(share::Entity::find().filter(mine).all(read.db()).await?)
}

pub async fn delete_shares(tx: &mut Tx, members: &[MemberId]) -> Result<u64, StoreError> {
    let theirs = share::Column::MemberId.is_in(members.iter().copied());
    Ok(share::Entity::delete_many().filter(theirs).exec(tx.db()).await?.rows_affected)
}
