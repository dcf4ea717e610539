//! The endpoints of meetings, one file a resource.

mod check;
mod door;
mod hosting;
mod invitation;
mod meetings;
mod parts;
mod people;
mod recap;
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
        .routes(routes!(check::create_check))
        .routes(routes!(door::get_door))
        .routes(routes!(seats::create_seat))
        .routes(routes!(seats::get_seat))
        .routes(routes!(seats::update_device))
        .routes(routes!(seats::update_hand))
        .routes(routes!(seats::accept_policy))
        .routes(routes!(seats::leave_seat))
        .routes(routes!(recap::get_recap))
        .routes(routes!(recap::take_out_seat))
        .routes(routes!(invitation::get_invitation))
        .routes(routes!(people::list_people))
        .routes(routes!(hosting::admit_person))
        .routes(routes!(hosting::deny_person))
        .routes(routes!(hosting::put_back_person))
        .routes(routes!(hosting::remove_person))
        .routes(routes!(hosting::ban_person))
        .routes(routes!(hosting::unban_person))
        .routes(routes!(hosting::lower_hand))
        .routes(routes!(hosting::stop_person))
        .routes(routes!(hosting::allow_person))
        .routes(routes!(hosting::ask_person))
        .routes(routes!(hosting::update_role))
        .routes(routes!(hosting::hand_over))
        .routes(routes!(hosting::update_spotlight))
        .routes(routes!(hosting::admit_all))
        .routes(routes!(hosting::mute_all))
        .routes(routes!(hosting::lower_hands))
        .with_state(meet)
}

/// The code in a path; what is no code is not there.
fn code(text: &str) -> Result<Code, Problem> {
    Code::parse(text).ok_or_else(Problem::not_found)
}

/// Where `livekit-client` connects: this very host.
fn media_url(headers: &HeaderMap) -> String {
    let (host, secure) = here(headers);
    format!("{}://{host}", if secure { "wss" } else { "ws" })
}

/// Where people reach this very host.
fn site_url(headers: &HeaderMap) -> String {
    let (host, secure) = here(headers);
    format!("{}://{host}", if secure { "https" } else { "http" })
}

fn here(headers: &HeaderMap) -> (&str, bool) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let secure = text("origin").is_some_and(|origin| origin.starts_with("https://"))
        || text("x-forwarded-proto") == Some("https");
    (text(header::HOST.as_str()).unwrap_or("localhost"), secure)
}
