//! The door: what whoever has the link may know.

use axum::extract::State;
use kloud_http::{Caller, Json, Path, Problem, ProblemBody};
use serde::Serialize;
use utoipa::ToSchema;

use super::code;
use crate::model::{Admission, CHAT_KEPT_DAYS, GUEST_KEY_DAYS, MeetingState, SeatRole};
use crate::service::{DoorView, Meet};

#[derive(Serialize, ToSchema)]
pub struct GetDoorResponse {
    code: String,
    title: Option<String>,
    /// Absent before the host was ever inside.
    host_name: Option<String>,
    state: MeetingState,
    admission: Admission,
    inside: DoorInside,
    policy: DoorPolicy,
    you: DoorYou,
}

#[derive(Serialize, ToSchema)]
pub struct DoorInside {
    count: usize,
    /// `null` for whoever must knock.
    names: Option<Vec<String>>,
}

/// What this meeting keeps.
#[derive(Serialize, ToSchema)]
pub struct DoorPolicy {
    /// Days after its end.
    chat_kept_days: i64,
    recording: &'static str,
    attendance: &'static str,
    /// Days after its end.
    guest_key_days: i64,
    seen_by: &'static str,
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
            inside: DoorInside { count: view.inside.count, names: view.inside.names },
            policy: DoorPolicy {
                chat_kept_days: CHAT_KEPT_DAYS,
                recording: "off",
                attendance: "kept_anonymous",
                guest_key_days: GUEST_KEY_DAYS,
                seen_by: "people in this meeting",
            },
            you: DoorYou { kind: view.you.kind, name: view.you.name, role: view.you.role, knocks: view.you.knocks },
        }
    }
}

/// What whoever has the link may know
#[utoipa::path(get, path = "/meetings/{code}/door", params(("code" = String, Path)), responses((status = 200, body = GetDoorResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_door(
    State(meet): State<Meet>,
    caller: Caller,
    Path(text): Path<String>,
) -> Result<Json<GetDoorResponse>, Problem> {
    Ok(Json(meet.door(&caller, &code(&text)?).await?.into()))
}
