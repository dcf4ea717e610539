//! The instance, accounts, sessions, recovery codes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("instances")
                    .col(ColumnDef::new("id").integer().not_null().primary_key())
                    .col(ColumnDef::new("name").string().not_null())
                    .col(ColumnDef::new("officer_name").string().not_null())
                    .col(ColumnDef::new("officer_contact").string().not_null())
                    .col(ColumnDef::new("answers_within_days").integer().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("accounts")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("stream_id").uuid().not_null())
                    .col(ColumnDef::new("identifier").binary().not_null())
                    .col(ColumnDef::new("nickname").binary().not_null())
                    .col(ColumnDef::new("real_name").binary())
                    .col(ColumnDef::new("age_band").binary())
                    .col(ColumnDef::new("password").binary().not_null())
                    .col(ColumnDef::new("language").string().not_null())
                    .col(ColumnDef::new("theme").string().not_null())
                    .col(ColumnDef::new("is_operator").boolean().not_null())
                    .col(ColumnDef::new("credentials_changed_at").big_integer().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("sessions")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("subject_id").uuid().not_null())
                    .col(ColumnDef::new("kind").string().not_null())
                    .col(ColumnDef::new("token_hash").binary().not_null())
                    .col(ColumnDef::new("device").binary().not_null())
                    .col(ColumnDef::new("place").binary().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .col(ColumnDef::new("last_used_at").big_integer().not_null())
                    .col(ColumnDef::new("reauthenticated_at").big_integer().not_null())
                    .col(ColumnDef::new("expires_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("sessions_token").table("sessions").col("token_hash").unique().to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("sessions_subject").table("sessions").col("subject_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("recovery_codes")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("subject_id").uuid().not_null())
                    .col(ColumnDef::new("code_hash").binary().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("recovery_codes_subject").table("recovery_codes").col("subject_id").to_owned(),
            )
            .await
    }
}
