//! A fixed run of packets through a media thread, without the thread: one publisher, some viewers, time by hand. How many
//! instructions a packet takes is counted over it (`cargo xtask bench instructions`), which no neighbour on the machine
//! can disturb.
//!
//! The connections are made as always, on sockets of this machine. What is counted afterwards is [`Drill::forward`] alone:
//! the publisher's packets have been sealed before, and nobody reads what the viewers are sent.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kloud_base::Rng;
use kloud_sfu::{Codec, Epoch, Kind, LayerIndex, ParticipantSid, Permits, Rendition, Source, Thrift, TrackSid};
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, MediaKind, Mid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Common, Fact, Facts, NewPeer, NewView, Order, Published, Threads, Worker, handles};
use crate::counters::Counters;
use crate::meters::ThreadMeter;
use crate::mono;
use crate::net::{Datagram, MediaSocket, RouteUpdate, Way};
use crate::rtp::configure;

/// Longest that the connections may take, under an instrument that makes everything fifty times slower.
const DEADLINE: Duration = Duration::from_secs(300);
const PUBLISHER: u64 = 0;

/// What is sent: how many viewers get it, and for each step so many packets of so many bytes.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub kind: Kind,
    pub viewers: u64,
    pub steps: u32,
    pub every: Duration,
    pub packets: u32,
    pub bytes: usize,
}

impl Plan {
    /// 8,400 packets leave: pictures of 2 Mbit/s.
    pub const VIDEO: Plan =
        Plan { kind: Kind::Video, viewers: 20, steps: 60, every: Duration::from_millis(33), packets: 7, bytes: 1_160 };
    /// 8,400 packets leave: one voice.
    pub const AUDIO: Plan =
        Plan { kind: Kind::Audio, viewers: 80, steps: 105, every: Duration::from_millis(20), packets: 1, bytes: 60 };

    fn rendition(&self) -> Rendition {
        let codec = if self.kind == Kind::Audio { Codec::Opus } else { Codec::Vp8 };
        Rendition { track: TrackSid::random(&Seeded::default()), codec }
    }

    fn source(&self) -> Source {
        if self.kind == Kind::Audio { Source::Microphone } else { Source::Camera }
    }
}

/// A media thread with its connections up, and the packets that will come in.
pub struct Drill {
    worker: Worker,
    counters: Arc<Counters>,
    source: Source,
    coming: Vec<(Instant, Vec<Datagram>)>,
    /// What the thread tells; kept so that it can be told.
    _told: (UnboundedReceiver<Fact>, mpsc::Receiver<RouteUpdate>),
}

impl Drill {
    /// Makes the connections and seals the packets.
    pub fn prepare(plan: &Plan) -> Self {
        let (mut drill, mut clients) = Self::meet(plan);
        drill.coming = clients[0].seal(plan);
        drill
    }

    /// The thread and the clients, who are connected; the first one publishes.
    fn meet(plan: &Plan) -> (Self, Vec<Client>) {
        let common = common();
        let meter = Arc::new(ThreadMeter::default());
        let (handles, mut ends) = handles(std::slice::from_ref(&meter));
        let (routes, routed) = mpsc::channel();
        let end = ends.pop().expect("one thread");
        let mut worker = Worker::new(0, common, end, handles, routes, meter);
        let (room, mut told) = unbounded_channel();
        let counters = Arc::new(Counters::default());
        let mut meeting = Meeting { worker: &mut worker, room, told: &mut told, counters: counters.clone() };
        let mut clients: Vec<_> = (PUBLISHER..=plan.viewers).map(|conn| meeting.enter(conn, plan.kind)).collect();
        meeting.connect(&mut clients);
        meeting.subscribe(plan, &clients);
        let drill = Self { worker, counters, source: plan.source(), coming: Vec::new(), _told: (told, routed) };
        (drill, clients)
    }

    /// Takes in all that comes, and sends on what is to be sent. Says how many packets left for viewers.
    #[inline(never)]
    pub fn forward(&mut self) -> u64 {
        let before = self.counters.read().get(self.source).forwarded;
        for (now, batch) in self.coming.drain(..) {
            self.worker.take(Order::Datagrams(batch), now);
            self.worker.finish_turn(now);
        }
        self.counters.read().get(self.source).forwarded - before
    }
}

