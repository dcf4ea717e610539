//! Media by an external LiveKit server or cluster, instead of the one in this process: the same port of meet, over
//! LiveKit's room service and its webhooks.
//!
//! Invariant: what a person permits is wished here first, by epoch, and is held against what the cluster says whenever
//! it says anything; whoever is not wished for is put out. The cluster forwards by its own gate: it shuts when it is
//! told to, and a call returns when it has confirmed that.
//! What it deliberately does not do: touch rooms that are not sittings of this server, or carry a packet.

mod call;
mod follow;
mod hooks;
mod wishes;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use axum::Router;
use kloud_base::{Clock, SECOND};
use kloud_livekit::proto::{
    CreateRoomRequest, DeleteRoomRequest, DeleteRoomResponse, ListParticipantsRequest, ListParticipantsResponse,
    ListRoomsRequest, ListRoomsResponse, MuteRoomTrackRequest, MuteRoomTrackResponse, ParticipantInfo,
    ParticipantPermission, RemoveParticipantResponse, Room, RoomParticipantIdentity, TrackInfo, TrackSource,
    UpdateParticipantRequest, participant_info::State,
};
use kloud_livekit::{Claims, RoomMethod, VideoGrant, permission, sign};
use kloud_meet::model::{Device, Permits};
use kloud_meet::{MediaBackend, MediaError, MediaPass, Meet, SittingId};
use kloud_privacy::MemberId;
use kloud_sfu::{Epoch, Gate};
use reqwest::Url;
use tokio::sync::mpsc;

use crate::config::ClusterConfig;
use crate::media_backend::media_permits;
pub use call::CallError;
use call::Caller;
pub use call::{HookTry, try_webhook};
use follow::{Follower, Hint};
pub use hooks::PATH as WEBHOOK_PATH;
use wishes::{Wish, Wishes};

/// How long a way into a room lasts. The cluster itself gives those inside a newer one.
const PASS_SECONDS: i64 = 10 * 60;
/// How long the cluster keeps a room that nobody is in: until after its sitting is found to be empty.
const EMPTY_SECONDS: u32 = 10 * 60;
/// Hints that may wait; what does not fit is found by looking at everything.
const HINTS: usize = 1024;

/// The cluster, as the port of meet sees it.
#[derive(Clone)]
pub struct Cluster {
    parts: Arc<Parts>,
}

struct Parts {
    caller: Caller,
    /// For clients.
    public_url: Url,
    /// What people are told.
    host: String,
    clock: Arc<dyn Clock>,
    wishes: Wishes,
    hints: mpsc::Sender<Hint>,
    hinted: std::sync::Mutex<Option<mpsc::Receiver<Hint>>>,
}

impl Cluster {
    /// Nothing is asked of the cluster yet.
    ///
    /// # Errors
    /// When an address of the configuration is none.
    pub fn new(config: &ClusterConfig, clock: Arc<dyn Clock>) -> Result<Self> {
        let public_url = websocket(config.for_clients()).context("media.livekit.public_url")?;
        let host = public_url.host_str().context("media.livekit: the URL names no host")?.to_owned();
        let (hints, hinted) = mpsc::channel(HINTS);
        let hinted = std::sync::Mutex::new(Some(hinted));
        let caller = Caller::new(config, clock.clone())?;
        let wishes = Wishes::default();
        Ok(Self { parts: Arc::new(Parts { caller, public_url, host, clock, wishes, hints, hinted }) })
    }

    /// Where the cluster tells what happens.
    pub fn router(&self) -> Router {
        hooks::router(self.parts.caller.key().clone(), self.parts.clock.clone(), self.parts.hints.clone())
    }

    /// What clients connect to: by WebSocket, and to ask over HTTP why that failed.
    pub fn origins(&self) -> Vec<String> {
        let url = &self.parts.public_url;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let place = format!("{}{port}", url.host_str().unwrap_or_default());
        let web = if url.scheme() == "wss" { "https" } else { "http" };
        vec![format!("{}://{place}", url.scheme()), format!("{web}://{place}")]
    }

