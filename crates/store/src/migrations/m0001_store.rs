//! Jobs, their schedules, streams and events.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        manager
            .create_table(
                Table::create()
                    .table("jobs")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("kind").string().not_null())
                    .col(ColumnDef::new("dedupe").string())
                    .col(ColumnDef::new("payload").text().not_null())
                    .col(ColumnDef::new("state").string().not_null())
                    .col(ColumnDef::new("run_at").big_integer().not_null())
                    .col(ColumnDef::new("attempts").integer().not_null())
                    .col(ColumnDef::new("lease_until").big_integer())
                    .col(ColumnDef::new("last_error").string())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        db.execute_unprepared("CREATE UNIQUE INDEX jobs_dedupe ON jobs (kind, dedupe) WHERE state = 'pending'").await?;
        db.execute_unprepared("CREATE INDEX jobs_due ON jobs (state, run_at)").await?;
        manager
            .create_table(
                Table::create()
                    .table("schedules")
                    .col(ColumnDef::new("kind").string().not_null().primary_key())
                    .col(ColumnDef::new("next_at").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("streams")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("last_seq").big_integer().not_null())
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("events")
                    .col(ColumnDef::new("stream_id").uuid().not_null())
                    .col(ColumnDef::new("seq").big_integer().not_null())
                    .col(ColumnDef::new("kind").string().not_null())
                    .col(ColumnDef::new("ids").text().not_null())
                    .col(ColumnDef::new("at").big_integer().not_null())
                    .primary_key(Index::create().col("stream_id").col("seq"))
                    .to_owned(),
            )
            .await?;
        db.execute_unprepared("CREATE INDEX events_at ON events (at)").await?;
        Ok(())
    }
}
