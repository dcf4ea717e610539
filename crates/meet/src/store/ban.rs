//! Rows of bans: what keeps a browser out whose person was put out for good, whatever name it comes under.

use kloud_base::Timestamp;
use kloud_privacy::{MemberId, PersonalData};
use kloud_store::{Read, StoreError, Tx};
use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::model::{BanId, MeetingId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
#[sea_orm(table_name = "bans")]
#[personal(subject = "member_id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[not_personal("random")]
    pub id: BanId,
    #[not_personal("a place")]
    pub meeting_id: MeetingId,
    #[personal(label = "ban.member", category = Pseudonym, purposes(), basis = LegitimateInterest, source = Observed, retention = object_life, erase = anonymise)]
    pub member_id: MemberId,
    #[personal(label = "ban.mark", category = Pseudonym, purposes(), basis = LegitimateInterest, source = Observed, retention = object_life, erase = anonymise)]
    pub mark_hash: Vec<u8>,
    #[not_personal("of the meeting")]
    pub created_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

pub async fn insert_ban(tx: &mut Tx, row: Model) -> Result<(), StoreError> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Whether a browser with this mark is kept out of a meeting.
pub async fn is_banned(read: &Read, meeting: MeetingId, mark_hash: &[u8]) -> Result<bool, StoreError> {
    let of_meeting = Entity::find().filter(Column::MeetingId.eq(meeting));
    Ok(of_meeting.filter(Column::MarkHash.eq(mark_hash.to_vec())).count(read.db()).await? > 0)
}

/// The bans of these people.
pub async fn bans_of_members(read: &Read, members: &[MemberId]) -> Result<Vec<Model>, StoreError> {
    Ok(Entity::find().filter(Column::MemberId.is_in(members.iter().copied())).all(read.db()).await?)
}

/// Lifts somebody's bans.
pub async fn lift_bans(tx: &mut Tx, member: MemberId) -> Result<(), StoreError> {
    Entity::delete_many().filter(Column::MemberId.eq(member)).exec(tx.db()).await?;
    Ok(())
}

/// Lifts the bans of a meeting that is over.
pub async fn lift_bans_of(tx: &mut Tx, meeting: MeetingId) -> Result<(), StoreError> {
    Entity::delete_many().filter(Column::MeetingId.eq(meeting)).exec(tx.db()).await?;
    Ok(())
}
