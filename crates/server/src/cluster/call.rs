//! Calls of LiveKit's room service: Twirp with protobuf bodies, each with a token of its own that opens only what the
//! call needs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use kloud_base::{Clock, SECOND};
use kloud_livekit::proto::Room;
use kloud_livekit::{
    Claims, Form, HookEvent, MAX_BODY_BYTES, RoomMethod, VideoGrant, WEBHOOK_CONTENT_TYPE, sign, webhook_body,
    webhook_token,
};
use prost::Message;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::config::{ClusterConfig, LivekitKey};

/// How long the cluster may take to answer, and to be connected with.
const ANSWER: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(2);
/// How long the token of a call is good for; a moment before, for clocks that differ.
const TOKEN_SECONDS: i64 = 60;
/// The largest answer: a full room with all its tracks.
const ANSWER_MAX: usize = 16 * MAX_BODY_BYTES;

/// Why the cluster did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("the LiveKit cluster cannot be reached (media.livekit.url): {0}")]
    Unreachable(String),
    #[error("the LiveKit cluster does not accept the key (media.livekit.api_key and api_secret)")]
    Key,
    #[error("the room or the person is not there")]
    NotFound,
    #[error("the LiveKit cluster refused: {0}")]
    Refused(String),
}

impl From<CallError> for kloud_meet::MediaError {
    fn from(error: CallError) -> Self {
        Self(error.to_string())
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "the operator names the cluster as the media server of this instance, and people are told before they come in"
)]
type Client = reqwest::Client;

/// The way to the cluster.
pub struct Caller {
    client: Client,
    /// With a path that ends in the service.
    service: Url,
    key: LivekitKey,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    code: String,
    #[serde(default)]
    msg: String,
}

impl Caller {
    pub fn new(config: &ClusterConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = format!("{}/twirp/livekit.RoomService/", config.url.trim_end_matches('/'));
        let service = Url::parse(&base).with_context(|| format!("media.livekit.url: {:?} is no URL", config.url))?;
        // A redirect would carry names and tokens to an address that nobody has configured.
        let client = Client::builder().timeout(ANSWER).connect_timeout(CONNECT);
        let client = client.redirect(reqwest::redirect::Policy::none()).build().context("media.livekit")?;
        let key = LivekitKey { key: config.api_key.clone(), secret: config.api_secret.clone() };
        Ok(Self { client, service, key, clock })
    }

    pub fn key(&self) -> &LivekitKey {
        &self.key
    }

    /// Calls a method by a right that ends with the call.
    pub async fn call<Q, A>(&self, method: RoomMethod, video: VideoGrant, request: &Q) -> Result<A, CallError>
    where
        Q: Message + Serialize,
        A: Message + Default + serde::de::DeserializeOwned,
    {
        let url = self.service.join(method.name()).map_err(unreachable)?;
        let now = self.clock.now().as_millis() / SECOND;
        let claims = Claims {
            iss: self.key.key.clone(),
            nbf: Some(now - TOKEN_SECONDS),
            exp: Some(now + TOKEN_SECONDS),
            video,
            ..Claims::default()
        };
        let form = Form::Protobuf;
        let asked = self.client.post(url).header(CONTENT_TYPE, form.content_type());
        let asked = asked.bearer_auth(sign(&claims, self.key.secret.as_bytes())).body(form.write(request));
        let mut answer = asked.send().await.map_err(unreachable)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + part.len() > ANSWER_MAX {
                return Err(CallError::Refused("the answer is too large".into()));
            }
            body.extend_from_slice(&part);
        }
        if status.is_success() {
            return A::decode(&body[..]).map_err(|_| CallError::Refused("the answer cannot be read".into()));
        }
        Err(refused(status, &body))
    }
}

/// What came of an event that was told to this server as the cluster would tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HookTry {
    Taken,
    /// The status that it was refused with.
    Refused(u16),
    /// No answer, and why.
    Silent(String),
}

/// Tells an address that a room of nobody's has begun, signed with the key of the cluster.
pub async fn try_webhook(config: &ClusterConfig, address: &str, clock: Arc<dyn Clock>) -> HookTry {
    let now = clock.now();
    let body = webhook_body(HookEvent::RoomStarted, Room::default(), String::new(), now, 0);
    let token = webhook_token(&config.api_key, config.api_secret.as_bytes(), &body, now);
    let client = Client::builder().timeout(ANSWER).redirect(reqwest::redirect::Policy::none()).build();
    let sent = async {
        let told = client?.post(address).header(CONTENT_TYPE, WEBHOOK_CONTENT_TYPE).header(AUTHORIZATION, token);
        told.body(body).send().await
    };
    match sent.await {
        Ok(answer) if answer.status().is_success() => HookTry::Taken,
        Ok(answer) => HookTry::Refused(answer.status().as_u16()),
        Err(error) => HookTry::Silent(innermost(&error)),
    }
}

fn refused(status: StatusCode, body: &[u8]) -> CallError {
    let told = serde_json::from_slice::<ErrorBody>(body).ok();
    let code = told.as_ref().map(|told| told.code.as_str()).unwrap_or_default();
    match (status, code) {
        (StatusCode::UNAUTHORIZED, _) | (_, "unauthenticated" | "permission_denied") => CallError::Key,
        (_, "not_found") => CallError::NotFound,
        _ => {
            let said = told.map(|told| format!("{} {}", told.code, told.msg)).unwrap_or_default();
            CallError::Refused(format!("{} {said}", status.as_u16()).trim_end().to_owned())
        }
    }
}

fn unreachable(error: impl std::error::Error + 'static) -> CallError {
    CallError::Unreachable(innermost(&error))
}

/// The innermost reason: what is outside of it says only that a request failed, and names the address.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error).to_string()
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("service", &self.service.as_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let of = |status: u16, body: &str| refused(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        assert_eq!(of(404, r#"{"code":"not_found","msg":"no room"}"#), CallError::NotFound);
        assert_eq!(of(401, "no JSON"), CallError::Key);
        assert_eq!(of(403, r#"{"code":"permission_denied","msg":"x"}"#), CallError::Key);
        // A proxy that knows no such page is not a room that is not there.
        assert_eq!(of(404, "<html>"), CallError::Refused("404".into()));
        let full = CallError::Refused("429 resource_exhausted too many".into());
        assert_eq!(of(429, r#"{"code":"resource_exhausted","msg":"too many"}"#), full);
    }
}