/// The making of the connections.
struct Meeting<'a> {
    worker: &'a mut Worker,
    room: tokio::sync::mpsc::UnboundedSender<Fact>,
    told: &'a mut UnboundedReceiver<Fact>,
    counters: Arc<Counters>,
}

impl Meeting<'_> {
    fn enter(&mut self, conn: u64, kind: Kind) -> Client {
        let now = mono::now();
        let facts = Facts::new(self.room.clone(), Arc::default());
        let (counters, full) = (self.counters.clone(), Thrift::Full);
        let new = NewPeer { conn, owner: owner(conn), counters, facts, may_pause: false, down: full, up: full };
        self.worker.take(Order::Open(Box::new(new)), now);
        let mut client = Client::new(conn, now);
        let kind = if kind == Kind::Audio { MediaKind::Audio } else { MediaKind::Video };
        let direction = if conn == PUBLISHER { Direction::SendOnly } else { Direction::RecvOnly };
        let mut api = client.rtc.sdp_api();
        client.mid = Some(api.add_media(kind, direction, None, None, None));
        let (offer, pending) = api.apply().expect("a change");
        let offer = SdpOffer::from_sdp_string(&offer.to_sdp_string()).expect("an offer");
        self.worker.take(Order::Offer { conn, offer: Box::new(offer) }, now);
        let answer = std::iter::from_fn(|| self.told.try_recv().ok()).find_map(|fact| match fact {
            Fact::Answer { answer, .. } => answer.ok(),
            _ => None,
        });
        let answer = SdpAnswer::from_sdp_string(&answer.expect("an answer")).expect("an answer");
        client.rtc.sdp_api().accept_answer(pending, answer).expect("an answer that fits");
        client
    }

    fn connect(&mut self, clients: &mut [Client]) {
        let until = mono::now() + DEADLINE;
        let is_up = |worker: &Worker, client: &Client| {
            client.rtc.is_connected() && worker.peers.get(&client.conn).is_some_and(|peer| peer.connected)
        };
        while !clients.iter().all(|client| is_up(self.worker, client)) {
            let now = mono::now();
            assert!(now < until, "the connections did not come up");
            for client in clients.iter_mut() {
                let batch = client.move_on(now);
                self.worker.take(Order::Datagrams(batch), now);
            }
            self.worker.finish_turn(now);
            clients.iter_mut().for_each(|client| client.read(now));
        }
    }

    fn subscribe(&mut self, plan: &Plan, clients: &[Client]) {
        let now = mono::now();
        let mid_of = |client: &Client| client.mid.map(|mid| mid.to_string()).unwrap_or_default();
        let (permits, epoch, rendition) = (Permits::ALL, Epoch(1), plan.rendition());
        let published = Published {
            mid: mid_of(&clients[0]),
            rendition,
            source: plan.source(),
            muted: false,
            rids: Vec::new(),
            permits,
            epoch,
        };
        self.worker.take(Order::Publish { conn: PUBLISHER, published: Box::new(published) }, now);
        let mut threads = Threads::default();
        threads.insert(0);
        self.worker.take(Order::Audience { conn: PUBLISHER, rendition, threads }, now);
        for client in &clients[1..] {
            let view = NewView {
                conn: client.conn,
                mid: mid_of(client),
                rendition,
                source: plan.source(),
                muted: false,
                layer: Some(LayerIndex(0)),
                bitrates: vec![2_000_000],
                owner: owner(PUBLISHER),
                counters: self.counters.clone(),
                publisher: (PUBLISHER, 0),
                sealed: false,
                permits,
                epoch,
            };
            self.worker.take(Order::View(Box::new(view)), now);
        }
        self.worker.finish_turn(now);
    }
}

/// The other side of a connection.
struct Client {
    conn: u64,
    rtc: Rtc,
    socket: UdpSocket,
    local: SocketAddr,
    mid: Option<Mid>,
}

