//! Trying the way before a meeting.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use kloud_base::Timestamp;
use kloud_http::{AddressPrefix, Json, Problem, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use super::media_url;
use crate::service::Meet;

/// A room of one's own with two ways in. Nothing of it is kept.
#[derive(Serialize, ToSchema)]
pub struct Check {
    /// Where a LiveKit client connects.
    url: String,
    /// The token of the connection that sends.
    sender: String,
    /// The token of the connection that hears what the other one sends.
    hearer: String,
    /// When the room closes.
    ends_at: Timestamp,
}

/// Open a room of one's own for a minute, to try the way
#[utoipa::path(post, path = "/check", responses((status = 201, body = Check), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_check(
    State(meet): State<Meet>,
    place: AddressPrefix,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Check>), Problem> {
    let view = meet.open_check(place).await?;
    let url = view.sender.url.unwrap_or_else(|| media_url(&headers));
    let (sender, hearer) = (view.sender.token, view.hearer.token);
    Ok((StatusCode::CREATED, Json(Check { url, sender, hearer, ends_at: view.ends_at })))
}
