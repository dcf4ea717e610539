//! A copy of everything, to take along.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use kloud_base::Timestamp;
use kloud_http::{Account, Json, Path, Problem, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::{Agreement, ExportId};

#[derive(Serialize, ToSchema)]
pub struct Export {
    export_id: ExportId,
    /// Always `ready`: it is made when it is fetched and kept nowhere.
    state: &'static str,
    expires_at: Timestamp,
}

/// Ask for a copy; needs a password shown lately
#[utoipa::path(post, path = "/me/exports", responses((status = 201, body = Export), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_export(
    State(agreement): State<Agreement>,
    Account(actor): Account,
) -> Result<impl IntoResponse, Problem> {
    let (export_id, expires_at) = agreement.ask_export(&actor)?;
    Ok((StatusCode::CREATED, Json(Export { export_id, state: "ready", expires_at })))
}

/// Whether a copy can be fetched
#[utoipa::path(get, path = "/me/exports/{id}", params(("id" = ExportId, Path)), responses((status = 200, body = Export), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_export(
    State(agreement): State<Agreement>,
    Account(actor): Account,
    Path(export_id): Path<ExportId>,
) -> Result<Json<Export>, Problem> {
    let expires_at = agreement.export_until(actor.subject, export_id)?;
    Ok(Json(Export { export_id, state: "ready", expires_at }))
}

/// The copy, as a ZIP
#[utoipa::path(get, path = "/me/exports/{id}/file", params(("id" = ExportId, Path)), responses((status = 200, content_type = "application/zip", body = Vec<u8>), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_export_file(
    State(agreement): State<Agreement>,
    Account(actor): Account,
    Path(export_id): Path<ExportId>,
) -> Result<impl IntoResponse, Problem> {
    let bytes = agreement.export(actor.subject, export_id).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"kloud-my-data.zip\"")),
    ];
    Ok((headers, bytes))
}
