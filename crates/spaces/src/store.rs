//! Rows of spaces.

use kloud_base::Timestamp;
use kloud_privacy::purposes::ShowToAudience;
use kloud_privacy::{MemberId, PersonalData};
use kloud_store::{Read, StoreError, StreamId, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

use crate::model::{Role, SpaceId, SpaceKind};

pub mod space {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "spaces")]
    #[not_personal("a group; its people are in space_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SpaceId,
        pub kind: SpaceKind,
        pub stream_id: StreamId,
        pub created_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod space_member {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "space_members")]
    #[personal(subject = "member_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[personal(label = "membership.member", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = anonymise)]
        pub member_id: MemberId,
        #[not_personal("random")]
        pub space_id: SpaceId,
        #[personal(label = "membership.role", category = Pseudonym, purposes(ShowToAudience), basis = Contract, source = User, retention = object_life, erase = anonymise)]
        pub role: Role,
        #[personal(label = "membership.since", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub since: Timestamp,
        #[personal(label = "membership.until", category = Behaviour, purposes(), basis = Contract, source = Observed, retention = object_life, erase = anonymise)]
        pub until: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A space.
pub type SpaceView = space::Model;
/// Somebody's part in a space.
pub type SpaceMemberView = space_member::Model;

pub async fn insert_space(tx: &mut Tx, row: space::Model) -> Result<(), StoreError> {
    space::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

pub async fn find_space(read: &Read, id: SpaceId) -> Result<Option<space::Model>, StoreError> {
    Ok(space::Entity::find_by_id(id).one(read.db()).await?)
}

pub async fn insert_member(tx: &mut Tx, row: space_member::Model) -> Result<(), StoreError> {
    space_member::Entity::insert(row.into_active_model()).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// Gives an existing part another role and lets it go on; the answer is whether there is one.
pub async fn set_role(tx: &mut Tx, member: MemberId, role: Role) -> Result<bool, StoreError> {
    let row = space_member::ActiveModel { role: Set(role), until: Set(None), ..Default::default() };
    let one = space_member::Column::MemberId.eq(member);
    Ok(space_member::Entity::update_many().set(row).filter(one).exec(tx.db()).await?.rows_affected > 0)
}

pub async fn members_of_space(read: &Read, space: SpaceId) -> Result<Vec<space_member::Model>, StoreError> {
    Ok(space_member::Entity::find().filter(space_member::Column::SpaceId.eq(space)).all(read.db()).await?)
}

pub async fn memberships(read: &Read, members: &[MemberId]) -> Result<Vec<space_member::Model>, StoreError> {
    let mine = space_member::Column::MemberId.is_in(members.iter().copied());
    Ok(space_member::Entity::find().filter(mine).all(read.db()).await?)
}

pub async fn set_until(tx: &mut Tx, member: MemberId, until: Option<Timestamp>) -> Result<(), StoreError> {
    let row = space_member::ActiveModel { until: Set(until), ..Default::default() };
    let one = space_member::Column::MemberId.eq(member);
    space_member::Entity::update_many().set(row).filter(one).exec(tx.db()).await?;
    Ok(())
}
