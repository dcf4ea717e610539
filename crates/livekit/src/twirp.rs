//! Twirp, the way in which server SDKs call: a POST with a message as protobuf or as its JSON form, an answer of the
//! same form, and errors that are always JSON (Twirp wire protocol, version 7).

use std::collections::BTreeMap;

use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Largest body of a call. Metadata and data packets are what is large in one; both have smaller limits of their own.
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// What went wrong, in the words of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Canceled,
    InvalidArgument,
    Malformed,
    NotFound,
    BadRoute,
    AlreadyExists,
    PermissionDenied,
    Unauthenticated,
    ResourceExhausted,
    FailedPrecondition,
    Unimplemented,
    Internal,
    Unavailable,
}

impl Code {
    pub const fn name(self) -> &'static str {
        match self {
            Code::Canceled => "canceled",
            Code::InvalidArgument => "invalid_argument",
            Code::Malformed => "malformed",
            Code::NotFound => "not_found",
            Code::BadRoute => "bad_route",
            Code::AlreadyExists => "already_exists",
            Code::PermissionDenied => "permission_denied",
            Code::Unauthenticated => "unauthenticated",
            Code::ResourceExhausted => "resource_exhausted",
            Code::FailedPrecondition => "failed_precondition",
            Code::Unimplemented => "unimplemented",
            Code::Internal => "internal",
            Code::Unavailable => "unavailable",
        }
    }

    /// The HTTP status that goes with it.
    pub const fn status(self) -> u16 {
        match self {
            Code::Canceled => 408,
            Code::InvalidArgument | Code::Malformed => 400,
            Code::NotFound | Code::BadRoute => 404,
            Code::AlreadyExists => 409,
            Code::PermissionDenied => 403,
            Code::Unauthenticated => 401,
            Code::ResourceExhausted => 429,
            Code::FailedPrecondition => 412,
            Code::Unimplemented => 501,
            Code::Internal => 500,
            Code::Unavailable => 503,
        }
    }
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", .code.name())]
pub struct TwirpError {
    pub code: Code,
    pub message: String,
    pub meta: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'static str,
    msg: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    meta: &'a BTreeMap<String, String>,
}

impl TwirpError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), meta: BTreeMap::new() }
    }

    /// The body of the answer.
    pub fn body(&self) -> Vec<u8> {
        let body = ErrorBody { code: self.code.name(), msg: &self.message, meta: &self.meta };
        serde_json::to_vec(&body).expect("texts are JSON")
    }
}

/// How a caller writes, and is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Protobuf,
}

impl Form {
    /// The form of a content type, with or without parameters.
    pub fn of(content_type: &str) -> Option<Self> {
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/json") {
            Some(Form::Json)
        } else if kind.eq_ignore_ascii_case("application/protobuf") {
            Some(Form::Protobuf)
        } else {
            None
        }
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            Form::Json => "application/json",
            Form::Protobuf => "application/protobuf",
        }
    }

    /// Reads a message. Fields that are not known are passed over.
    pub fn read<T: Message + Default + DeserializeOwned>(self, body: &[u8]) -> Result<T, TwirpError> {
        let too_large = || TwirpError::new(Code::ResourceExhausted, "the body is too large");
        let malformed = || TwirpError::new(Code::Malformed, "the body cannot be read");
        if body.len() > MAX_BODY_BYTES {
            return Err(too_large());
        }
        match self {
            Form::Json => serde_json::from_slice(body).map_err(|_| malformed()),
            Form::Protobuf => T::decode(body).map_err(|_| malformed()),
        }
    }

    pub fn write<T: Message + Serialize>(self, message: &T) -> Vec<u8> {
        match self {
            Form::Json => serde_json::to_vec(message).expect("messages have text keys only"),
            Form::Protobuf => message.encode_to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::MuteRoomTrackRequest;

    #[test]
    fn both_cases_of_names_are_read_and_unknown_ones_passed_over() {
        for json in [r#"{"room":"lab","trackSid":"TR_1"}"#, r#"{"room":"lab","track_sid":"TR_1","future":{"a":[1]}}"#] {
            let read: MuteRoomTrackRequest = Form::Json.read(json.as_bytes()).expect("a request");
            assert_eq!((read.room.as_str(), read.track_sid.as_str()), ("lab", "TR_1"));
        }
    }

    #[test]
    fn content_types_are_told_apart() {
        assert_eq!(Form::of("application/json;charset=UTF-8"), Some(Form::Json));
        assert_eq!(Form::of("Application/Protobuf"), Some(Form::Protobuf));
        assert_eq!(Form::of("text/plain"), None);
        assert_eq!(Form::of(""), None);
    }

    #[test]
    fn an_error_says_its_code_and_message() {
        let error = TwirpError::new(Code::NotFound, "no such \"room\"");
        assert_eq!(error.body(), br#"{"code":"not_found","msg":"no such \"room\""}"#);
        assert_eq!(error.code.status(), 404);
    }
}
