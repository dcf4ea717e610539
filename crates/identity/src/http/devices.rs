//! Where one is signed in.

use axum::extract::State;
use axum::http::StatusCode;
use kloud_base::Timestamp;
use kloud_http::{Account, Json, Path, Problem, ProblemBody, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Identity;

#[derive(Serialize, ToSchema)]
pub struct SignInDevice {
    device_id: SessionId,
    /// Such as `Chromium on Linux`; `null` when its key has gone.
    label: Option<String>,
    created_at: Timestamp,
    last_used_at: Timestamp,
    /// The first part of the network address.
    place: Option<String>,
    /// The one that asks.
    current: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ListDevicesResponse {
    devices: Vec<SignInDevice>,
}

/// Where one is signed in
#[utoipa::path(get, path = "/me/devices", responses((status = 200, body = ListDevicesResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_devices(
    State(identity): State<Identity>,
    Account(actor): Account,
) -> Result<Json<ListDevicesResponse>, Problem> {
    let devices = identity.devices(&actor).await?.into_iter().map(|view| SignInDevice {
        device_id: view.session,
        label: view.device,
        created_at: view.created_at,
        last_used_at: view.last_used_at,
        place: view.place,
        current: view.session == actor.session,
    });
    Ok(Json(ListDevicesResponse { devices: devices.collect() }))
}

/// End one sign-in, with its sockets and its media
#[utoipa::path(delete, path = "/me/devices/{device_id}", params(("device_id" = SessionId, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn delete_device(
    State(identity): State<Identity>,
    Account(actor): Account,
    Path(device): Path<SessionId>,
) -> Result<StatusCode, Problem> {
    if identity.end_session(actor.subject, device).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}

#[derive(Serialize, ToSchema)]
pub struct DeleteDevicesResponse {
    ended: usize,
}

/// End all sign-ins but this one
#[utoipa::path(delete, path = "/me/devices", responses((status = 200, body = DeleteDevicesResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn delete_devices(
    State(identity): State<Identity>,
    Account(actor): Account,
) -> Result<Json<DeleteDevicesResponse>, Problem> {
    Ok(Json(DeleteDevicesResponse { ended: identity.end_other_sessions(&actor).await? }))
}
