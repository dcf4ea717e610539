//! Calls of the server API: which there are, who may make them, and what a room is to do about each. Everything in a
//! call is checked here, so that a room gets nothing that is too large or names nobody.

use std::str::FromStr;

use kloud_sfu::{Identity, RoomName, TrackSid};

use crate::proto;
use crate::token::{Claims, VideoGrant};
use crate::twirp::{Code, Form, TwirpError};

/// Most bytes of metadata, of a name, and of one attribute with its key.
pub const MAX_METADATA: usize = 8_192;
/// Most attributes of one participant.
pub const MAX_ATTRIBUTES: usize = 64;
/// Most bytes of a room's metadata.
const MAX_ROOM_METADATA: usize = 64 * 1024;
/// Most bytes of one message; clients cut at the same.
const MAX_MESSAGE: usize = 64_000;
/// Most tracks, receivers or rooms that one call can name.
const MAX_NAMED: usize = 1_000;
/// Most bytes of what a remote call is given, and is answered (LiveKit's limit for both).
const MAX_CALL_BYTES: usize = 15 * 1024;
/// Longest method of a remote call.
const MAX_CALL_METHOD: usize = 64;
/// How long a remote call waits for its answer, if its caller does not say, and at most.
const CALL_MS: u32 = 10_000;
const MAX_CALL_MS: u32 = 60_000;

/// The services that server SDKs know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    Room,
    Egress,
    Ingress,
    Sip,
    AgentDispatch,
}

impl Service {
    /// The service of a name such as `livekit.RoomService`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "livekit.RoomService" => Some(Service::Room),
            "livekit.Egress" => Some(Service::Egress),
            "livekit.Ingress" => Some(Service::Ingress),
            "livekit.SIP" => Some(Service::Sip),
            "livekit.AgentDispatchService" => Some(Service::AgentDispatch),
            _ => None,
        }
    }
}

/// The answer to a call of a service that this server does not offer. Its lists are empty, so that programs which look
/// before they act go on.
pub fn not_offered(service: Service, method: &str, claims: &Claims, form: Form) -> Result<&'static [u8], TwirpError> {
    let sip = |right: &str| claims.other.get("sip").and_then(|sip| sip.get(right)).and_then(|r| r.as_bool());
    let may = match service {
        Service::Room => return Err(no_such_method()),
        Service::Egress => claims.video.room_record,
        Service::Ingress => claims.video.ingress_admin,
        Service::Sip => sip("admin") == Some(true) || sip("call") == Some(true),
        Service::AgentDispatch => claims.video.room_admin,
    };
    if !may {
        return Err(not_permitted());
    }
    let empty: &[u8] = match method {
        "ListEgress" | "ListIngress" => br#"{"items":[]}"#,
        "ListSIPTrunk" | "ListSIPInboundTrunk" | "ListSIPOutboundTrunk" | "ListSIPDispatchRule" => br#"{"items":[]}"#,
        "ListDispatch" => br#"{"agentDispatches":[]}"#,
        _ => return Err(TwirpError::new(Code::Unimplemented, "this server does not offer that")),
    };
    // A message without anything in it has no bytes as protobuf.
    Ok(if form == Form::Json { empty } else { b"" })
}

macro_rules! methods {
    ($($name:ident),* $(,)?) => {
        /// The methods of the room service.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum RoomMethod {
            $($name),*
        }

        impl RoomMethod {
            pub const ALL: &'static [RoomMethod] = &[$(RoomMethod::$name),*];

            pub const fn name(self) -> &'static str {
                match self {
                    $(RoomMethod::$name => stringify!($name)),*
                }
            }
        }
    };
}

methods!(
    CreateRoom,
    ListRooms,
    DeleteRoom,
    ListParticipants,
    GetParticipant,
    RemoveParticipant,
    MutePublishedTrack,
    UpdateParticipant,
    UpdateSubscriptions,
    SendData,
    UpdateRoomMetadata,
    PerformRpc,
    ForwardParticipant,
    MoveParticipant,
);

