//! Subjects and their keys, stand-ins, identifiers, endings.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        people(manager).await?;
        lookups(manager).await?;
        endings(manager).await
    }
}

async fn people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("subjects")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("kind").string().not_null())
                .col(ColumnDef::new("life").string().not_null())
                .col(ColumnDef::new("root_id").uuid().not_null())
                .col(ColumnDef::new("wrapped").blob().not_null())
                .col(ColumnDef::new("created_at").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("keys")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("category").string().not_null())
                .col(ColumnDef::new("class").string().not_null())
                .col(ColumnDef::new("period").big_integer())
                .col(ColumnDef::new("wrapped").blob().not_null())
                .col(ColumnDef::new("created_at").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE UNIQUE INDEX keys_place ON keys (subject_id, category, period)").await?;
    db.execute_unprepared("CREATE INDEX keys_class ON keys (class, created_at)").await?;
    db.execute_unprepared("CREATE INDEX subjects_life ON subjects (life)").await?;
    Ok(())
}

async fn lookups(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("members")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("root_id").uuid().not_null())
                .col(ColumnDef::new("whose").blob().not_null())
                .col(ColumnDef::new("owner_tag").blob().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE INDEX members_owner ON members (owner_tag)").await?;
    manager
        .create_table(
            Table::create()
                .table("identifiers")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("index_name").string().not_null())
                .col(ColumnDef::new("token").blob().not_null())
                .col(ColumnDef::new("state").string().not_null())
                .col(ColumnDef::new("root_id").uuid().not_null())
                .col(ColumnDef::new("whose").blob().not_null())
                .col(ColumnDef::new("owner_tag").blob().not_null())
                .col(ColumnDef::new("expires_at").big_integer())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE UNIQUE INDEX identifiers_token ON identifiers (index_name, token)").await?;
    db.execute_unprepared("CREATE INDEX identifiers_owner ON identifiers (owner_tag)").await?;
    manager
        .create_table(
            Table::create()
                .table("instance_keys")
                .col(ColumnDef::new("name").string().not_null().primary_key())
                .col(ColumnDef::new("root_id").uuid().not_null())
                .col(ColumnDef::new("wrapped").blob().not_null())
                .to_owned(),
        )
        .await
}

async fn endings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("endings")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("kind").string().not_null())
                .col(ColumnDef::new("day").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("sweeps")
                .col(ColumnDef::new("erasure_id").uuid().not_null())
                .col(ColumnDef::new("id").uuid().not_null())
                .col(ColumnDef::new("kind").string().not_null())
                .primary_key(Index::create().col("erasure_id").col("id"))
                .to_owned(),
        )
        .await
}
