//! One's own seat.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use kloud_chat::model::ConversationId;
use kloud_http::{Caller, Cookie, Json, Path, Problem, ProblemBody, Someone};
use kloud_identity::Place;
use kloud_identity::model::Language;
use kloud_privacy::MemberId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{code, media_url};
use crate::model::{Device, GUEST_SESSION_LIVES, Permits, SeatId, SeatRole, SeatStatus};
use crate::ports::SittingId;
use crate::service::{Meet, SeatView};

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
        let media = view.pass.zip(view.sitting).map(|(token, room)| SeatMedia { url: media_url(headers), token, room });
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
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct CreateSeatRequest {
    /// Needed without an account.
    name: Option<String>,
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
    let joined = meet.join(&caller, &code(&text)?, request.name, &place).await?;
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
) -> Result<Json<Seat>, Problem> {
    Ok(Json(Seat::new(meet.seat(&caller, &code(&text)?).await?, &headers)))
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
