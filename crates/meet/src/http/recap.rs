//! What stays of a meeting.

use axum::extract::State;
use axum::http::StatusCode;
use kloud_base::Timestamp;
use kloud_chat::model::ConversationId;
use kloud_http::{Json, Path, Problem, ProblemBody, Someone};
use serde::Serialize;
use utoipa::ToSchema;

use super::code;
use super::parts::MeetingPolicy;
use crate::model::{MeetingState, SeatRole};
use crate::service::{Meet, RecapPerson, RecapShare, RecapView};

#[derive(Serialize, ToSchema)]
pub struct GetRecapResponse {
    code: String,
    title: Option<String>,
    host_name: Option<String>,
    state: MeetingState,
    /// From the first one inside to the last one out, the first first.
    sittings: Vec<RecapSitting>,
    people: RecapPeople,
    /// Only where attendance is kept.
    shares: Vec<RecapShared>,
    chat: RecapChat,
    policy: MeetingPolicy,
    you: RecapYou,
}

#[derive(Serialize, ToSchema)]
pub struct RecapSitting {
    started_at: Timestamp,
    /// Absent while it goes on.
    ended_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub struct RecapPeople {
    count: usize,
    /// `null` where attendance is not kept.
    listed: Option<Vec<RecapAttendee>>,
}

#[derive(Serialize, ToSchema)]
pub struct RecapAttendee {
    /// `null` for a former participant.
    name: Option<String>,
    role: SeatRole,
    is_you: bool,
    came_at: Timestamp,
    left_at: Option<Timestamp>,
}

/// A screen that was shown.
#[derive(Serialize, ToSchema)]
pub struct RecapShared {
    name: Option<String>,
    is_you: bool,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub struct RecapChat {
    conversation_id: ConversationId,
    messages: u64,
    kept_until: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub struct RecapYou {
    role: SeatRole,
    /// Whether one's own part was taken out.
    taken_out: bool,
}

impl From<RecapView> for GetRecapResponse {
    fn from(view: RecapView) -> Self {
        let attendee = |RecapPerson { name, role, is_you, came_at, left_at }| RecapAttendee {
            name,
            role,
            is_you,
            came_at,
            left_at,
        };
        let shared =
            |RecapShare { name, is_you, started_at, ended_at }| RecapShared { name, is_you, started_at, ended_at };
        let sittings = view.sittings.into_iter();
        Self {
            code: view.code.to_string(),
            title: view.title,
            host_name: view.host_name,
            state: view.state,
            sittings: sittings.map(|one| RecapSitting { started_at: one.started_at, ended_at: one.ended_at }).collect(),
            people: RecapPeople {
                count: view.count,
                listed: view.people.map(|people| people.into_iter().map(attendee).collect()),
            },
            shares: view.shares.into_iter().map(shared).collect(),
            chat: RecapChat {
                conversation_id: view.conversation,
                messages: view.messages,
                kept_until: view.chat_kept_until,
            },
            policy: view.policy.into(),
            you: RecapYou { role: view.your_role, taken_out: view.taken_out },
        }
    }
}

/// What stays of a meeting, for those who had a part in it
#[utoipa::path(get, path = "/meetings/{code}/recap", params(("code" = String, Path)), responses((status = 200, body = GetRecapResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn get_recap(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<Json<GetRecapResponse>, Problem> {
    Ok(Json(meet.recap(&caller, &code(&text)?).await?.into()))
}

/// Take one's own part out: name, times, messages, what was shown
#[utoipa::path(post, path = "/meetings/{code}/seat/take-out", params(("code" = String, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn take_out_seat(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<StatusCode, Problem> {
    meet.take_out(&caller, &code(&text)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
