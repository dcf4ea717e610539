//! What is told about rooms and participants: from the server's own words to those of the wire.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use kloud_base::Timestamp;
use kloud_sfu::{
    BySource, ConnectionQuality, Gate, Identity, Member, MemberState, ParticipantSid, Permits, Quality, QualityChange,
    RoomName, RoomSid, Source, SpeakerChange, Subscribers, TrackSid, Wish,
};
use livekit_protocol as proto;

use crate::{PROTOCOL, SPOKEN_VERSION};

/// What this server takes and gives. A client that asks for something else gets the first of its kind.
pub const ENABLED_CODECS: [&str; 6] = ["audio/opus", "audio/red", "video/vp8", "video/h264", "video/vp9", "video/av1"];
/// Between two pings of a client, and how long after the last answer it gives up. Never 0: some clients cannot bear it.
pub const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = PING_INTERVAL.saturating_mul(2);

/// What a client says of itself, that others need to know to talk to it.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    pub client_protocol: i32,
    pub capabilities: Vec<i32>,
    pub metadata: String,
    pub attributes: HashMap<String, String>,
    /// It may change what it is called and what is said of it.
    pub may_describe_itself: bool,
}

/// What a room was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomSettings {
    /// How long it waits for the first to come.
    pub empty: Duration,
    /// How long it waits for the next when the last has left.
    pub departure: Duration,
    /// 0 for as many as the server takes.
    pub max_participants: u32,
    pub metadata: String,
}

impl RoomSettings {
    /// What is asked for, and the defaults where nothing is.
    pub fn of(request: &proto::CreateRoomRequest, defaults: &Self) -> Self {
        let seconds = |asked: u32, default| if asked > 0 { Duration::from_secs(asked.into()) } else { default };
        Self {
            empty: seconds(request.empty_timeout, defaults.empty),
            departure: seconds(request.departure_timeout, defaults.departure),
            max_participants: request.max_participants,
            metadata: request.metadata.clone(),
        }
    }
}

/// What there is to say of a room.
#[derive(Clone, Copy, Debug)]
pub struct RoomFacts<'a> {
    pub sid: RoomSid,
    pub name: &'a RoomName,
    pub created_at: Timestamp,
    pub settings: &'a RoomSettings,
    pub participants: usize,
    pub publishers: usize,
}

/// The source that a track claims to come from.
pub fn source_of(source: i32) -> Source {
    match proto::TrackSource::try_from(source) {
        Ok(proto::TrackSource::Camera) => Source::Camera,
        Ok(proto::TrackSource::Microphone) => Source::Microphone,
        Ok(proto::TrackSource::ScreenShare) => Source::Screen,
        Ok(proto::TrackSource::ScreenShareAudio) => Source::ScreenAudio,
        Ok(proto::TrackSource::Unknown) | Err(_) => Source::Other,
    }
}

/// The reverse of [`source_of`]; data is no track.
pub fn source_on_wire(source: Source) -> Option<proto::TrackSource> {
    match source {
        Source::Camera => Some(proto::TrackSource::Camera),
        Source::Microphone => Some(proto::TrackSource::Microphone),
        Source::Screen => Some(proto::TrackSource::ScreenShare),
        Source::ScreenAudio => Some(proto::TrackSource::ScreenShareAudio),
        Source::Other => Some(proto::TrackSource::Unknown),
        Source::Data => None,
    }
}

/// What a member may do, as its client is told. An empty list of sources would mean all of them, so nothing permitted
/// is said by `can_publish`.
pub fn permission(gate: &Gate, can_subscribe: bool, hidden: bool) -> proto::ParticipantPermission {
    let permits = gate.permits();
    let sources = BySource::from_fn(|s| gate.pass(s).is_some());
    let all = permits.contains(Permits::ALL.without(Permits::DATA));
    let listed = sources.iter().filter(|(_, open)| **open && !all).filter_map(|(source, _)| source_on_wire(source));
    proto::ParticipantPermission {
        can_subscribe,
        can_publish: permits.any_media() && !hidden,
        can_publish_data: gate.pass(Source::Data).is_some(),
        can_publish_sources: listed.map(|s| s as i32).collect(),
        hidden,
        ..Default::default()
    }
}

