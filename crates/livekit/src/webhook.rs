//! What an application is told of its rooms: the body of a webhook, and the token that proves who wrote it. The token
//! holds the hash of the body, so that neither can be used without the other.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kloud_base::{SECOND, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::proto::{ParticipantInfo, Room, RoomEndReason, TrackInfo, WebhookEvent};
use crate::token::{Claims, issuer, sign_any, verify};

pub const WEBHOOK_CONTENT_TYPE: &str = "application/webhook+json";
/// How long the token of one delivery is good for.
const LASTS_SECONDS: i64 = 5 * 60;

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum HookEvent {
    RoomStarted,
    RoomFinished(RoomEndReason),
    /// Media flows.
    ParticipantJoined(ParticipantInfo),
    ParticipantLeft(ParticipantInfo),
    /// Gone before media ever flowed.
    ConnectionAborted(ParticipantInfo),
    TrackPublished(ParticipantInfo, TrackInfo),
    TrackUnpublished(ParticipantInfo, TrackInfo),
}

impl HookEvent {
    const fn name(&self) -> &'static str {
        match self {
            HookEvent::RoomStarted => "room_started",
            HookEvent::RoomFinished(_) => "room_finished",
            HookEvent::ParticipantJoined(_) => "participant_joined",
            HookEvent::ParticipantLeft(_) => "participant_left",
            HookEvent::ConnectionAborted(_) => "participant_connection_aborted",
            HookEvent::TrackPublished(..) => "track_published",
            HookEvent::TrackUnpublished(..) => "track_unpublished",
        }
    }
}

/// The body. `dropped` events before this one could not be delivered.
#[expect(deprecated, reason = "receivers in use read the field, and nothing has come in its place")]
pub fn webhook_body(event: HookEvent, room: Room, id: String, now: Timestamp, dropped: u32) -> Vec<u8> {
    let mut told = WebhookEvent {
        event: event.name().to_owned(),
        room: Some(room),
        id,
        created_at: now.as_millis() / SECOND,
        num_dropped: i32::try_from(dropped).unwrap_or(i32::MAX),
        ..Default::default()
    };
    match event {
        HookEvent::RoomStarted => {}
        HookEvent::RoomFinished(reason) => told.room_end_reason = reason as i32,
        HookEvent::ParticipantJoined(who) | HookEvent::ParticipantLeft(who) | HookEvent::ConnectionAborted(who) => {
            told.participant = Some(who);
        }
        HookEvent::TrackPublished(who, track) | HookEvent::TrackUnpublished(who, track) => {
            told.participant = Some(who);
            told.track = Some(track);
        }
    }
    serde_json::to_vec(&told).expect("messages have text keys only")
}

#[derive(Serialize)]
struct Proof<'a> {
    iss: &'a str,
    nbf: i64,
    exp: i64,
    sha256: String,
}

/// What stands in the `Authorization` header of one delivery, bare.
pub fn webhook_token(key: &str, secret: &[u8], body: &[u8], now: Timestamp) -> String {
    let now = now.as_millis() / SECOND;
    let sha256 = STANDARD.encode(Sha256::digest(body));
    sign_any(&Proof { iss: key, nbf: now, exp: now + LASTS_SECONDS, sha256 }, secret)
}

/// Why a delivery is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HookRefusal {
    /// No token, one of another key, or one that is wrong or over.
    #[error("the delivery is not signed with the key")]
    Unsigned,
    #[error("the token was made for another body")]
    OtherBody,
    #[error("the body is no event")]
    Malformed,
}

/// The proof that a delivery carries: made by whoever knows the secret, for one body that is yet to be looked at.
#[derive(Clone, Debug)]
pub struct HookProof(Claims);

impl HookProof {
    /// Reads the `Authorization` header of a delivery, so that nothing else of an unsigned one needs to be read.
    pub fn read(token: &str, key: &str, secret: &[u8], now: Timestamp) -> Result<Self, HookRefusal> {
        let of_key = issuer(token).is_ok_and(|named| named == key);
        let claims = verify(token, secret, now).map_err(|_| HookRefusal::Unsigned)?;
        if of_key { Ok(Self(claims)) } else { Err(HookRefusal::Unsigned) }
    }

