//! One connection of a participant. Whatever it receives becomes packets and facts; whatever it is given, it sends.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_base::{Rng, random_bytes};
use kloud_sfu::{ParticipantSid, Sample};
use str0m::bwe::{Bitrate, BweKind};
use str0m::change::SdpOffer;
use str0m::config::DtlsVersion;
use str0m::media::{Mid, Rid};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::rtp::Ssrc;
use str0m::{Candidate, Event, IceConnectionState, IceCreds, Input, Output, Rtc, RtcConfig};

use super::channel::Channels;
use super::flood::{self, Flood};
use super::format::configure;
use super::measure::{FlowState, Reports, Sent};
use super::order::{Ending, Fact, Facts, NewPeer};
use super::propose::Proposed;
use super::publish::{SenderClock, Sending};
use super::relayed::Relayed;
use super::rest::Rest;
use super::spare::Spare;
use super::streams::Streams;
use super::thin::Thin;
use super::turn::Turn;
use super::view::View;
use super::{Common, Worker};
use crate::counters::Counters;
use crate::meters::MediaPath;
use crate::net::{Datagram, Route, RouteUpdate, Way};

/// Bytes that may wait inside a connection's data channels.
const CHANNEL_BUFFER: usize = 256 * 1024;
/// Bits per second that a connection is thought to carry before anything is known.
const FIRST_GUESS: u64 = 2_000_000;
/// Most packets of one connection in one go; the others have their turn then.
const RUN: u32 = 128;
/// What is due so soon is due now.
const SOON: Duration = Duration::from_micros(200);
/// How often receivers are told the sender's time, and senders what arrived.
const REPORT_VIDEO: Duration = Duration::from_millis(1_000);
const REPORT_AUDIO: Duration = Duration::from_millis(2_500);

/// The stack walks over all lines of a connection whenever it is asked anything. One with more lines than this is asked
/// at the beats of its thread, all such connections at once, so that what leaves meanwhile leaves together.
const MANY_LINES: usize = 8;

/// Between an address of ours and one of the client.
#[derive(Clone, Copy, Debug)]
struct Path {
    protocol: Protocol,
    ours: SocketAddr,
    theirs: SocketAddr,
}

#[derive(Debug)]
pub struct Peer {
    pub conn: u64,
    pub owner: ParticipantSid,
    pub rtc: Rtc,
    pub facts: Facts,
    pub counters: Arc<Counters>,
    pub sending: HashMap<Mid, Sending>,
    pub views: HashMap<Mid, View>,
    pub channels: Channels,
    /// What this server has offered, if it is the one that offers.
    pub proposed: Option<Proposed>,
    pub clock: SenderClock,
    /// Which line and layer a stream belongs to; cleared by every offer.
    pub streams: HashMap<Ssrc, (Mid, Option<Rid>)>,
    pub deadline: Option<Instant>,
    pub queued_at: Option<Instant>,
    pub touched: bool,
    /// Bits per second that the connection carries, as far as is known.
    pub carries: Option<u64>,
    /// Bits per second that its pictures and sounds would take if every wish were fulfilled.
    pub wants: u64,
    pub estimated_at: Option<Instant>,
    /// A picture would come larger if the connection carried more.
    pub wishes: bool,
    pub thin: Thin,
    /// How sparingly sound goes to the client, and should come from it.
    pub down: Spare,
    pub up: Spare,
    /// When the first sound leaves that waits for what follows.
    pub held_until: Option<Instant>,
    pub may_pause: bool,
    pub rest: Rest,
    pub flood: Flood,
    /// What the connection carries at most while it is given more than that, in bits per second.
    pub bound: Option<u64>,
    /// What waits in front of a line that was given too much leaves before anything new begins.
    pub drains: bool,
    pub reports: Reports,
    pub sent: Sent,
    pub flow: FlowState,
    /// The windows of which the room has not been told.
    pub samples: Vec<Sample>,
    pub by_tcp: Streams,
    by_relay: Relayed,
    /// Keys are agreed. Before, nothing can leave, and nothing may wait either.
    pub connected: bool,
    /// The way by which the client's media came last, of those it has proved to be its own.
    path: Option<Path>,
    over: bool,
}

