//! What callers of identity handle differently.

use axum::http::StatusCode;
use kloud_base::Millis;
use kloud_http::Problem;
use kloud_privacy::PrivacyError;
use kloud_store::StoreError;

use crate::model::{PasswordFault, TextFault};

/// Why identity did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    #[error("{field} is not acceptable")]
    Text { field: &'static str, fault: TextFault },
    #[error("the password is not acceptable")]
    Password(PasswordFault),
    #[error("the identifier is taken")]
    IdentifierTaken,
    /// Identifier, password or code do not fit together. Which, is not said.
    #[error("sign-in failed")]
    SignInFailed,
    /// Wait so many milliseconds.
    #[error("too many attempts")]
    TooManyAttempts(Millis),
    /// Refused with a code of its own; there is nothing to handle but to tell.
    #[error("{0}")]
    Refused(&'static str),
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
}

impl From<StoreError> for IdentityError {
    fn from(error: StoreError) -> Self {
        Self::Privacy(error.into())
    }
}

impl From<IdentityError> for Problem {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Text { field, fault } => Self::invalid(field, fault.code()),
            IdentityError::Password(fault) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "password_refused").with("reason", fault.as_str())
            }
            IdentityError::IdentifierTaken => Self::conflict("identifier_taken"),
            IdentityError::SignInFailed => Self::new(StatusCode::UNAUTHORIZED, "sign_in_failed"),
            IdentityError::TooManyAttempts(wait) => Self::too_many_attempts(wait),
            IdentityError::Refused(code @ "setup_link_invalid") => Self::new(StatusCode::FORBIDDEN, code),
            IdentityError::Refused(code) => Self::conflict(code),
            IdentityError::Privacy(PrivacyError::Taken) => Self::conflict("identifier_taken"),
            IdentityError::Privacy(PrivacyError::NotLiving) => Self::unauthenticated(),
            IdentityError::Privacy(error) => Self::internal(&error),
        }
    }
}
