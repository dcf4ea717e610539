//! Every refusal has one shape: `application/problem+json` (RFC 9457) with a stable `code` and parameters. The client
//! words it in the person's language; nothing here is meant for reading aloud.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kloud_base::{Millis, SECOND};
use kloud_store::StoreError;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What a handler answers when it does not do what was asked.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    params: Map<String, Value>,
}

/// The body of a [`Problem`].
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` is the type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: &'static str,
    pub status: u16,
    /// Stable and closed; the client has words for each.
    pub code: &'static str,
    /// What the words need, such as `field` or `retry_after_seconds`.
    #[schema(value_type = Object)]
    pub params: Map<String, Value>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self { status, code, params: Map::new() }
    }

    /// Adds a parameter for the words.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// Nobody is signed in, and somebody must be.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// Somebody is signed in and may not.
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// It is not there, or the caller may not know that it is.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// A value is not what it must be; `reason` is a code of its own.
    pub fn invalid(field: &str, reason: &str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid").with("field", field).with("reason", reason)
    }

    /// Something else got there first.
    pub fn conflict(code: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, code)
    }

    /// The person must show who they are once more.
    pub fn reauthentication_required() -> Self {
        Self::new(StatusCode::FORBIDDEN, "reauthentication_required")
    }

    /// Too many attempts; the pause is in milliseconds.
    pub fn too_many_attempts(pause: Millis) -> Self {
        let seconds = (pause.max(0) + SECOND - 1) / SECOND;
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts").with("retry_after_seconds", seconds)
    }

    /// Our fault. What happened is logged here, once, and not told.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal")
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::internal(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry = self.params.get("retry_after_seconds").and_then(Value::as_i64);
        let body = ProblemBody {
            kind: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            code: self.code,
            params: self.params,
        };
        let json = serde_json::to_vec(&body).expect("a problem is plain data");
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (self.status, [kind], json).into_response();
        if let Some(seconds) = retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