impl Worker {
    pub(super) fn open(&mut self, new: NewPeer) {
        let rtc = connection(&self.common);
        let peer = Peer {
            conn: new.conn,
            owner: new.owner,
            rtc,
            facts: new.facts,
            counters: new.counters,
            sending: HashMap::new(),
            views: HashMap::new(),
            channels: Channels::default(),
            proposed: None,
            clock: SenderClock::default(),
            streams: HashMap::new(),
            deadline: None,
            queued_at: None,
            touched: false,
            carries: None,
            wants: 0,
            estimated_at: None,
            wishes: false,
            thin: Thin::default(),
            down: Spare::new(new.down),
            up: Spare::new(new.up),
            held_until: None,
            may_pause: new.may_pause,
            rest: Rest::default(),
            flood: Flood::default(),
            bound: None,
            drains: false,
            reports: Reports::default(),
            sent: Sent::default(),
            flow: FlowState::default(),
            samples: Vec::new(),
            by_tcp: Streams::default(),
            by_relay: Relayed::default(),
            connected: false,
            path: None,
            over: false,
        };
        self.peers.insert(new.conn, peer);
    }

    pub(super) fn offer(&mut self, conn: u64, offer: SdpOffer) {
        let route = Route { conn, thread: self.index };
        let (common, routes) = (self.common.clone(), self.routes.clone());
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.guarded(&mut self.turn, |peer, turn| {
            peer.streams.clear();
            let answer = peer.answer(offer, &*common.rng);
            peer.by_tcp.agreed(&peer.rtc);
            let ufrag = peer.rtc.direct_api().local_ice_credentials().ufrag;
            // The receiver must know the name before the client can use it.
            let _ = routes.send(RouteUpdate::Ufrag(ufrag, route));
            peer.drain(turn);
            peer.facts.tell(Fact::Answer { conn, answer });
        });
        peer.queue(&mut self.due);
    }

    pub(super) fn receive(&mut self, datagram: Datagram) {
        let route = Route { conn: datagram.conn, thread: self.index };
        let Some(peer) = self.peers.get_mut(&datagram.conn) else { return };
        let wire = &self.turn.meter.wire_in;
        let way = match datagram.way {
            Way::Udp => &wire.udp,
            Way::Stream(_) => &wire.tcp,
            Way::Relay(_) => &wire.relay,
        };
        way.add(datagram.bytes.len());
        if peer.rest.ignores(&datagram.bytes, datagram.at) {
            return;
        }
        let destination = destination(&self.common.candidates, &datagram);
        let protocol = match datagram.way {
            Way::Stream(_) => Protocol::Tcp,
            // To the other side a relayed address is one like any other.
            Way::Udp | Way::Relay(_) => Protocol::Udp,
        };
        let Ok(receive) = Receive::new(protocol, datagram.from, destination, &datagram.bytes) else { return };
        let input = Input::Receive(datagram.at, receive);
        let stun = datagram.bytes.first().is_some_and(|b| *b < 4);
        let routes = &self.routes;
        peer.guarded(&mut self.turn, |peer, turn| {
            if stun && !peer.rtc.accepts(&input) {
                return;
            }
            if !stun {
                peer.path = Some(Path { protocol, ours: destination, theirs: datagram.from });
            }
            match peer.rtc.handle_input(input) {
                Ok(()) => {
                    if stun {
                        let _ = routes.send(RouteUpdate::Address(datagram.origin(), route));
                        match &datagram.way {
                            Way::Udp => peer.by_relay.forget(datagram.from),
                            Way::Stream(stream) => peer.by_tcp.add(datagram.from, stream),
                            Way::Relay(way) => peer.by_relay.add(datagram.from, way),
                        }
                    }
                    peer.drain(turn);
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection failed");
                    peer.end(turn, Ending::Broken);
                }
            }
        });
        peer.queue(&mut self.due);
    }

    pub(super) fn close(&mut self, conn: u64) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        // Says goodbye on the wire; nobody waits for the reply.
        peer.guarded(&mut self.turn, |peer, turn| {
            if peer.rtc.close().is_ok() {
                peer.over = true;
                peer.move_on(turn);
            }
        });
        self.turn.ended.push(conn);
    }
}

impl Peer {
    /// Moves the connection's time on and sends what it has.
    pub fn advance(&mut self, turn: &mut Turn) {
        self.guarded(turn, |peer, turn| {
            peer.let_go_due(turn);
            peer.move_on(turn);
        });
    }

    /// When the stack is asked, if it wants to be asked at this time.
    pub fn asked_at(&self, at: Instant, turn: &Turn) -> Instant {
        if self.views.len() > MANY_LINES { turn.beat_after(at) } else { at }
    }

    /// Does `work` unless the connection is over. A fault in the stack of one connection ends that connection and
    /// never the thread, which has many.
    pub(super) fn guarded(&mut self, turn: &mut Turn, work: impl FnOnce(&mut Self, &mut Turn)) {
        if self.over {
            return;
        }
        // Whatever state the fault leaves behind is the connection's own, and is dropped with it.
        if catch_unwind(AssertUnwindSafe(|| work(self, turn))).is_err() {
            tracing::error!(participant = %self.owner, "the stack of a connection failed");
            self.end(turn, Ending::Broken);
        }
    }