impl Client {
    fn new(conn: u64, now: Instant) -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a port");
        socket.set_nonblocking(true).expect("a socket that does not wait");
        let local = socket.local_addr().expect("an address");
        let mut rtc = configure(RtcConfig::new()).set_rtp_mode(true).build(now);
        rtc.add_local_candidate(Candidate::host(local, Protocol::Udp).expect("a candidate"));
        Self { conn, rtc, socket, local, mid: None }
    }

    /// What it sends at this time.
    fn move_on(&mut self, now: Instant) -> Vec<Datagram> {
        let mut batch = Vec::new();
        self.rtc.handle_input(Input::Timeout(now)).expect("time goes on");
        loop {
            match self.rtc.poll_output().expect("an output") {
                Output::Timeout(_) => return batch,
                Output::Event(_) => {}
                Output::Transmit(out) => batch.push(Datagram {
                    conn: self.conn,
                    from: self.local,
                    to: Some(out.destination.ip()),
                    at: now,
                    bytes: out.contents.to_vec().into(),
                    way: Way::Udp,
                    is_answered: false,
                }),
            }
        }
    }

    fn read(&mut self, now: Instant) {
        self.read_if(now, |_| true);
    }

    /// Reads what has come; what is not `taken` is lost.
    fn read_if(&mut self, now: Instant, mut taken: impl FnMut(&[u8]) -> bool) {
        let mut buffer = [0; 2_048];
        loop {
            match self.socket.recv_from(&mut buffer) {
                Ok((length, _)) if !taken(&buffer[..length]) => {}
                Ok((length, from)) => {
                    let receive = Receive::new(Protocol::Udp, from, self.local, &buffer[..length]).expect("a packet");
                    self.rtc.handle_input(Input::Receive(now, receive)).expect("input");
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => panic!("the socket failed: {error}"),
            }
        }
    }

    /// Its media packets, step by step. What else it would say is left out.
    fn seal(&mut self, plan: &Plan) -> Vec<(Instant, Vec<Datagram>)> {
        let mid = self.mid.expect("its line");
        let number = *self.rtc.media(mid).and_then(|media| media.remote_pts().first()).expect("an agreed codec");
        let start = mono::now() + Duration::from_millis(100);
        let mut seq = 0u64;
        (0..plan.steps)
            .map(|step| {
                let now = start + plan.every * step;
                for n in 0..plan.packets {
                    seq += 1;
                    let ticks = u128::from(plan.kind.clock_rate()) * (plan.every * step).as_micros() / 1_000_000;
                    let write = RtpWrite::new(number, seq.into(), ticks as u32, now, payload(plan, step, n));
                    let mut api = self.rtc.direct_api();
                    let stream = api.stream_tx_by_mid(mid, None).expect("its stream");
                    stream.write_rtp(write.marker(n + 1 == plan.packets));
                }
                let mut batch = self.move_on(now);
                batch.retain(|datagram| is_media(&datagram.bytes));
                assert_eq!(batch.len(), plan.packets as usize, "all of a step leave at once");
                (now, batch)
            })
            .collect()
    }
}

/// RTP and not RTCP (RFC 5761 section 4).
fn is_media(packet: &[u8]) -> bool {
    matches!(packet, [128..192, kind, ..] if !(192..224).contains(kind))
}

/// A picture that needs no other begins with each step.
fn payload(plan: &Plan, step: u32, n: u32) -> Vec<u8> {
    let mut payload = vec![0x55; plan.bytes];
    if plan.kind == Kind::Video {
        let [high, low] = (step as u16 | 0x8000).to_be_bytes();
        payload[..5].copy_from_slice(&[if n == 0 { 0x90 } else { 0x80 }, 0x80, high, low, 0]);
    }
    payload
}

fn owner(conn: u64) -> ParticipantSid {
    ParticipantSid::random(&Seeded(AtomicU64::new(conn)))
}

/// The same bytes each time.
#[derive(Default)]
pub(super) struct Seeded(AtomicU64);

impl Rng for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = (z >> 32) as u8;
        }
    }
}

