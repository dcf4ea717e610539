//! Rows of device permissions. An absent row is *off*.

use kloud_base::Timestamp;
use kloud_store::{Read, StoreError, Tx};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use uuid::Uuid;

use super::{ChangedBy, DeviceClass, PermissionState, Reach};
use crate::PersonalData;
use crate::consent::ConsentId;
use crate::subject::SubjectId;

pub(crate) mod permission {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, PersonalData)]
    #[sea_orm(table_name = "permissions")]
    #[personal(subject = "subject_id")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[not_personal("a random id")]
        pub id: Uuid,
        #[not_personal("whose row it is")]
        pub subject_id: SubjectId,
        #[personal(
            label = "permission.install", category = Behaviour, purposes(), basis = Consent, source = User,
            retention = account_life, erase = delete
        )]
        pub install_id: Uuid,
        #[personal(
            label = "permission.device", category = Behaviour, purposes(), basis = Consent, source = User,
            retention = account_life, erase = delete
        )]
        pub device: DeviceClass,
        #[personal(
            label = "permission.state", category = Behaviour, purposes(), basis = Consent, source = User,
            retention = account_life, erase = delete
        )]
        pub state: PermissionState,
        #[personal(
            label = "permission.reach", category = Behaviour, purposes(), basis = Consent, source = User,
            retention = account_life, erase = delete
        )]
        pub reach: Option<Reach>,
        #[not_personal("which consent it rests on, by a random id")]
        pub consent_id: Option<ConsentId>,
        #[not_personal("counts changes")]
        pub epoch: i64,
        #[personal(
            label = "permission.changed_at", category = Behaviour, purposes(), basis = Consent, source = Observed,
            retention = account_life, erase = delete
        )]
        pub changed_at: Timestamp,
        #[personal(
            label = "permission.changed_by", category = Behaviour, purposes(), basis = Consent, source = Observed,
            retention = account_life, erase = delete
        )]
        pub changed_by: ChangedBy,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) async fn find(
    read: &Read,
    subject: SubjectId,
    install: Uuid,
    device: DeviceClass,
) -> Result<Option<permission::Model>, StoreError> {
    Ok(permission::Entity::find()
        .filter(permission::Column::SubjectId.eq(subject))
        .filter(permission::Column::InstallId.eq(install))
        .filter(permission::Column::Device.eq(device))
        .one(read.db())
        .await?)
}

pub(crate) async fn of_subject(read: &Read, subject: SubjectId) -> Result<Vec<permission::Model>, StoreError> {
    Ok(permission::Entity::find().filter(permission::Column::SubjectId.eq(subject)).all(read.db()).await?)
}

/// Writes the state of one device class; its row keeps the first id.
pub(crate) async fn put(tx: &mut Tx, row: permission::Model) -> Result<(), StoreError> {
    permission::Entity::insert(permission::ActiveModel::from(row))
        .on_conflict(
            OnConflict::columns([
                permission::Column::SubjectId,
                permission::Column::InstallId,
                permission::Column::Device,
            ])
            .update_columns([
                permission::Column::State,
                permission::Column::Reach,
                permission::Column::ConsentId,
                permission::Column::Epoch,
                permission::Column::ChangedAt,
                permission::Column::ChangedBy,
            ])
            .to_owned(),
        )
        .exec_without_returning(tx.db())
        .await?;
    Ok(())
}

pub(crate) async fn delete_of(tx: &mut Tx, subject: SubjectId) -> Result<u64, StoreError> {
    let done =
        permission::Entity::delete_many().filter(permission::Column::SubjectId.eq(subject)).exec(tx.db()).await?;
    Ok(done.rows_affected)
}