    /// Accepts an offer. When the client restarts ICE, this side's new name and password come from the same source
    /// of randomness as the first ones.
    fn answer(&mut self, offer: SdpOffer, rng: &dyn Rng) -> Result<String, String> {
        let before = self.rtc.direct_api().local_ice_credentials();
        let answer = self.rtc.sdp_api().accept_offer(offer).map_err(|e| e.to_string())?.to_sdp_string();
        let made = self.rtc.direct_api().local_ice_credentials();
        if made.ufrag == before.ufrag {
            return Ok(answer);
        }
        let ours = credentials(rng);
        self.rtc.direct_api().set_local_ice_credentials(ours.clone());
        Ok(with_credentials(&answer, &made, &ours))
    }

    fn move_on(&mut self, turn: &mut Turn) {
        match self.rtc.handle_input(Input::Timeout(turn.now)) {
            Ok(()) => self.drain(turn),
            Err(error) => {
                tracing::debug!(%error, "a connection failed");
                self.end(turn, Ending::Broken);
            }
        }
    }

    /// Takes everything the connection has to say. The pacer gives a packet each time it is asked what time it is, and
    /// then says a microsecond later; so it is asked until it says much later: what may leave now leaves together, in
    /// few calls to the kernel.
    pub fn drain(&mut self, turn: &mut Turn) {
        let mut asked = 0;
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => self.transmit(transmit, turn),
                Ok(Output::Event(event)) => self.happened(event, turn),
                Ok(Output::Timeout(at)) => {
                    let at = self.rest.put_off(at, self.rtc.last_timeout_reason(), turn.now);
                    if at > turn.now + SOON || asked == RUN {
                        let at = self.asked_at(at, turn);
                        self.deadline = Some(self.held_until.map_or(at, |held| held.min(at)));
                        break;
                    }
                    asked += 1;
                    if let Err(error) = self.rtc.handle_input(Input::Timeout(at.max(turn.now))) {
                        tracing::debug!(%error, "a connection failed");
                        self.end(turn, Ending::Broken);
                        break;
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection failed");
                    self.end(turn, Ending::Broken);
                    break;
                }
            }
        }
        if !self.rtc.is_alive() {
            self.end(turn, Ending::Goodbye);
        }
    }

    /// Answers to checks go where the check came from; everything else goes the way that the client itself takes. It
    /// leaves an old address at once, while the stack would wait until nothing is heard from there.
    fn transmit(&mut self, mut transmit: Transmit, turn: &mut Turn) {
        let check = transmit.contents.first().is_some_and(|b| *b < 4);
        if let Some(path) = self.path.filter(|_| !check) {
            (transmit.proto, transmit.source, transmit.destination) = (path.protocol, path.ours, path.theirs);
        }
        let wire = &turn.meter.wire_out;
        let (sent, way) = if transmit.proto == Protocol::Udp {
            let picture = self.by_tcp.is_picture(&transmit.contents);
            match self.by_relay.send(&transmit, picture, &mut turn.outbox) {
                Some(relayed) => (relayed, &wire.relay),
                None => {
                    turn.outbox.push(&transmit);
                    (true, &wire.udp)
                }
            }
        } else {
            (self.by_tcp.send(&transmit), &wire.tcp)
        };
        way.add(transmit.contents.len());
        turn.meter.resent.add(u64::from(self.by_tcp.is_repair(&transmit.contents)));
        if !sent {
            self.path = None;
        }
    }

    /// The way by which the client's media comes.
    fn media_path(&self) -> MediaPath {
        match self.path {
            Some(Path { protocol: Protocol::Udp, theirs, .. }) if self.by_relay.leads_to(theirs) => MediaPath::Relay,
            Some(Path { protocol: Protocol::Udp, .. }) => MediaPath::Udp,
            Some(_) => MediaPath::Tcp,
            None => MediaPath::None,
        }
    }

    /// Makes sure that the stack is asked at this time at the latest.
    pub fn wake_by(&mut self, at: Instant, due: &mut BinaryHeap<Reverse<(Instant, u64)>>) {
        self.deadline = self.deadline.into_iter().chain([at]).min();
        self.queue(due);
    }

    /// Makes sure that the thread wakes up for this connection.
    pub fn queue(&mut self, due: &mut BinaryHeap<Reverse<(Instant, u64)>>) {
        if let Some(deadline) = self.deadline
            && self.queued_at.is_none_or(|at| deadline < at)
        {
            self.queued_at = Some(deadline);
            due.push(Reverse((deadline, self.conn)));
        }
    }

    pub fn end(&mut self, turn: &mut Turn, why: Ending) {
        if !self.over {
            self.over = true;
            self.deadline = None;
            turn.ended.push(self.conn);
            self.facts.tell(Fact::Ended { conn: self.conn, why });
        }
    }

    fn happened(&mut self, event: Event, turn: &mut Turn) {
        let conn = self.conn;
        match event {
            Event::RtpPacket(packet) => {
                self.rest.stirs();
                self.published(packet, turn);
            }
            Event::KeyframeRequest(request) => self.viewer_asks_keyframe(request.mid, turn),
            Event::Connected => {
                self.connected = true;
                let path = self.media_path();
                self.facts.tell(Fact::Connected { conn, path });
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.facts.tell(Fact::Lost { conn }),
            Event::IceConnectionStateChange(IceConnectionState::Connected | IceConnectionState::Completed) => {
                self.facts.tell(Fact::Found { conn });
            }
            Event::EgressBitrateEstimate(BweKind::Twcc { estimate, can_probe }) => {
                self.estimated(can_probe.then_some(estimate.as_u64()), turn);
            }
            Event::PeerStats(stats) => self.measured(&stats, turn),
            Event::MediaEgressStats(stats) => self.reported(&stats, turn),
            Event::MediaIngressStats(stats) => self.received(&stats, turn),
            Event::ChannelOpen(id, label) => self.channel_open(id, &label, turn),
            Event::ChannelData(data) => self.channel_data(data, turn),
            Event::ChannelBufferedAmountLow(_) => self.send_waiting(turn),
            Event::ChannelClose(id) => self.channels.closed(id),
            Event::Closed => self.facts.tell(Fact::Lost { conn }),
            // Negotiation echoes and raw packets are not asked for.
            _ => {}
        }
    }
}

