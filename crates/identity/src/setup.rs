//! The first start: a one-time link, shown where the program runs, makes the instance and its operator.

use std::sync::Mutex;

use kloud_base::{Rng, random_bytes};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use crate::error::IdentityError;
use crate::model::TextFault;
use crate::service::{Identity, NewAccount};
use crate::sessions::{Place, SignedIn};
use crate::store;

/// Whoever is responsible for people's data here.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct OfficerView {
    pub name: String,
    /// An address or a link under which they can be reached.
    pub contact: String,
    /// 1 to 30: the agreement promises 30, a shorter promise can be set, a longer one cannot.
    pub answers_within_days: i32,
}

/// What everybody may know of an instance.
#[derive(Clone, Debug)]
pub struct InstanceView {
    pub name: String,
    pub officer: OfficerView,
}

/// The answers of the wizard.
pub struct NewInstance {
    pub name: String,
    pub officer: OfficerView,
    pub operator: NewAccount,
}

/// The secret of the link. Kept in memory: each start before the setup makes a new one, and it ends with the setup.
#[derive(Default)]
pub struct SetupToken(Mutex<Option<String>>);

impl SetupToken {
    /// A new one, to be shown once.
    pub fn renew(&self, rng: &dyn Rng) -> String {
        let token = data_encoding::BASE64URL_NOPAD.encode(&random_bytes::<24>(rng));
        *self.0.lock().expect("no holder of this lock panics") = Some(token.clone());
        token
    }

    fn fits(&self, token: &str) -> bool {
        let held = self.0.lock().expect("no holder of this lock panics");
        held.as_ref().is_some_and(|held| bool::from(held.as_bytes().ct_eq(token.as_bytes())))
    }

    fn end(&self) {
        *self.0.lock().expect("no holder of this lock panics") = None;
    }
}

impl Identity {
    /// What everybody may know; `None` before the setup.
    pub async fn instance(&self) -> Result<Option<InstanceView>, IdentityError> {
        let row = store::the_instance(&self.store().read().await?).await?;
        Ok(row.map(|row| InstanceView {
            name: row.name,
            officer: OfficerView {
                name: row.officer_name,
                contact: row.officer_contact,
                answers_within_days: row.answers_within_days,
            },
        }))
    }

    /// A link's secret for the first start; `None` when the instance is set up.
    pub async fn begin_setup(&self) -> Result<Option<String>, IdentityError> {
        match self.instance().await? {
            Some(_) => Ok(None),
            None => Ok(Some(self.setup_token().renew(self.rng()))),
        }
    }

    /// Whether a link's secret holds.
    pub async fn check_setup(&self, token: &str) -> Result<(), IdentityError> {
        if self.instance().await?.is_none() && self.setup_token().fits(token) {
            Ok(())
        } else {
            Err(IdentityError::Refused("setup_link_invalid"))
        }
    }

    /// Makes the instance and its operator, once.
    pub async fn set_up(
        &self,
        token: &str,
        new: NewInstance,
        place: &Place,
    ) -> Result<(SignedIn, Vec<String>), IdentityError> {
        self.check_setup(token).await?;
        let name = line("instance_name", &new.name, 80)?;
        let officer_name = line("officer.name", &new.officer.name, 80)?;
        let officer_contact = line("officer.contact", &new.officer.contact, 200)?;
        if !(1..=30).contains(&new.officer.answers_within_days) {
            return Err(IdentityError::Text { field: "officer.answers_within_days", fault: TextFault::Malformed });
        }
        let row = store::instance::Model {
            id: store::THE_INSTANCE,
            name,
            officer_name,
            officer_contact,
            answers_within_days: new.officer.answers_within_days,
            created_at: self.now(),
        };
        let done = self.make_account(new.operator, place, Some(row)).await?;
        self.setup_token().end();
        Ok(done)
    }
}

/// One line of at most so many characters.
fn line(field: &'static str, text: &str, most: usize) -> Result<String, IdentityError> {
    let text = text.trim();
    let fault = match text.chars().count() {
        0 => TextFault::Empty,
        count if count > most => TextFault::TooLong,
        _ if text.chars().any(char::is_control) => TextFault::Malformed,
        _ => return Ok(text.to_owned()),
    };
    Err(IdentityError::Text { field, fault })
}
