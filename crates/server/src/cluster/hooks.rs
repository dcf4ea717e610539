//! Where the cluster tells what happens in its rooms. What is told is a hint where to look, and nothing is believed of
//! it beyond that: one that comes twice, late or out of order leads to the same look.
//!
//! Invariant: nothing of a delivery is read before its token is, and its body is bounded in size and time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::routing::post;
use kloud_base::Clock;
use kloud_livekit::proto::{DisconnectReason, WebhookEvent};
use kloud_livekit::{HookProof, HookRefusal};
use kloud_meet::SittingId;
use tokio::sync::mpsc;

use super::follow::Hint;
use crate::config::LivekitKey;

/// Where deliveries are taken.
pub const PATH: &str = "/media/livekit/webhook";
/// The largest delivery.
const BODY_MAX: usize = 256 * 1024;
/// How long one may take to come.
const SENT: Duration = Duration::from_secs(10);
/// Deliveries that are remembered by their id, to tell a repetition from a new one.
const REMEMBERED: usize = 1024;

struct Taker {
    key: LivekitKey,
    clock: Arc<dyn Clock>,
    hints: mpsc::Sender<Hint>,
    seen: Mutex<VecDeque<String>>,
}

pub fn router(key: LivekitKey, clock: Arc<dyn Clock>, hints: mpsc::Sender<Hint>) -> Router {
    let taker = Arc::new(Taker { key, clock, hints, seen: Mutex::default() });
    Router::new().route(PATH, post(take)).with_state(taker)
}

async fn take(State(taker): State<Arc<Taker>>, request: Request) -> StatusCode {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    let proof = HookProof::read(token, &taker.key.key, taker.key.secret.as_bytes(), taker.clock.now());
    let Ok(proof) = proof else { return StatusCode::UNAUTHORIZED };
    let body = match tokio::time::timeout(SENT, to_bytes(request.into_body(), BODY_MAX)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE,
        Err(_) => return StatusCode::REQUEST_TIMEOUT,
    };
    match proof.event(&body) {
        Ok(event) => taker.hear(&event),
        Err(HookRefusal::Unsigned | HookRefusal::OtherBody) => StatusCode::UNAUTHORIZED,
        Err(HookRefusal::Malformed) => StatusCode::BAD_REQUEST,
    }
}

impl Taker {
    fn hear(&self, event: &WebhookEvent) -> StatusCode {
        if self.is_known(&event.id) {
            return StatusCode::OK;
        }
        for hint in hints_in(event) {
            // Told again later, it finds room.
            if self.hints.try_send(hint).is_err() {
                return StatusCode::SERVICE_UNAVAILABLE;
            }
        }
        self.remember(&event.id);
        StatusCode::OK
    }

    fn is_known(&self, id: &str) -> bool {
        !id.is_empty() && self.seen.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|seen| seen == id)
    }

    fn remember(&self, id: &str) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push_back(id.to_owned());
        if seen.len() > REMEMBERED {
            seen.pop_front();
        }
    }
}

/// Where to look after an event. Rooms that are no sittings are somebody else's.
#[expect(deprecated, reason = "servers in use write the field, and nothing has come in its place")]
fn hints_in(event: &WebhookEvent) -> Vec<Hint> {
    let missed = (event.num_dropped > 0).then_some(Hint::Everything);
    let sitting: Option<SittingId> = event.room.as_ref().and_then(|room| room.name.parse().ok());
    let told = sitting.zip(event.participant.as_ref()).and_then(|(sitting, who)| {
        let member = who.identity.parse().ok()?;
        let is_gone = matches!(event.event.as_str(), "participant_left" | "participant_connection_aborted");
        Some(Hint::Person { sitting, member, has_left: is_gone && left_by_itself(who.disconnect_reason()) })
    });
    missed.into_iter().chain(told).collect()
}

/// Whether somebody is gone in a way that leaves the seat empty: not put out by us, and not to come back elsewhere.
fn left_by_itself(reason: DisconnectReason) -> bool {
    !matches!(
        reason,
        DisconnectReason::DuplicateIdentity
            | DisconnectReason::ServerShutdown
            | DisconnectReason::ParticipantRemoved
            | DisconnectReason::RoomDeleted
            | DisconnectReason::RoomClosed
            | DisconnectReason::Migration
    )
}

#[cfg(test)]
mod tests {
    use kloud_base::Timestamp;
    use kloud_livekit::proto::{ParticipantInfo, Room};
    use kloud_livekit::{HookEvent, webhook_body};
    use kloud_privacy::MemberId;
    use kloud_testkit::SeededRng;

    use super::*;

    fn hints(room: &str, event: HookEvent, dropped: u32) -> Vec<Hint> {
        let room = Room { name: room.into(), ..Room::default() };
        let body = webhook_body(event, room, "EV_1".into(), Timestamp::from_millis(0), dropped);
        hints_in(&serde_json::from_slice(&body).unwrap())
    }

    #[test]
    fn an_event_says_where_to_look_and_no_more() {
        let rng = SeededRng::new(1);
        let (sitting, member) = (SittingId::random(&rng), MemberId::random(&rng));
        let who = |reason: DisconnectReason| ParticipantInfo {
            identity: member.to_string(),
            disconnect_reason: reason.into(),
            ..ParticipantInfo::default()
        };
        let left = |reason| hints(&sitting.to_string(), HookEvent::ParticipantLeft(who(reason)), 0);
        let look = |has_left| vec![Hint::Person { sitting, member, has_left }];
        assert_eq!(left(DisconnectReason::ClientInitiated), look(true));
        assert_eq!(left(DisconnectReason::DuplicateIdentity), look(false));
        let joined = || HookEvent::ParticipantJoined(who(DisconnectReason::UnknownReason));
        assert_eq!(hints(&sitting.to_string(), joined(), 0), look(false));
        assert_eq!(hints("somebody's room", joined(), 0), Vec::new());
        assert_eq!(hints("somebody's room", joined(), 2), vec![Hint::Everything]);
        assert_eq!(hints(&sitting.to_string(), HookEvent::RoomStarted, 0), Vec::new());
    }
}
