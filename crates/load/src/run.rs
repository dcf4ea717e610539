//! A client's task: it moves packets between its wire and its connection, and says and hears what there is to say.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use futures::{SinkExt, StreamExt};
use kloud_livekit::proto::{
    AddTrackRequest, DataPacket, JoinResponse, Ping, SessionDescription, SignalRequest, SignalResponse,
    SubscribedQualityUpdate, VideoLayer, data_packet::Value, signal_request::Message as Say,
    signal_response::Message as Hear,
};
use kloud_sfu::{Codec, DescriptorReader};
use prost::Message as _;
use str0m::change::SdpAnswer;
use str0m::channel::ChannelId;
use str0m::format::CodecConfig;
use str0m::media::{KeyframeRequest, KeyframeRequestKind, MediaKind, Mid};
use str0m::net::Receive;
use str0m::rtp::{RtpPacket, Ssrc, Vp8Descriptor};
use str0m::{Candidate, Event, Input, Output};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::tungstenite::Message;

use crate::client::{Act, Seen};
use crate::coded::{Descriptor, codec_of, pieces};
use crate::grid::{Grid, Wishes};
use crate::pace::delay;
use crate::peer::{Peer, Shape};
use crate::recording::{CAMERA, Layer};
use crate::relay::{By, Carrier, Relay};
use crate::signal::Socket;
use crate::stream::{Feed, Line, Stream};
use crate::udp::Came;
use crate::way::{Way, receive};
use crate::wire::Wire;

/// Packets taken from the wire before anything else is done.
const BATCH: usize = 64;
/// Between two signs of life, if the server does not say how many seconds it wants.
const PING: Duration = Duration::from_secs(5);
/// Between two looks at lines that are not agreed yet.
const LOOK: Duration = Duration::from_millis(4);

pub struct Run {
    ways: Vec<Way>,
    socket: Socket,
    seen: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
    wishes: Option<Wishes>,
    streams: BTreeMap<String, Stream>,
    /// Announced tracks that have no line yet.
    waiting: Vec<(String, Shape)>,
    ping: tokio::time::Interval,
    channels: HashMap<String, ChannelId>,
    /// The last sequence number of each stream that comes.
    last: HashMap<Ssrc, u64>,
    /// What tells of layers, of each stream that comes.
    readers: HashMap<Ssrc, DescriptorReader>,
    server: Option<SocketAddr>,
    keep_one_in: u64,
    lose_one_in: Option<u64>,
    came: u64,
    /// When the kernel had the packet that is being taken.
    arrived: Instant,
    stalled: bool,
}

impl Run {
    pub fn new(
        ways: Vec<Way>,
        socket: Socket,
        grid: Option<Grid>,
        (seen, changed): (Arc<Mutex<Seen>>, Arc<Notify>),
    ) -> Self {
        Self {
            ways,
            socket,
            seen,
            changed,
            wishes: grid.map(Wishes::new),
            streams: BTreeMap::new(),
            waiting: Vec::new(),
            ping: tokio::time::interval(PING),
            channels: HashMap::new(),
            last: HashMap::new(),
            readers: HashMap::new(),
            server: None,
            keep_one_in: 1,
            lose_one_in: None,
            came: 0,
            arrived: Instant::now(),
            stalled: false,
        }
    }