impl RoomMethod {
    pub fn named(name: &str) -> Result<Self, TwirpError> {
        Self::ALL.iter().copied().find(|method| method.name() == name).ok_or_else(no_such_method)
    }

    /// Whether a grant allows calls of this kind at all. Which room they may be about is known once they are read.
    pub fn allowed_by(self, grant: &VideoGrant) -> Result<(), TwirpError> {
        let may = match self {
            RoomMethod::CreateRoom | RoomMethod::DeleteRoom => grant.room_create,
            RoomMethod::ListRooms => grant.room_list,
            RoomMethod::ListParticipants
            | RoomMethod::GetParticipant
            | RoomMethod::RemoveParticipant
            | RoomMethod::MutePublishedTrack
            | RoomMethod::UpdateParticipant
            | RoomMethod::UpdateSubscriptions
            | RoomMethod::SendData
            | RoomMethod::UpdateRoomMetadata
            | RoomMethod::PerformRpc
            | RoomMethod::ForwardParticipant
            | RoomMethod::MoveParticipant => grant.room_admin,
        };
        if may { Ok(()) } else { Err(not_permitted()) }
    }
}

/// A call that can be read and that its bearer may make.
#[derive(Clone, Debug, PartialEq)]
pub enum RoomCall {
    Create(RoomName, Box<proto::CreateRoomRequest>),
    /// Of these names, or all.
    List(Vec<String>),
    Delete(RoomName),
    InRoom(RoomName, InRoom),
    /// One person, from the first room to the second.
    Move(RoomName, Identity, RoomName),
    /// One person of the first room, to be shown in the second too.
    Forward(RoomName, Identity, RoomName),
}

/// What one room is to do.
#[derive(Clone, Debug, PartialEq)]
pub enum InRoom {
    Describe,
    Participants,
    Participant(Identity),
    Remove(Identity),
    /// Only its owner can take it back.
    Mute(Identity, TrackSid),
    Update(Identity, proto::UpdateParticipantMetadata, Option<proto::ParticipantPermission>),
    Subscribe(Identity, proto::UpdateSubscription),
    Send(Box<proto::SendDataRequest>),
    SetMetadata(String),
    Call(proto::PerformRpcRequest),
}

/// What a caller is answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Room(Box<proto::Room>),
    Rooms(proto::ListRoomsResponse),
    Participants(proto::ListParticipantsResponse),
    Participant(Box<proto::ParticipantInfo>),
    Track(Box<proto::MuteRoomTrackResponse>),
    Called(proto::PerformRpcResponse),
    Done,
}

impl Reply {
    pub fn write(&self, form: Form) -> Vec<u8> {
        match self {
            Reply::Room(room) => form.write(&**room),
            Reply::Rooms(rooms) => form.write(rooms),
            Reply::Participants(participants) => form.write(participants),
            Reply::Participant(participant) => form.write(&**participant),
            Reply::Track(track) => form.write(&**track),
            Reply::Called(answer) => form.write(answer),
            // All messages without a field look alike.
            Reply::Done => form.write(&proto::DeleteRoomResponse {}),
        }
    }
}

