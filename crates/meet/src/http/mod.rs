//! The endpoints of meetings, one file a resource.

mod door;
mod meetings;
mod people;
mod seats;

use axum::http::HeaderMap;
use axum::http::header;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::model::Code;
use crate::service::Meet;
use kloud_http::Problem;

/// Everything below `/api` that is about meetings.
pub fn routes(meet: Meet) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(meetings::list_meetings, meetings::create_meeting))
        .routes(routes!(meetings::get_meeting, meetings::update_meeting))
        .routes(routes!(meetings::end_meeting))
        .routes(routes!(door::get_door))
        .routes(routes!(seats::create_seat))
        .routes(routes!(seats::get_seat))
        .routes(routes!(seats::update_device))
        .routes(routes!(seats::leave_seat))
        .routes(routes!(people::list_people))
        .routes(routes!(people::admit_person))
        .routes(routes!(people::deny_person))
        .routes(routes!(people::remove_person))
        .routes(routes!(people::mute_person))
        .with_state(meet)
}

/// The code in a path; what is no code is not there.
fn code(text: &str) -> Result<Code, Problem> {
    Code::parse(text).ok_or_else(Problem::not_found)
}

/// Where `livekit-client` connects: this very host.
fn media_url(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let secure = text("origin").is_some_and(|origin| origin.starts_with("https://"))
        || text("x-forwarded-proto") == Some("https");
    format!("{}://{host}", if secure { "wss" } else { "ws" })
}
