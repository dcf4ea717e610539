use kloud_base::{Rng, SECOND};
use proptest::prelude::*;

use super::*;
use crate::credentials::Credentials;
use crate::{Client, Heard};

const WALL: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const FROM: &str = "198.51.100.7:40000";
const ELSEWHERE: &str = "203.0.113.9:53";
const CHANNEL_ONE: u16 = 0x4001;

struct Counting(std::sync::atomic::AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

struct World {
    relay: Relay<u32>,
    secret: Secret,
    peers: Vec<SocketAddr>,
    now: Moment,
}

fn at(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

impl World {
    fn new() -> Self {
        let rng = Counting(0.into());
        let secret = Secret::random(&rng);
        let peers = vec![at("192.0.2.1:7882"), at("192.0.2.2:7882"), at("[2001:db8::1]:7882")];
        let now = Moment { at: Instant::now(), wall: WALL };
        let relay = Relay::new(secret.clone(), peers.clone(), &rng, now.at);
        Self { relay, secret, peers, now }
    }

    fn later(&mut self, seconds: u64) {
        self.now.at += Duration::from_secs(seconds);
        self.now.wall = self.now.wall + i64::try_from(seconds).expect("short") * SECOND;
        self.relay.sweep(self.now.at);
    }

    fn client(&self, who: &str) -> Client {
        Client::new(self.secret.mint(who, WALL + 3_600 * SECOND), false, [1; 8])
    }

    fn take<'a>(&mut self, number: u32, packet: &'a [u8]) -> Outcome<'a> {
        let arrived = Arrived { client: number, from: at(FROM), by_stream: false, packet };
        self.relay.take(arrived, self.now)
    }

    /// Asks until there is an answer other than that a proof is wanted.
    fn ask(&mut self, number: u32, client: &mut Client, mut request: Vec<u8>) -> Heard {
        loop {
            let Outcome::Answer { bytes, .. } = self.take(number, &request) else { return Heard::Nothing };
            match client.take(&bytes) {
                Heard::Send(again) => request = again,
                heard => return heard,
            }
        }
    }

    fn allocated(&mut self, number: u32, who: &str) -> (Client, SocketAddr) {
        let mut client = self.client(who);
        let request = client.allocate();
        match self.ask(number, &mut client, request) {
            Heard::Allocated(relayed) => (client, relayed),
            other => panic!("no allocation: {other:?}"),
        }
    }

    fn got_through(&mut self, number: u32, packet: &[u8]) -> Option<(SocketAddr, SocketAddr, Vec<u8>)> {
        match self.take(number, packet) {
            Outcome::Packet { leases, peer, packet } => Some((leases.relayed(), peer, packet.to_vec())),
            _ => None,
        }
    }
}

#[test]
fn packets_go_both_ways_by_indication_and_by_channel() {
    let mut world = World::new();
    let peer = world.peers[0];
    let (mut client, relayed) = world.allocated(1, "ada");
    assert_eq!(relayed.ip(), peer.ip());
    let request = client.permit(peer);
    assert_eq!(world.ask(1, &mut client, request), Heard::Permitted);
    let sent = client.wrap(peer, b"hello");
    assert_eq!(world.got_through(1, &sent), Some((relayed, peer, b"hello".to_vec())));
    let Outcome::Packet { leases, .. } = world.take(1, &sent) else { panic!("a packet") };
    let mut back = Vec::new();
    assert!(leases.wrap(peer, b"good day", &mut back));
    assert_eq!(client.take(&back), Heard::Packet { from: peer, packet: b"good day".to_vec() });

    let request = client.bind(peer, CHANNEL_ONE);
    assert_eq!(world.ask(1, &mut client, request), Heard::Bound);
    let sent = client.wrap(peer, b"hello");
    assert_eq!(sent.len(), 9, "the short form");
    assert_eq!(world.got_through(1, &sent), Some((relayed, peer, b"hello".to_vec())));
    back.clear();
    assert!(leases.wrap(peer, b"good day", &mut back));
    assert_eq!(back.len(), 12);
    assert_eq!(client.take(&back), Heard::Packet { from: peer, packet: b"good day".to_vec() });
}

