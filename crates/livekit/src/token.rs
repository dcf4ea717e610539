//! Access tokens: JWTs signed with HMAC-SHA-256 (RFC 7519, RFC 7515), as every LiveKit SDK mints them.

use std::collections::BTreeMap;
use std::ops::Not;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kloud_base::{Millis, SECOND, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;

/// Longest token that is looked at.
const MAX_BYTES: usize = 16 * 1024;
/// How far the clock of whoever minted a token may be ahead.
const EARLY: Millis = 60 * SECOND;

/// Why a token opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("this is no access token")]
    Malformed,
    #[error("the token is signed with a key that is not known here")]
    UnknownKey,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token is not valid yet or no longer")]
    Time,
}

/// What a token says. Claims that this server does not know are kept as they are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Claims {
    /// The API key.
    pub iss: String,
    /// The identity.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sub: String,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// Seconds since 1970. A token without an end is not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    pub video: VideoGrant,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// What the token allows in a room. Absent `can_*` claims mean yes, except for metadata.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VideoGrant {
    pub room_join: bool,
    /// May make and delete rooms.
    #[serde(skip_serializing_if = "Not::not")]
    pub room_create: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub room_list: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub room_record: bool,
    /// May direct `room` and everybody in it.
    #[serde(skip_serializing_if = "Not::not")]
    pub room_admin: bool,
    #[serde(skip_serializing_if = "Not::not")]
    pub ingress_admin: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub room: String,
    /// Where an administrator of `room` may send people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub destination_room: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_subscribe: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_publish_data: Option<bool>,
    /// `camera`, `microphone`, `screen_share`, `screen_share_audio`; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub can_publish_sources: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub can_update_own_metadata: Option<bool>,
    pub hidden: bool,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<String>,
}

/// The API key that a token claims to be signed with. Nothing is proven by it.
pub fn issuer(token: &str) -> Result<String, TokenError> {
    let (_, claims, _) = split(token)?;
    Ok(parse::<Claims>(claims)?.iss)
}

/// Reads a token that must be signed with `secret`.
pub fn verify(token: &str, secret: &[u8], now: Timestamp) -> Result<Claims, TokenError> {
    let (signed, claims, signature) = split(token)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Malformed)?;
    mac(secret, signed).verify_slice(&signature).map_err(|_| TokenError::Signature)?;
    let claims: Claims = parse(claims)?;
    let now = now.as_millis();
    let begun = claims.nbf.is_none_or(|at| at.saturating_mul(SECOND) <= now.saturating_add(EARLY));
    let lasts = claims.exp.is_some_and(|at| at.saturating_mul(SECOND) > now);
    if begun && lasts { Ok(claims) } else { Err(TokenError::Time) }
}

/// Mints a token.
pub fn sign(claims: &Claims, secret: &[u8]) -> String {
    sign_any(claims, secret)
}

/// Signs claims of any shape.
pub(crate) fn sign_any(claims: &impl Serialize, secret: &[u8]) -> String {
    let header = Header { alg: "HS256".into(), typ: Some("JWT".into()) };
    let header = serde_json::to_vec(&header).expect("two strings are JSON");
    let body = serde_json::to_vec(claims).expect("claims have text keys only");
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(body));
    let signature = mac(secret, &token).finalize().into_bytes();
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    token
}

/// The part that is signed, the claims and the signature of a token whose header is acceptable.
fn split(token: &str) -> Result<(&str, &str, &str), TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Malformed)?;
    if claims.contains('.') || parse::<Header>(header)?.alg != "HS256" {
        return Err(TokenError::Malformed);
    }
    Ok((signed, claims, signature))
}

fn parse<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Malformed)
}

fn mac(secret: &[u8], signed: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(signed.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn claims() -> Claims {
        Claims {
            iss: "key".into(),
            sub: "ada".into(),
            exp: Some(1_800_000_060),
            video: VideoGrant { room_join: true, room: "lab".into(), ..Default::default() },
            ..Default::default()
        }
    }

    #[test]
    fn a_token_opens_with_its_secret_only() {
        let token = sign(&claims(), b"secret");
        assert_eq!(issuer(&token).as_deref(), Ok("key"));
        assert_eq!(verify(&token, b"secret", NOW), Ok(claims()));
        assert_eq!(verify(&token, b"other", NOW), Err(TokenError::Signature));
        assert_eq!(verify(&token, b"secret", NOW + 60 * SECOND), Err(TokenError::Time));
    }

    #[test]
    fn a_token_without_an_end_is_refused() {
        let token = sign(&Claims { exp: None, ..claims() }, b"secret");
        assert_eq!(verify(&token, b"secret", NOW), Err(TokenError::Time));
    }

    #[test]
    fn an_unsigned_token_is_refused() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let token = format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"iss":"key","exp":9999999999}"#));
        assert_eq!(verify(&token, b"secret", NOW), Err(TokenError::Malformed));
    }

    #[test]
    fn a_token_of_the_python_sdk_is_understood() {
        // Minted by PyPI livekit-api 1.2.2.
        const TOKEN: &str = concat!(
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
            "eyJuYW1lIjoiQWRhIiwidmlkZW8iOnsicm9vbUpvaW4iOnRydWUsInJvb20iOiJsYWIiLCJjYW5QdWJsaXNoIjp0cn",
            "VlLCJjYW5TdWJzY3JpYmUiOnRydWUsImNhblB1Ymxpc2hEYXRhIjp0cnVlLCJjYW5QdWJsaXNoU291cmNlcyI6WyJtaWNyb3Bob25lIl19LCJzdWIiOiJhZGEiLCJpc3MiOiJkZXZrZXkiLCJuYmYiOjE3OTU1MjIwMzgsImV4cCI6MTc5NTU0MzYzOH0.",
            "8ptRR8ZQL1YI1lHAC4QhrN_WZfX5zvB39yiYrapg67g",
        );
        let minted = Timestamp::from_millis(1795522038000);
        let claims = verify(TOKEN, b"a-secret-of-at-least-32-characters", minted).expect("a token");
        assert_eq!((claims.iss.as_str(), claims.sub.as_str(), claims.name.as_str()), ("devkey", "ada", "Ada"));
        assert!(claims.video.room_join && claims.video.can_publish_sources == ["microphone"]);
        assert_eq!(verify(TOKEN, b"secret", minted), Err(TokenError::Signature));
    }

    #[test]
    fn mutilated_tokens_never_open_and_never_panic() {
        let token = sign(&claims(), b"secret");
        kloud_testkit::mutations(token.as_bytes(), 10_000, |bytes| {
            let text = String::from_utf8_lossy(bytes);
            if text != token {
                let opened = verify(&text, b"secret", NOW);
                assert!(opened.is_err() || opened == Ok(claims()), "{text}");
            }
        });
    }
}
