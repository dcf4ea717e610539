//! The server API: what programs with an API key call, in the way of Twirp. Only API rooms are there for them; a meeting
//! is no room to a key, whatever the key allows.
//!
//! A token is checked before the body is read, and the body is bounded in size and time.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use kloud_livekit::proto::{CreateRoomRequest, ListRoomsResponse};
use kloud_livekit::{
    Claims, Code, Form, InRoom, MAX_BODY_BYTES, Reply, RoomCall, RoomMethod, RoomSettings, Service, TwirpError, issuer,
    not_offered, read_call, verify,
};
use kloud_sfu::{Identity, RoomName};
use tokio::sync::oneshot;

use super::bearer;
use crate::event::LeftReason;
use crate::room::{Refused, ReplyTo, RoomKind, RoomOrder, Standing};
use crate::shared::{OpenError, RoomHandle, Shared};

/// How long a caller may take to send its body.
const SENT: Duration = Duration::from_secs(10);

pub fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/twirp/{*path}", any(call))
}

async fn call(State(shared): State<Arc<Shared>>, Path(path): Path<String>, request: Request) -> Response {
    match answer(&shared, &path, request).await {
        Ok((form, body)) => ([(header::CONTENT_TYPE, form.content_type())], body).into_response(),
        Err(error) => refusal(&error),
    }
}

async fn answer(shared: &Arc<Shared>, path: &str, request: Request) -> Result<(Form, Vec<u8>), TwirpError> {
    let bad_route = |why| TwirpError::new(Code::BadRoute, why);
    let (service, method) = path.split_once('/').ok_or_else(|| bad_route("the path names no method"))?;
    let service = Service::named(service).ok_or_else(|| bad_route("there is no such service"))?;
    if request.method() != Method::POST {
        return Err(bad_route("calls are made by POST"));
    }
    let claims = claims(shared, request.headers())?;
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let form = Form::of(content_type).ok_or_else(|| bad_route("calls are JSON or protobuf"))?;
    if service != Service::Room {
        return not_offered(service, method, &claims, form).map(|body| (form, body.to_vec()));
    }
    let method = RoomMethod::named(method)?;
    method.allowed_by(&claims.video)?;
    let body = read(request.into_body()).await?;
    let reply = perform(shared, read_call(method, form, &body, &claims.video)?).await?;
    Ok((form, reply.write(form)))
}

/// What the caller's token says. The tokens of meetings are for joining them alone.
fn claims(shared: &Shared, headers: &HeaderMap) -> Result<Claims, TwirpError> {
    let unknown = || TwirpError::new(Code::Unauthenticated, "the access token is missing, wrong or over");
    let token = bearer(headers).ok_or_else(unknown)?;
    let secret = issuer(token).ok().and_then(|key| shared.api_keys.get(&key)).ok_or_else(unknown)?;
    verify(token, secret.as_bytes(), shared.clock.now()).map_err(|_| unknown())
}

async fn read(body: Body) -> Result<axum::body::Bytes, TwirpError> {
    match tokio::time::timeout(SENT, to_bytes(body, MAX_BODY_BYTES)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(TwirpError::new(Code::ResourceExhausted, "the body is too large or broke off")),
        Err(_) => Err(TwirpError::new(Code::Canceled, "the body took too long")),
    }
}

async fn perform(shared: &Arc<Shared>, call: RoomCall) -> Result<Reply, TwirpError> {
    match call {
        RoomCall::Create(name, request) => create(shared, &name, &request).await,
        RoomCall::List(names) => Ok(list(shared, &names).await),
        RoomCall::Delete(name) => {
            let room = shared.api_room(&name).ok_or_else(no_such_room)?;
            let close = |reply| RoomOrder::Close { reason: LeftReason::RoomClosed, reply };
            crate::ask(&room, close).await.map_err(|_| no_such_room())?;
            shared.forget(&name, &room.orders);
            Ok(Reply::Done)
        }
        RoomCall::Move(from, who, to) => {
            let order = |identity, to, reply| RoomOrder::Depart { identity, to, reply };
            to_another(shared, &from, (&who, &to), order).await
        }
        RoomCall::Forward(from, who, to) => {
            let order = |identity, to, reply| RoomOrder::Show { identity, to, reply };
            to_another(shared, &from, (&who, &to), order).await
        }
        RoomCall::InRoom(name, order) => {
            let room = shared.api_room(&name).ok_or_else(no_such_room)?;
            in_room(&room, order).await?
        }
    }
}