#[test]
fn nobody_gets_through_to_anybody_but_the_server() {
    let mut world = World::new();
    let (mut client, _) = world.allocated(1, "ada");
    for (peer, code) in [(at(ELSEWHERE), 403), (at("127.0.0.1:7882"), 403), (at("[2001:db8::1]:7882"), 443)] {
        let request = client.permit(peer);
        assert_eq!(world.ask(1, &mut client, request), Heard::Refused(code), "{peer}");
        let request = client.bind(peer, CHANNEL_ONE);
        assert_eq!(world.ask(1, &mut client, request), Heard::Refused(code), "{peer}");
        let sent = client.wrap(peer, b"hello");
        assert_eq!(world.got_through(1, &sent), None);
    }
    // The right address, another of its ports: a permission names addresses alone, what is sent needs both.
    let beside = SocketAddr::new(world.peers[0].ip(), 22);
    let request = client.permit(beside);
    assert_eq!(world.ask(1, &mut client, request), Heard::Permitted);
    let sent = client.wrap(beside, b"hello");
    assert_eq!(world.got_through(1, &sent), None);
    let request = client.bind(beside, CHANNEL_ONE);
    assert_eq!(world.ask(1, &mut client, request), Heard::Refused(403));
    let sent = client.wrap(world.peers[0], b"hello");
    assert!(world.got_through(1, &sent).is_some(), "the marker: this one goes through");
}

#[test]
fn one_wrong_address_among_right_ones_permits_none() {
    let mut world = World::new();
    let (mut client, _) = world.allocated(1, "ada");
    let key = crate::credentials::key;
    let credentials = world.secret.mint("ada", WALL + 3_600 * SECOND);
    let nonce = world.relay.nonce(at(FROM).ip(), world.now.at);
    let request = Writer::new(Class::Request, Method::CreatePermission, [9; 12])
        .address(XOR_PEER_ADDRESS, world.peers[0])
        .address(XOR_PEER_ADDRESS, at(ELSEWHERE))
        .put(USERNAME, credentials.username.as_bytes())
        .put(crate::message::REALM, REALM.as_bytes())
        .put(NONCE, nonce.as_bytes())
        .signed(&key(&credentials.username, REALM, &credentials.password));
    let Outcome::Answer { bytes, .. } = world.take(1, &request) else { panic!("an answer") };
    assert_eq!(Message::parse(&bytes).expect("a message").error(), Some(403));
    let sent = client.wrap(world.peers[0], b"hello");
    assert_eq!(world.got_through(1, &sent), None);
}

#[test]
fn wrong_and_expired_passwords_are_refused() {
    let mut world = World::new();
    let good = world.secret.mint("ada", WALL + 60 * SECOND);
    let over = world.secret.mint("ada", WALL);
    let stolen = Credentials { username: "1900000000:ada".into(), ..good.clone() };
    let guessed = Credentials { password: "guess".into(), ..good.clone() };
    for credentials in [over, stolen, guessed] {
        let mut client = Client::new(credentials, false, [2; 8]);
        let request = client.allocate();
        assert_eq!(world.ask(1, &mut client, request), Heard::Refused(401));
    }
    assert_eq!(world.relay.count(), 0);
    let mut client = Client::new(good, false, [3; 8]);
    let request = client.allocate();
    assert!(matches!(world.ask(1, &mut client, request), Heard::Allocated(_)));
    // What is there can be kept when the name is over, by whoever has made it.
    world.later(120);
    let request = client.refresh(600);
    assert_eq!(world.ask(1, &mut client, request), Heard::Refreshed);
    let (mut other, _) = world.allocated(2, "bob");
    let request = other.refresh(0);
    assert_eq!(world.ask(1, &mut other, request), Heard::Refused(441));
    assert_eq!(world.relay.count(), 2);
}

#[test]
fn everything_ends_unless_it_is_refreshed() {
    let mut world = World::new();
    let peer = world.peers[0];
    let (mut client, _) = world.allocated(1, "ada");
    let request = client.permit(peer);
    assert_eq!(world.ask(1, &mut client, request), Heard::Permitted);
    let sent = client.wrap(peer, b"hello");
    let Outcome::Packet { leases, .. } = world.take(1, &sent) else { panic!("a packet") };
    world.later(301);
    assert_eq!(world.got_through(1, &sent), None, "the permission is over");
    assert!(!leases.wrap(peer, b"x", &mut Vec::new()));
    let request = client.bind(peer, CHANNEL_ONE);
    assert_eq!(world.ask(1, &mut client, request), Heard::Bound);
    assert!(leases.wrap(peer, b"x", &mut Vec::new()));
    world.later(300);
    let sent = client.wrap(peer, b"hello");
    assert_eq!(world.got_through(1, &sent), None, "the allocation is over");
    assert!(leases.is_over() && world.relay.count() == 0);
    assert!(world.relay.used.is_empty() && world.relay.by_name.is_empty() && world.relay.by_network.is_empty());
}

#[test]
fn a_channel_has_one_peer_and_a_peer_one_channel() {
    let mut world = World::new();
    let (one, two) = (world.peers[0], world.peers[1]);
    let (mut client, _) = world.allocated(1, "ada");
    let mut bind = |peer, channel| {
        let request = client.bind(peer, channel);
        world.ask(1, &mut client, request)
    };
    assert_eq!(bind(one, CHANNEL_ONE), Heard::Bound);
    assert_eq!(bind(one, CHANNEL_ONE), Heard::Bound);
    assert_eq!(bind(one, CHANNEL_ONE + 1), Heard::Refused(400));
    assert_eq!(bind(two, CHANNEL_ONE), Heard::Refused(400));
    assert_eq!(bind(two, CHANNEL_ONE + 1), Heard::Bound);
    assert_eq!(bind(two, 0x5000), Heard::Refused(400));
}

