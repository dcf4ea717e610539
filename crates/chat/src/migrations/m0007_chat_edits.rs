//! Messages that were changed or taken away.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["edited_at", "deleted_at"] {
            let mut column = ColumnDef::new(name).big_integer().take();
            manager.alter_table(Table::alter().table("messages").add_column(&mut column).to_owned()).await?;
        }
        Ok(())
    }
}
