//! What callers of meet handle differently.

use axum::http::StatusCode;
use kloud_base::Millis;
use kloud_chat::ChatError;
use kloud_http::Problem;
use kloud_identity::IdentityError;
use kloud_privacy::PrivacyError;
use kloud_spaces::SpacesError;
use kloud_store::StoreError;

use crate::ports::MediaError;

/// Why meet did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum MeetError {
    /// No such meeting, or nothing of it that the caller may know.
    #[error("not found")]
    NotFound,
    /// Refused with a code of its own.
    #[error("{0}")]
    Refused(&'static str),
    /// Too many wrong passcodes; how long to wait, in milliseconds.
    #[error("too many attempts")]
    TooManyAttempts(Millis),
    #[error("{field}: {reason}")]
    Invalid { field: &'static str, reason: &'static str },
    #[error(transparent)]
    Spaces(#[from] SpacesError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Media(#[from] MediaError),
}

impl From<PrivacyError> for MeetError {
    fn from(error: PrivacyError) -> Self {
        Self::Spaces(error.into())
    }
}

impl From<StoreError> for MeetError {
    fn from(error: StoreError) -> Self {
        Self::Spaces(error.into())
    }
}

impl From<ChatError> for MeetError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Text(reason) => Self::Invalid { field: "text", reason },
            ChatError::NotFound => Self::NotFound,
            ChatError::Refused(code) => Self::Refused(code),
            ChatError::Spaces(error) => Self::Spaces(error),
        }
    }
}

impl From<MeetError> for Problem {
    fn from(error: MeetError) -> Self {
        match error {
            MeetError::NotFound => Self::not_found(),
            MeetError::Refused(code @ ("meeting_ended" | "meeting_full" | "only_shorter")) => Self::conflict(code),
            MeetError::Refused(code) => Self::new(StatusCode::FORBIDDEN, code),
            MeetError::TooManyAttempts(pause) => Self::too_many_attempts(pause),
            MeetError::Invalid { field, reason } => Self::invalid(field, reason),
            MeetError::Spaces(error) => error.into(),
            MeetError::Identity(error) => error.into(),
            MeetError::Media(error) => {
                tracing::error!(%error, "the media server refused");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "media_unavailable")
            }
        }
    }
}
