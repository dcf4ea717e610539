//! The handle of a client: what it is told to do, and what it has seen.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kloud_livekit::proto::{
    AddTrackRequest, DataPacket, LeaveRequest, MuteTrackRequest, ParticipantInfo, RpcRequest, TrackSource, UserPacket,
    data_packet::Value, signal_request::Message as Say, signal_response::Message as Hear,
};
use kloud_sfu::{Codec, Kind};
use prost::Message as _;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite;

use crate::coded::{Coded, Skills, asks_for};
use crate::grid::Grid;
use crate::pace::{Pace, Steady};
use crate::relay::By;
use crate::run::Run;
use crate::signal::{Socket, connect, connect_two};
use crate::stream::{Camera, Feed, Pattern, Voice};
use crate::way::Way;
use crate::wire::Wire;

/// How long any state may take to come.
const DEADLINE: Duration = Duration::from_secs(30);

/// How many connections a client uses, of which it joins at the address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connections {
    #[default]
    One,
    /// One to send on and one to receive on, as in the older protocol.
    Two,
}

/// What the client has seen so far.
#[derive(Debug, Default)]
pub struct Seen {
    pub sid: String,
    /// Media and data channels are up, on each connection.
    pub connected: bool,
    /// The last that was said of each participant, by identity.
    pub people: BTreeMap<String, ParticipantInfo>,
    /// Sids of published tracks by their cid.
    pub published: BTreeMap<String, String>,
    /// RTP packets by track sid.
    pub packets: BTreeMap<String, u64>,
    /// Beginnings of keyframes by track sid.
    pub keyframes: BTreeMap<String, u64>,
    /// Pixels across of the last keyframe by track sid.
    pub widths: BTreeMap<String, u16>,
    /// The codec of the last packet by track sid.
    pub codecs: BTreeMap<String, Codec>,
    /// Packets that repeat what was before them, by track sid.
    pub repeats: BTreeMap<String, u64>,
    /// The numbers of the pieces of sound that came, by track sid.
    pub pieces: BTreeMap<String, BTreeSet<u32>>,
    /// Packets of each layer of a layered picture, and those that end a picture, by track sid.
    pub layers: BTreeMap<String, [u64; 4]>,
    pub ends: BTreeMap<String, [u64; 4]>,
    /// Packets of any track that others before and after them came without.
    pub missing: u64,
    /// How often the server asked for a keyframe of an own track, and it was begun anew.
    pub restarts: u64,
    /// RTP packets of all tracks, also those that only fill up.
    pub rtp: u64,
    /// When the last RTP packet came, whatever it held.
    pub rtp_at: Option<Instant>,
    /// Microseconds from the writing of each packet that says when that was.
    pub delays: Vec<u32>,
    pub data: Vec<(String, Vec<u8>)>,
    /// Remote calls, which nobody answers by itself.
    pub calls: Vec<RpcRequest>,
    pub heard: Vec<Hear>,
    /// The signal socket is closed.
    pub closed: bool,
    /// The server has closed the media stream.
    pub cut_off: bool,
}

impl Seen {
    /// Packets of all tracks that are not known to be over, of one participant and source.
    pub fn packets_of(&self, sid: &str) -> u64 {
        self.packets.get(sid).copied().unwrap_or(0)
    }

    /// Sids of the others who speak now.
    pub fn speakers(&self) -> Vec<&str> {
        let mut speaking = Vec::new();
        for heard in &self.heard {
            let Hear::SpeakersChanged(change) = heard else { continue };
            for speaker in &change.speakers {
                speaking.retain(|sid| *sid != speaker.sid);
                speaking.extend((speaker.active && speaker.sid != self.sid).then_some(&*speaker.sid));
            }
        }
        speaking
    }

    pub fn heard(&self, fits: impl Fn(&Hear) -> bool) -> bool {
        self.heard.iter().any(fits)
    }
}

pub(crate) enum Act {
    Say(Box<Say>),
    Publish {
        cid: String,
        source: i32,
        feed: Feed,
        /// Instead of the usual announcement of such a feed.
        request: Option<Box<AddTrackRequest>>,
    },
    Stream {
        cid: String,
        on: bool,
    },
    Speak {
        cid: String,
        on: bool,
    },
    AskKeyframe(String),
    Data {
        reliable: bool,
        bytes: Vec<u8>,
    },
    /// Bytes of any kind to the media port, from the address that the server knows.
    Raw(Vec<u8>),
    /// Of the media packets from the server, one in so many arrives.
    Lose(u64),
    /// One in so many does not.
    Miss(u64),
    /// Goes on from another address, of less priority than any before.
    Move,
    /// Reads nothing from the media port any more, or again.
    Stall(bool),
    HangUp,
}

/// A client in its room.
pub struct Client {
    pub seen: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
    acts: mpsc::UnboundedSender<Act>,
}

