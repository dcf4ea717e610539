//! Meetings, for those who host them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_http::{Account, Json, Path, Problem, ProblemBody};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::code;
use crate::model::{Admission, Code, MeetingId, MeetingState};
use crate::service::{Meet, MeetingChange, MeetingView};

#[derive(Serialize, ToSchema)]
pub struct Meeting {
    meeting_id: MeetingId,
    /// What stands in the link `/m/<code>`.
    code: String,
    title: Option<String>,
    admission: Admission,
    state: MeetingState,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    is_host: bool,
    inside: u64,
    conversation_id: ConversationId,
    /// Absent while the meeting goes on.
    chat_kept_until: Option<Timestamp>,
}

impl From<MeetingView> for Meeting {
    fn from(view: MeetingView) -> Self {
        let row = view.row;
        Self {
            meeting_id: row.id,
            code: Code::from_row(&row.code).to_string(),
            title: view.title,
            admission: row.admission,
            state: row.state,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            is_host: true,
            inside: view.inside,
            conversation_id: row.conversation_id,
            chat_kept_until: view.chat_kept_until,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct CreateMeetingRequest {
    /// At most 120 characters.
    title: Option<String>,
    admission: Admission,
}

/// Make a meeting; its link is `/m/<code>`
#[utoipa::path(post, path = "/meetings", request_body = CreateMeetingRequest, responses((status = 201, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_meeting(
    State(meet): State<Meet>,
    Account(actor): Account,
    Json(request): Json<CreateMeetingRequest>,
) -> Result<impl IntoResponse, Problem> {
    let view = meet.create(&actor, request.title, request.admission).await?;
    Ok((StatusCode::CREATED, Json(Meeting::from(view))))
}

#[derive(Serialize, ToSchema)]
pub struct ListMeetingsResponse {
    /// The newest first.
    meetings: Vec<Meeting>,
}

/// The meetings one hosts
#[utoipa::path(get, path = "/meetings", responses((status = 200, body = ListMeetingsResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_meetings(
    State(meet): State<Meet>,
    Account(actor): Account,
) -> Result<Json<ListMeetingsResponse>, Problem> {
    let meetings = meet.list(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(ListMeetingsResponse { meetings }))
}

/// One meeting, for its host
#[utoipa::path(get, path = "/meetings/{code}", params(("code" = String, Path)), responses((status = 200, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn get_meeting(
    State(meet): State<Meet>,
    Account(actor): Account,
    Path(text): Path<String>,
) -> Result<Json<Meeting>, Problem> {
    Ok(Json(meet.show(&actor, &code(&text)?).await?.into()))
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateMeetingRequest {
    /// Empty takes it away; absent leaves it.
    title: Option<String>,
    admission: Option<Admission>,
}

/// Change title or admission
#[utoipa::path(patch, path = "/meetings/{code}", params(("code" = String, Path)), request_body = UpdateMeetingRequest, responses((status = 200, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn update_meeting(
    State(meet): State<Meet>,
    Account(actor): Account,
    Path(text): Path<String>,
    Json(request): Json<UpdateMeetingRequest>,
) -> Result<Json<Meeting>, Problem> {
    let change = MeetingChange { title: request.title, admission: request.admission };
    Ok(Json(meet.change(&actor, &code(&text)?, change).await?.into()))
}

/// End a meeting for all
#[utoipa::path(post, path = "/meetings/{code}/end", params(("code" = String, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn end_meeting(
    State(meet): State<Meet>,
    Account(actor): Account,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    meet.end(&actor, &code(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
