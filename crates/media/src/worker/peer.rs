//! One connection of a participant. Whatever it receives becomes packets and facts; whatever it is given, it sends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use foldhash::HashMap;
use kloud_base::{Rng, random_bytes};
use kloud_sfu::{Kind, ParticipantSid, Sample};
use str0m::change::SdpOffer;
use str0m::config::DtlsVersion;
use str0m::media::{Mid, Rid};
use str0m::net::{Protocol, Receive, TcpType, Transmit};
use str0m::rtp::Ssrc;
use str0m::{Candidate, Event, IceConnectionState, IceCreds, Input, Output, Rtc, RtcConfig};

use super::channel::Channels;
use super::consent::Consent;
use super::flood::{self, Flood};
use super::measure::{FlowState, Reports};
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
use crate::net::{Datagram, Resting, Route, RouteUpdate, Way, is_report};
use crate::rtp;

/// Bytes that may wait inside a connection's data channels.
const CHANNEL_BUFFER: usize = 256 * 1024;
/// How often the stack is asked in one go; other connections have their turn then.
const RUN: u32 = 16;
/// What is due so soon is due now.
const SOON: Duration = Duration::from_micros(200);
/// How often senders are told what arrived.
const REPORT_VIDEO: Duration = Duration::from_millis(1_000);
const REPORT_AUDIO: Duration = Duration::from_millis(2_500);
/// Nothing is measured where nothing has moved for so long.
const MOVED: Duration = Duration::from_secs(3);

/// The stack walks over all lines of a connection whenever it is asked anything. One with more lines than this is asked
/// at the beats of its thread, all such connections at once.
const MANY_LINES: usize = 8;

/// Between an address of ours and one of the client.
#[derive(Clone, Copy, Debug)]
pub struct Path {
    pub protocol: Protocol,
    pub ours: SocketAddr,
    pub theirs: SocketAddr,
}

