//! Anchors of keys, openings, consents and their leaves, permissions, disclosures, erasures.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        openings(manager).await?;
        consents(manager).await?;
        permissions(manager).await?;
        erasures(manager).await
    }
}

async fn openings(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("anchors")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("kind").string().not_null())
                .col(ColumnDef::new("created_at").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("day_openings")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("purpose").string().not_null())
                .col(ColumnDef::new("day").big_integer().not_null())
                .col(ColumnDef::new("count").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE UNIQUE INDEX day_openings_day ON day_openings (subject_id, purpose, day)").await?;
    manager
        .create_table(
            Table::create()
                .table("named_openings")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("purpose").string().not_null())
                .col(ColumnDef::new("opened_at").big_integer().not_null())
                .col(ColumnDef::new("detail").blob().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE INDEX named_openings_subject ON named_openings (subject_id, opened_at)").await?;
    Ok(())
}

async fn consents(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("consents")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("purpose").string().not_null())
                .col(ColumnDef::new("purpose_version").integer().not_null())
                .col(ColumnDef::new("scope").uuid().not_null())
                .col(ColumnDef::new("answer").string().not_null())
                .col(ColumnDef::new("given_at").big_integer().not_null())
                .col(ColumnDef::new("until").big_integer())
                .col(ColumnDef::new("leaf").big_integer().not_null().unique_key())
                .col(ColumnDef::new("record").blob().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE INDEX consents_latest ON consents (subject_id, purpose, scope, leaf)").await?;
    manager
        .create_table(
            Table::create()
                .table("consent_leaves")
                .col(ColumnDef::new("number").big_integer().not_null().primary_key())
                .col(ColumnDef::new("hash").blob().not_null())
                .col(ColumnDef::new("day").big_integer().not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("leaf_chain")
                .col(ColumnDef::new("id").integer().not_null().primary_key())
                .col(ColumnDef::new("count").big_integer().not_null())
                .col(ColumnDef::new("hash").blob().not_null())
                .to_owned(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("leaf_heads")
                .col(ColumnDef::new("day").big_integer().not_null().primary_key())
                .col(ColumnDef::new("count").big_integer().not_null())
                .col(ColumnDef::new("hash").blob().not_null())
                .col(ColumnDef::new("signature").blob().not_null())
                .to_owned(),
        )
        .await
}

async fn permissions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("permissions")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("install_id").uuid().not_null())
                .col(ColumnDef::new("device").string().not_null())
                .col(ColumnDef::new("state").string().not_null())
                .col(ColumnDef::new("reach").string())
                .col(ColumnDef::new("consent_id").uuid())
                .col(ColumnDef::new("epoch").big_integer().not_null())
                .col(ColumnDef::new("changed_at").big_integer().not_null())
                .col(ColumnDef::new("changed_by").string().not_null())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE UNIQUE INDEX permissions_device ON permissions (subject_id, install_id, device)")
        .await?;
    manager
        .create_table(
            Table::create()
                .table("disclosures")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid().not_null())
                .col(ColumnDef::new("recipient").string().not_null())
                .col(ColumnDef::new("purpose").string().not_null())
                .col(ColumnDef::new("contract").string().not_null())
                .col(ColumnDef::new("fields").text().not_null())
                .col(ColumnDef::new("disclosed_at").big_integer().not_null())
                .col(ColumnDef::new("told_at").big_integer())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE INDEX disclosures_subject ON disclosures (subject_id)").await?;
    Ok(())
}

async fn erasures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    manager
        .create_table(
            Table::create()
                .table("erasures")
                .col(ColumnDef::new("id").uuid().not_null().primary_key())
                .col(ColumnDef::new("subject_id").uuid())
                .col(ColumnDef::new("key_id").uuid())
                .col(ColumnDef::new("state").string().not_null())
                .col(ColumnDef::new("requested_at").big_integer().not_null())
                .col(ColumnDef::new("due_at").big_integer().not_null())
                .col(ColumnDef::new("token_hash").blob().not_null())
                .col(ColumnDef::new("keys_gone_at").big_integer())
                .col(ColumnDef::new("backups_gone_at").big_integer())
                .col(ColumnDef::new("categories").string())
                .col(ColumnDef::new("certificate").text())
                .col(ColumnDef::new("expires_at").big_integer())
                .to_owned(),
        )
        .await?;
    db.execute_unprepared("CREATE INDEX erasures_subject ON erasures (subject_id)").await?;
    db.execute_unprepared("CREATE UNIQUE INDEX erasures_token ON erasures (token_hash)").await?;
    manager
        .create_table(
            Table::create()
                .table("erasure_steps")
                .col(ColumnDef::new("erasure_id").uuid().not_null())
                .col(ColumnDef::new("holder").string().not_null())
                .col(ColumnDef::new("removed").big_integer().not_null())
                .primary_key(Index::create().col("erasure_id").col("holder"))
                .to_owned(),
        )
        .await
}
