use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};
use kloud_store::StoreError;
use sea_orm::entity::prelude::*;

use super::{note, paper, person};

/// How many rows one sweep takes, so that it is called more than once.
const SWEEP: u64 = 2;

pub struct DemoHolder;

fn failed(error: DbErr) -> PrivacyError {
    PrivacyError::Store(StoreError::Database(error))
}

#[async_trait]
impl Holder for DemoHolder {
    fn name(&self) -> &'static str {
        "demo"
    }

    async fn describe(
        &self,
        privacy: &Privacy,
        person: &Person,
        grant: &mut Grant<ShowOwn>,
    ) -> Result<Vec<Described>, PrivacyError> {
        let read = privacy.rows().read().await?;
        let persons = person::Entity::find().filter(person::Column::SubjectId.eq(person.subject));
        let persons = persons.all(read.db()).await.map_err(failed)?;
        let notes = note::Entity::find().filter(note::Column::Author.is_in(person.members.clone()));
        let notes = notes.all(read.db()).await.map_err(failed)?;
        let papers = paper::Entity::find().filter(paper::Column::SubjectId.eq(person.subject));
        let papers = papers.all(read.db()).await.map_err(failed)?;
        drop(read);
        let mut described = privacy.describe_rows(grant, &persons).await?;
        described.extend(privacy.describe_rows(grant, &notes).await?);
        described.extend(privacy.describe_rows(grant, &papers).await?);
        Ok(described)
    }

    async fn freeze(&self, privacy: &Privacy, person: &Person) -> Result<(), PrivacyError> {
        assert!(privacy.is_barred(person.subject), "nothing opens when holders are called");
        Ok(())
    }

    async fn sweep(&self, privacy: &Privacy, ended: &Ended) -> Result<Swept, PrivacyError> {
        let tx = privacy.rows().begin().await?;
        let mut removed = 0;
        if let Some(subject) = ended.subject {
            let gone = person::Entity::delete_many().filter(person::Column::SubjectId.eq(subject)).exec(tx.db()).await;
            removed += gone.map_err(failed)?.rows_affected;
            let gone = paper::Entity::delete_many().filter(paper::Column::SubjectId.eq(subject)).exec(tx.db()).await;
            removed += gone.map_err(failed)?.rows_affected;
        }
        let gone =
            paper::Entity::delete_many().filter(paper::Column::KeyId.is_in(ended.keys.clone())).exec(tx.db()).await;
        removed += gone.map_err(failed)?.rows_affected;
        let left = || {
            note::Entity::find()
                .filter(note::Column::Author.is_in(ended.members.clone()))
                .filter(note::Column::Body.is_not_null())
        };
        use sea_orm::QuerySelect;
        for row in left().limit(SWEEP).all(tx.db()).await.map_err(failed)? {
            note::Entity::update_many()
                .col_expr(note::Column::Body, Expr::value(Option::<Vec<u8>>::None))
                .filter(note::Column::Id.eq(row.id))
                .exec(tx.db())
                .await
                .map_err(failed)?;
            removed += 1;
        }
        let remaining = left().count(tx.db()).await.map_err(failed)?;
        tx.commit().await?;
        Ok(Swept { removed, remaining })
    }
}
