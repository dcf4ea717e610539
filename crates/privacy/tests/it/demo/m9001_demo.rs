use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("persons")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("subject_id").uuid().not_null())
                    .col(ColumnDef::new("nickname").blob().not_null())
                    .col(ColumnDef::new("address").blob())
                    .col(ColumnDef::new("password").blob().not_null())
                    .col(ColumnDef::new("last_seen").blob().not_null())
                    .col(ColumnDef::new("desk").blob())
                    .col(ColumnDef::new("joined_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("notes")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("author").uuid().not_null())
                    .col(ColumnDef::new("body").blob())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("papers")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("subject_id").uuid().not_null())
                    .col(ColumnDef::new("key_id").uuid().not_null())
                    .col(ColumnDef::new("name").blob().not_null())
                    .to_owned(),
            )
            .await
    }
}
