//! The people of a meeting.

use axum::extract::State;
use kloud_http::{Json, Path, Problem, ProblemBody, Someone};
use kloud_privacy::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

use super::code;
use super::parts::MeetingRights;
use super::seats::SeatPermits;
use crate::model::{SeatId, SeatRole, SeatStatus};
use crate::service::{Meet, PersonView};

#[derive(Serialize, ToSchema)]
pub struct Person {
    participant_id: SeatId,
    /// The identity on the media wire.
    identity: MemberId,
    /// `null` for a former participant.
    name: Option<String>,
    role: SeatRole,
    status: SeatStatus,
    is_you: bool,
    permits: SeatPermits,
    rights: MeetingRights,
    held: PersonHeld,
    /// Place in the queue of raised hands, from 1.
    hand: Option<usize>,
    /// Place among those whom a host shows large to everybody, from 1.
    spotlight: Option<usize>,
}

/// What a host keeps off.
#[derive(Serialize, ToSchema)]
pub struct PersonHeld {
    microphone: bool,
    camera: bool,
    screen: bool,
}

impl From<PersonView> for Person {
    fn from(view: PersonView) -> Self {
        Self {
            participant_id: view.id,
            identity: view.member,
            name: view.name,
            role: view.role,
            status: view.status,
            is_you: view.is_you,
            permits: view.permits.into(),
            rights: view.rights.into(),
            held: PersonHeld { microphone: view.held.microphone, camera: view.held.camera, screen: view.held.screen },
            hand: view.hand,
            spotlight: view.spotlight,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListPeopleResponse {
    /// In the order of arrival; for hosts and co-hosts also those who wait and who are banned.
    people: Vec<Person>,
}

/// Who is inside
#[utoipa::path(get, path = "/meetings/{code}/people", params(("code" = String, Path)), responses((status = 200, body = ListPeopleResponse), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
pub async fn list_people(
    State(meet): State<Meet>,
    Someone(caller): Someone,
    Path(text): Path<String>,
) -> Result<Json<ListPeopleResponse>, Problem> {
    let people = meet.people(&caller, &code(&text)?).await?.into_iter().map(Into::into).collect();
    Ok(Json(ListPeopleResponse { people }))
}