impl Client {
    /// Joins and waits until media is up.
    pub async fn join(http: SocketAddr, token: &str) -> Self {
        let client = Self::begin(http, token).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins with so many connections, and waits until media is up on all of them.
    pub async fn join_by(connections: Connections, http: SocketAddr, token: &str) -> Self {
        let client = Self::begin_by(connections, http, token).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins by TCP alone and waits until media is up.
    pub async fn join_by_tcp(http: SocketAddr, media: SocketAddr, token: &str) -> Self {
        let wire = Wire::tcp(media).await;
        let client = Self::begin_on(wire, http, token, None, Skills::default()).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins by the relay alone and waits until media is up.
    pub async fn join_by_relay(http: SocketAddr, by: By, token: &str) -> Self {
        let client = Self::begin_on(Wire::Awaited(by), http, token, None, Skills::default()).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins from an address of this machine and waits until media is up.
    pub async fn join_from(ip: IpAddr, http: SocketAddr, token: &str) -> Self {
        let client =
            Self::begin_on(Wire::udp_from(ip).await, http, token, None, Skills::default()).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins, waits until media is up, and wants pictures as a page wants them that shows this grid.
    pub async fn join_with(http: SocketAddr, token: &str, grid: Grid) -> Self {
        let begun = Self::begin_on(Wire::udp().await, http, token, Some(grid), Skills::default()).await;
        let client = begun.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Joins with so many connections as a client that can do this, and waits until media is up.
    pub async fn join_able(connections: Connections, http: SocketAddr, token: &str, skills: Skills) -> Self {
        let client = Self::begin_able(connections, http, token, skills).await.expect("a socket");
        client.until("connected", |s| s.connected).await;
        client
    }

    /// Opens the signal socket and starts.
    pub async fn begin(http: SocketAddr, token: &str) -> Result<Self, tungstenite::Error> {
        Self::begin_on(Wire::udp().await, http, token, None, Skills::default()).await
    }

    /// Opens the signal socket for so many connections and starts.
    pub async fn begin_by(connections: Connections, http: SocketAddr, token: &str) -> Result<Self, tungstenite::Error> {
        Self::begin_able(connections, http, token, Skills::default()).await
    }

    async fn begin_able(
        connections: Connections,
        http: SocketAddr,
        token: &str,
        skills: Skills,
    ) -> Result<Self, tungstenite::Error> {
        if connections == Connections::One {
            return Self::begin_on(Wire::udp().await, http, token, None, skills).await;
        }
        let socket = connect_two(http, token, "").await?;
        let ways = vec![Way::new(Wire::udp().await, skills), Way::new(Wire::udp().await, skills)];
        Ok(Self::start(ways, socket, None))
    }

    async fn begin_on(
        wire: Wire,
        http: SocketAddr,
        token: &str,
        grid: Option<Grid>,
        skills: Skills,
    ) -> Result<Self, tungstenite::Error> {
        let mut way = Way::new(wire, skills);
        let offer = way.peer.first_offer(true);
        let socket = connect(http, token, Some(offer), |_| {}).await?;
        Ok(Self::start(vec![way], socket, grid))
    }

    fn start(ways: Vec<Way>, socket: Socket, grid: Option<Grid>) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let changed = Arc::new(Notify::new());
        let (acts, inbox) = mpsc::unbounded_channel();
        let run = Run::new(ways, socket, grid, (seen.clone(), changed.clone()));
        tokio::spawn(run.go(inbox));
        Self { seen, changed, acts }
    }

    /// Waits for a state.
    pub async fn until(&self, what: &str, fits: impl Fn(&Seen) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                if fits(&self.seen.lock().expect("unpoisoned")) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(DEADLINE, wait).await.is_err() {
            let mut seen = self.seen.lock().expect("unpoisoned");
            seen.heard.retain(|h| matches!(h, Hear::ConnectionQuality(_)));
            panic!("never came: {what}; seen {seen:?}");
        }
    }

    pub fn say(&self, say: Say) {
        self.act(Act::Say(Box::new(say)));
    }

    /// Announces a track and offers its line; nothing is sent on it yet.
    pub fn publish(&self, cid: &str, kind: Kind, source: i32) {
        self.act(Act::Publish { cid: cid.into(), source, feed: Feed::Pattern(Pattern::of(kind)), request: None });
    }

    /// Publishes a track and sends a pattern on it until told otherwise. Returns its sid.
    pub async fn stream(&self, cid: &str, kind: Kind, source: i32) -> String {
        self.begin_stream(cid, source, Feed::Pattern(Pattern::of(kind))).await
    }

    /// Publishes the recorded camera, in three sizes. Returns its sid.
    pub async fn camera(&self, cid: &str) -> String {
        self.begin_stream(cid, TrackSource::Camera as i32, Feed::Camera(Camera::new())).await
    }

    /// Publishes the recorded voice, silent at first. Returns its sid.
    pub async fn voice(&self, cid: &str) -> String {
        self.begin_stream(cid, TrackSource::Microphone as i32, Feed::Voice(Voice::default())).await
    }

    /// Publishes a stream for measuring. Returns its sid.
    pub async fn steady(&self, cid: &str, source: i32, pace: Pace) -> String {
        self.begin_stream(cid, source, Feed::Steady(Steady::new(pace))).await
    }

    pub fn speak(&self, cid: &str, on: bool) {
        self.act(Act::Speak { cid: cid.into(), on });
    }

    /// Says that the picture of a track is lost.
    pub fn ask_keyframe(&self, track: &str) {
        self.act(Act::AskKeyframe(track.into()));
    }

    async fn begin_stream(&self, cid: &str, source: i32, feed: Feed) -> String {
        self.act(Act::Publish { cid: cid.into(), source, feed, request: None });
        self.flow(cid).await
    }

    /// Publishes a track in these codecs, and sends the first of them. Returns its sid.
    pub async fn coded(&self, cid: &str, source: i32, codecs: &[Codec]) -> String {
        let codec = *codecs.first().expect("a codec");
        self.begin_coded(cid, codec, asks_for(cid, source, codecs)).await
    }

    /// Sends a track that it has in one more codec. Returns its sid.
    pub async fn also(&self, cid: &str, source: i32, codec: Codec, track: &str) -> String {
        self.begin_coded(cid, codec, AddTrackRequest { sid: track.into(), ..asks_for(cid, source, &[codec]) }).await
    }

    /// Publishes a track in a codec under an announcement of the caller's choice. Returns its sid.
    pub async fn begin_coded(&self, cid: &str, codec: Codec, request: AddTrackRequest) -> String {
        let (source, feed) = (request.source, Feed::Coded(Coded::new(codec)));
        self.act(Act::Publish { cid: cid.into(), source, feed, request: Some(Box::new(request)) });
        self.flow(cid).await
    }

    async fn flow(&self, cid: &str) -> String {
        self.until("published", |s| s.published.contains_key(cid)).await;
        self.set_streaming(cid, true);
        self.seen.lock().expect("unpoisoned").published[cid].clone()
    }

    pub fn set_streaming(&self, cid: &str, on: bool) {
        self.act(Act::Stream { cid: cid.into(), on });
    }

    pub fn mute(&self, track: &str, muted: bool) {
        self.say(Say::Mute(MuteTrackRequest { sid: track.into(), muted }));
    }

    pub fn data(&self, payload: &[u8], sequence: u32, to: &[&str]) {
        let packet = DataPacket {
            sequence,
            destination_identities: to.iter().map(|t| (*t).to_owned()).collect(),
            participant_identity: "a lie".into(),
            value: Some(Value::User(UserPacket { payload: payload.to_vec(), ..Default::default() })),
            ..Default::default()
        };
        self.raw_data(packet.encode_to_vec());
    }

    pub fn raw_data(&self, bytes: Vec<u8>) {
        self.act(Act::Data { reliable: true, bytes });
    }

    /// Sends anything to the media port.
    pub fn raw(&self, bytes: Vec<u8>) {
        self.act(Act::Raw(bytes));
    }

    /// From now on, of the media packets from the server one in `count` arrives.
    pub fn lose_all_but_one_in(&self, count: u64) {
        self.act(Act::Lose(count));
    }

    /// From now on, of the media packets from the server one in `count` does not arrive.
    pub fn lose_one_in(&self, count: u64) {
        self.act(Act::Miss(count));
    }

    /// Changes the network: the old address is gone, the new one has less priority.
    pub fn change_address(&self) {
        self.act(Act::Move);
    }

    /// Stops or starts to read what the media port sends.
    pub fn set_stalled(&self, stalled: bool) {
        self.act(Act::Stall(stalled));
    }

    /// Says goodbye, and waits until the server has heard it.
    pub async fn leave(self) {
        self.say(Say::Leave(LeaveRequest::default()));
        self.until("the end", |s| s.closed).await;
    }

    /// Goes away without a word.
    pub fn hang_up(&self) {
        self.act(Act::HangUp);
    }

    pub fn packets(&self, track: &str) -> u64 {
        self.seen.lock().expect("unpoisoned").packets_of(track)
    }

    /// Lets so many packets of a track arrive from now on.
    pub async fn let_flow(&self, track: &str, count: u64) {
        let goal = self.packets(track) + count;
        self.until("packets that still flow", |s| s.packets_of(track) >= goal).await;
    }

    fn act(&self, act: Act) {
        // A client that is gone does nothing any more.
        let _ = self.acts.send(act);
    }
}