#[derive(Debug)]
pub struct Peer {
    pub conn: u64,
    pub owner: ParticipantSid,
    pub rtc: Rtc,
    /// What leaves past the stack.
    pub out: rtp::Sender,
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
    /// When the stack wants to be asked.
    stack_at: Option<Instant>,
    /// It has been told something that it must be asked about.
    pub stack_stirs: bool,
    pub queued_at: Option<Instant>,
    pub touched: bool,
    /// Nothing moves, and reports of that are not handed over any more.
    untold: bool,
    /// Bits per second that the connection carries, as far as is known.
    pub carries: Option<u64>,
    /// Bits per second that its pictures and sounds would take if every wish were fulfilled.
    pub wants: u64,
    pub thin: Thin,
    /// How sparingly sound goes to the client, and should come from it.
    pub down: Spare,
    pub up: Spare,
    /// When the first sound leaves that waits for what follows.
    pub held_until: Option<Instant>,
    pub may_pause: bool,
    pub rest: Rest,
    pub consent: Consent,
    pub flood: Flood,
    /// What waits in front of a line that was given too much leaves before anything new begins; since when.
    pub drains: Option<Instant>,
    /// More was sent than the line carries, and pictures may have been lost with the rest.
    pub damaged: bool,
    pub reports: Reports,
    /// The part that was lost of what the client has sent.
    pub lost_in: Option<f32>,
    /// When the next window ends, while anything moves, and when something last did.
    window_at: Option<Instant>,
    moved_at: Option<Instant>,
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
            out: rtp::Sender::new(self.common.start, self.common.crypto.clone()),
            facts: new.facts,
            counters: new.counters,
            sending: HashMap::default(),
            views: HashMap::default(),
            channels: Channels::default(),
            proposed: None,
            clock: SenderClock::default(),
            streams: HashMap::default(),
            deadline: None,
            stack_at: None,
            stack_stirs: false,
            queued_at: None,
            touched: false,
            untold: false,
            carries: None,
            wants: 0,
            thin: Thin::default(),
            down: Spare::new(new.down),
            up: Spare::new(new.up),
            held_until: None,
            may_pause: new.may_pause,
            rest: Rest::default(),
            consent: Consent::default(),
            flood: Flood::default(),
            drains: None,
            damaged: false,
            reports: Reports::default(),
            lost_in: None,
            window_at: None,
            moved_at: None,
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
            peer.agreed(turn);
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
        let destination = destination(&self.common.candidates, &datagram);
        if datagram.is_answered {
            peer.guarded(&mut self.turn, |peer, turn| peer.proved(datagram, destination, turn));
            peer.queue(&mut self.due);
            return;
        }
        let wire = &self.turn.meter.wire_in;
        let way = match datagram.way {
            Way::Udp => &wire.udp,
            Way::Stream(_) => &wire.tcp,
            Way::Relay(_) => &wire.relay,
        };
        way.add(datagram.bytes.len());
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
            if is_report(&datagram.bytes) {
                if peer.is_at_rest(datagram.at) {
                    let _ = routes.send(peer.rests(&datagram));
                    return;
                }
                if !peer.heard(&datagram.bytes, datagram.at, turn) {
                    return;
                }
            }
            match peer.input(input) {
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
                    if let Some(rests) = stun.then(|| peer.checked(&datagram)).flatten() {
                        let _ = routes.send(rests);
                    }
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
            if std::mem::take(&mut peer.stack_stirs) || peer.stack_at.is_some_and(|at| at <= turn.now) {
                peer.move_on(turn);
            }
            peer.send(turn);
            if let Some(ended) = peer.window_at.filter(|at| *at <= turn.now) {
                let moves = peer.moved_at.is_some_and(|at| at + MOVED > turn.now);
                let next = if ended + flood::WINDOW > turn.now { ended } else { turn.slow_beat_after(turn.now) };
                peer.window_at = moves.then_some(next + flood::WINDOW);
                peer.measured(turn);
            }
            peer.plan();
        });
    }

    /// Something leaves for the client, or comes from it.
    pub fn moves(&mut self, turn: &mut Turn) {
        self.moved_at = Some(turn.now);
        self.stirs(turn);
        self.window_at.get_or_insert_with(|| turn.slow_beat_after(turn.now + flood::WINDOW));
    }

    /// Nothing moves. Reports, which come from where this came from, are not handed over any more.
    pub(super) fn rests(&mut self, last: &Datagram) -> RouteUpdate {
        self.untold = true;
        RouteUpdate::Rests(self.conn, Some(Resting { from: last.origin(), asked: self.consent.asked() }))
    }

    /// Reports are handed over again, if they are not.
    pub(super) fn stirs(&mut self, turn: &mut Turn) {
        if std::mem::take(&mut self.untold) {
            turn.stirred.push(self.conn);
        }
    }

    /// What was agreed on may have changed the lines, and the password.
    pub fn agreed(&mut self, turn: &mut Turn) {
        for (mid, view) in &mut self.views {
            view.line = self.out.line(&mut self.rtc, *mid, view.kind);
        }
        self.password_may_differ(turn);
    }

    /// Does `work` unless the connection is over. A fault in the stack of one connection ends that connection and
    /// never the thread, which has many.
    pub(super) fn guarded(&mut self, turn: &mut Turn, work: impl FnOnce(&mut Self, &mut Turn)) {
        if self.over {
            return;
        }
        // What another connection has left behind is not this one's.
        drop(rtp::overheard());
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
        match self.input(Input::Timeout(turn.now)) {
            Ok(()) => self.drain(turn),
            Err(error) => {
                tracing::debug!(%error, "a connection failed");
                self.end(turn, Ending::Broken);
            }
        }
    }

    /// Takes everything the stack has to say.
    pub fn drain(&mut self, turn: &mut Turn) {
        let mut asked = 0;
        loop {
            match self.rtc.poll_output() {
                Ok(Output::Transmit(transmit)) => self.transmit(&transmit, turn),
                Ok(Output::Event(event)) => self.happened(event, turn),
                Ok(Output::Timeout(at)) => {
                    let at = self.rest.put_off(at, self.rtc.last_timeout_reason(), turn.now);
                    if at > turn.now + SOON || asked == RUN {
                        self.ask_at(at, turn);
                        break;
                    }
                    asked += 1;
                    if let Err(error) = self.input(Input::Timeout(at.max(turn.now))) {
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
            if let Some(keys) = rtp::overheard() {
                self.out.agreed(&keys);
            }
        }
        self.plan();
        if !self.rtc.is_alive() {
            self.end(turn, Ending::Goodbye);
        }
    }

    /// The stack is asked again at this time.
    pub(super) fn ask_at(&mut self, at: Instant, turn: &Turn) {
        let walks = self.views.len() > MANY_LINES;
        self.stack_at = Some(if walks { turn.beat_after(at) } else { at });
    }

    /// When the connection is to be asked next.
    pub(super) fn plan(&mut self) {
        if !self.over {
            let all = [self.stack_at, self.held_until, self.window_at, self.out.due()];
            self.deadline = all.into_iter().flatten().min();
        }
    }

    /// Sends everything that may leave now past the stack.
    fn send(&mut self, turn: &mut Turn) {
        for report in self.out.advance(turn.now) {
            self.deliver(&report, false, turn);
        }
        while let Some(leaving) = self.out.next(turn.now) {
            turn.meter.resent.add(u64::from(leaving.is_again));
            let droppable = leaving.kind == Kind::Video;
            match self.path {
                Some(path) if path.protocol == Protocol::Udp && !self.by_relay.leads_to(path.theirs) => {
                    turn.meter.wire_out.udp.add(leaving.bytes);
                    let room = turn.outbox.room(path.theirs, path.ours.ip(), leaving.bytes);
                    if self.out.seal(&leaving, room).is_none() {
                        // What else is there was meant for somebody else.
                        room.fill(0);
                    }
                }
                _ => {
                    let mut sealed = vec![0; leaving.bytes];
                    self.out.seal(&leaving, &mut sealed);
                    self.deliver(&sealed, droppable, turn);
                }
            }
        }
    }

    /// Sends a packet the way that the client itself takes. It leaves an old address at once, while the stack would wait
    /// until nothing is heard from there.
    fn deliver(&mut self, packet: &[u8], droppable: bool, turn: &mut Turn) {
        if let Some(path) = self.path {
            self.deliver_by(&path, packet, droppable, turn);
        }
    }

    pub(super) fn deliver_by(&mut self, path: &Path, packet: &[u8], droppable: bool, turn: &mut Turn) {
        let wire = &turn.meter.wire_out;
        let (sent, way) = if path.protocol == Protocol::Udp {
            match self.by_relay.send(path, packet, droppable, &mut turn.outbox) {
                Some(relayed) => (relayed, &wire.relay),
                None => {
                    turn.outbox.push_to(path.theirs, path.ours.ip(), packet);
                    (true, &wire.udp)
                }
            }
        } else {
            (self.by_tcp.send(path.theirs, packet, droppable), &wire.tcp)
        };
        way.add(packet.len());
        if !sent {
            self.path = None;
        }
    }

    /// Sends what the stack has made. Answers to checks go where the check came from. Its reports leave under the numbers
    /// of this side, and media would be nothing that anybody gave it.
    fn transmit(&mut self, transmit: &Transmit, turn: &mut Turn) {
        let own = Path { protocol: transmit.proto, ours: transmit.source, theirs: transmit.destination };
        let path = self.path.unwrap_or(own);
        match transmit.contents.first() {
            Some(0..4) => self.deliver_by(&own, &transmit.contents, false, turn),
            Some(128..192) if is_report(&transmit.contents) => {
                if let Some(report) = self.out.reseal(&transmit.contents) {
                    self.deliver_by(&path, &report, false, turn);
                }
            }
            Some(128..192) => tracing::warn!(conn = self.conn, "the stack has media of its own"),
            _ => self.deliver_by(&path, &transmit.contents, false, turn),
        }
    }

    /// Nothing has moved for a while in either direction, so there is nothing to report.
    pub(super) fn is_at_rest(&self, now: Instant) -> bool {
        self.rest.is_quiet(now) && self.out.rests(now)
    }

    /// Takes a report of the client. Whether it concerns the stack too.
    fn heard(&mut self, report: &[u8], at: Instant, turn: &mut Turn) -> bool {
        let Some(heard) = self.out.hear(report, at) else { return false };
        for mid in heard.keyframes {
            self.viewer_asks_keyframe(mid, turn);
        }
        for (mid, block, round_trip) in heard.reports {
            self.reported(mid, &block, round_trip, turn);
        }
        if heard.arrivals {
            self.estimated(turn);
            self.drained(turn);
        }
        // What is missing leaves in this turn, and the pace may be another.
        if heard.arrivals || self.out.repeats() {
            turn.touch(&mut self.touched, self.conn);
        }
        heard.of_itself && !self.sending.is_empty() && !self.rest.is_quiet(at)
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
                self.rest.stirs(turn.now);
                self.moves(turn);
                self.published(packet, turn);
            }
            Event::Connected => {
                self.connected = true;
                let path = self.media_path();
                self.facts.tell(Fact::Connected { conn, path });
            }
            Event::IceConnectionStateChange(IceConnectionState::Disconnected) => self.facts.tell(Fact::Lost { conn }),
            Event::IceConnectionStateChange(IceConnectionState::Connected | IceConnectionState::Completed) => {
                self.facts.tell(Fact::Found { conn });
            }
            Event::PeerStats(stats) => self.lost_in = stats.ingress_loss_fraction,
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
    let mut rtc = rtp::configure(RtcConfig::new())
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
