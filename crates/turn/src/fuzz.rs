//! Entries for whoever throws bytes at the readers of this crate: seeded mutations of real messages in the tests, and
//! fuzzers that are guided by coverage (`fuzz/`). Each of them fails where an invariant is broken.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use kloud_base::{Rng, SECOND, Timestamp};

use crate::credentials::{Credentials, REALM as OUR_REALM, Secret, key};
use crate::message::{
    CHANNEL_NUMBER, ChannelData, Class, DATA, LIFETIME, MESSAGE_INTEGRITY, Malformed, Message, Method, NONCE, REALM,
    REQUESTED_TRANSPORT, USERNAME, Writer, XOR_MAPPED_ADDRESS, XOR_PEER_ADDRESS, whole,
};
use crate::relay::{Arrived, Moment, Outcome, Relay};

const WALL: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// Longest message that is taken or made.
const LONGEST: usize = 2_048;

/// One message or packet on a channel.
pub fn stun(bytes: &[u8]) {
    if let Ok(Some(length)) = whole(bytes) {
        assert!((4..=LONGEST).contains(&length), "{length}");
    }
    if let Ok(data) = ChannelData::parse(bytes) {
        let mut again = Vec::new();
        data.write(true, &mut again).expect("what was read is short enough");
        assert_eq!(ChannelData::parse(&again), Ok(data));
        let taken = if again.len() <= LONGEST { Ok(Some(again.len())) } else { Err(Malformed) };
        assert_eq!(whole(&again), taken, "what is too long ends a stream");
    }
    let Ok(message) = Message::parse(bytes) else { return };
    for kind in [USERNAME, REALM, NONCE, DATA] {
        message.text(kind);
    }
    for kind in [CHANNEL_NUMBER, LIFETIME, REQUESTED_TRANSPORT] {
        message.number(kind);
    }
    for kind in [XOR_PEER_ADDRESS, XOR_MAPPED_ADDRESS] {
        message.addresses(kind).for_each(drop);
    }
    assert!(message.not_understood().len() <= 8);
    message.error();
    assert!(!message.is_signed_with(b"a key that nobody has"), "a signature was forged");
}

/// What clients send to the relay, one with an allocation and one without. Each piece of `bytes` has its length in
/// front, two bytes, and then a byte of circumstances: bit 0 by a stream, bit 1 from the client without an allocation,
/// bit 2 with the proof of one who has the password, bits 4 to 7 so many minutes later.
pub fn turn(bytes: &[u8], start: Instant) {
    let mut world = World::new(start);
    for piece in pieces(bytes) {
        let Some((circumstances, packet)) = piece.split_first() else { continue };
        world.moment.at += Duration::from_secs(60 * u64::from(circumstances >> 4));
        world.relay.sweep(world.moment.at);
        let client = 1 + u32::from(circumstances >> 1 & 1);
        let signed = (circumstances & 4 != 0).then(|| world.sign(client, packet)).flatten();
        let by_stream = circumstances & 1 != 0;
        world.take(client, by_stream, signed.as_deref().unwrap_or(packet));
        assert!(world.relay.count() <= 2, "one allocation for each client");
    }
}

/// The pieces of an input; what claims to be longer than the rest is the rest.
fn pieces(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*head)).min(rest.len());
        let (piece, rest) = rest.split_at(length);
        bytes = rest;
        Some(piece)
    })
}

struct Counting(AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, Ordering::Relaxed));
    }
}

struct World {
    relay: Relay<u32>,
    peers: Vec<SocketAddr>,
    moment: Moment,
    credentials: [Credentials; 2],
    nonces: [Vec<u8>; 2],
}

impl World {
    fn new(start: Instant) -> Self {
        let rng = Counting(0.into());
        let secret = Secret::random(&rng);
        let peers: Vec<SocketAddr> = vec![([192, 0, 2, 1], 7_882).into(), ([192, 0, 2, 2], 7_882).into()];
        let credentials = ["ada", "bob"].map(|who| secret.mint(who, WALL + 36_000 * SECOND));
        let relay = Relay::new(secret, peers.clone(), &rng, start);
        let moment = Moment { at: start, wall: WALL };
        let mut world = Self { relay, peers, moment, credentials, nonces: Default::default() };
        let ask = || Writer::new(Class::Request, Method::Allocate, [7; 12]).put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]);
        for client in [1, 2] {
            world.nonces[place(client)] = world.take(client, false, &ask().unsigned()).expect("a nonce for a stranger");
        }
        let allocate = world.sign(1, &ask().unsigned()).expect("a request");
        world.take(1, false, &allocate);
        assert_eq!(world.relay.count(), 1);
        world
    }

    /// Hands a packet to the relay and looks at what becomes of it; the nonce in the answer, if there is one.
    fn take(&mut self, client: u32, by_stream: bool, packet: &[u8]) -> Option<Vec<u8>> {
        let from = ([198, 51, 100, u8::try_from(client).unwrap_or(0)], 40_000).into();
        match self.relay.take(Arrived { client, from, by_stream, packet }, self.moment) {
            Outcome::Nothing => None,
            Outcome::Packet { leases, peer, packet: inner } => {
                assert!(self.peers.contains(&peer), "nothing reaches {peer}");
                assert!(!leases.is_over() && inner.len() < packet.len());
                None
            }
            Outcome::Answer { bytes, admitted } => {
                let answer = Message::parse(&bytes).expect("answers are messages");
                assert!(bytes.len() <= LONGEST && matches!(answer.class, Class::Success | Class::Failure));
                assert!(!admitted || self.relay.count() > 0);
                answer.get(NONCE).map(<[u8]>::to_vec)
            }
        }
    }

    /// The request as one who has the password would send it.
    fn sign(&self, client: u32, packet: &[u8]) -> Option<Vec<u8>> {
        let message = Message::parse(packet).ok()?;
        let Credentials { username, password } = &self.credentials[place(client)];
        let mut writer = Writer::new(message.class, message.method, message.transaction());
        for (_, kind, value) in message.attributes() {
            if ![USERNAME, REALM, NONCE, MESSAGE_INTEGRITY].contains(&kind) {
                writer = writer.put(kind, value);
            }
        }
        let writer = writer.put(USERNAME, username.as_bytes()).put(REALM, OUR_REALM.as_bytes());
        Some(writer.put(NONCE, &self.nonces[place(client)]).signed(&key(username, OUR_REALM, password)))
    }
}

fn place(client: u32) -> usize {
    usize::from(client == 2)
}

#[cfg(test)]
mod tests {
    use kloud_testkit::replay;

    use super::*;

    const STUN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/stun");
    const TURN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/turn");

    #[test]
    fn mutilated_messages_are_read_or_refused() {
        replay(STUN, 10_000, stun);
    }

    #[test]
    fn mutilated_conversations_lead_to_this_server_or_nowhere() {
        let start = Instant::now();
        replay(TURN, 10_000, |bytes| turn(bytes, start));
    }
}