    /// The event, if this is the body that was signed.
    pub fn event(&self, body: &[u8]) -> Result<WebhookEvent, HookRefusal> {
        let signed = self.0.other.get("sha256").and_then(|hash| hash.as_str()).ok_or(HookRefusal::OtherBody)?;
        if STANDARD.encode(Sha256::digest(body)) != signed {
            return Err(HookRefusal::OtherBody);
        }
        serde_json::from_slice(body).map_err(|_| HookRefusal::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_believed_with_the_key_and_its_own_body_alone() {
        let body = webhook_body(HookEvent::RoomStarted, Room::default(), "EV_1".into(), NOW, 0);
        let token = webhook_token("key", b"secret", &body, NOW);
        let read = |token: &str, key: &str, secret: &[u8], now| HookProof::read(token, key, secret, now);
        let proof = read(&token, "key", b"secret", NOW).expect("signed");
        assert_eq!(proof.event(&body).expect("an event").id, "EV_1");
        assert_eq!(proof.event(b"{}").err(), Some(HookRefusal::OtherBody));
        let unsigned = Some(HookRefusal::Unsigned);
        assert_eq!(read(&token, "other", b"secret", NOW).err(), unsigned);
        assert_eq!(read(&token, "key", b"guess", NOW).err(), unsigned);
        assert_eq!(read(&token, "key", b"secret", NOW + 10 * 60 * SECOND).err(), unsigned);
        assert_eq!(read("", "key", b"secret", NOW).err(), unsigned);
        // The token of somebody who may join says nothing of a body.
        let joins = Claims { iss: "key".into(), exp: Some(1_800_000_060), ..Default::default() };
        let proof = read(&crate::sign(&joins, b"secret"), "key", b"secret", NOW).expect("signed");
        assert_eq!(proof.event(&body).err(), Some(HookRefusal::OtherBody));
        let noise = b"no JSON";
        let proof = read(&webhook_token("key", b"secret", noise, NOW), "key", b"secret", NOW).expect("signed");
        assert_eq!(proof.event(noise).err(), Some(HookRefusal::Malformed));
    }

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn the_token_proves_exactly_this_body() {
        let body = b"{}";
        let claims = verify(&webhook_token("key", b"secret", body, NOW), b"secret", NOW).expect("a token");
        assert_eq!(claims.iss, "key");
        // SHA-256 of the two bytes, in standard base64 with padding.
        assert_eq!(claims.other["sha256"], "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=");
        assert!(!claims.video.room_admin && !claims.video.room_join, "it opens nothing");
    }

    #[test]
    fn an_event_is_told_in_the_json_form_of_its_message() {
        let who = ParticipantInfo { identity: "ada".into(), ..Default::default() };
        let track = TrackInfo { sid: "TR_1".into(), ..Default::default() };
        let room = Room { name: "lab".into(), ..Default::default() };
        let body = webhook_body(HookEvent::TrackPublished(who, track), room, "EV_1".into(), NOW, 2);
        let told: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(told["event"], "track_published");
        assert_eq!((told["createdAt"].as_str(), told["numDropped"].as_i64()), (Some("1800000000"), Some(2)));
        assert_eq!(told["participant"]["identity"], "ada");
        assert_eq!((told["track"]["sid"].as_str(), told["room"]["name"].as_str()), (Some("TR_1"), Some("lab")));
        let end = webhook_body(
            HookEvent::RoomFinished(RoomEndReason::RoomEndApiDelete),
            Room::default(),
            String::new(),
            NOW,
            0,
        );
        let end: serde_json::Value = serde_json::from_slice(&end).expect("JSON");
        assert_eq!((&end["event"], &end["roomEndReason"]), (&"room_finished".into(), &"ROOM_END_API_DELETE".into()));
    }
}
