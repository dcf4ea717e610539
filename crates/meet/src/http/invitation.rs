//! The meeting as a calendar knows it: one event of iCalendar (RFC 5545), in UTC, so that every calendar reads the same
//! instant.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event, EventLike};
use kloud_base::Timestamp;
use kloud_http::{Caller, Path, Problem, ProblemBody};

use super::{code, site_url};
use crate::service::{DoorView, Meet};

/// The meeting as a file for calendars
#[utoipa::path(get, path = "/meetings/{code}/invite.ics", params(("code" = String, Path)), responses((status = 200, body = String, content_type = "text/calendar"), (status = "default", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn get_invitation(
    State(meet): State<Meet>,
    caller: Caller,
    headers: HeaderMap,
    Path(text): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let door = meet.door(&caller, &code(&text)?, None).await?;
    let text = calendar(&door, &site_url(&headers), meet.now()).ok_or_else(Problem::not_found)?;
    let disposition = format!("attachment; filename=\"{}.ics\"", door.code);
    Ok((
        [(header::CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)],
        text,
    ))
}

/// Nothing for a meeting without a time.
fn calendar(door: &DoorView, site: &str, now: Timestamp) -> Option<String> {
    let schedule = door.schedule.as_ref()?;
    let link = format!("{site}/m/{}", door.code);
    let title = door.title.clone().unwrap_or_else(|| format!("Kloud {}", door.code));
    let mut event = Event::new();
    event
        .uid(&format!("{}@kloud", door.code))
        .timestamp(instant(now)?)
        .starts(instant(schedule.starts_at)?)
        .ends(instant(schedule.ends_at())?)
        .summary(&title)
        .description(&link)
        .location(&link)
        .url(&link);
    Some(Calendar::new().push(event.done()).done().to_string())
}

fn instant(at: Timestamp) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(at.as_millis())
}
