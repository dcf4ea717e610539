//! The instance, and its first start.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use data_encoding::HEXLOWER;
use kloud_http::{Cookie, Json, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts::{CreateAccountResponse, NewAccountBody};
use super::me::me_view;
use crate::model::SESSION_LIVES;
use crate::service::Identity;
use crate::sessions::Place;
use crate::setup::{NewInstance, OfficerView};

#[derive(Serialize, ToSchema)]
pub struct GetInstanceResponse {
    name: String,
    /// Nobody can be served before the setup.
    setup_required: bool,
    /// `open` or `closed`.
    sign_up: &'static str,
    officer: Option<OfficerView>,
    agreement: AgreementView,
    /// The program's version.
    version: &'static str,
}

/// The agreement in force.
#[derive(Serialize, ToSchema)]
pub struct AgreementView {
    version: u32,
    /// SHA-256 of the English text, in hex.
    hash_en: String,
    /// SHA-256 of the Chinese text, in hex.
    hash_zh: String,
}

/// What everybody may know of this instance
#[utoipa::path(get, path = "/instance", responses((status = 200, body = GetInstanceResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_instance(State(identity): State<Identity>) -> Result<Json<GetInstanceResponse>, Problem> {
    let view = identity.instance().await?;
    let (name, officer) = match view {
        Some(view) => (view.name, Some(view.officer)),
        None => ("Kloud".to_owned(), None),
    };
    let texts = identity.texts();
    let agreement = AgreementView {
        version: texts.version,
        hash_en: HEXLOWER.encode(&texts.english),
        hash_zh: HEXLOWER.encode(&texts.chinese),
    };
    Ok(Json(GetInstanceResponse {
        name,
        agreement,
        setup_required: officer.is_none(),
        sign_up: if officer.is_none() { "closed" } else { "open" },
        officer,
        version: env!("CARGO_PKG_VERSION"),
    }))
}

#[derive(Deserialize, ToSchema)]
pub struct CheckSetupRequest {
    /// From the link that the program printed.
    token: String,
}

/// Whether a setup link still holds
#[utoipa::path(post, path = "/setup/check", request_body = CheckSetupRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn check_setup(
    State(identity): State<Identity>,
    Json(request): Json<CheckSetupRequest>,
) -> Result<StatusCode, Problem> {
    identity.check_setup(&request.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct CreateInstanceRequest {
    token: String,
    instance_name: String,
    officer: OfficerView,
    account: NewAccountBody,
}

/// Set the instance up, once, and sign its operator in
#[utoipa::path(post, path = "/setup", request_body = CreateInstanceRequest, responses((status = 201, body = CreateAccountResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_instance(
    State(identity): State<Identity>,
    place: Place,
    Json(request): Json<CreateInstanceRequest>,
) -> Result<impl IntoResponse, Problem> {
    let new = NewInstance { name: request.instance_name, officer: request.officer, operator: request.account.into() };
    let (signed_in, recovery_codes) = identity.set_up(&request.token, new, &place).await?;
    let account = me_view(&identity, &signed_in.actor).await?;
    let cookie = Cookie::Account.set(&signed_in.token, SESSION_LIVES);
    Ok((StatusCode::CREATED, [cookie], Json(CreateAccountResponse { account, recovery_codes })))
}