#[test]
fn a_request_that_was_heard_twice_is_answered_twice_and_counted_once() {
    let mut world = World::new();
    let mut client = world.client("ada");
    let request = client.allocate();
    let Outcome::Answer { bytes, .. } = world.take(1, &request) else { panic!("an answer") };
    let Heard::Send(signed) = client.take(&bytes) else { panic!("a proof is wanted") };
    let Outcome::Answer { bytes: first, .. } = world.take(1, &signed) else { panic!("an answer") };
    let Outcome::Answer { bytes: again, admitted } = world.take(1, &signed) else { panic!("an answer") };
    assert_eq!((first, true, 1), (again, admitted, world.relay.count()));
    let request = client.allocate();
    assert_eq!(world.ask(1, &mut client, request), Heard::Refused(437));
}

#[test]
fn allocations_are_counted_by_name_and_by_network() {
    let mut world = World::new();
    for number in 0..MAX_NAME {
        world.allocated(u32::try_from(number).expect("short"), "ada");
    }
    let mut client = world.client("ada");
    let request = client.allocate();
    assert_eq!(world.ask(100, &mut client, request), Heard::Refused(486));
    let mut number = 1_000;
    while world.relay.count() < MAX_NETWORK {
        world.now.at += Duration::from_millis(10);
        world.allocated(number, &format!("p{number}"));
        number += 1;
    }
    let mut client = world.client("bob");
    let request = client.allocate();
    assert_eq!(world.ask(101, &mut client, request), Heard::Refused(486));
}

#[test]
fn a_flood_of_strangers_is_not_answered_without_end() {
    let mut world = World::new();
    let request = world.client("ada").allocate();
    let mut answers = 0;
    for number in 0..50_000 {
        answers += usize::from(matches!(world.take(number, &request), Outcome::Answer { .. }));
    }
    assert_eq!(answers, 1_000);
    assert_eq!(world.relay.count(), 0);
}

#[test]
fn what_must_be_understood_and_is_not_is_named() {
    let mut world = World::new();
    let credentials = world.secret.mint("ada", WALL + 3_600 * SECOND);
    let nonce = world.relay.nonce(at(FROM).ip(), world.now.at);
    let request = |transport: &[u8], odd: Option<u16>| {
        let mut writer = Writer::new(Class::Request, Method::Allocate, [9; 12]);
        if !transport.is_empty() {
            writer = writer.put(REQUESTED_TRANSPORT, transport);
        }
        if let Some(odd) = odd {
            writer = writer.put(odd, &[]);
        }
        writer
            .put(USERNAME, credentials.username.as_bytes())
            .put(crate::message::REALM, REALM.as_bytes())
            .put(NONCE, nonce.as_bytes())
            .signed(&crate::credentials::key(&credentials.username, REALM, &credentials.password))
    };
    let cases =
        [(request(&[17, 0, 0, 0], Some(0x001a)), 420), (request(&[6, 0, 0, 0], None), 442), (request(&[], None), 400)];
    for (bytes, code) in cases {
        let Outcome::Answer { bytes, .. } = world.take(1, &bytes) else { panic!("an answer") };
        assert_eq!(Message::parse(&bytes).expect("a message").error(), Some(code));
    }
    let kind = 0x8022;
    let Outcome::Answer { bytes, .. } = world.take(1, &request(&[17, 0, 0, 0], Some(kind))) else {
        panic!("an answer")
    };
    assert_eq!(Message::parse(&bytes).expect("a message").class, Class::Success);
}

proptest! {
    #[test]
    fn changed_bytes_never_open_a_way(changes in prop::collection::vec((any::<u16>(), any::<u8>()), 1..4), which in 0usize..4) {
        let mut world = World::new();
        let peer = world.peers[0];
        let (mut client, _) = world.allocated(1, "ada");
        let mut bytes = match which {
            0 => client.permit(peer),
            1 => client.bind(peer, CHANNEL_ONE),
            2 => client.refresh(0),
            _ => client.wrap(peer, b"hello"),
        };
        let whole = bytes.clone();
        for (at, value) in changes {
            let at = usize::from(at) % bytes.len();
            bytes[at] = value;
        }
        prop_assume!(bytes != whole);
        let through = world.got_through(1, &bytes);
        prop_assert_eq!(through, None);
        prop_assert_eq!(world.relay.count(), 1);
        let sent = client.wrap(peer, b"hello");
        prop_assert_eq!(world.got_through(1, &sent), None, "nothing was permitted");
    }
}
