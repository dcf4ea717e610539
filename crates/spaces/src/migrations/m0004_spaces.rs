//! Spaces and who is in them.

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
                    .table("spaces")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("kind").string().not_null())
                    .col(ColumnDef::new("stream_id").uuid().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("space_members")
                    .col(ColumnDef::new("member_id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("space_id").uuid().not_null())
                    .col(ColumnDef::new("role").string().not_null())
                    .col(ColumnDef::new("since").big_integer().not_null())
                    .col(ColumnDef::new("until").big_integer())
                    .foreign_key(ForeignKey::create().from("space_members", "space_id").to("spaces", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("space_members_space").table("space_members").col("space_id").to_owned())
            .await
    }
}
