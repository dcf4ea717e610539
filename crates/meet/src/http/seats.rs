//! One's own seat.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_http::{Caller, Cookie, Json, Path, Problem, ProblemBody, Someone};
use kloud_identity::Place;
use kloud_identity::model::Language;
use kloud_privacy::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::parts::MeetingRights;
use super::{code, media_url};
use crate::model::{Device, GUEST_SESSION_LIVES, Permits, SeatId, SeatRole, SeatStatus};
use crate::ports::SittingId;
use crate::service::{Knock, Meet, SeatView};

#[derive(Serialize, ToSchema)]
pub struct Seat {
    participant_id: SeatId,
    /// The identity on the media wire.
    identity: MemberId,
    name: String,
    role: SeatRole,
    status: SeatStatus,
    /// Only while inside.
    media: Option<SeatMedia>,
    conversation_id: ConversationId,
    permits: SeatPermits,
    rights: MeetingRights,
    hand_raised: bool,
    policy: SeatPolicy,
    /// When what goes on now began; only while inside.
    started_at: Option<Timestamp>,
    /// What to watch on the event socket for people coming and going; only while inside.
    room_stream: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SeatMedia {
    /// The base address for a LiveKit client.
    url: String,
    token: String,
    room: SittingId,
}

/// Whether this person agreed to what the meeting keeps now.
#[derive(Serialize, ToSchema)]
pub struct SeatPolicy {
    version: i64,
    accepted: bool,
}

/// What is forwarded of this person.
#[derive(Serialize, ToSchema)]
pub struct SeatPermits {
    camera: bool,
    microphone: bool,
    screen: bool,
    data: bool,
}

impl From<Permits> for SeatPermits {
    fn from(permits: Permits) -> Self {
        let Permits { camera, microphone, screen, data } = permits;
        Self { camera, microphone, screen, data }
    }
}

impl Seat {
    fn new(view: SeatView, headers: &HeaderMap) -> Self {
        let media = view.pass.zip(view.sitting).map(|(pass, room)| SeatMedia {
            url: pass.url.unwrap_or_else(|| media_url(headers)),
            token: pass.token,
            room,
        });
        Self {
            participant_id: view.row.id,
            identity: view.row.member_id,
            name: view.name,
            role: view.role,
            status: view.row.status,
            room_stream: (view.row.status == SeatStatus::Admitted).then(|| format!("room:{}", view.row.id)),
            media,
            conversation_id: view.conversation,
            permits: view.permits.into(),
            rights: view.rights.into(),
            hand_raised: view.row.hand_at.is_some(),
            policy: SeatPolicy { version: view.policy.0, accepted: view.policy.1 },
            started_at: view.started_at,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct CreateSeatRequest {
    /// Needed without an account.
    name: Option<String>,
    /// Needed where the door says so.
    passcode: Option<String>,
    /// The version of what the meeting keeps that was shown: with another than the present one nobody comes in
    /// (`policy_changed`). Not said, a new seat takes the present one as agreed to, and one that is come back to keeps
    /// what it agreed to.
    policy: Option<i64>,
}

/// Take a seat, or come back to it
#[utoipa::path(post, path = "/meetings/{code}/join", params(("code" = String, Path)), request_body = CreateSeatRequest, responses((status = 200, body = Seat), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_seat(
    State(meet): State<Meet>,
    caller: Caller,
    place: Place,
    headers: HeaderMap,
    Path(text): Path<String>,
    Json(request): Json<CreateSeatRequest>,
) -> Result<Response, Problem> {
    let CreateSeatRequest { name, passcode, policy } = request;
    let knock = Knock { name, passcode, policy, mark: Cookie::Mark.read(&headers), place: &place };
    let joined = meet.join(&caller, &code(&text)?, knock).await?;
    let seat = Json(Seat::new(joined.seat, &headers));
    Ok(match joined.guest_token {
        Some(token) => ([Cookie::Guest.set(&token, GUEST_SESSION_LIVES)], seat).into_response(),
        None => seat.into_response(),
    })
}

/// One's own seat, with a fresh media token
#[utoipa::path(get, path = "/meetings/{code}/seat", params(("code" = String, Path)), responses((status = 200, body = Seat), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn get_seat(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Response, Problem> {
    let code = code(&text)?;
    let seat = meet.seat(&caller, &code).await?;
    // One who was put out for good is told so here, and their browser is marked.
    let mark = match seat.row.status {
        SeatStatus::Banned => meet.mark(&caller, &code, Cookie::Mark.read(&headers)).await?,
        _ => None,
    };
    let seat = Json(Seat::new(seat, &headers));
    Ok(match mark {
        Some(mark) => ([Cookie::Mark.set(&mark, GUEST_SESSION_LIVES)], seat).into_response(),
        None => seat.into_response(),
    })
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateHandRequest {
    raised: bool,
}

/// Raise or lower one's hand
#[utoipa::path(put, path = "/meetings/{code}/seat/hand", params(("code" = String, Path)), request_body = UpdateHandRequest, responses((status = 200, body = Seat), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_hand(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    headers: HeaderMap,
    Path(text): Path<String>,
    Json(request): Json<UpdateHandRequest>,
) -> Result<Json<Seat>, Problem> {
    Ok(Json(Seat::new(meet.set_hand(&caller, &code(&text)?, request.raised).await?, &headers)))
}

#[derive(Deserialize, ToSchema)]
pub struct AcceptPolicyRequest {
    version: i64,
}

/// Agree to what the meeting keeps now
#[utoipa::path(put, path = "/meetings/{code}/seat/policy", params(("code" = String, Path)), request_body = AcceptPolicyRequest, responses((status = 200, body = Seat), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn accept_policy(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    headers: HeaderMap,
    Path(text): Path<String>,
    Json(request): Json<AcceptPolicyRequest>,
) -> Result<Json<Seat>, Problem> {
    Ok(Json(Seat::new(meet.accept_policy(&caller, &code(&text)?, request.version).await?, &headers)))
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateDeviceRequest {
    on: bool,
    /// In which the sentence of why was shown.
    language: Language,
}

/// Say yes or no to a device of one's own, in this meeting
#[utoipa::path(put, path = "/meetings/{code}/seat/devices/{source}", params(("code" = String, Path), ("source" = Device, Path)), request_body = UpdateDeviceRequest, responses((status = 200, body = Seat), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_device(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    headers: HeaderMap,
    Path((text, device)): Path<(String, Device)>,
    Json(request): Json<UpdateDeviceRequest>,
) -> Result<Json<Seat>, Problem> {
    let view = meet.set_device(&caller, &code(&text)?, device, request.on, request.language).await?;
    Ok(Json(Seat::new(view, &headers)))
}

/// Leave; the seat stays one's own
#[utoipa::path(post, path = "/meetings/{code}/seat/leave", params(("code" = String, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn leave_seat(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    meet.leave(&caller, &code(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