/// A member as others (and itself) are told of it.
pub fn participant_info(member: &Member, peer: &Peer, tracks: Vec<proto::TrackInfo>) -> proto::ParticipantInfo {
    let state = match member.state {
        MemberState::Joined => proto::participant_info::State::Joined,
        MemberState::Active => proto::participant_info::State::Active,
    };
    proto::ParticipantInfo {
        sid: member.sid.to_string(),
        identity: member.identity.to_string(),
        name: member.name.clone(),
        state: state as i32,
        is_publisher: !tracks.is_empty(),
        tracks,
        metadata: peer.metadata.clone(),
        attributes: peer.attributes.clone(),
        joined_at: member.joined_at.as_millis() / 1000,
        joined_at_ms: member.joined_at.as_millis(),
        version: member.version,
        permission: Some(proto::ParticipantPermission {
            can_update_metadata: peer.may_describe_itself,
            ..permission(&member.gate, member.can_subscribe, member.hidden)
        }),
        client_protocol: peer.client_protocol,
        capabilities: peer.capabilities.clone(),
        ..Default::default()
    }
}

/// How a viewer wants to see a track.
pub fn wish_of(settings: &proto::UpdateTrackSettings) -> Wish {
    if settings.disabled {
        return Wish::Nothing;
    }
    if settings.width > 0 || settings.height > 0 {
        return Wish::Size { width: settings.width, height: settings.height };
    }
    match settings.quality() {
        proto::VideoQuality::Low => Wish::Quality(Quality::Low),
        proto::VideoQuality::Medium => Wish::Quality(Quality::Medium),
        proto::VideoQuality::High => Wish::Quality(Quality::High),
        proto::VideoQuality::Off => Wish::Nothing,
    }
}

/// Whom a member lets have its tracks. `identity_of` knows who a sid is.
pub fn audience(
    permission: &proto::SubscriptionPermission,
    identity_of: impl Fn(&str) -> Option<Identity>,
) -> Subscribers {
    if permission.all_participants {
        return Subscribers::Everyone;
    }
    let mut list = BTreeMap::new();
    for line in permission.track_permissions.iter().take(1_000) {
        let named = Identity::new(&line.participant_identity).ok();
        let Some(identity) = named.or_else(|| identity_of(&line.participant_sid)) else { continue };
        let tracks: BTreeSet<TrackSid> = line.track_sids.iter().take(100).filter_map(|t| t.parse().ok()).collect();
        list.insert(identity, (!line.all_tracks).then_some(tracks));
    }
    Subscribers::Listed(list)
}

pub fn speaker_info(change: &SpeakerChange) -> proto::SpeakerInfo {
    proto::SpeakerInfo { sid: change.participant.to_string(), level: change.level, active: change.active }
}

pub fn quality_info(change: &QualityChange) -> proto::ConnectionQualityInfo {
    let quality = match change.quality {
        ConnectionQuality::Lost => proto::ConnectionQuality::Lost,
        ConnectionQuality::Poor => proto::ConnectionQuality::Poor,
        ConnectionQuality::Good => proto::ConnectionQuality::Good,
        ConnectionQuality::Excellent => proto::ConnectionQuality::Excellent,
    };
    let participant_sid = change.participant.to_string();
    proto::ConnectionQualityInfo { participant_sid, quality: quality as i32, score: change.score }
}

/// Whether a picture comes to a viewer, or waits for a better line.
pub fn stream_state(owner: ParticipantSid, track: TrackSid, paused: bool) -> proto::StreamStateInfo {
    let state = if paused { proto::StreamState::Paused } else { proto::StreamState::Active };
    proto::StreamStateInfo { participant_sid: owner.to_string(), track_sid: track.to_string(), state: state as i32 }
}