/// An ICE name and password: letters and digits that RFC 8839 section 5.4 allows, five random bits a letter.
pub fn credentials(rng: &dyn Rng) -> IceCreds {
    fn word<const N: usize>(bytes: [u8; N]) -> String {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        bytes.iter().map(|b| char::from(LETTERS[usize::from(b % 32)])).collect()
    }
    IceCreds { ufrag: word(random_bytes::<12>(rng)), pass: word(random_bytes::<28>(rng)) }
}

/// A description with our name and password in the place of those that the stack has made.
pub fn with_credentials(sdp: &str, made: &IceCreds, ours: &IceCreds) -> String {
    let name = (format!("a=ice-ufrag:{}\r\n", made.ufrag), format!("a=ice-ufrag:{}\r\n", ours.ufrag));
    let password = (format!("a=ice-pwd:{}\r\n", made.pass), format!("a=ice-pwd:{}\r\n", ours.pass));
    sdp.replace(&name.0, &name.1).replace(&password.0, &password.1)
}

pub fn connection(common: &Common) -> Rtc {
    let mut rtc = configure(RtcConfig::new())
        .set_crypto_provider(common.crypto.clone())
        .set_dtls_cert(common.certificate.clone())
        .set_dtls_version(DtlsVersion::Dtls12)
        .set_local_ice_credentials(credentials(&*common.rng))
        .set_ice_lite(true)
        .set_rtp_mode(true)
        .set_rtcp_report_interval_audio(REPORT_AUDIO)
        .set_rtcp_report_interval_video(REPORT_VIDEO)
        .set_stats_interval(Some(flood::WINDOW))
        .set_sctp_max_buffered_amount(CHANNEL_BUFFER)
        .enable_bwe(Some(Bitrate::bps(FIRST_GUESS)))
        .build(crate::mono::now());
    for address in &common.candidates {
        let udp = Candidate::host(*address, Protocol::Udp);
        let tcp = || Candidate::builder().tcp().host(*address).tcptype(TcpType::Passive).build();
        for candidate in std::iter::once(udp).chain(common.tcp.then(tcp)) {
            match candidate {
                Ok(candidate) => drop(rtc.add_local_candidate(candidate)),
                Err(error) => tracing::warn!(%address, %error, "this address cannot be told to clients"),
            }
        }
    }
    rtc
}

/// The address that the client meant: the one the packet came to if clients are told it, else the first of its
/// family (behind an address translation the two differ).
fn destination(candidates: &[SocketAddr], datagram: &Datagram) -> SocketAddr {
    let told = |c: &&SocketAddr| datagram.to.is_some_and(|to| c.ip() == to);
    let family = |c: &&SocketAddr| c.is_ipv4() == datagram.from.is_ipv4();
    let found = candidates.iter().find(told).or_else(|| candidates.iter().find(family));
    found.or_else(|| candidates.first()).copied().unwrap_or(datagram.from)
}
