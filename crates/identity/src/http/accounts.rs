//! Making an account.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_http::{Cookie, Json, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::me::{Me, me_view};
use crate::model::{self, Language, PasswordFault, SESSION_LIVES};
use crate::service::{Identity, NewAccount};
use crate::sessions::Place;

#[derive(Deserialize, ToSchema)]
pub struct JudgePasswordRequest {
    password: String,
    /// The person's own words: identifier, nickname.
    words: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct JudgePasswordResponse {
    /// 0 to 4.
    score: u8,
    acceptable: bool,
    reason: Option<PasswordFault>,
    /// In characters.
    length: usize,
}

/// Whether a password would be accepted; it is looked at and forgotten
#[utoipa::path(post, path = "/password-strength", request_body = JudgePasswordRequest, responses((status = 200, body = JudgePasswordResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn judge_password(Json(request): Json<JudgePasswordRequest>) -> Json<JudgePasswordResponse> {
    let password = Zeroizing::new(request.password);
    let words: Vec<&str> = request.words.iter().take(8).map(String::as_str).collect();
    let verdict = model::judge_password(&password, &words);
    Json(JudgePasswordResponse {
        score: verdict.score,
        acceptable: verdict.fault.is_none(),
        reason: verdict.fault,
        length: verdict.length,
    })
}

#[derive(Deserialize, ToSchema)]
pub struct NewAccountBody {
    identifier: String,
    nickname: String,
    password: String,
    language: Language,
}

impl From<NewAccountBody> for NewAccount {
    fn from(body: NewAccountBody) -> Self {
        Self {
            identifier: body.identifier,
            nickname: body.nickname,
            password: body.password.into(),
            language: body.language,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct CreateAccountResponse {
    pub account: Me,
    /// Shown once; each works once.
    pub recovery_codes: Vec<String>,
}

/// Make an account and sign in
#[utoipa::path(post, path = "/accounts", request_body = NewAccountBody, responses((status = 201, body = CreateAccountResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_account(
    State(identity): State<Identity>,
    place: Place,
    Json(request): Json<NewAccountBody>,
) -> Result<impl IntoResponse, Problem> {
    let (signed_in, recovery_codes) = identity.sign_up(request.into(), &place).await?;
    let account = me_view(&identity, &signed_in.actor).await?;
    let cookie = Cookie::Account.set(&signed_in.token, SESSION_LIVES);
    Ok((StatusCode::CREATED, [cookie], Json(CreateAccountResponse { account, recovery_codes })))
}