/// Makes a room, or finds the one of this name as it is.
async fn create(shared: &Arc<Shared>, name: &RoomName, request: &CreateRoomRequest) -> Result<Reply, TwirpError> {
    let settings = RoomSettings::of(request, &shared.settings());
    // A room that closed in this very moment is opened again.
    for _ in 0..2 {
        if let Ok(reply) = in_room(&open(shared, name, settings.clone())?, InRoom::Describe).await {
            return reply;
        }
    }
    Err(closing())
}

/// The room of this name, made if there is none.
fn open(shared: &Arc<Shared>, name: &RoomName, settings: RoomSettings) -> Result<RoomHandle, TwirpError> {
    let room = shared.find_or_open_api(name, settings).map_err(|error| match error {
        OpenError::TooMany => TwirpError::new(Code::ResourceExhausted, "there are too many rooms"),
        OpenError::Exists | OpenError::Stopping => TwirpError::new(Code::Unavailable, "the server is stopping"),
    })?;
    if room.kind == RoomKind::Meeting { Err(no_such_room()) } else { Ok(room) }
}

/// Orders something of a room that brings one of its people to another room, which is made if there is none. Nobody is
/// brought where somebody of that identity is already: a session would end without anybody having asked for that.
async fn to_another(
    shared: &Arc<Shared>,
    from: &RoomName,
    (who, to): (&Identity, &RoomName),
    order: impl Fn(Identity, (RoomName, RoomHandle), ReplyTo) -> RoomOrder,
) -> Result<Reply, TwirpError> {
    let room = shared.api_room(from).ok_or_else(no_such_room)?;
    // No room is made for one who is not there.
    in_room(&room, InRoom::Participant(who.clone())).await??;
    for _ in 0..2 {
        let destination = open(shared, to, shared.settings())?;
        let may = crate::ask(&destination, |reply| RoomOrder::MayJoin { identity: who.clone(), reply }).await;
        match may {
            Ok(Ok(Standing::New)) => {
                let (reply, answer) = oneshot::channel();
                let order = order(who.clone(), (to.clone(), destination), reply);
                room.orders.send(order).map_err(|_| no_such_room())?;
                return answer.await.map_err(|_| no_such_room())?;
            }
            Ok(Ok(Standing::Inside)) => {
                let there = "a participant with this identity is in the destination room";
                return Err(TwirpError::new(Code::AlreadyExists, there));
            }
            Ok(Err(Refused::Full)) => {
                return Err(TwirpError::new(Code::ResourceExhausted, "the destination room is full"));
            }
            Ok(Err(Refused::NotAdmitted)) => return Err(no_such_room()),
            // The room has closed in this very moment.
            Err(_) => {}
        }
    }
    Err(closing())
}

async fn list(shared: &Arc<Shared>, names: &[String]) -> Reply {
    let mut rooms = Vec::new();
    for room in shared.api_rooms(names) {
        // One that has closed meanwhile is not there.
        if let Ok(Ok(Reply::Room(room))) = in_room(&room, InRoom::Describe).await {
            rooms.push(*room);
        }
    }
    rooms.sort_by(|a, b| (a.creation_time_ms, &a.name).cmp(&(b.creation_time_ms, &b.name)));
    Reply::Rooms(ListRoomsResponse { rooms })
}

/// Fails if the room is gone; what it answers is the inner result.
async fn in_room(room: &RoomHandle, order: InRoom) -> Result<Result<Reply, TwirpError>, TwirpError> {
    let (reply, answer) = oneshot::channel();
    room.orders.send(RoomOrder::Serve { order, reply }).map_err(|_| no_such_room())?;
    answer.await.map_err(|_| no_such_room())
}

fn closing() -> TwirpError {
    TwirpError::new(Code::Unavailable, "the room is closing, try again")
}

fn no_such_room() -> TwirpError {
    TwirpError::new(Code::NotFound, "requested room does not exist")
}

fn refusal(error: &TwirpError) -> Response {
    let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, Form::Json.content_type())], error.body()).into_response()
}