/// Reads a call and holds it against what its bearer may do.
pub fn read_call(method: RoomMethod, form: Form, body: &[u8], grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    method.allowed_by(grant)?;
    let of_room = |room: &str| administers(grant, room);
    match method {
        RoomMethod::CreateRoom => create(form.read(body)?),
        RoomMethod::ListRooms => {
            let proto::ListRoomsRequest { names } = form.read(body)?;
            few(names.len())?;
            Ok(RoomCall::List(names))
        }
        RoomMethod::DeleteRoom => {
            let request: proto::DeleteRoomRequest = form.read(body)?;
            Ok(RoomCall::Delete(name(&request.room)?))
        }
        RoomMethod::ListParticipants => {
            let request: proto::ListParticipantsRequest = form.read(body)?;
            Ok(RoomCall::InRoom(of_room(&request.room)?, InRoom::Participants))
        }
        RoomMethod::GetParticipant => {
            let request: proto::RoomParticipantIdentity = form.read(body)?;
            Ok(RoomCall::InRoom(of_room(&request.room)?, InRoom::Participant(identity(&request.identity)?)))
        }
        RoomMethod::RemoveParticipant => {
            let request: proto::RoomParticipantIdentity = form.read(body)?;
            Ok(RoomCall::InRoom(of_room(&request.room)?, InRoom::Remove(identity(&request.identity)?)))
        }
        RoomMethod::MutePublishedTrack => mute(form.read(body)?, grant),
        RoomMethod::UpdateParticipant => update(form.read(body)?, grant),
        RoomMethod::UpdateSubscriptions => subscribe(form.read(body)?, grant),
        RoomMethod::SendData => send(form.read(body)?, grant),
        RoomMethod::UpdateRoomMetadata => {
            let request: proto::UpdateRoomMetadataRequest = form.read(body)?;
            let room = of_room(&request.room)?;
            short(&request.metadata, MAX_ROOM_METADATA)?;
            Ok(RoomCall::InRoom(room, InRoom::SetMetadata(request.metadata)))
        }
        RoomMethod::PerformRpc => call(form.read(body)?, grant),
        RoomMethod::ForwardParticipant => {
            let request: proto::ForwardParticipantRequest = form.read(body)?;
            let (room, who, to) = elsewhere(grant, &request.room, &request.identity, &request.destination_room)?;
            Ok(RoomCall::Forward(room, who, to))
        }
        RoomMethod::MoveParticipant => {
            let request: proto::MoveParticipantRequest = form.read(body)?;
            let (room, who, to) = elsewhere(grant, &request.room, &request.identity, &request.destination_room)?;
            Ok(RoomCall::Move(room, who, to))
        }
    }
}

fn create(request: proto::CreateRoomRequest) -> Result<RoomCall, TwirpError> {
    short(&request.metadata, MAX_ROOM_METADATA)?;
    if request.egress.is_some() || !request.agents.is_empty() {
        // A room that seems to be recorded, and is not, is worse than none.
        return Err(TwirpError::new(Code::Unimplemented, "this server neither records nor sends agents"));
    }
    Ok(RoomCall::Create(name(&request.name)?, Box::new(request)))
}

fn mute(request: proto::MuteRoomTrackRequest, grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    let room = administers(grant, &request.room)?;
    let identity = identity(&request.identity)?;
    if !request.muted {
        return Err(TwirpError::new(Code::FailedPrecondition, "only its owner can unmute a track"));
    }
    let track = TrackSid::from_str(&request.track_sid).map_err(|_| no_such_track())?;
    Ok(RoomCall::InRoom(room, InRoom::Mute(identity, track)))
}

fn update(request: proto::UpdateParticipantRequest, grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    let room = administers(grant, &request.room)?;
    let identity = identity(&request.identity)?;
    let proto::UpdateParticipantRequest { metadata, name, attributes, permission, .. } = request;
    let told = proto::UpdateParticipantMetadata { metadata, name, attributes, ..Default::default() };
    if !fits(&told) || permission.as_ref().is_some_and(|p| p.can_publish_sources.len() > MAX_ATTRIBUTES) {
        return Err(invalid("metadata, name or attributes are too large"));
    }
    Ok(RoomCall::InRoom(room, InRoom::Update(identity, told, permission)))
}

/// Whether what is to be said of a participant is of a size that others can be told.
pub fn fits(update: &proto::UpdateParticipantMetadata) -> bool {
    update.metadata.len() <= MAX_METADATA
        && update.name.len() <= MAX_METADATA
        && update.attributes.len() <= MAX_ATTRIBUTES
        && update.attributes.iter().all(|(key, value)| key.len() + value.len() <= MAX_METADATA)
}