    /// Follows what happens in the cluster's rooms, and keeps it at what is wished, until this future is dropped.
    pub async fn follow(self, meet: Meet) {
        let hinted = self.parts.hinted.lock().expect("no holder of this lock panics").take();
        let Some(hinted) = hinted else { return };
        Follower::new(self, meet).run(hinted).await;
    }

    async fn rooms(&self) -> Result<Vec<Room>, CallError> {
        let grant = VideoGrant { room_list: true, ..VideoGrant::default() };
        let all: ListRoomsResponse =
            self.parts.caller.call(RoomMethod::ListRooms, grant, &ListRoomsRequest::default()).await?;
        Ok(all.rooms)
    }

    /// Those who are in a room now; nobody where there is no room.
    async fn people(&self, sitting: SittingId) -> Result<Vec<ParticipantInfo>, CallError> {
        let request = ListParticipantsRequest { room: sitting.to_string() };
        let done = self.parts.caller.call(RoomMethod::ListParticipants, admin(sitting), &request).await;
        let all: Option<ListParticipantsResponse> = absent(done)?;
        Ok(all.map(|all| all.participants).unwrap_or_default().into_iter().filter(is_here).collect())
    }

    /// Somebody who is in a room now.
    async fn person(&self, sitting: SittingId, member: MemberId) -> Result<Option<ParticipantInfo>, CallError> {
        let request = whom(sitting, member);
        let done = self.parts.caller.call(RoomMethod::GetParticipant, admin(sitting), &request).await;
        Ok(absent(done)?.filter(is_here))
    }

    /// Brings somebody to what is wished now, if that is not known to be held. One at a time for each person, so that
    /// an older wish is never the last that the cluster hears.
    async fn hold(&self, sitting: SittingId, member: MemberId, wish: &Wish) -> Result<(), CallError> {
        let _turn = wish.turn.lock().await;
        let Some((permits, epoch)) = wish.open() else { return Ok(()) };
        let request = UpdateParticipantRequest {
            room: sitting.to_string(),
            identity: member.to_string(),
            permission: Some(permitted(permits, epoch)),
            ..UpdateParticipantRequest::default()
        };
        let done = self.parts.caller.call(RoomMethod::UpdateParticipant, admin(sitting), &request).await;
        // Nobody there, nothing forwarded.
        if let Some(info) = absent::<ParticipantInfo>(done)? {
            let open = info.tracks.iter().filter(|track| !track.muted && !allows(permits, track.source()));
            for track in open {
                self.mute_track(sitting, member, track).await?;
            }
        }
        wish.held(epoch);
        Ok(())
    }

    async fn mute_track(&self, sitting: SittingId, member: MemberId, track: &TrackInfo) -> Result<(), CallError> {
        let request = MuteRoomTrackRequest {
            room: sitting.to_string(),
            identity: member.to_string(),
            track_sid: track.sid.clone(),
            muted: true,
        };
        let done = self.parts.caller.call(RoomMethod::MutePublishedTrack, admin(sitting), &request).await;
        absent::<MuteRoomTrackResponse>(done).map(drop)
    }

    async fn put_out(&self, sitting: SittingId, member: MemberId) -> Result<(), CallError> {
        // Ways in that were given before now are good no more; one that is given from now on is.
        let revoke_token_ts = self.parts.clock.now().as_millis() / SECOND;
        let request = RoomParticipantIdentity { revoke_token_ts, ..whom(sitting, member) };
        let done = self.parts.caller.call(RoomMethod::RemoveParticipant, admin(sitting), &request).await;
        absent::<RemoveParticipantResponse>(done).map(drop)
    }

    async fn delete(&self, sitting: SittingId) -> Result<(), CallError> {
        let grant = VideoGrant { room_create: true, ..VideoGrant::default() };
        let request = DeleteRoomRequest { room: sitting.to_string() };
        absent::<DeleteRoomResponse>(self.parts.caller.call(RoomMethod::DeleteRoom, grant, &request).await).map(drop)
    }
}

