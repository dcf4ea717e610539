//! What hosts and co-hosts do with people.

use axum::extract::State;
use axum::http::StatusCode;
use kloud_http::{Json, Path, Problem, ProblemBody, Someone};
use serde::Deserialize;
use utoipa::ToSchema;

use super::code;
use crate::model::{Device, SeatId, SeatRole};
use crate::service::{HostAct, HostActAll, Meet};

macro_rules! plain_acts {
    ($($(#[doc = $doc:literal])* $name:ident, $word:literal, $act:ident;)+) => {
        $(
            $(#[doc = $doc])*
            #[utoipa::path(post, path = concat!("/meetings/{code}/people/{participant_id}/", $word), params(("code" = String, Path), ("participant_id" = SeatId, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
            pub async fn $name(
                State(meet): State<Meet>,
                Someone(caller): Someone,
                Path((text, seat)): Path<(String, SeatId)>,
            ) -> Result<StatusCode, Problem> {
                meet.host_act(&caller, &code(&text)?, seat, HostAct::$act).await?;
                Ok(StatusCode::NO_CONTENT)
            }
        )+
    };
}

plain_acts! {
    /// Let somebody in who waits
    admit_person, "admit", Admit;
    /// Turn somebody away who waits
    deny_person, "deny", Deny;
    /// Put somebody back into the lobby
    put_back_person, "put-back", PutBack;
    /// Put somebody out; they may knock again
    remove_person, "remove", Remove;
    /// Put somebody out for good
    ban_person, "ban", Ban;
    /// Let somebody knock again who was put out for good
    unban_person, "unban", Unban;
    /// Lower somebody's hand
    lower_hand, "lower-hand", LowerHand;
    /// Make another account the host
    hand_over, "hand-over", HandOver;
}

#[derive(Deserialize, ToSchema)]
pub struct StopPersonRequest {
    source: Device,
    /// Keeps it off until it is allowed again.
    stay: bool,
}

/// Switch something of somebody off
#[utoipa::path(post, path = "/meetings/{code}/people/{participant_id}/stop", params(("code" = String, Path), ("participant_id" = SeatId, Path)), request_body = StopPersonRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn stop_person(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path((text, seat)): Path<(String, SeatId)>,
    Json(request): Json<StopPersonRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act(&caller, &code(&text)?, seat, HostAct::Stop { device: request.source, stay: request.stay }).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct AllowPersonRequest {
    source: Device,
}

/// Allow somebody what is kept off, or what attendees may not
#[utoipa::path(post, path = "/meetings/{code}/people/{participant_id}/allow", params(("code" = String, Path), ("participant_id" = SeatId, Path)), request_body = AllowPersonRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn allow_person(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path((text, seat)): Path<(String, SeatId)>,
    Json(request): Json<AllowPersonRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act(&caller, &code(&text)?, seat, HostAct::Allow(request.source)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct AskPersonRequest {
    source: Device,
}

/// Ask somebody to switch something on; only they can
#[utoipa::path(post, path = "/meetings/{code}/people/{participant_id}/ask", params(("code" = String, Path), ("participant_id" = SeatId, Path)), request_body = AskPersonRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn ask_person(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path((text, seat)): Path<(String, SeatId)>,
    Json(request): Json<AskPersonRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act(&caller, &code(&text)?, seat, HostAct::Ask(request.source)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateRoleRequest {
    /// All but `host`.
    role: SeatRole,
}

/// Give somebody another role
#[utoipa::path(put, path = "/meetings/{code}/people/{participant_id}/role", params(("code" = String, Path), ("participant_id" = SeatId, Path)), request_body = UpdateRoleRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_role(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path((text, seat)): Path<(String, SeatId)>,
    Json(request): Json<UpdateRoleRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act(&caller, &code(&text)?, seat, HostAct::Become(request.role)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateSpotlightRequest {
    on: bool,
}

/// Show somebody large to everybody, or not any more
#[utoipa::path(put, path = "/meetings/{code}/people/{participant_id}/spotlight", params(("code" = String, Path), ("participant_id" = SeatId, Path)), request_body = UpdateSpotlightRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_spotlight(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path((text, seat)): Path<(String, SeatId)>,
    Json(request): Json<UpdateSpotlightRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act(&caller, &code(&text)?, seat, HostAct::Spotlight(request.on)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Let everybody in who waits
#[utoipa::path(post, path = "/meetings/{code}/admit-all", params(("code" = String, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn admit_all(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    meet.host_act_all(&caller, &code(&text)?, HostActAll::Admit).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct MuteAllRequest {
    /// Attendees stay silent until they are given the word.
    stay: bool,
}

/// Silence everybody but hosts
#[utoipa::path(post, path = "/meetings/{code}/mute-all", params(("code" = String, Path)), request_body = MuteAllRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn mute_all(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
    Json(request): Json<MuteAllRequest>,
) -> Result<StatusCode, Problem> {
    meet.host_act_all(&caller, &code(&text)?, HostActAll::Mute { stay: request.stay }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lower every hand
#[utoipa::path(post, path = "/meetings/{code}/lower-hands", params(("code" = String, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn lower_hands(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    meet.host_act_all(&caller, &code(&text)?, HostActAll::LowerHands).await?;
    Ok(StatusCode::NO_CONTENT)
}