    pub async fn go(mut self, mut acts: mpsc::UnboundedReceiver<Act>) {
        loop {
            let due = self.send_streams();
            let mut timeout = Instant::now() + PING;
            for n in 0..self.ways.len() {
                if self.ways[n].peer.rtc.handle_input(Input::Timeout(Instant::now())).is_err() {
                    return;
                }
                let Some(at) = self.drain(n).await else { return };
                timeout = timeout.min(at);
            }
            self.changed.notify_waiters();
            self.offer_what_waits().await;
            let next = due.map_or(timeout, |due| due.min(timeout));
            tokio::select! {
                act = acts.recv() => match act {
                    Some(Act::HangUp) | None => return,
                    Some(act) => self.act(act).await,
                },
                frame = self.socket.next(), if !self.seen().closed => match frame {
                    Some(Ok(Message::Binary(bytes))) => {
                        if let Some(heard) = SignalResponse::decode(&bytes[..]).expect("a response").message {
                            self.hear(heard).await;
                        }
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => self.seen().closed = true,
                },
                (n, got) = receive(&mut self.ways), if !self.stalled => self.take(n, got).await,
                _ = self.ping.tick() => self.say(Say::PingReq(Ping::default())).await,
                () = tokio::time::sleep_until(next.into()) => {}
            }
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("unpoisoned")
    }

    /// The connection that offers.
    fn up(&mut self) -> &mut Peer {
        &mut self.ways[0].peer
    }

    /// The connection on which tracks come.
    fn down(&mut self) -> &mut Peer {
        &mut self.ways.last_mut().expect("a connection").peer
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Say(say) => self.say(*say).await,
            Act::Publish { cid, source, feed, request } => {
                let shape = feed.shape();
                let request = request.map_or_else(|| announcement(&cid, source, shape), |request| *request);
                self.say(Say::AddTrack(request)).await;
                self.streams.insert(cid.clone(), Stream { on: false, feed });
                self.waiting.push((cid, shape));
            }
            Act::Stream { cid, on } => {
                if let Some(stream) = self.streams.get_mut(&cid) {
                    stream.on = on;
                }
            }
            Act::Speak { cid, on } => {
                if let Some(Stream { feed: Feed::Voice(voice), .. }) = self.streams.get_mut(&cid) {
                    voice.speak(on);
                }
            }
            Act::AskKeyframe(track) => self.ask_keyframe(&track),
            Act::Data { reliable, bytes } => {
                let label = if reliable { "_reliable" } else { "_lossy" };
                if let Some(mut channel) = self.channels.get(label).and_then(|id| self.ways[0].peer.rtc.channel(*id)) {
                    channel.write(true, &bytes).expect("written");
                }
            }
            Act::Raw(bytes) => {
                let server = self.server.expect("a path");
                self.ways[0].wire.send(&bytes, server).await.expect("sent");
            }
            Act::Move => self.change_address().await,
            Act::Stall(stalled) => self.stalled = stalled,
            Act::Lose(count) => self.keep_one_in = count.max(1),
            Act::Miss(count) => self.lose_one_in = Some(count.max(1)),
            Act::HangUp => {}
        }
    }

    async fn offer_what_waits(&mut self) {
        // One who joins with two connections offers first when it has been let in.
        if self.up().pending.is_some() || self.up().offers == 0 {
            return;
        }
        let publish = self.waiting.pop();
        let asked = self.up().asked.take();
        if publish.is_some() || asked.is_some() {
            let offer = self.up().offer(asked.unwrap_or_default(), publish);
            self.say(Say::Offer(offer)).await;
        }
    }

    /// Takes what waits on the wire.
    async fn take(&mut self, n: usize, first: Option<Came>) {
        let Some(first) = first else {
            self.seen().cut_off = true;
            self.stalled = true;
            return;
        };
        let mut next = Some(first);
        for _ in 0..BATCH {
            let Some(Came { bytes: packet, from, at }) = next else { return };
            self.arrived = at;
            // Reports have these numbers (RFC 5761 section 4). They are not lost: which of the others are would depend on when
            // reports come.
            let media = matches!(packet.first(), Some(128..192)) && !matches!(packet.get(1), Some(192..224));
            self.came += u64::from(media);
            if media {
                let mut seen = self.seen();
                (seen.rtp, seen.rtp_at) = (seen.rtp + 1, Some(Instant::now()));
            }
            let kept = self.came.is_multiple_of(self.keep_one_in)
                && !self.lose_one_in.is_some_and(|count| self.came.is_multiple_of(count));
            if !media || kept {
                let way = &mut self.ways[n];
                let received = Receive::new(way.wire.protocol(), from, way.peer.local, &packet);
                if let Ok(receive) = received {
                    way.peer.rtc.handle_input(Input::Receive(Instant::now(), receive)).expect("input");
                    self.drain(n).await;
                }
            }
            next = self.ways[n].wire.try_receive();
        }
    }

    async fn change_address(&mut self) {
        for way in &mut self.ways {
            let before = std::mem::replace(&mut way.wire, Wire::udp().await).candidate();
            way.peer.local = way.wire.local();
            let (ip, port) = (way.peer.local.ip(), way.peer.local.port());
            let low = Candidate::from_sdp_string(&format!("candidate:9 1 udp 1000 {ip} {port} typ host"));
            way.peer.rtc.add_local_candidate(low.expect("a candidate"));
            if let Some(before) = before {
                way.peer.rtc.direct_api().invalidate_candidate(&before);
            }
        }
    }

    /// Goes through the relay that the server has told of.
    async fn take_relay(&mut self, by: By, join: &JoinResponse) {
        let way = if by == By::Udp { "?transport=udp" } else { "?transport=tcp" };
        let told = join.ice_servers.iter().flat_map(|server| server.urls.iter().map(move |url| (server, url)));
        let found =
            told.filter_map(|(server, url)| Some((server, url.strip_prefix("turn:")?.strip_suffix(way)?))).next();
        let (server, address) = found.expect("the server tells of its relay");
        let carrier = Carrier::open(by, address.parse().expect("an address")).await.expect("a way to the relay");
        let seed = self.up().local_seed();
        let relay = Relay::allocate(carrier, Relay::credentials(server), seed).await.expect("an allocation");
        let way = &mut self.ways[0];
        way.wire = Wire::Relay(Box::new(relay));
        way.peer.local = way.wire.local();
        if let Some(candidate) = way.wire.candidate() {
            way.peer.rtc.add_local_candidate(candidate);
        }
    }

    async fn say(&mut self, say: Say) {
        let bytes = SignalRequest { message: Some(say) }.encode_to_vec();
        // The server may have closed the socket; then nobody listens.
        let _ = self.socket.send(Message::Binary(bytes.into())).await;
    }

    async fn drain(&mut self, n: usize) -> Option<Instant> {
        loop {
            match self.ways[n].peer.rtc.poll_output().ok()? {
                Output::Timeout(at) => return Some(at),
                Output::Transmit(out) => {
                    self.server = Some(out.destination);
                    // A stream that the server has closed takes no more.
                    let wire = &mut self.ways[n].wire;
                    if out.proto == wire.protocol() {
                        let _ = wire.send(&out.contents, out.destination).await;
                    }
                }
                Output::Event(Event::Connected) => {
                    self.ways[n].connected = true;
                    self.seen().connected = self.ways.iter().all(Way::is_up);
                }
                Output::Event(Event::ChannelOpen(id, label)) => {
                    // What the client has to say goes where it offers.
                    if n == 0 {
                        self.channels.insert(label, id);
                    }
                    self.ways[n].channels += 1;
                    self.seen().connected = self.ways.iter().all(Way::is_up);
                }
                Output::Event(Event::ChannelData(data)) => {
                    let packet = DataPacket::decode(&data.data[..]).expect("a packet");
                    match packet.value {
                        Some(Value::User(user)) => {
                            self.seen().data.push((packet.participant_identity, user.payload));
                        }
                        Some(Value::RpcRequest(call)) => self.seen().calls.push(call),
                        _ => {}
                    }
                }
                Output::Event(Event::RtpPacket(packet)) => self.count(&packet),
                Output::Event(Event::KeyframeRequest(request)) => self.restart(request),
                Output::Event(_) => {}
            }
        }
    }

    fn count(&mut self, packet: &RtpPacket) {
        let ssrc = packet.header.ssrc;
        let peer = &mut self.ways.last_mut().expect("a connection").peer;
        let mid = peer.rtc.direct_api().stream_rx(&ssrc).map(|s| s.mid());
        let Some(track) = mid.and_then(|mid| peer.tracks.get(&mid)) else { return };
        let seq = *packet.seq_no;
        let last = self.last.entry(ssrc).or_insert(seq);
        let is_video = mid.and_then(|mid| peer.rtc.media(mid)).is_some_and(|m| m.kind() == MediaKind::Video);
        let starts = |d: Vp8Descriptor| d.starts_keyframe(&packet.payload);
        let keyframe = is_video && Vp8Descriptor::parse(&packet.payload).is_ok_and(starts);
        let seen = &mut *self.seen.lock().expect("unpoisoned");
        if seq > *last {
            seen.missing += seq - *last - 1;
            *last = seq;
        } else {
            seen.missing = seen.missing.saturating_sub(u64::from(seq < *last));
        }
        if packet.payload.is_empty() {
            return;
        }
        if let Some(width) = Some(&packet.payload[..]).filter(|_| keyframe).and_then(width_of) {
            seen.widths.insert(track.clone(), width);
        }
        seen.delays.extend(delay(&packet.payload, self.arrived));
        note(seen, track, peer.rtc.codec_config(), packet, self.readers.entry(ssrc).or_default());
        for (counts, more) in [(&mut seen.packets, 1), (&mut seen.keyframes, u64::from(keyframe))] {
            match counts.get_mut(track) {
                Some(count) => *count += more,
                None => drop(counts.insert(track.clone(), more)),
            }
        }
    }

    fn restart(&mut self, KeyframeRequest { mid, rid, .. }: KeyframeRequest) {
        let Some((cid, _)) = self.ways[0].peer.sending.iter().find(|(_, sending)| **sending == mid) else { return };
        match self.streams.get_mut(cid).map(|stream| &mut stream.feed) {
            Some(Feed::Camera(camera)) => camera.restart(rid),
            Some(Feed::Coded(coded)) => coded.restart(),
            _ => return,
        }
        self.seen().restarts += 1;
    }

    fn ask_keyframe(&mut self, track: &str) {
        let down = self.down();
        let lines: Vec<Mid> = down.tracks.iter().filter(|(_, sid)| *sid == track).map(|(mid, _)| *mid).collect();
        for mid in lines {
            if let Some(stream) = down.rtc.direct_api().stream_rx_by_mid(mid, None) {
                stream.request_keyframe(KeyframeRequestKind::Pli);
            }
        }
    }

    async fn hear(&mut self, heard: Hear) {
        match &heard {
            Hear::Join(join) => {
                let people = join.other_participants.iter().map(|p| (p.identity.clone(), p.clone()));
                self.seen().sid = join.participant.as_ref().map(|p| p.sid.clone()).unwrap_or_default();
                self.seen().people.extend(people);
                if let Some(seconds) = u64::try_from(join.ping_interval).ok().filter(|seconds| *seconds > 0) {
                    self.ping = tokio::time::interval(Duration::from_secs(seconds));
                }
                if let Wire::Awaited(by) = self.ways[0].wire {
                    self.take_relay(by, join).await;
                }
                if self.ways.len() > 1 {
                    let sdp = self.up().first_offer(false);
                    let offer = SessionDescription { r#type: "offer".into(), sdp, id: 1, ..Default::default() };
                    self.say(Say::Offer(offer)).await;
                }
            }
            Hear::Update(update) => {
                self.seen().people.extend(update.participants.iter().map(|p| (p.identity.clone(), p.clone())));
            }
            Hear::RoomMoved(moved) => {
                let there = moved.participant.iter().chain(&moved.other_participants);
                self.seen().people = there.map(|p| (p.identity.clone(), p.clone())).collect();
            }
            Hear::TrackPublished(published) => {
                let sid = published.track.as_ref().map(|t| t.sid.clone()).unwrap_or_default();
                self.seen().published.insert(published.cid.clone(), sid);
            }
            Hear::Answer(answer) => {
                let up = self.up();
                assert_eq!(answer.id, up.offers, "the answer to the last offer");
                let tracks = answer.mid_to_track_id.iter();
                up.tracks = tracks.map(|(mid, track)| (Mid::from(&**mid), track.clone())).collect();
                let parsed = SdpAnswer::from_sdp_string(&answer.sdp).expect("an answer");
                let pending = up.pending.take().expect("an offer is open");
                up.rtc.sdp_api().accept_answer(pending, parsed).expect("accepted");
            }
            Hear::Offer(offer) => {
                let answer = self.down().answer(offer);
                self.say(Say::Answer(answer)).await;
            }
            Hear::SubscribedQualityUpdate(wanted) => self.set_layers(wanted),
            Hear::MediaSectionsRequirement(wanted) => {
                self.up().asked = Some((wanted.num_audios, wanted.num_videos));
                self.offer_what_waits().await;
            }
            _ => {}
        }
        self.seen().heard.push(heard);
        self.wish().await;
    }

    /// Sends only the layers that somebody sees.
    fn set_layers(&mut self, wanted: &SubscribedQualityUpdate) {
        let cid = self.seen().published.iter().find(|(_, sid)| **sid == wanted.track_sid).map(|(cid, _)| cid.clone());
        let stream = cid.and_then(|cid| self.streams.get_mut(&cid));
        if let Some(Stream { feed: Feed::Camera(camera), .. }) = stream {
            for quality in wanted.subscribed_codecs.iter().flat_map(|codec| &codec.qualities) {
                camera.set_layer(usize::try_from(quality.quality).unwrap_or(usize::MAX), quality.enabled);
            }
        }
    }

    async fn wish(&mut self) {
        let Some(wishes) = &mut self.wishes else { return };
        let said = {
            let seen = self.seen.lock().expect("unpoisoned");
            wishes.of(&seen.people, &seen.sid)
        };
        for settings in said {
            self.say(Say::TrackSetting(settings)).await;
        }
    }

    /// Sends what is due on each stream that is on, whatever the server thinks of it, and says when the next is due.
    fn send_streams(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let Peer { rtc, sending, .. } = &mut self.ways[0].peer;
        let on = self.streams.iter_mut().filter(|(_, s)| s.on);
        let due = on.map(|(cid, stream)| match sending.get(cid).copied() {
            Some(mid) => stream.feed.send(&mut Line { rtc, mid }, now),
            None => now + LOOK,
        });
        due.min()
    }
}

/// Takes what a packet tells of its codec.
fn note(seen: &mut Seen, track: &str, known: &CodecConfig, packet: &RtpPacket, reader: &mut DescriptorReader) {
    let number = packet.header.payload_type;
    let Some(params) = known.params().iter().find(|p| p.pt() == number || p.red() == Some(number)) else { return };
    let Some(codec) = codec_of(params.spec().codec) else { return };
    if seen.codecs.get(track) != Some(&codec) {
        seen.codecs.insert(track.to_owned(), codec);
    }
    if codec == Codec::Opus {
        let (pieces, repeats) = pieces(packet, params.red() == Some(number));
        if !pieces.is_empty() {
            seen.pieces.entry(track.to_owned()).or_default().extend(pieces);
            *seen.repeats.entry(track.to_owned()).or_default() += u64::from(repeats);
        }
    }
    let told = packet.header.ext_vals.user_values.get::<Descriptor>();
    if let Some(frame) = told.and_then(|Descriptor(bytes)| reader.read(bytes)) {
        let layer = usize::from(frame.spatial);
        seen.layers.entry(track.to_owned()).or_default()[layer] += 1;
        seen.ends.entry(track.to_owned()).or_default()[layer] += u64::from(packet.header.marker);
    }
}

/// A keyframe says its size behind its start code (RFC 6386 section 9.1).
fn width_of(payload: &[u8]) -> Option<u16> {
    let at = payload.windows(3).position(|bytes| bytes == [0x9d, 0x01, 0x2a])?;
    Some(u16::from_le_bytes([*payload.get(at + 3)?, *payload.get(at + 4)?]) & 0x3fff)
}

fn announcement(cid: &str, source: i32, shape: Shape) -> AddTrackRequest {
    let mut request = AddTrackRequest {
        cid: cid.into(),
        r#type: i32::from(shape != Shape::Sound),
        source,
        ..AddTrackRequest::default()
    };
    if shape == Shape::Layers {
        let spec = |(quality, layer): (i32, &Layer)| VideoLayer {
            quality,
            width: layer.recording.width,
            height: layer.recording.height,
            bitrate: layer.bitrate,
            rid: layer.rid.into(),
            ..VideoLayer::default()
        };
        request.layers = (0..).zip(&*CAMERA).map(spec).collect();
        let largest = &CAMERA[CAMERA.len() - 1].recording;
        (request.width, request.height) = (largest.width, largest.height);
    }
    request
}
