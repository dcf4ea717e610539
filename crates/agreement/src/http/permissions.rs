//! Device permissions of a person. A yes is given where the device is used; here it is seen and taken back.

use axum::extract::State;
use kloud_http::{Account, Json, Path, Problem, ProblemBody};
use kloud_privacy::permission::{DeviceClass, PermissionState, Reach};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::{Agreement, PermissionView};

#[derive(Serialize, ToSchema)]
pub struct DevicePermission {
    class: DeviceClass,
    state: PermissionState,
    span: Option<Reach>,
    /// Whether anything asks for it yet.
    offered: bool,
}

impl From<PermissionView> for DevicePermission {
    fn from(view: PermissionView) -> Self {
        Self { class: view.class, state: view.state, span: view.reach, offered: view.offered }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListPermissionsResponse {
    permissions: Vec<DevicePermission>,
}

/// How each device class stands
#[utoipa::path(get, path = "/me/permissions", responses((status = 200, body = ListPermissionsResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_permissions(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<Json<ListPermissionsResponse>, Problem> {
    let permissions = agreement.permissions(actor.subject).await?.into_iter().map(Into::into).collect();
    Ok(Json(ListPermissionsResponse { permissions }))
}

/// Only `off`: a yes is given where the device is used.
#[derive(Deserialize, ToSchema)]
pub struct WithdrawPermissionRequest {
    state: WithdrawnState,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithdrawnState {
    Off,
}

/// Take a device class back everywhere, running meetings too
#[utoipa::path(put, path = "/me/permissions/{class}", params(("class" = DeviceClass, Path)), request_body = WithdrawPermissionRequest, responses((status = 200, body = DevicePermission), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn withdraw_permission(
    State(agreement): State<Agreement>,
    Account(actor): Account,
    Path(class): Path<DeviceClass>,
    Json(request): Json<WithdrawPermissionRequest>,
) -> Result<Json<DevicePermission>, Problem> {
    let WithdrawnState::Off = request.state;
    agreement.withdraw(actor.subject, class).await?;
    let all = agreement.permissions(actor.subject).await?;
    let one = all.into_iter().find(|one| one.class == class).ok_or_else(Problem::not_found)?;
    Ok(Json(one.into()))
}
