//! The endpoints that LiveKit clients call: `/rtc/v1` (a WebSocket) for clients with one connection, `/rtc` for those
//! with two, and `validate` below each; and the server API below `/twirp`.
//!
//! A token is checked before anything is read or allocated for its bearer.

mod refusal;
mod socket;
mod twirp;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use kloud_livekit::proto::JoinRequest;
use kloud_livekit::{Claims, decode_join, issuer, join_of_parameters, verify};
use kloud_sfu::{Identity, RoomName};
use tokio::sync::oneshot;
use yawc::IncomingUpgrade;

use crate::meters::{JoinTrail, Step};
use crate::overload::Overload;
use crate::room::{Connections, Refused, RoomKind, RoomOrder, Standing};
use crate::shared::{RoomHandle, Shared};
use crate::token::MEETING_ISSUER;

/// The query of a join.
type Parameters = Query<BTreeMap<String, String>>;

/// Why a join is refused, in the words and numbers that clients act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Denied {
    Token,
    /// The token does not allow joining.
    Grant,
    Name,
    Request,
    /// The token of a key for a room that keys do not open.
    Key,
    NotAdmitted,
    Full,
    /// The server carries as much as it may.
    Overloaded(Overload),
    /// There are as many rooms as there may be.
    TooMany,
    Stopping,
}

/// Everything that is known of one who may come in.
struct Welcome {
    claims: Claims,
    room: RoomHandle,
    name: RoomName,
    request: JoinRequest,
    connections: Connections,
    trail: JoinTrail,
}

pub fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .merge(paths("/rtc/v1", Connections::One))
        .merge(paths("/rtc", Connections::Two))
        .merge(twirp::routes())
        .with_state(shared)
}

/// Where clients that use so many connections join, and where they ask why they could not.
fn paths(path: &str, connections: Connections) -> Router<Arc<Shared>> {
    Router::new().route(path, get(join)).route(&format!("{path}/validate"), get(validate)).layer(Extension(connections))
}

async fn join(
    State(shared): State<Arc<Shared>>,
    Extension(connections): Extension<Connections>,
    Query(query): Parameters,
    headers: HeaderMap,
    upgrade: Result<IncomingUpgrade, StatusCode>,
) -> Response {
    let mut trail = JoinTrail::begin();
    let welcome = match welcome(&shared, &query, &headers, connections, &mut trail).await {
        Ok(welcome) => welcome,
        Err(denied) => {
            shared.meters.refused(trail, denied.outcome());
            return denied.into_response();
        }
    };
    let Some((response, opens)) = upgrade.ok().and_then(|upgrade| upgrade.upgrade(socket::options()).ok()) else {
        return plain(StatusCode::BAD_REQUEST, "this address takes WebSockets");
    };
    tokio::spawn(async move {
        // One who is gone before the socket opens was never there.
        if let Ok(socket) = opens.await {
            socket::serve(shared, socket, welcome).await;
        }
    });
    response.into_response()
}

async fn validate(
    State(shared): State<Arc<Shared>>,
    Extension(connections): Extension<Connections>,
    Query(query): Parameters,
    headers: HeaderMap,
) -> Response {
    match welcome(&shared, &query, &headers, connections, &mut JoinTrail::begin()).await {
        Ok(_) => plain(StatusCode::OK, "success"),
        Err(denied) => denied.into_response(),
    }
}

/// Checks everything that can be checked before the socket opens.
async fn welcome(
    shared: &Arc<Shared>,
    query: &BTreeMap<String, String>,
    headers: &HeaderMap,
    connections: Connections,
    trail: &mut JoinTrail,
) -> Result<Welcome, Denied> {
    let parameter = |name: &str| query.get(name).map(String::as_str);
    let mut claims = claims(shared, parameter("access_token").unwrap_or_default(), headers)?;
    if let (Connections::Two, Some(place)) = (connections, parameter("publish").filter(|place| !place.is_empty())) {
        from_second_place(&mut claims, place)?;
    }
    let identity = Identity::new(&claims.sub).map_err(|_| Denied::Name)?;
    if !claims.video.room_join {
        return Err(Denied::Grant);
    }
    let name = RoomName::new(&claims.video.room).map_err(|_| Denied::Name)?;
    // Read first: no room opens for one who cannot come in.
    let request = match connections {
        Connections::One => decode_join(parameter("join_request").unwrap_or_default()).map_err(|_| Denied::Request)?,
        Connections::Two => join_of_parameters(parameter),
    };
    trail.done(Step::Token);
    let overload = shared.load.refuses();
    let of_meeting = claims.iss == MEETING_ISSUER;
    let room = if of_meeting {
        shared.room(&name).filter(|r| r.kind == RoomKind::Meeting).ok_or(Denied::NotAdmitted)?
    } else {
        if let Some(overload) = overload.filter(|_| shared.room(&name).is_none()) {
            return Err(Denied::Overloaded(overload));
        }
        let room = shared.find_or_open_api(&name, shared.settings()).map_err(Denied::from)?;
        if room.kind == RoomKind::Meeting {
            return Err(Denied::Key);
        }
        room
    };
    let (reply, answer) = oneshot::channel();
    let asked = room.orders.send(RoomOrder::MayJoin { identity, reply });
    match (asked, answer.await) {
        // Whoever has a place keeps it, in the same session or in a new one.
        (Ok(()), Ok(Ok(standing))) => match overload.filter(|_| standing == Standing::New) {
            Some(overload) => Err(Denied::Overloaded(overload)),
            None => {
                trail.done(Step::Admission);
                Ok(Welcome { claims, room, name, request, connections, trail: trail.clone() })
            }
        },
        (Ok(()), Ok(Err(Refused::Full))) => Err(Denied::Full),
        (Ok(()), Ok(Err(Refused::NotAdmitted))) => Err(Denied::NotAdmitted),
        // The room has just closed. An API room opens again at the next try.
        _ if of_meeting => Err(Denied::NotAdmitted),
        _ => Err(Denied::Stopping),
    }
}

/// In the older protocol a person may send from a second place, under a name of its own and hearing nobody: so does what
/// shares a phone's screen beside the app that talks.
fn from_second_place(claims: &mut Claims, place: &str) -> Result<(), Denied> {
    if claims.video.can_publish == Some(false) {
        return Err(Denied::Grant);
    }
    claims.video.can_subscribe = Some(false);
    // A token that was renewed meanwhile names the place already.
    let ending = format!("#{place}");
    if !claims.sub.ends_with(&ending) {
        claims.sub += &ending;
    }
    Ok(())
}

/// What the bearer's token says. The header wins over the query.
fn claims(shared: &Shared, in_query: &str, headers: &HeaderMap) -> Result<Claims, Denied> {
    let token = bearer(headers).unwrap_or(in_query);
    let key = issuer(token).map_err(|_| Denied::Token)?;
    let secret = match shared.api_keys.get(&key) {
        _ if key == MEETING_ISSUER => &shared.secret[..],
        Some(secret) => secret.as_bytes(),
        None => return Err(Denied::Token),
    };
    verify(token, secret, shared.clock.now()).map_err(|_| Denied::Token)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    header.and_then(|v| v.strip_prefix("Bearer "))
}

/// Pages of other origins read these answers to tell their users what went wrong.
fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")], text).into_response()
}
