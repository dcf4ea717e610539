//! Meetings and the seats in them.

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
                    .table("meetings")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("code").string().not_null())
                    .col(ColumnDef::new("space_id").uuid().not_null())
                    .col(ColumnDef::new("conversation_id").uuid().not_null())
                    .col(ColumnDef::new("host_member_id").uuid().not_null())
                    .col(ColumnDef::new("title").binary())
                    .col(ColumnDef::new("admission").string().not_null())
                    .col(ColumnDef::new("state").string().not_null())
                    .col(ColumnDef::new("sitting").uuid())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .col(ColumnDef::new("started_at").big_integer())
                    .col(ColumnDef::new("ended_at").big_integer())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("meetings_code").table("meetings").col("code").unique().to_owned())
            .await?;
        manager
            .create_index(Index::create().name("meetings_host").table("meetings").col("host_member_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("seats")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("meeting_id").uuid().not_null())
                    .col(ColumnDef::new("member_id").uuid().not_null())
                    .col(ColumnDef::new("stream_id").uuid().not_null())
                    .col(ColumnDef::new("name").binary())
                    .col(ColumnDef::new("is_guest").boolean().not_null())
                    .col(ColumnDef::new("status").string().not_null())
                    .col(ColumnDef::new("permits").integer().not_null())
                    .col(ColumnDef::new("epoch").big_integer().not_null())
                    .col(ColumnDef::new("knocked_at").big_integer().not_null())
                    .col(ColumnDef::new("admitted_at").big_integer())
                    .col(ColumnDef::new("left_at").big_integer())
                    .foreign_key(ForeignKey::create().from("seats", "meeting_id").to("meetings", "id"))
                    .to_owned(),
            )
            .await?;
        manager.create_index(Index::create().name("seats_meeting").table("seats").col("meeting_id").to_owned()).await?;
        manager
            .create_index(Index::create().name("seats_member").table("seats").col("member_id").unique().to_owned())
            .await
    }
}
