//! A client of the LiveKit wire on its own WebRTC stack. It does what it is told, also what it should not: it goes on
//! sending when the server asks it to stop.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use futures::{SinkExt, StreamExt};
use kloud_livekit::proto::{
    AddTrackRequest, ClientInfo, ConnectionSettings, DataPacket, JoinRequest, MuteTrackRequest, ParticipantInfo,
    SessionDescription, SignalRequest, SignalResponse, UserPacket, WrappedJoinRequest, data_packet::Value,
    signal_request::Message as Say, signal_response::Message as Hear,
};
use kloud_sfu::Kind;
use prost::Message as _;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, ChannelId};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::Receive;
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::wire::Wire;

/// How long any state may take to come.
const DEADLINE: Duration = Duration::from_secs(30);
/// Between two packets of each stream.
const PACE: Duration = Duration::from_millis(4);

/// What the client has seen so far.
#[derive(Debug, Default)]
pub struct Seen {
    pub sid: String,
    pub connected: bool,
    /// The last that was said of each participant, by identity.
    pub people: BTreeMap<String, ParticipantInfo>,
    /// Sids of published tracks by their cid.
    pub published: BTreeMap<String, String>,
    /// RTP packets by track sid.
    pub packets: BTreeMap<String, u64>,
    pub data: Vec<(String, Vec<u8>)>,
    pub heard: Vec<Hear>,
    pub channels: usize,
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

    pub fn heard(&self, fits: impl Fn(&Hear) -> bool) -> bool {
        self.heard.iter().any(fits)
    }
}

