//! Roles, rights, rules of the door, what is kept and when; sittings, what was shown in them, bans.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new("locked").boolean().not_null().default(false),
            ColumnDef::new("passcode").binary(),
            // All four rights.
            ColumnDef::new("attendees_may").integer().not_null().default(15),
            ColumnDef::new("cap").integer(),
            ColumnDef::new("expires_at").big_integer(),
            ColumnDef::new("policy_version").big_integer().not_null().default(1),
            ColumnDef::new("chat_kept_days").big_integer().not_null().default(90),
            ColumnDef::new("attendance").string().not_null().default("not_kept"),
            ColumnDef::new("forgotten").integer().not_null().default(0),
            ColumnDef::new("starts_at").big_integer(),
            ColumnDef::new("duration_minutes").integer(),
            ColumnDef::new("zone").string(),
        ] {
            add(manager, "meetings", column).await?;
        }
        for column in [
            ColumnDef::new("role").string().not_null().default("attendee"),
            ColumnDef::new("granted").integer().not_null().default(0),
            ColumnDef::new("held").integer().not_null().default(0),
            ColumnDef::new("hand_at").big_integer(),
            ColumnDef::new("accepted_policy").big_integer().not_null().default(1),
            ColumnDef::new("taken_out").boolean().not_null().default(false),
        ] {
            add(manager, "seats", column).await?;
        }
        manager
            .create_index(Index::create().name("meetings_space").table("meetings").col("space_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("sittings")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("meeting_id").uuid().not_null())
                    .col(ColumnDef::new("started_at").big_integer().not_null())
                    .col(ColumnDef::new("ended_at").big_integer())
                    .foreign_key(ForeignKey::create().from("sittings", "meeting_id").to("meetings", "id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(Index::create().name("sittings_meeting").table("sittings").col("meeting_id").to_owned())
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("shares")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("sitting_id").uuid().not_null())
                    .col(ColumnDef::new("meeting_id").uuid().not_null())
                    .col(ColumnDef::new("member_id").uuid().not_null())
                    .col(ColumnDef::new("started_at").big_integer().not_null())
                    .col(ColumnDef::new("ended_at").big_integer())
                    .foreign_key(ForeignKey::create().from("shares", "meeting_id").to("meetings", "id"))
                    .to_owned(),
            )
            .await?;
        for column in ["meeting_id", "member_id"] {
            let name = format!("shares_{column}");
            manager.create_index(Index::create().name(name).table("shares").col(column).to_owned()).await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("bans")
                    .col(ColumnDef::new("id").uuid().not_null().primary_key())
                    .col(ColumnDef::new("meeting_id").uuid().not_null())
                    .col(ColumnDef::new("member_id").uuid().not_null())
                    .col(ColumnDef::new("mark_hash").binary().not_null())
                    .col(ColumnDef::new("created_at").big_integer().not_null())
                    .foreign_key(ForeignKey::create().from("bans", "meeting_id").to("meetings", "id"))
                    .to_owned(),
            )
            .await?;
        let marks = Index::create().name("bans_mark").table("bans").col("meeting_id").col("mark_hash").to_owned();
        manager.create_index(marks).await
    }
}

/// One at a time: SQLite knows no other way.
async fn add(manager: &SchemaManager<'_>, table: &'static str, column: &mut ColumnDef) -> Result<(), DbErr> {
    manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await
}
