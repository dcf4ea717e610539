//! The agreement keeps nothing of a person but what the engine itself keeps; a copy being made ends with them.

use async_trait::async_trait;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Described, Ended, Grant, Holder, Person, Privacy, PrivacyError, Swept};

use crate::service::Agreement;

/// Copies that were asked for.
pub struct AgreementHolder(pub Agreement);

#[async_trait]
impl Holder for AgreementHolder {
    fn name(&self) -> &'static str {
        "agreement"
    }

    async fn describe(&self, _: &Privacy, _: &Person, _: &mut Grant<ShowOwn>) -> Result<Vec<Described>, PrivacyError> {
        Ok(Vec::new())
    }

    async fn freeze(&self, _: &Privacy, person: &Person) -> Result<(), PrivacyError> {
        self.0.forget_exports(person.subject);
        Ok(())
    }

    async fn sweep(&self, _: &Privacy, _: &Ended) -> Result<Swept, PrivacyError> {
        Ok(Swept::default())
    }
}