#[async_trait]
impl MediaBackend for Cluster {
    fn elsewhere(&self) -> Option<&str> {
        Some(&self.parts.host)
    }

    async fn open(&self, sitting: SittingId) -> Result<(), MediaError> {
        let grant = VideoGrant { room_create: true, ..VideoGrant::default() };
        let request = CreateRoomRequest {
            name: sitting.to_string(),
            empty_timeout: EMPTY_SECONDS,
            departure_timeout: EMPTY_SECONDS,
            ..CreateRoomRequest::default()
        };
        self.parts.caller.call::<_, Room>(RoomMethod::CreateRoom, grant, &request).await?;
        Ok(())
    }

    async fn admit(
        &self,
        sitting: SittingId,
        member: MemberId,
        name: &str,
        permits: Permits,
        epoch: i64,
    ) -> Result<MediaPass, MediaError> {
        let wish = self.parts.wishes.wish(sitting, member, permits, epoch);
        let (permits, epoch) = wish.now();
        let now = self.parts.clock.now().as_millis() / SECOND;
        let mut video = VideoGrant { room_join: true, room: sitting.to_string(), ..VideoGrant::default() };
        video.take_over(&permitted(permits, epoch));
        let claims = Claims {
            iss: self.parts.caller.key().key.clone(),
            sub: member.to_string(),
            name: name.to_owned(),
            nbf: Some(now),
            exp: Some(now + PASS_SECONDS),
            video,
            ..Claims::default()
        };
        let token = sign(&claims, self.parts.caller.key().secret.as_bytes());
        Ok(MediaPass { token, url: Some(self.parts.public_url.as_str().trim_end_matches('/').to_owned()) })
    }

    async fn permit(
        &self,
        sitting: SittingId,
        member: MemberId,
        permits: Permits,
        epoch: i64,
    ) -> Result<(), MediaError> {
        let wish = self.parts.wishes.wish(sitting, member, permits, epoch);
        self.hold(sitting, member, &wish).await?;
        wish.firm(epoch);
        Ok(())
    }

    async fn mute(&self, sitting: SittingId, member: MemberId, device: Device) -> Result<(), MediaError> {
        let Some(info) = self.person(sitting, member).await? else { return Ok(()) };
        for track in info.tracks.iter().filter(|track| !track.muted && comes_from(track.source(), device)) {
            self.mute_track(sitting, member, track).await?;
        }
        Ok(())
    }

    async fn remove(&self, sitting: SittingId, member: MemberId) -> Result<(), MediaError> {
        // Forgotten first: should the cluster not hear of it, the next look finds somebody who is not wished for.
        self.parts.wishes.forget(sitting, member);
        Ok(self.put_out(sitting, member).await?)
    }

    async fn present(&self, sitting: SittingId) -> Result<Vec<MemberId>, MediaError> {
        Ok(self.people(sitting).await?.iter().filter_map(|info| info.identity.parse().ok()).collect())
    }

    async fn close(&self, sitting: SittingId) -> Result<(), MediaError> {
        self.parts.wishes.forget_all(sitting);
        Ok(self.delete(sitting).await?)
    }
}

/// Makes a room of a name of the caller's own and deletes it again: proves address, key and what the key may.
///
/// # Errors
/// The first that went wrong.
pub async fn try_cluster(config: &ClusterConfig, room: &str, clock: Arc<dyn Clock>) -> Result<(), CallError> {
    let caller = Caller::new(config, clock).map_err(|error| CallError::Unreachable(format!("{error:#}")))?;
    let grant = || VideoGrant { room_create: true, ..VideoGrant::default() };
    let request = CreateRoomRequest { name: room.to_owned(), ..CreateRoomRequest::default() };
    caller.call::<_, Room>(RoomMethod::CreateRoom, grant(), &request).await?;
    let request = DeleteRoomRequest { room: room.to_owned() };
    caller.call::<_, DeleteRoomResponse>(RoomMethod::DeleteRoom, grant(), &request).await.map(drop)
}