/// The first message of a session. No server for addresses is named: the server's own addresses are in its answers,
/// and nobody else is contacted.
pub fn join_response(
    room: proto::Room,
    participant: proto::ParticipantInfo,
    others: Vec<proto::ParticipantInfo>,
    node: &str,
    ice_servers: Vec<proto::IceServer>,
) -> proto::JoinResponse {
    let codec = |mime: &&str| proto::Codec { mime: (*mime).to_owned(), fmtp_line: String::new() };
    proto::JoinResponse {
        room: Some(room),
        participant: Some(participant),
        other_participants: others,
        server_version: SPOKEN_VERSION.into(),
        server_info: Some(server_info(node)),
        ping_interval: PING_INTERVAL.as_secs() as i32,
        ping_timeout: PING_TIMEOUT.as_secs() as i32,
        enabled_publish_codecs: ENABLED_CODECS.iter().map(codec).collect(),
        fast_publish: true,
        ice_servers,
        ..Default::default()
    }
}

/// The first message of a resumed session.
pub fn reconnect_response(
    node: &str,
    last_message_seq: u32,
    ice_servers: Vec<proto::IceServer>,
) -> proto::ReconnectResponse {
    let server_info = Some(server_info(node));
    proto::ReconnectResponse { server_info, last_message_seq, ice_servers, ..Default::default() }
}

pub fn server_info(node: &str) -> proto::ServerInfo {
    proto::ServerInfo {
        version: SPOKEN_VERSION.into(),
        protocol: PROTOCOL,
        node_id: node.to_owned(),
        ..Default::default()
    }
}

/// The end of a session, and what the client shall do about it.
pub fn leave(reason: proto::DisconnectReason, action: proto::leave_request::Action) -> proto::LeaveRequest {
    let can_reconnect = action != proto::leave_request::Action::Disconnect;
    proto::LeaveRequest { can_reconnect, reason: reason as i32, action: action as i32, regions: None }
}

/// The outcome of a request.
pub fn request_response(
    request_id: u32,
    reason: proto::request_response::Reason,
    request: Option<proto::request_response::Request>,
) -> proto::RequestResponse {
    proto::RequestResponse { request_id, reason: reason as i32, message: String::new(), request }
}

impl Peer {
    /// Takes what a client says of itself. Metadata and attributes come from its token.
    pub fn new(client: &proto::ClientInfo, metadata: String, attributes: HashMap<String, String>) -> Self {
        let capabilities = client.capabilities.iter().copied().take(16).collect();
        let client_protocol = client.client_protocol;
        Self { client_protocol, capabilities, metadata, attributes, may_describe_itself: false }
    }
}

/// A room as clients and callers are told of it.
pub fn room_info(facts: &RoomFacts<'_>) -> proto::Room {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let seconds = |wait: Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
    proto::Room {
        sid: facts.sid.to_string(),
        name: facts.name.to_string(),
        empty_timeout: seconds(facts.settings.empty),
        departure_timeout: seconds(facts.settings.departure),
        max_participants: facts.settings.max_participants,
        creation_time: facts.created_at.as_millis() / 1000,
        creation_time_ms: facts.created_at.as_millis(),
        metadata: facts.settings.metadata.clone(),
        num_participants: count(facts.participants),
        num_publishers: count(facts.publishers),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use kloud_sfu::Epoch;

    use super::*;

    fn told(permits: Permits) -> (bool, bool, Vec<i32>) {
        let p = permission(&Gate::new(permits, Epoch(1)), true, false);
        (p.can_publish, p.can_publish_data, p.can_publish_sources)
    }

    #[test]
    fn a_client_is_told_exactly_what_it_may_publish() {
        assert_eq!(told(Permits::NONE), (false, false, vec![]));
        assert_eq!(told(Permits::DATA), (false, true, vec![]));
        assert_eq!(told(Permits::MICROPHONE), (true, false, vec![2]));
        assert_eq!(told(Permits::CAMERA | Permits::SCREEN), (true, false, vec![1, 3, 4]));
        assert_eq!(told(Permits::ASKED), (true, true, vec![1, 2, 3, 4]));
        assert_eq!(told(Permits::ALL), (true, true, vec![]), "an empty list means everything");
        assert_eq!(told(Permits::ALL.without(Permits::DATA)), (true, false, vec![]));
    }

    #[test]
    fn nobody_else_is_named_for_addresses() {
        let join = join_response(Default::default(), Default::default(), Vec::new(), "node", Vec::new());
        assert!(join.ice_servers.is_empty() && !join.subscriber_primary);
        assert!(
            0 < join.ping_interval && join.ping_interval < join.ping_timeout,
            "no answer may be late by an interval"
        );
    }
}
