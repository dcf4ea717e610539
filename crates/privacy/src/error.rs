//! What callers handle differently.

use kloud_store::StoreError;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The subject is being erased or is gone: nothing opens and no key is made.
    #[error("the subject is not living")]
    NotLiving,
    /// The grant does not hold: somebody else's, or no consent.
    #[error("not granted: {0}")]
    NotGranted(&'static str),
    /// The identifier is somebody's already.
    #[error("the identifier is taken")]
    Taken,
    /// Keys, roots and rows do not fit together: someone must look.
    #[error("keys are damaged: {0}")]
    Damaged(&'static str),
    /// The step is not allowed where the thing stands.
    #[error("not now: {0}")]
    NotNow(&'static str),
}

impl From<PrivacyError> for kloud_store::jobs::JobFailure {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Store(error) => error.into(),
            PrivacyError::NotLiving => Self::Retry("not_living"),
            PrivacyError::NotGranted(_) => Self::Retry("not_granted"),
            PrivacyError::Taken => Self::Retry("taken"),
            PrivacyError::Damaged(_) => Self::Retry("keys_damaged"),
            PrivacyError::NotNow(_) => Self::Retry("not_now"),
        }
    }
}
