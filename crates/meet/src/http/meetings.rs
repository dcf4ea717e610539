//! Meetings, for those who have a part in them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_http::{Account, Json, Path, Problem, ProblemBody, Someone};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::code;
use super::parts::{MeetingPolicy, MeetingRights};
use crate::model::{Admission, Attendance, Code, MeetingId, MeetingState, SeatRole};
use crate::service::{Meet, MeetingChange, MeetingView, NewMeeting, NewTime};

#[derive(Serialize, ToSchema)]
pub struct Meeting {
    meeting_id: MeetingId,
    /// What stands in the link `/m/<code>`.
    code: String,
    title: Option<String>,
    /// `null` before the host was ever inside.
    host_name: Option<String>,
    /// The caller's.
    role: SeatRole,
    state: MeetingState,
    admission: Admission,
    /// Nobody new comes in.
    locked: bool,
    /// For hosts and co-hosts.
    passcode: Option<String>,
    attendees_may: MeetingRights,
    /// The most that are let in at once; further ones wait.
    cap: Option<i32>,
    /// The link opens nothing after this.
    expires_at: Option<Timestamp>,
    policy: MeetingPolicy,
    /// When it is meant to be.
    starts_at: Option<Timestamp>,
    duration_minutes: Option<i32>,
    /// A name of the IANA time zone database.
    zone: Option<String>,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    inside: u64,
    conversation_id: ConversationId,
    /// Absent while the meeting goes on.
    chat_kept_until: Option<Timestamp>,
    /// Whether it ever went on.
    has_recap: bool,
}

impl From<MeetingView> for Meeting {
    fn from(view: MeetingView) -> Self {
        let row = view.row;
        Self {
            meeting_id: row.id,
            code: Code::from_row(&row.code).to_string(),
            title: view.title,
            host_name: view.host_name,
            role: view.role,
            state: row.state,
            admission: row.admission,
            locked: row.locked,
            passcode: view.passcode,
            attendees_may: row.attendees().into(),
            cap: row.cap,
            expires_at: row.expires_at,
            policy: row.policy().into(),
            starts_at: row.starts_at,
            duration_minutes: row.duration_minutes,
            zone: row.zone,
            created_at: row.created_at,
            started_at: row.started_at,
            ended_at: row.ended_at,
            inside: view.inside,
            conversation_id: row.conversation_id,
            chat_kept_until: view.chat_kept_until,
            has_recap: row.started_at.is_some(),
        }
    }
}

/// When a meeting is meant to be: all three together, or none.
fn time(starts_at: Option<Timestamp>, minutes: Option<i32>, zone: Option<String>) -> Result<Option<NewTime>, Problem> {
    match (starts_at, minutes, zone) {
        (None, None, None) => Ok(None),
        (Some(starts_at), Some(minutes), Some(zone)) => Ok(Some(NewTime { starts_at, minutes, zone })),
        (None, _, _) => Err(Problem::invalid("starts_at", "missing")),
        (_, None, _) => Err(Problem::invalid("duration_minutes", "missing")),
        (_, _, None) => Err(Problem::invalid("zone", "missing")),
    }
}

#[derive(Deserialize, ToSchema)]
pub struct CreateMeetingRequest {
    /// At most 120 characters.
    title: Option<String>,
    admission: Admission,
    /// With `duration_minutes` and `zone`.
    starts_at: Option<Timestamp>,
    /// 1 to 1440.
    duration_minutes: Option<i32>,
    zone: Option<String>,
}

/// Make a meeting; its link is `/m/<code>`
#[utoipa::path(post, path = "/meetings", request_body = CreateMeetingRequest, responses((status = 201, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn create_meeting(
    State(meet): State<Meet>,
    Account(actor): Account,
    Json(request): Json<CreateMeetingRequest>,
) -> Result<impl IntoResponse, Problem> {
    let CreateMeetingRequest { title, admission, starts_at, duration_minutes, zone } = request;
    let new = NewMeeting { title, admission, time: time(starts_at, duration_minutes, zone)? };
    Ok((StatusCode::CREATED, Json(Meeting::from(meet.create(&actor, new).await?))))
}

#[derive(Serialize, ToSchema)]
pub struct ListMeetingsResponse {
    /// The newest first.
    meetings: Vec<Meeting>,
}

/// The meetings one has a part in
#[utoipa::path(get, path = "/meetings", responses((status = 200, body = ListMeetingsResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = [])))]
pub async fn list_meetings(
    State(meet): State<Meet>,
    Account(actor): Account,
) -> Result<Json<ListMeetingsResponse>, Problem> {
    let meetings = meet.list(&actor).await?.into_iter().map(Into::into).collect();
    Ok(Json(ListMeetingsResponse { meetings }))
}

/// One meeting, for whoever has a part in it
#[utoipa::path(get, path = "/meetings/{code}", params(("code" = String, Path)), responses((status = 200, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn get_meeting(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<Json<Meeting>, Problem> {
    Ok(Json(meet.show(&caller, &code(&text)?).await?.into()))
}

/// Absent leaves a thing as it is. Title, time and policy are the host's; the rest is a co-host's too.
#[derive(Deserialize, ToSchema)]
pub struct UpdateMeetingRequest {
    /// Empty takes it away.
    title: Option<String>,
    admission: Option<Admission>,
    locked: Option<bool>,
    /// 4 to 32 characters; empty takes it away.
    passcode: Option<String>,
    attendees_may: Option<MeetingRights>,
    /// 2 to 200; 0 takes it away.
    cap: Option<u32>,
    /// `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Timestamp>)]
    expires_at: Option<Option<Timestamp>>,
    policy: Option<UpdateMeetingPolicy>,
    starts_at: Option<Timestamp>,
    duration_minutes: Option<i32>,
    zone: Option<String>,
}

/// Tells `null` from what is not there.
fn given<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Option<Timestamp>>, D::Error> {
    Option::deserialize(value).map(Some)
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateMeetingPolicy {
    /// 1, 7, 30 or 90; only shorter once somebody wrote.
    chat_kept_days: Option<i64>,
    attendance: Option<Attendance>,
}

/// Change a meeting
#[utoipa::path(patch, path = "/meetings/{code}", params(("code" = String, Path)), request_body = UpdateMeetingRequest, responses((status = 200, body = Meeting), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn update_meeting(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
    Json(request): Json<UpdateMeetingRequest>,
) -> Result<Json<Meeting>, Problem> {
    let policy = request.policy;
    let change = MeetingChange {
        title: request.title,
        time: time(request.starts_at, request.duration_minutes, request.zone)?,
        chat_kept_days: policy.as_ref().and_then(|policy| policy.chat_kept_days),
        attendance: policy.and_then(|policy| policy.attendance),
        admission: request.admission,
        locked: request.locked,
        passcode: request.passcode,
        attendees_may: request.attendees_may.map(Into::into),
        cap: request.cap,
        expires_at: request.expires_at,
    };
    Ok(Json(meet.change(&caller, &code(&text)?, change).await?.into()))
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
