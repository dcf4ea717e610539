//! What a person asks about themselves: their receipts, when an end would begin, taking it back by its link.

use kloud_base::Timestamp;
use kloud_store::Tx;

use crate::consent::{ConsentId, Receipt, store as consents};
use crate::erase::{EraseRequest, FRESH_CREDENTIAL, WAIT, YOUNG_SESSION, store as erasures, token_hash};
use crate::error::PrivacyError;
use crate::privacy::Privacy;
use crate::purpose::Own;
use crate::purposes::ShowOwn;
use crate::subject::SubjectId;

impl Privacy {
    /// A person's answers as receipts, in the order they were given.
    pub async fn receipts(&self, subject: SubjectId) -> Result<Vec<(ConsentId, Receipt)>, PrivacyError> {
        let grant = self.grant::<ShowOwn>(subject, subject, Own).await?;
        let rows = consents::consents_of(&self.inner.rows.read().await?, subject).await?;
        let mut receipts = Vec::with_capacity(rows.len());
        for row in rows {
            if let Some(receipt) = self.receipt_again(row.id, &grant).await? {
                receipts.push((row.id, receipt));
            }
        }
        Ok(receipts)
    }

    /// When an erasure asked for now would begin, if not at once.
    pub fn erasure_waits_until(&self, request: &EraseRequest) -> Option<Timestamp> {
        let now = self.now();
        let within = |at: Option<Timestamp>, time| at.is_some_and(|at| now - at < time);
        let doubtful = within(request.session_started_at, YOUNG_SESSION)
            || within(request.credentials_changed_at, FRESH_CREDENTIAL);
        doubtful.then_some(now + WAIT)
    }

    /// As [`Privacy::take_back_erasure`], by the secret of the link.
    pub async fn take_back_erasure_by_token(&self, tx: &mut Tx, token: &str) -> Result<(), PrivacyError> {
        let row = erasures::find_by_token(tx, &token_hash(token)).await?;
        let row = row.ok_or(PrivacyError::NotNow("no such erasure"))?;
        self.take_back_erasure(tx, row.id).await
    }
}
