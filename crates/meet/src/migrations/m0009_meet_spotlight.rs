//! Whom a host shows large to everybody, and since when.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let spotlit = ColumnDef::new("spotlit_at").big_integer().to_owned();
        manager.alter_table(Table::alter().table("seats").add_column(spotlit).to_owned()).await
    }
}
