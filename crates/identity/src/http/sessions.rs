//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use kloud_http::{Account, Cookie, Json, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::{Me, me_view};
use crate::model::SESSION_LIVES;
use crate::service::Identity;
use crate::sessions::Place;

#[derive(Deserialize, ToSchema)]
pub struct CreateSessionRequest {
    identifier: String,
    password: String,
}

/// Sign in
#[utoipa::path(post, path = "/sessions", request_body = CreateSessionRequest, responses((status = 201, body = Me), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_session(
    State(identity): State<Identity>,
    place: Place,
    Json(request): Json<CreateSessionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let signed_in = identity.sign_in(&request.identifier, request.password.into(), &place).await?;
    let me = me_view(&identity, &signed_in.actor).await?;
    Ok((StatusCode::CREATED, [Cookie::Account.set(&signed_in.token, SESSION_LIVES)], Json(me)))
}

#[derive(Deserialize, ToSchema)]
pub struct CreateRecoverySessionRequest {
    identifier: String,
    recovery_code: String,
    new_password: String,
}

#[derive(Serialize, ToSchema)]
pub struct CreateRecoverySessionResponse {
    account: Me,
    recovery_codes_left: usize,
}

/// Sign in with a recovery code and set a new password
#[utoipa::path(post, path = "/sessions/recovery", request_body = CreateRecoverySessionRequest, responses((status = 201, body = CreateRecoverySessionResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_recovery_session(
    State(identity): State<Identity>,
    place: Place,
    Json(request): Json<CreateRecoverySessionRequest>,
) -> Result<impl IntoResponse, Problem> {
    let (signed_in, recovery_codes_left) =
        identity.recover(&request.identifier, &request.recovery_code, request.new_password.into(), &place).await?;
    let account = me_view(&identity, &signed_in.actor).await?;
    let cookie = Cookie::Account.set(&signed_in.token, SESSION_LIVES);
    Ok((StatusCode::CREATED, [cookie], Json(CreateRecoverySessionResponse { account, recovery_codes_left })))
}

/// Sign out here
#[utoipa::path(delete, path = "/sessions/current", responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn delete_session(
    State(identity): State<Identity>,
    Account(actor): Account,
) -> Result<impl IntoResponse, Problem> {
    identity.end_session(actor.subject, actor.session).await?;
    let forget = (HeaderName::from_static("clear-site-data"), HeaderValue::from_static("\"cache\", \"storage\""));
    Ok((StatusCode::NO_CONTENT, [Cookie::Account.clear(), forget]))
}