fn common() -> Arc<Common> {
    let crypto = Arc::new(crate::rtp::provider());
    let socket = MediaSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port of this machine");
    let candidates = vec![socket.local()];
    Arc::new(Common {
        socket: Arc::new(socket),
        own: Arc::default(),
        candidates,
        tcp: false,
        certificate: crypto.dtls_provider.generate_certificate().expect("a certificate"),
        crypto,
        rng: Arc::new(Seeded::default()),
        start: mono::now(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::peer::{self, Peer};
    use super::super::turn::Turn;
    use super::*;
    use crate::net::{Consents, Entrance, Receiver, Replies, Sink, Streams};

    /// One cipher key and one number must never meet twice, whatever was forgotten in between.
    #[test]
    fn what_is_sent_again_has_a_number_of_its_own_each_time() {
        let plan = Plan { viewers: 1, steps: 200, ..Plan::VIDEO };
        let (mut drill, mut clients) = Drill::meet(&plan);
        drill.coming = clients[0].seal(&plan);
        let viewer = &mut clients[1];
        let (mid, mut again) = (viewer.mid.expect("its line"), Vec::new());
        let peer = drill.worker.peers.get_mut(&viewer.conn).expect("its connection");
        let line = peer.rtc.direct_api().stream_tx_by_mid(mid, None).and_then(|stream| stream.rtx());
        let rtx = *line.expect("a stream for what is sent again");
        for (step, (now, batch)) in std::mem::take(&mut drill.coming).into_iter().enumerate() {
            drill.worker.take(Order::Datagrams(batch), now);
            drill.worker.take(Order::Datagrams(viewer.move_on(now)), now);
            drill.worker.finish_turn(now);
            let mut lost = false;
            viewer.read_if(now, |packet| {
                let is_again = is_media(packet) && packet[8..12] == rtx.to_be_bytes();
                if is_again {
                    again.push(u16::from_be_bytes([packet[2], packet[3]]));
                }
                // The first packet of each picture is lost.
                let loses = is_media(packet) && !is_again && !std::mem::replace(&mut lost, true);
                !loses
            });
            if step % 50 == 49 {
                let peer = drill.worker.peers.get_mut(&viewer.conn).expect("its connection");
                let line = peer.views.get(&mid).and_then(|view| view.line).expect("its line");
                peer.out.forget_waiting(line);
            }
        }
        assert!(again.len() > 20, "{again:?}");
        let follows = |pair: &[u16]| pair[1] == pair[0].wrapping_add(1);
        assert!(again.windows(2).all(follows), "{again:?}");
    }

    #[test]
    fn who_rests_is_not_read_until_something_moves() {
        let plan = Plan { viewers: 1, steps: 1, ..Plan::AUDIO };
        let (mut drill, mut clients) = Drill::meet(&plan);
        let sound = clients[0].seal(&plan);
        let later = mono::now() + Duration::from_secs(5);
        let Client { conn, local, .. } = clients[1];
        let report = |at| {
            let bytes = vec![0x80, 201, 0, 1, 0, 0, 0, 0].into();
            vec![Datagram { conn, from: local, to: None, at, bytes, way: Way::Udp, is_answered: false }]
        };
        let mut said_after = |batch, at| {
            drill.worker.take(Order::Datagrams(batch), at);
            drill.worker.finish_turn(at);
            let said = drill._told.1.try_iter();
            said.filter_map(|update| {
                if let RouteUpdate::Rests(conn, to) = update { Some((conn, to.map(|to| to.from))) } else { None }
            })
            .collect::<Vec<_>>()
        };
        assert_eq!(said_after(report(mono::now()), mono::now()), [], "it has only just come in");
        let from = report(later).first().map(Datagram::origin);
        assert_eq!(said_after(report(later), later), [(conn, from)]);
        for (_, batch) in sound {
            assert_eq!(said_after(batch, later), [(conn, None)]);
        }
        assert_eq!(said_after(report(later), later), [], "it hears something");
    }

    /// Who reads the port, without a thread and a port, and what goes on to the media thread.
    struct Reader {
        receiver: Receiver,
        sinks: Vec<Sink>,
        taken: mpsc::Receiver<Vec<Datagram>>,
        meter: Arc<ThreadMeter>,
    }

    impl Reader {
        fn of(drill: &mut Drill) -> Self {
            let common = drill.worker.common.clone();
            let (_, never) = mpsc::channel();
            let updates = std::mem::replace(&mut drill._told.1, never);
            let (incoming, packets) = tokio::sync::mpsc::channel(1);
            let streams = Streams { listener: None, entrance: Entrance::new(incoming, false), packets };
            let replies = Replies::new(common.socket.clone(), common.own.clone());
            let meter = Arc::new(ThreadMeter::default());
            let consents = Consents::new(replies, common.crypto.clone(), meter.clone());
            let (sink, taken) = mpsc::channel();
            let sink: Sink = Box::new(move |batch| sink.send(batch).expect("the test is there"));
            let receiver = Receiver::new(common.socket.clone(), streams, updates, None, consents, meter.clone());
            Self { receiver, sinks: vec![sink], taken, meter }
        }

        /// Hands out what was read; what the thread is given.
        fn read(&mut self, batch: Vec<Datagram>) -> Vec<Datagram> {
            self.receiver.hand_out(batch.into_iter(), &self.sinks);
            self.taken.try_iter().flatten().collect()
        }

        /// What the thread learns afterwards.
        fn tell(&mut self) -> Vec<Datagram> {
            self.receiver.tell_unheard(&self.sinks);
            self.taken.try_iter().flatten().collect()
        }
    }

    /// A quarter of an hour without sound, step by step: the client asks every few seconds, and its stack takes the answers.
    #[test]
    fn who_rests_is_answered_past_the_stack_and_missed_when_gone() {
        let (mut drill, mut clients) = Drill::meet(&Plan { viewers: 1, steps: 1, ..Plan::AUDIO });
        let (viewer, start) = (&mut clients[1], mono::now());
        let (conn, mut reader) = (viewer.conn, Reader::of(&mut drill));
        let (mut asked, mut handed_on, mut asks_of_stack) = (0, 0, 0);
        let checks = |batch: &[Datagram]| batch.iter().filter(|datagram| datagram.bytes[0] < 4).count();
        let lost = |drill: &mut Drill| {
            let told = std::iter::from_fn(|| drill._told.0.try_recv().ok());
            told.filter(|fact| matches!(fact, Fact::Lost { conn: of } if *of == conn)).count()
        };
        let step = Duration::from_millis(250);
        for n in 0..3_600 {
            let now = start + step * n;
            let unheard = |drill: &Drill| drill.worker.peers.get(&conn).expect("its connection").consent.is_unheard();
            let batch = viewer.move_on(now);
            asked += checks(&batch);
            let handed = reader.read(batch);
            handed_on += checks(&handed);
            drill.worker.take(Order::Datagrams(handed), now);
            if n % 4 == 0 {
                drill.worker.take(Order::Datagrams(reader.tell()), now);
            }
            let before = unheard(&drill);
            drill.worker.finish_turn(now);
            asks_of_stack += u32::from(before && !unheard(&drill));
            viewer.read(now);
            assert!(viewer.rtc.is_connected(), "not answered after {:?}", step * n);
        }
        assert!(asked > 150 && handed_on * 20 < asked, "{handed_on} of {asked} checks");
        let counted = [&reader.meter.wire_in, &reader.meter.wire_out].map(|wire| wire.udp.packets.get());
        assert_eq!(counted, [(asked - handed_on) as u64; 2], "answered where they are read");
        assert!((1..=3).contains(&asks_of_stack), "{asks_of_stack}");
        assert_eq!(lost(&mut drill), 0);
        let end = start + step * 3_600;
        (0..240).for_each(|n| drill.worker.finish_turn(end + step * n));
        assert_eq!(lost(&mut drill), 1, "it has not asked for a minute");
    }

    #[test]
    fn only_a_proven_check_on_the_path_in_use_is_answered_past_the_stack() {
        let (mut drill, mut clients) = Drill::meet(&Plan { viewers: 1, steps: 1, ..Plan::AUDIO });
        let (viewer, start, mut reader) = (&mut clients[1], mono::now(), Reader::of(&mut drill));
        let is_check = |datagram: &Datagram| datagram.bytes[0] < 4;
        let mut checks = Vec::new();
        for n in 0..40 {
            let now = start + Duration::from_millis(250) * n;
            let batch = viewer.move_on(now);
            checks.extend(batch.iter().filter(|datagram| is_check(datagram)).cloned());
            drill.worker.take(Order::Datagrams(reader.read(batch)), now);
            drill.worker.finish_turn(now);
            viewer.read(now);
        }
        let check = checks.pop().expect("a check");
        let mut is_answered = |check: &Datagram| {
            let handed = reader.read(vec![check.clone()]);
            let told = reader.tell();
            assert!(handed.len() + told.len() <= 1, "once at most");
            told.len() == 1
        };
        assert!(is_answered(&check));
        for at in 0..check.bytes.len() {
            let mut bent = check.bytes.to_vec();
            bent[at] ^= 1;
            // What comes after the proof is a checksum.
            let proven = at >= bent.len() - 8;
            let bent = Datagram { bytes: bent.into(), ..check.clone() };
            assert!(proven || !is_answered(&bent), "byte {at} is another");
        }
        assert!(!is_answered(&Datagram { to: None, ..check.clone() }), "it went to another address of ours");
        assert!(is_answered(&check));
        let from = SocketAddr::from(([127, 0, 0, 1], 9));
        assert!(!is_answered(&Datagram { from, ..check.clone() }), "it comes from elsewhere");
        assert!(!is_answered(&check), "it has moved, perhaps");
    }

    #[test]
    fn with_another_password_nothing_is_answered_past_the_stack() {
        let (mut drill, mut clients) = Drill::meet(&Plan { viewers: 1, steps: 1, ..Plan::AUDIO });
        let (viewer, start, mut reader) = (&mut clients[1], mono::now(), Reader::of(&mut drill));
        let mut last = None;
        for n in 0..40 {
            let now = start + Duration::from_millis(250) * n;
            let batch = viewer.move_on(now);
            last = batch.iter().find(|datagram| datagram.bytes[0] < 4).cloned().or(last);
            drill.worker.take(Order::Datagrams(reader.read(batch)), now);
            viewer.read(now);
            drill.worker.finish_turn(now);
        }
        let (check, told) = (last.expect("a check"), reader.tell());
        let change = |drill: &mut Drill, change: fn(&mut Peer)| {
            let worker = &mut drill.worker;
            let peer = worker.peers.get_mut(&viewer.conn).expect("its connection");
            change(peer);
            peer.agreed(&mut worker.turn);
            let is_unheard = peer.consent.is_unheard();
            worker.finish_turn(worker.turn.now);
            is_unheard
        };
        drill.worker.take(Order::Datagrams(told), drill.worker.turn.now);
        assert!(change(&mut drill, |_| {}), "other lines change nothing, and the stack still hears of the client");
        assert!(reader.read(vec![check.clone()]).is_empty());
        let renew =
            |peer: &mut Peer| peer.rtc.direct_api().set_local_ice_credentials(peer::credentials(&Seeded::default()));
        assert!(!change(&mut drill, renew));
        assert_eq!(reader.read(vec![check]).len(), 1, "the thread decides");
    }

    /// A keyframe is the largest of all pictures, and what waits in front of the line takes the sound along.
    #[test]
    fn no_keyframe_is_asked_for_while_a_line_drains() {
        let plan = Plan { viewers: 1, steps: 3, ..Plan::VIDEO };
        let mut drill = Drill::prepare(&plan);
        drill.forward();
        let worker = &mut drill.worker;
        let (peer, turn) = (worker.peers.get_mut(&1).expect("its connection"), &mut worker.turn);
        let mid = *peer.views.keys().next().expect("its line");
        let flows = |peer: &Peer| peer.views[&mid].egress.current().is_some();
        assert!(flows(peer) && turn.keyframes.is_empty());
        peer.carries = Some(2_000_000);
        peer.viewer_asks_keyframe(mid, turn);
        assert_eq!(std::mem::take(&mut turn.keyframes).len(), 1, "nothing is in the way");

        // Much is lost, then nothing more; the line has drained in the end. All within the time in which a publisher who
        // sends nothing is thought to send.
        let begins = turn.now;
        let change = |peer: &mut Peer, turn: &mut Turn, loss, after| {
            turn.now = begins + Duration::from_millis(after);
            let change = peer.flood.window(Some(loss), None).expect("it changes");
            peer.flooded(change, turn);
        };
        change(peer, turn, 0.9, 50);
        change(peer, turn, 0.0, 100);
        assert!(flows(peer) && turn.keyframes.is_empty(), "it still drains");
        turn.now += Duration::from_millis(200);
        peer.drained(turn);
        assert_eq!(std::mem::take(&mut turn.keyframes).len(), 1, "it has been damaged");

        change(peer, turn, 0.9, 350);
        peer.viewer_asks_keyframe(mid, turn);
        assert!(!flows(peer) && turn.keyframes.is_empty(), "without one it would be in the way");
        change(peer, turn, 0.0, 400);
        turn.now += Duration::from_millis(200);
        peer.drained(turn);
        assert_eq!(turn.keyframes.len(), 1, "it begins again");
    }

    #[test]
    fn every_packet_of_the_plan_leaves_for_every_viewer() {
        for plan in [Plan { viewers: 3, ..Plan::VIDEO }, Plan { viewers: 3, ..Plan::AUDIO }] {
            let left = Drill::prepare(&plan).forward();
            assert_eq!(left, plan.viewers * u64::from(plan.steps * plan.packets), "{plan:?}");
        }
    }
}