fn admin(sitting: SittingId) -> VideoGrant {
    VideoGrant { room_admin: true, room: sitting.to_string(), ..VideoGrant::default() }
}

fn whom(sitting: SittingId, member: MemberId) -> RoomParticipantIdentity {
    RoomParticipantIdentity {
        room: sitting.to_string(),
        identity: member.to_string(),
        ..RoomParticipantIdentity::default()
    }
}

/// Whoever or whatever is not there needs nothing done.
fn absent<T>(done: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match done {
        Ok(done) => Ok(Some(done)),
        Err(CallError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is_here(info: &ParticipantInfo) -> bool {
    info.state() != State::Disconnected
}

/// The permission that the cluster is to hold somebody to.
fn permitted(permits: Permits, epoch: i64) -> ParticipantPermission {
    let epoch = Epoch(u64::try_from(epoch).unwrap_or(0));
    permission(&Gate::new(media_permits(permits), epoch), true, false)
}

/// Whether the cluster holds somebody to exactly what is wished.
fn is_held(info: &ParticipantInfo, permits: Permits) -> bool {
    let sources = |of: &ParticipantPermission| {
        let mut sources = of.can_publish_sources.clone();
        sources.sort_unstable();
        (of.can_publish.then_some(sources), of.can_publish_data, of.can_subscribe)
    };
    let is = info.permission.as_ref().map(sources);
    is == Some(sources(&permitted(permits, 0)))
}

fn allows(permits: Permits, source: TrackSource) -> bool {
    match source {
        TrackSource::Camera => permits.camera,
        TrackSource::Microphone => permits.microphone,
        TrackSource::ScreenShare | TrackSource::ScreenShareAudio => permits.screen,
        TrackSource::Unknown => false,
    }
}

fn comes_from(source: TrackSource, device: Device) -> bool {
    match device {
        Device::Camera => source == TrackSource::Camera,
        Device::Microphone => source == TrackSource::Microphone,
        Device::Screen => matches!(source, TrackSource::ScreenShare | TrackSource::ScreenShareAudio),
    }
}

/// An address for LiveKit clients: `ws` and `wss` where it says `http` and `https`.
fn websocket(url: &str) -> Result<Url> {
    let url = match url.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => url.to_owned(),
    };
    Url::parse(&url).with_context(|| format!("{url:?} is no URL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_cluster_holds_is_compared_with_what_is_wished() {
        let none = Permits { camera: false, microphone: false, screen: false, data: false };
        let screen = Permits { screen: true, data: true, ..none };
        let holding = |permission| ParticipantInfo { permission, ..ParticipantInfo::default() };
        for permits in [none, screen] {
            assert!(is_held(&holding(Some(permitted(permits, 3))), permits));
        }
        assert!(!is_held(&holding(Some(permitted(screen, 3))), none));
        assert!(!is_held(&holding(None), none));
        let everything = ParticipantPermission { can_publish_sources: Vec::new(), ..permitted(screen, 3) };
        assert!(!is_held(&holding(Some(everything)), screen), "an empty list is everything");
        let turned = ParticipantPermission { can_publish_sources: vec![4, 3], ..permitted(screen, 3) };
        assert!(is_held(&holding(Some(turned)), screen), "the order says nothing");
    }

    #[test]
    fn clients_are_given_a_websocket_address() {
        assert_eq!(websocket("https://media.example").unwrap().as_str(), "wss://media.example/");
        assert_eq!(websocket("http://127.0.0.1:7880").unwrap().as_str(), "ws://127.0.0.1:7880/");
        assert_eq!(websocket("wss://media.example/a").unwrap().as_str(), "wss://media.example/a");
        assert!(websocket("nowhere").is_err());
    }
}
