//! The people of a meeting, and what a host does with them.

use axum::extract::State;
use axum::http::StatusCode;
use kloud_http::{Json, Path, Problem, ProblemBody, Someone};
use kloud_privacy::MemberId;
use serde::Serialize;
use utoipa::ToSchema;

use super::code;
use super::seats::SeatPermits;
use crate::model::{SeatId, SeatRole, SeatStatus};
use crate::service::{HostAct, Meet, PersonView};

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
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ListPeopleResponse {
    /// In the order of arrival; for a host, those who wait too.
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

macro_rules! host_acts {
    ($($(#[doc = $doc:literal])* $name:ident, $word:literal, $act:ident;)+) => {
        $(
            $(#[doc = $doc])*
            #[utoipa::path(post, path = concat!("/meetings/{code}/people/{participant_id}/", $word), params(("code" = String, Path), ("participant_id" = SeatId, Path)), responses((status = 204), (status = "default", body = ProblemBody, content_type = "application/problem+json")), security(("account" = []), ("guest" = [])))]
            pub async fn $name(
                State(meet): State<Meet>,
                Someone(caller): Someone,
                Path((text, seat)): Path<(String, SeatId)>,
            ) -> Result<StatusCode, Problem> {
                meet.host_act(&caller, &code(&text)?, seat, HostAct::$act).await?;
                Ok(StatusCode::NO_CONTENT)
            }
        )+
    };
}

host_acts! {
    /// Let somebody in who waits
    admit_person, "admit", Admit;
    /// Turn somebody away who waits
    deny_person, "deny", Deny;
    /// Put somebody out
    remove_person, "remove", Remove;
    /// Silence somebody until they speak again themselves
    mute_person, "mute", Mute;
}
