//! What whoever is refused is told.

use axum::Json;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{Denied, plain};
use crate::meters::JoinOutcome;
use crate::overload::{Overload, RETRY_AFTER_SECONDS};
use crate::shared::OpenError;

/// A problem document (RFC 9457) of the shape that the whole server has.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    code: &'static str,
    params: Params,
}

#[derive(Serialize)]
struct Params {
    retry_after_seconds: u32,
}

impl Denied {
    /// The word for it in what operators are shown.
    pub fn outcome(self) -> JoinOutcome {
        match self {
            Denied::Token | Denied::Grant => JoinOutcome::BadToken,
            Denied::Name | Denied::Request => JoinOutcome::BadRequest,
            Denied::Key | Denied::NotAdmitted => JoinOutcome::NotAdmitted,
            Denied::Full => JoinOutcome::RoomFull,
            Denied::Overloaded(_) | Denied::TooMany => JoinOutcome::Overloaded,
            Denied::Stopping => JoinOutcome::Stopping,
        }
    }
}

impl From<OpenError> for Denied {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::TooMany => Denied::TooMany,
            OpenError::Exists | OpenError::Stopping => Denied::Stopping,
        }
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Denied::Token => plain(StatusCode::UNAUTHORIZED, "the access token is missing, wrong or over"),
            Denied::Grant => plain(StatusCode::UNAUTHORIZED, "the access token does not allow joining a room"),
            Denied::NotAdmitted => plain(StatusCode::UNAUTHORIZED, "nobody of this identity is admitted to the room"),
            Denied::Key => plain(StatusCode::FORBIDDEN, "a meeting cannot be entered with a key's token"),
            Denied::Name => plain(StatusCode::BAD_REQUEST, "the access token names no room or no identity"),
            Denied::Request => plain(StatusCode::BAD_REQUEST, "the join request cannot be read"),
            Denied::Full => plain(StatusCode::SERVICE_UNAVAILABLE, "the room is full"),
            Denied::Overloaded(overload) => overloaded(overload),
            Denied::TooMany => plain(StatusCode::SERVICE_UNAVAILABLE, "this server can open no more rooms now"),
            Denied::Stopping => plain(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping, try again"),
        }
    }
}

/// Those inside go on as before; whoever is new may come in a little later.
fn overloaded(overload: Overload) -> Response {
    let detail = match overload {
        Overload::People => "This server has as many people in its rooms as it may have. Try again in a little while.",
        Overload::Busy => {
            "This server is carrying as much as it can without hurting those inside. Try again in a little while."
        }
    };
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let problem = Problem {
        r#type: "about:blank",
        title: "Service Unavailable",
        status: status.as_u16(),
        detail,
        code: "overloaded",
        params: Params { retry_after_seconds: RETRY_AFTER_SECONDS },
    };
    let wait = RETRY_AFTER_SECONDS.to_string();
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, "application/problem+json"),
        (header::RETRY_AFTER, &wait),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after"),
    ];
    (status, headers, Json(problem)).into_response()
}