enum Act {
    Say(Box<Say>),
    Publish {
        cid: String,
        kind: Kind,
        source: i32,
    },
    Stream {
        cid: String,
        on: bool,
    },
    Data {
        reliable: bool,
        bytes: Vec<u8>,
    },
    /// Bytes of any kind to the media port, from the address that the server knows.
    Raw(Vec<u8>),
    /// Of the media packets from the server, one in so many arrives.
    Lose(u64),
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
        client.until("connected", |s| s.connected && s.channels == 2).await;
        client
    }

    /// Joins by TCP alone and waits until media is up.
    pub async fn join_by_tcp(http: SocketAddr, media: SocketAddr, token: &str) -> Self {
        let client = Self::begin_on(Wire::tcp(media).await, http, token).await.expect("a socket");
        client.until("connected", |s| s.connected && s.channels == 2).await;
        client
    }

    /// Opens the signal socket and starts.
    pub async fn begin(http: SocketAddr, token: &str) -> Result<Self, tungstenite::Error> {
        Self::begin_on(Wire::udp().await, http, token).await
    }

    async fn begin_on(wire: Wire, http: SocketAddr, token: &str) -> Result<Self, tungstenite::Error> {
        let mut peer = Peer::new(&wire);
        let offer = peer.first_offer();
        let socket = connect(http, token, Some(offer), |_| {}).await?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let changed = Arc::new(Notify::new());
        let (acts, inbox) = mpsc::unbounded_channel();
        let run = Run {
            peer,
            wire,
            socket,
            seen: seen.clone(),
            changed: changed.clone(),
            streams: BTreeMap::new(),
            server: None,
            keep_one_in: 1,
            came: 0,
            stalled: false,
        };
        tokio::spawn(run.go(inbox));
        Ok(Self { seen, changed, acts })
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

    pub fn publish(&self, cid: &str, kind: Kind, source: i32) {
        self.act(Act::Publish { cid: cid.into(), kind, source });
    }

    /// Publishes a track and sends on it until told otherwise. Returns its sid.
    pub async fn stream(&self, cid: &str, kind: Kind, source: i32) -> String {
        self.publish(cid, kind, source);
        self.until("published", |s| s.published.contains_key(cid)).await;
        self.act(Act::Stream { cid: cid.into(), on: true });
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

    /// Changes the network: the old address is gone, the new one has less priority.
    pub fn change_address(&self) {
        self.act(Act::Move);
    }

    /// Stops or starts to read what the media port sends.
    pub fn set_stalled(&self, stalled: bool) {
        self.act(Act::Stall(stalled));
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

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a signal socket, with a change of the join request if wanted.
pub async fn connect(
    http: SocketAddr,
    token: &str,
    offer: Option<String>,
    change: impl FnOnce(&mut JoinRequest),
) -> Result<Socket, tungstenite::Error> {
    let mut join = JoinRequest {
        client_info: Some(ClientInfo { protocol: 17, client_protocol: 1, ..Default::default() }),
        connection_settings: Some(ConnectionSettings { auto_subscribe: true, ..Default::default() }),
        publisher_offer: offer.map(|sdp| SessionDescription {
            r#type: "offer".into(),
            sdp,
            id: 1,
            ..Default::default()
        }),
        ..Default::default()
    };
    change(&mut join);
    let wrapped = WrappedJoinRequest { compression: 0, join_request: join.encode_to_vec() };
    let query = base64::engine::general_purpose::URL_SAFE.encode(wrapped.encode_to_vec());
    let url = format!("ws://{http}/rtc/v1?join_request={query}&access_token={token}");
    Ok(tokio_tungstenite::connect_async(url).await?.0)
}

/// The WebRTC side.
struct Peer {
    rtc: Rtc,
    local: SocketAddr,
    pending: Option<SdpPendingOffer>,
    offers: u32,
    receiving: Vec<Mid>,
    sending: HashMap<String, (Mid, Kind)>,
    tracks: HashMap<String, String>,
    again: bool,
}

impl Peer {
    fn new(wire: &Wire) -> Self {
        let mut rtc = RtcConfig::new()
            .set_rtp_mode(true)
            .clear_codecs()
            .enable_opus(true, false)
            .enable_vp8(true)
            .set_rtcp_report_interval_audio(Duration::from_secs(1))
            .build(Instant::now());
        rtc.add_local_candidate(wire.candidate());
        Self {
            rtc,
            local: wire.local(),
            pending: None,
            offers: 0,
            receiving: Vec::new(),
            sending: HashMap::new(),
            tracks: HashMap::new(),
            again: false,
        }
    }

    fn first_offer(&mut self) -> String {
        let mut api = self.rtc.sdp_api();
        for kind in [MediaKind::Audio, MediaKind::Audio, MediaKind::Video, MediaKind::Video] {
            self.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
        }
        for label in ["_reliable", "_lossy"] {
            api.add_channel_with_config(ChannelConfig { label: label.into(), ..Default::default() });
        }
        let (offer, pending) = api.apply().expect("changes");
        self.pending = Some(pending);
        self.offers = 1;
        offer.to_sdp_string()
    }

    /// Offers again: every receiving line as receiving, `more` lines of each kind, and `publish` if any.
    fn offer(&mut self, more: (u32, u32), publish: Option<(String, Kind)>) -> SessionDescription {
        let inactive: Vec<_> = self
            .receiving
            .iter()
            .copied()
            .filter(|mid| self.rtc.media(*mid).is_some_and(|m| m.direction() == Direction::Inactive))
            .collect();
        let parked: Vec<_> = self
            .sending
            .values()
            .map(|(mid, _)| *mid)
            .filter(|mid| self.rtc.media(*mid).is_some_and(|m| m.direction() == Direction::Inactive))
            .collect();
        let mut api = self.rtc.sdp_api();
        inactive.iter().for_each(|mid| api.set_direction(*mid, Direction::RecvOnly));
        parked.iter().for_each(|mid| api.set_direction(*mid, Direction::SendOnly));
        for (kind, count) in [(MediaKind::Audio, more.0), (MediaKind::Video, more.1)] {
            for _ in 0..count {
                self.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
            }
        }
        if let Some((cid, kind)) = publish {
            let media = if kind == Kind::Audio { MediaKind::Audio } else { MediaKind::Video };
            let mid = api.add_media(media, Direction::SendOnly, Some("-".into()), Some(cid.clone()), None);
            self.sending.insert(cid, (mid, kind));
        }
        if !api.has_changes() {
            // There is no offer without a change; one more line is a change.
            self.receiving.push(api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None));
        }
        let (offer, pending) = api.apply().expect("changes");
        self.pending = Some(pending);
        self.offers += 1;
        SessionDescription { r#type: "offer".into(), sdp: offer.to_sdp_string(), id: self.offers, ..Default::default() }
    }
}

struct Run {
    peer: Peer,
    wire: Wire,
    socket: Socket,
    seen: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
    streams: BTreeMap<String, Stream>,
    server: Option<SocketAddr>,
    keep_one_in: u64,
    came: u64,
    stalled: bool,
}

#[derive(Default)]
struct Stream {
    on: bool,
    sent: u64,
}

impl Run {
    async fn go(mut self, mut acts: mpsc::UnboundedReceiver<Act>) {
        let mut channels: HashMap<String, ChannelId> = HashMap::new();
        let mut waiting: Vec<(String, Kind)> = Vec::new();
        let mut pace = tokio::time::interval(PACE);
        loop {
            let Some(timeout) = self.drain(&mut channels).await else { return };
            self.changed.notify_waiters();
            if self.peer.pending.is_none() {
                if let Some((cid, kind)) = waiting.pop() {
                    let offer = self.peer.offer((0, 0), Some((cid, kind)));
                    self.say(Say::Offer(offer)).await;
                } else if std::mem::take(&mut self.peer.again) {
                    let offer = self.peer.offer((0, 0), None);
                    self.say(Say::Offer(offer)).await;
                }
            }
            let sleep = tokio::time::sleep_until(timeout.into());
            let packet: Vec<u8>;
            let input = tokio::select! {
                act = acts.recv() => {
                    match act {
                        Some(Act::Say(say)) => self.say(*say).await,
                        Some(Act::Publish { cid, kind, source }) => {
                            let r#type = i32::from(kind == Kind::Video);
                            let request = AddTrackRequest { cid: cid.clone(), r#type, source, ..Default::default() };
                            self.say(Say::AddTrack(request)).await;
                            waiting.push((cid, kind));
                        }
                        Some(Act::Stream { cid, on }) => self.streams.entry(cid).or_default().on = on,
                        Some(Act::Data { reliable, bytes }) => {
                            let label = if reliable { "_reliable" } else { "_lossy" };
                            if let Some(mut channel) = channels.get(label).and_then(|id| self.peer.rtc.channel(*id)) {
                                channel.write(true, &bytes).expect("written");
                            }
                        }
                        Some(Act::Raw(bytes)) => {
                            let server = self.server.expect("a path");
                            self.wire.send(&bytes, server).await.expect("sent");
                        }
                        Some(Act::Move) => self.change_address().await,
                        Some(Act::Stall(stalled)) => self.stalled = stalled,
                        Some(Act::Lose(count)) => self.keep_one_in = count.max(1),
                        Some(Act::HangUp) | None => return,
                    }
                    continue;
                }
                frame = self.socket.next(), if !self.seen.lock().expect("unpoisoned").closed => {
                    match frame {
                        Some(Ok(Message::Binary(bytes))) => {
                            if let Some(heard) = SignalResponse::decode(&bytes[..]).expect("a response").message {
                                self.hear(heard).await;
                            }
                        }
                        Some(Ok(_)) => {}
                        Some(Err(_)) | None => self.seen.lock().expect("unpoisoned").closed = true,
                    }
                    continue;
                }
                got = self.wire.receive(), if !self.stalled => {
                    let Some((bytes, from)) = got else {
                        self.seen.lock().expect("unpoisoned").cut_off = true;
                        self.stalled = true;
                        continue;
                    };
                    packet = bytes;
                    let media = matches!(packet.first(), Some(128..192));
                    self.came += u64::from(media);
                    if media && !self.came.is_multiple_of(self.keep_one_in) {
                        continue;
                    }
                    match Receive::new(self.wire.protocol(), from, self.peer.local, &packet) {
                        Ok(receive) => Input::Receive(Instant::now(), receive),
                        Err(_) => continue,
                    }
                }
                _ = pace.tick() => {
                    self.send_streams();
                    Input::Timeout(Instant::now())
                }
                () = sleep => Input::Timeout(Instant::now()),
            };
            self.peer.rtc.handle_input(input).expect("input");
        }
    }

    async fn change_address(&mut self) {
        let wire = Wire::udp().await;
        let before = std::mem::replace(&mut self.wire, wire).candidate();
        self.peer.local = self.wire.local();
        let (ip, port) = (self.peer.local.ip(), self.peer.local.port());
        let low = Candidate::from_sdp_string(&format!("candidate:9 1 udp 1000 {ip} {port} typ host"));
        self.peer.rtc.add_local_candidate(low.expect("a candidate"));
        self.peer.rtc.direct_api().invalidate_candidate(&before);
    }

    async fn say(&mut self, say: Say) {
        let bytes = SignalRequest { message: Some(say) }.encode_to_vec();
        // The server may have closed the socket; then nobody listens.
        let _ = self.socket.send(Message::Binary(bytes.into())).await;
    }

    async fn drain(&mut self, channels: &mut HashMap<String, ChannelId>) -> Option<Instant> {
        loop {
            match self.peer.rtc.poll_output().ok()? {
                Output::Timeout(at) => return Some(at),
                Output::Transmit(out) => {
                    self.server = Some(out.destination);
                    // A stream that the server has closed takes no more.
                    if out.proto == self.wire.protocol() {
                        let _ = self.wire.send(&out.contents, out.destination).await;
                    }
                }
                Output::Event(Event::Connected) => self.seen.lock().expect("unpoisoned").connected = true,
                Output::Event(Event::ChannelOpen(id, label)) => {
                    channels.insert(label, id);
                    self.seen.lock().expect("unpoisoned").channels += 1;
                }
                Output::Event(Event::ChannelData(data)) => {
                    let packet = DataPacket::decode(&data.data[..]).expect("a packet");
                    if let Some(Value::User(user)) = packet.value {
                        self.seen.lock().expect("unpoisoned").data.push((packet.participant_identity, user.payload));
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => {
                    let mid = self.peer.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|s| s.mid());
                    let track = mid.and_then(|mid| self.peer.tracks.get(&mid.to_string()));
                    if let Some(track) = track {
                        *self.seen.lock().expect("unpoisoned").packets.entry(track.clone()).or_default() += 1;
                    }
                }
                Output::Event(_) => {}
            }
        }
    }

    async fn hear(&mut self, heard: Hear) {
        match &heard {
            Hear::Join(join) => {
                let mut seen = self.seen.lock().expect("unpoisoned");
                seen.sid = join.participant.as_ref().map(|p| p.sid.clone()).unwrap_or_default();
                seen.people.extend(join.other_participants.iter().map(|p| (p.identity.clone(), p.clone())));
            }
            Hear::Update(update) => {
                let mut seen = self.seen.lock().expect("unpoisoned");
                seen.people.extend(update.participants.iter().map(|p| (p.identity.clone(), p.clone())));
            }
            Hear::TrackPublished(published) => {
                let sid = published.track.as_ref().map(|t| t.sid.clone()).unwrap_or_default();
                self.seen.lock().expect("unpoisoned").published.insert(published.cid.clone(), sid);
            }
            Hear::Answer(answer) => {
                assert_eq!(answer.id, self.peer.offers, "the answer to the last offer");
                self.peer.tracks = answer.mid_to_track_id.clone();
                let parsed = SdpAnswer::from_sdp_string(&answer.sdp).expect("an answer");
                let pending = self.peer.pending.take().expect("an offer is open");
                self.peer.rtc.sdp_api().accept_answer(pending, parsed).expect("accepted");
            }
            Hear::MediaSectionsRequirement(wanted) => {
                if self.peer.pending.is_none() {
                    let offer = self.peer.offer((wanted.num_audios, wanted.num_videos), None);
                    self.say(Say::Offer(offer)).await;
                } else {
                    self.peer.again = true;
                }
            }
            _ => {}
        }
        self.seen.lock().expect("unpoisoned").heard.push(heard);
    }

    /// One packet on each stream that is on, whatever the server thinks of it.
    fn send_streams(&mut self) {
        for (cid, stream) in self.streams.iter_mut().filter(|(_, s)| s.on) {
            let Some((mid, kind)) = self.peer.sending.get(cid).copied() else { continue };
            let pt = match self.peer.rtc.media(mid).and_then(|m| m.remote_pts().first().copied()) {
                Some(pt) => pt,
                None => continue,
            };
            let mut api = self.peer.rtc.direct_api();
            let Some(tx) = api.stream_tx_by_mid(mid, None) else { continue };
            stream.sent += 1;
            let picture = stream.sent as u16 & 0x7fff | 0x8000;
            let payload = match kind {
                Kind::Audio => vec![0xfc; 40],
                // A keyframe in one packet, with a picture id.
                Kind::Video => [vec![0x90, 0x80, (picture >> 8) as u8, picture as u8, 0x10], vec![0; 300]].concat(),
            };
            let step = kind.clock_rate() / 250;
            let time = (stream.sent as u32).wrapping_mul(step);
            tx.write_rtp(RtpWrite::new(pt, stream.sent.into(), time, Instant::now(), payload).marker(true));
        }
    }
}
