//! The door: what whoever has the link may know.

use axum::extract::State;
use axum::http::HeaderMap;
use kloud_base::Timestamp;
use kloud_http::{Caller, Cookie, Json, Path, Problem, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use super::code;
use super::parts::MeetingPolicy;
use crate::model::{Admission, MeetingState, SeatRole};
use crate::service::{DoorRefusal, DoorView, Meet};

#[derive(Serialize, ToSchema)]
pub struct GetDoorResponse {
    code: String,
    title: Option<String>,
    /// Absent before the host was ever inside.
    host_name: Option<String>,
    state: MeetingState,
    admission: Admission,
    /// Why the link opens nothing for the caller, if it does not.
    refusal: Option<DoorRefusal>,
    /// Of this caller.
    passcode_needed: bool,
    /// When it is meant to be.
    starts_at: Option<Timestamp>,
    duration_minutes: Option<i32>,
    /// A name of the IANA time zone database.
    zone: Option<String>,
    /// When what goes on now began.
    started_at: Option<Timestamp>,
    inside: DoorInside,
    policy: MeetingPolicy,
    you: DoorYou,
    /// The host that sound and picture go by, if it is not this server.
    media_elsewhere: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DoorInside {
    count: usize,
    /// `null` for whoever must knock.
    names: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
pub struct DoorYou {
    /// `account`, `guest` or `nobody`.
    kind: &'static str,
    name: Option<String>,
    role: SeatRole,
    knocks: bool,
}

impl From<DoorView> for GetDoorResponse {
    fn from(view: DoorView) -> Self {
        Self {
            code: view.code.to_string(),
            title: view.title,
            host_name: view.host_name,
            state: view.state,
            admission: view.admission,
            refusal: view.refusal,
            passcode_needed: view.passcode_needed,
            starts_at: view.schedule.as_ref().map(|schedule| schedule.starts_at),
            duration_minutes: view.schedule.as_ref().map(|schedule| schedule.minutes),
            zone: view.schedule.map(|schedule| schedule.zone),
            started_at: view.started_at,
            inside: DoorInside { count: view.inside.count, names: view.inside.names },
            policy: view.policy.into(),
            you: DoorYou { kind: view.you.kind, name: view.you.name, role: view.you.role, knocks: view.you.knocks },
            media_elsewhere: view.media_elsewhere,
        }
    }
}

/// What whoever has the link may know
#[utoipa::path(get, path = "/meetings/{code}/door", params(("code" = String, Path)), responses((status = 200, body = GetDoorResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_door(
    State(meet): State<Meet>,
    caller: Caller,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<Json<GetDoorResponse>, Problem> {
    Ok(Json(meet.door(&caller, &code(&text)?, Cookie::Mark.read(&headers)).await?.into()))
}
