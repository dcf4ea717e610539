//! Conversations and their messages.

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
                    .table("conversations")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("space_id").uuid().not_null())
                    .col(ColumnDef::new("stream_id").uuid().not_null())
                    .col(ColumnDef::new("last_seq").big_integer().not_null())
                    .col(ColumnDef::new("kept_until").big_integer())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create().name("conversations_kept").table("conversations").col("kept_until").to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("messages")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("conversation_id").uuid().not_null())
                    .col(ColumnDef::new("seq").big_integer().not_null())
                    .col(ColumnDef::new("member_id").uuid().not_null())
                    .col(ColumnDef::new("client_id").uuid().not_null())
                    .col(ColumnDef::new("body").binary())
                    .col(ColumnDef::new("sent_at").big_integer().not_null())
                    .foreign_key(ForeignKey::create().from("messages", "conversation_id").to("conversations", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("messages_seq")
                    .table("messages")
                    .col("conversation_id")
                    .col("seq")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("messages_client")
                    .table("messages")
                    .col("member_id")
                    .col("client_id")
                    .unique()
                    .to_owned(),
            )
            .await
    }
}
