//! Data that left: to whom, which fields, why, under which contract, when. Written before the bytes leave.

pub(crate) mod store;

use kloud_base::typed_id;
use kloud_store::Tx;

use crate::error::PrivacyError;
use crate::privacy::Privacy;
use crate::purpose::Purpose;
use crate::subject::SubjectId;

typed_id!(
    /// One disclosure; the recipient knows it by this number.
    DisclosureId,
    "dsc"
);

/// What is about to leave.
#[derive(Clone, Debug)]
pub struct Disclosure<'a> {
    pub subject: SubjectId,
    /// As it stands in the register of processors.
    pub recipient: &'a str,
    /// The number of the contract it is under.
    pub contract: &'a str,
    /// The labels of what leaves.
    pub fields: &'a [&'static str],
}

impl Privacy {
    /// Writes down what is about to leave for purpose `P`. Send only after the commit.
    pub async fn disclose<P: Purpose>(
        &self,
        tx: &mut Tx,
        disclosure: &Disclosure<'_>,
    ) -> Result<DisclosureId, PrivacyError> {
        if self.inner.ring.is_barred(disclosure.subject) {
            return Err(PrivacyError::NotLiving);
        }
        let id = DisclosureId::random(self.rng());
        let row = store::disclosure::Model {
            id,
            subject_id: disclosure.subject,
            recipient: disclosure.recipient.to_owned(),
            purpose: P::NAME.to_owned(),
            contract: disclosure.contract.to_owned(),
            fields: disclosure.fields.join(" "),
            disclosed_at: self.now(),
            told_at: None,
        };
        store::insert(tx, row).await?;
        Ok(id)
    }
}
