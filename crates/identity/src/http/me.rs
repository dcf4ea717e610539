//! What a signed-in person sees and changes of themselves.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_base::Timestamp;
use kloud_http::{Account, AccountActor, Json, Problem, ProblemBody};
use kloud_privacy::purpose::Screen;
use kloud_privacy::purposes::ShowOwn;
use kloud_privacy::{Own, SubjectId};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::error::IdentityError;
use crate::model::{AgeBand, Language, Theme};
use crate::service::{Identity, ProfileChange};
use crate::sessions::Place;

#[derive(Serialize, ToSchema)]
pub struct Me {
    account_id: SubjectId,
    nickname: String,
    identifier: String,
    language: Language,
    theme: Theme,
    real_name: Option<String>,
    is_operator: bool,
    age_band: Option<AgeBand>,
    signed_in_at: Timestamp,
    recovery_codes_left: usize,
}

/// A person's own view of themselves.
pub async fn me_view(identity: &Identity, actor: &AccountActor) -> Result<Me, IdentityError> {
    let row = identity.account(actor).await?;
    let grant = identity.privacy().grant::<ShowOwn>(actor.subject, actor.subject, Own).await?;
    let real_name = row.real_name().map(|name| name.open(&grant)).transpose()?;
    let age_band = row.age_band().map(|band| band.open(&grant)).transpose()?;
    Ok(Me {
        account_id: row.id,
        nickname: row.nickname().open(&grant)?.release(Screen).unwrap_or_default(),
        identifier: row.identifier().open(&grant)?.release(Screen).unwrap_or_default(),
        language: row.language,
        theme: row.theme,
        real_name: real_name.and_then(|name| name.release(Screen)),
        is_operator: row.is_operator,
        age_band: age_band.and_then(|band| band.release(Screen)).and_then(|band| band.parse().ok()),
        signed_in_at: actor.signed_in_at,
        recovery_codes_left: identity.recovery_codes_left(actor.subject).await?,
    })
}

/// The signed-in person
#[utoipa::path(get, path = "/me", responses((status = 200, body = Me), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_me(State(identity): State<Identity>, Account(actor): Account) -> Result<Json<Me>, Problem> {
    Ok(Json(me_view(&identity, &actor).await?))
}

/// Absent stays as it is; `null` takes a value away.
#[derive(Deserialize, ToSchema)]
pub struct UpdateMeRequest {
    nickname: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    real_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<AgeBand>)]
    age_band: Option<Option<AgeBand>>,
    language: Option<Language>,
    theme: Option<Theme>,
}

/// Tells `null` from absent.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Change what one gave of oneself
#[utoipa::path(patch, path = "/me", request_body = UpdateMeRequest, responses((status = 200, body = Me), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn update_me(
    State(identity): State<Identity>,
    Account(actor): Account,
    Json(request): Json<UpdateMeRequest>,
) -> Result<Json<Me>, Problem> {
    let change = ProfileChange {
        nickname: request.nickname,
        real_name: request.real_name,
        age_band: request.age_band,
        language: request.language,
        theme: request.theme,
    };
    identity.change_profile(&actor, change).await?;
    Ok(Json(me_view(&identity, &actor).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct CreateReauthenticationRequest {
    password: String,
}

/// Show one's password once more; counts for ten minutes
#[utoipa::path(post, path = "/me/reauthentication", request_body = CreateReauthenticationRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_reauthentication(
    State(identity): State<Identity>,
    Account(actor): Account,
    place: Place,
    Json(request): Json<CreateReauthenticationRequest>,
) -> Result<StatusCode, Problem> {
    identity.reauthenticate(&actor, request.password.into(), &place).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct UpdatePasswordRequest {
    current_password: String,
    new_password: String,
}

/// Change one's password; all other sessions end
#[utoipa::path(put, path = "/me/password", request_body = UpdatePasswordRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn update_password(
    State(identity): State<Identity>,
    Account(actor): Account,
    place: Place,
    Json(request): Json<UpdatePasswordRequest>,
) -> Result<StatusCode, Problem> {
    let (current, new) = (request.current_password.into(), request.new_password.into());
    identity.change_password(&actor, current, new, &place).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
pub struct CreateRecoveryCodesResponse {
    /// Shown once; each works once.
    recovery_codes: Vec<String>,
}

/// New recovery codes; the old ones end
#[utoipa::path(post, path = "/me/recovery-codes", responses((status = 201, body = CreateRecoveryCodesResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_recovery_codes(
    State(identity): State<Identity>,
    Account(actor): Account,
) -> Result<impl IntoResponse, Problem> {
    if !identity.is_reauthenticated(&actor) {
        return Err(Problem::reauthentication_required());
    }
    let recovery_codes = identity.renew_recovery_codes(&actor).await?;
    Ok((StatusCode::CREATED, Json(CreateRecoveryCodesResponse { recovery_codes })))
}
