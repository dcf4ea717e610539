//! The end of an account, or of a guest: what it would do, asking for it, following it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_base::{Timestamp, text_enum};
use kloud_http::{Account, Cookie, Json, Path, Problem, ProblemBody, Someone};
use kloud_privacy::erase::{ErasureState, ErasureStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::service::Agreement;

text_enum! {
    /// What goes with the person's keys.
    pub enum Unreadable {
        Profile = "profile",
        Messages = "messages",
        Meetings = "meetings",
        Consents = "consents",
        Credentials = "credentials",
    }
}

text_enum! {
    /// What stays, and leads to nobody.
    pub enum Staying { Attendance = "attendance" }
}

#[derive(Serialize, ToSchema)]
pub struct UnreadableCount {
    kind: Unreadable,
    count: usize,
}

#[derive(Serialize, ToSchema)]
pub struct StayingCount {
    kind: Staying,
    count: usize,
}

#[derive(Serialize, ToSchema)]
pub struct GetCancellationResponse {
    becomes_unreadable: Vec<UnreadableCount>,
    stays: Vec<StayingCount>,
    online_at: Timestamp,
    backups_at: Timestamp,
    /// When it begins, if it does not begin at once: the sign-in or the password is too young.
    waits_until: Option<Timestamp>,
}

/// What cancelling would do; nothing happens
#[utoipa::path(get, path = "/me/cancellation", responses((status = 200, body = GetCancellationResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_cancellation(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<Json<GetCancellationResponse>, Problem> {
    let preview = agreement.preview_cancellation(&actor).await?;
    let unreadable = [
        (Unreadable::Profile, preview.profile),
        (Unreadable::Messages, preview.messages),
        (Unreadable::Meetings, preview.meetings),
        (Unreadable::Consents, preview.consents),
        (Unreadable::Credentials, preview.credentials),
    ];
    Ok(Json(GetCancellationResponse {
        becomes_unreadable: unreadable.map(|(kind, count)| UnreadableCount { kind, count }).into(),
        stays: vec![StayingCount { kind: Staying::Attendance, count: preview.attendance }],
        online_at: preview.online_at,
        backups_at: preview.backups_at,
        waits_until: preview.waits_until,
    }))
}

#[derive(Serialize, ToSchema)]
pub struct CreateCancellationResponse {
    /// The secret of the link under which progress and certificate are shown; only its hash is kept here.
    request: String,
    /// When it goes on; later than now while it can be taken back.
    due_at: Timestamp,
}

/// Ask for the end; needs a password shown lately
#[utoipa::path(post, path = "/me/cancellation", responses((status = 202, body = CreateCancellationResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_cancellation(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<impl IntoResponse, Problem> {
    let ticket = agreement.cancel(&actor).await?;
    let answer = CreateCancellationResponse { request: ticket.token, due_at: ticket.due_at };
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

#[derive(Deserialize, ToSchema)]
pub struct CancellationTokenRequest {
    request: String,
}

#[derive(Serialize, ToSchema)]
pub struct GetCancellationStatusResponse {
    state: ErasureState,
    requested_at: Timestamp,
    /// When it goes on, or went on.
    due_at: Timestamp,
    /// Until when it can be taken back.
    waits_until: Option<Timestamp>,
    /// The steps whose time is known.
    steps: Vec<CancellationStep>,
    certificate: Option<CancellationCertificate>,
}

#[derive(Serialize, ToSchema)]
pub struct CancellationStep {
    state: ErasureState,
    at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct CancellationCertificate {
    /// Random; leads to nothing.
    number: String,
    categories: Vec<String>,
    online_at: Timestamp,
    backups_at: Timestamp,
    /// The signed certificate as text, to be kept.
    signed: String,
}

impl From<ErasureStatus> for GetCancellationStatusResponse {
    fn from(status: ErasureStatus) -> Self {
        let certificate = status.certificate.map(|signed| CancellationCertificate {
            number: signed.certificate.number.clone(),
            categories: signed.certificate.categories.clone(),
            online_at: signed.certificate.online_gone_at,
            backups_at: signed.certificate.backups_gone_at,
            signed: serde_json::to_string_pretty(&signed).expect("a certificate is JSON"),
        });
        let waits_until = (status.state == ErasureState::Waiting).then_some(status.due_at);
        let mut steps = vec![CancellationStep { state: ErasureState::Requested, at: status.requested_at }];
        if let Some(certificate) = &certificate {
            steps.push(CancellationStep { state: ErasureState::KeysGone, at: certificate.online_at });
        }
        let (state, requested_at, due_at) = (status.state, status.requested_at, status.due_at);
        Self { state, requested_at, due_at, waits_until, steps, certificate }
    }
}

/// How a cancellation stands, by the secret of its link
#[utoipa::path(post, path = "/cancellations/status", request_body = CancellationTokenRequest, responses((status = 200, body = GetCancellationStatusResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_cancellation_status(
    State(agreement): State<Agreement>,
    Json(request): Json<CancellationTokenRequest>,
) -> Result<Json<GetCancellationStatusResponse>, Problem> {
    Ok(Json(agreement.cancellation(&request.request).await?.into()))
}

/// Take back what still waits
#[utoipa::path(post, path = "/cancellations/take-back", request_body = CancellationTokenRequest, responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn take_back_cancellation(
    State(agreement): State<Agreement>,
    Json(request): Json<CancellationTokenRequest>,
) -> Result<StatusCode, Problem> {
    agreement.take_back(&request.request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave and erase me, for a guest
#[utoipa::path(post, path = "/meetings/{code}/seat/erase", params(("code" = String, Path)), responses((status = 202, body = CreateCancellationResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("guest" = [])))]
pub async fn erase_guest(
    State(agreement): State<Agreement>,
    Someone(caller): Someone,
    _code: Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let guest = caller.guest.ok_or_else(Problem::forbidden)?;
    let ticket = agreement.erase_guest(guest.subject).await?;
    let answer = CreateCancellationResponse { request: ticket.token, due_at: ticket.due_at };
    Ok((StatusCode::ACCEPTED, [Cookie::Guest.clear()], Json(answer)))
}