fn subscribe(request: proto::UpdateSubscriptionsRequest, grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    let room = administers(grant, &request.room)?;
    let identity = identity(&request.identity)?;
    let grouped: usize = request.participant_tracks.iter().map(|p| p.track_sids.len()).sum();
    few(request.track_sids.len() + grouped + request.participant_tracks.len())?;
    let wanted = proto::UpdateSubscription {
        track_sids: request.track_sids,
        subscribe: request.subscribe,
        participant_tracks: request.participant_tracks,
    };
    Ok(RoomCall::InRoom(room, InRoom::Subscribe(identity, wanted)))
}

#[expect(deprecated, reason = "callers in use name sids")]
fn send(request: proto::SendDataRequest, grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    let room = administers(grant, &request.room)?;
    few(request.destination_identities.len() + request.destination_sids.len())?;
    if request.data.len() + request.topic.as_ref().map_or(0, String::len) > MAX_MESSAGE {
        return Err(invalid("the message is too large"));
    }
    if !matches!(request.nonce.len(), 0 | 16) {
        return Err(invalid("a nonce has 16 bytes"));
    }
    Ok(RoomCall::InRoom(room, InRoom::Send(Box::new(request))))
}

fn call(mut request: proto::PerformRpcRequest, grant: &VideoGrant) -> Result<RoomCall, TwirpError> {
    let room = administers(grant, &request.room)?;
    identity(&request.destination_identity)?;
    if request.method.is_empty() || request.method.len() > MAX_CALL_METHOD {
        return Err(invalid("a method has a name of at most 64 bytes"));
    }
    if request.payload.len() > MAX_CALL_BYTES {
        return Err(invalid("a call carries at most 15 KiB"));
    }
    request.response_timeout_ms = match request.response_timeout_ms {
        0 => CALL_MS,
        asked => asked.min(MAX_CALL_MS),
    };
    Ok(RoomCall::InRoom(room, InRoom::Call(request)))
}

/// Whom a call is about that concerns two rooms, and the rooms. The token names both.
fn elsewhere(
    grant: &VideoGrant,
    room: &str,
    who: &str,
    to: &str,
) -> Result<(RoomName, Identity, RoomName), TwirpError> {
    let (from, destination, who) = (administers(grant, room)?, name(to)?, identity(who)?);
    if grant.destination_room != to {
        return Err(not_permitted());
    }
    if from == destination {
        return Err(invalid("the destination is the room itself"));
    }
    Ok((from, who, destination))
}

/// The room that a grant is about, if it is this one.
fn administers(grant: &VideoGrant, room: &str) -> Result<RoomName, TwirpError> {
    if grant.room_admin && grant.room == room { name(room) } else { Err(not_permitted()) }
}

fn name(text: &str) -> Result<RoomName, TwirpError> {
    RoomName::new(text).map_err(|error| invalid(&format!("room: {error}")))
}

fn identity(text: &str) -> Result<Identity, TwirpError> {
    Identity::new(text).map_err(|error| invalid(&format!("identity: {error}")))
}

fn few(named: usize) -> Result<(), TwirpError> {
    if named <= MAX_NAMED { Ok(()) } else { Err(invalid("the call names too many")) }
}

fn short(text: &str, most: usize) -> Result<(), TwirpError> {
    if text.len() <= most { Ok(()) } else { Err(invalid("metadata size exceeds limits")) }
}

fn invalid(message: &str) -> TwirpError {
    TwirpError::new(Code::InvalidArgument, message)
}

fn not_permitted() -> TwirpError {
    TwirpError::new(Code::PermissionDenied, "permissions denied")
}

fn no_such_method() -> TwirpError {
    TwirpError::new(Code::BadRoute, "there is no such method")
}

fn no_such_track() -> TwirpError {
    TwirpError::new(Code::NotFound, "track is not found")
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
