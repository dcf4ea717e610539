//! The server's side. One table of allocations, each known by where its client speaks from.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use kloud_base::{Rng, Timestamp, random_bytes};

use crate::credentials::{REALM, Secret};
use crate::leases::Leases;
use crate::limit::{Limit, network};
use crate::message::{
    CHANNEL_NUMBER, ChannelData, Class, DATA, LIFETIME, Message, Method, NONCE, REQUESTED_ADDRESS_FAMILY,
    REQUESTED_TRANSPORT, UNKNOWN_ATTRIBUTES, USERNAME, Writer, XOR_MAPPED_ADDRESS, XOR_PEER_ADDRESS,
    XOR_RELAYED_ADDRESS,
};

/// How long an allocation lasts unless it is refreshed, and a permission and a channel. RFC 8656 names these times.
const LIFE: Duration = Duration::from_secs(600);
const PERMISSION: Duration = Duration::from_secs(300);
const CHANNEL: Duration = Duration::from_secs(600);
/// How long a client may go on with what it was given to prove that it hears us.
const NONCE_LIFE: Duration = Duration::from_secs(3_600);
/// Most allocations: in all, of one subscriber's network, of one name.
const MAX: usize = 8_192;
const MAX_NETWORK: usize = 2_048;
const MAX_NAME: usize = 16;
/// Most addresses that one request may name.
const MAX_PEERS: usize = 16;
/// Port numbers of relayed addresses. Nothing listens there; they lie below those that systems choose for clients, so
/// that an address is hardly ever also that of a client beside this server.
const PORTS: std::ops::Range<u16> = 2_048..32_768;
/// The protocol number of UDP.
const UDP: u8 = 17;

/// What comes from a client.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a, C> {
    /// Whom an answer goes to.
    pub client: C,
    pub from: SocketAddr,
    /// It came by a stream, where short packets are padded.
    pub by_stream: bool,
    pub packet: &'a [u8],
}

/// The time, for what lasts and for what ends at an hour of the day.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Instant,
    pub wall: Timestamp,
}

/// What becomes of it.
#[derive(Debug)]
pub enum Outcome<'a> {
    Nothing,
    /// Goes back to the client. `admitted` if it has an allocation.
    Answer {
        bytes: Vec<u8>,
        admitted: bool,
    },
    /// A packet for one of the server's own addresses, from the relayed one.
    Packet {
        leases: Arc<Leases>,
        peer: SocketAddr,
        packet: &'a [u8],
    },
}

/// The relay, for clients that are told apart by `C`.
#[derive(Debug)]
pub struct Relay<C> {
    secret: Secret,
    nonces: Secret,
    peers: Vec<SocketAddr>,
    start: Instant,
    limit: Limit,
    allocations: HashMap<C, Allocation>,
    used: HashSet<SocketAddr>,
    by_network: HashMap<IpAddr, usize>,
    by_name: HashMap<String, usize>,
    next_port: u16,
}

#[derive(Debug)]
struct Allocation {
    name: String,
    key: [u8; 16],
    /// Of the request that made it: the same one again gets the same answer.
    transaction: [u8; 12],
    network: IpAddr,
    leases: Arc<Leases>,
    until: Instant,
    /// For each of the server's addresses.
    terms: Vec<Terms>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Terms {
    permitted: Option<Instant>,
    channel: Option<(u16, Instant)>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    BadRequest,
    Unauthenticated,
    Forbidden,
    Mismatch,
    StaleNonce,
    Family,
    WrongName,
    Transport,
    PeerFamily,
    Quota,
    Full,
}

impl Refusal {
    fn told(self) -> (u16, &'static str) {
        match self {
            Refusal::BadRequest => (400, "Bad Request"),
            Refusal::Unauthenticated => (401, "Unauthenticated"),
            Refusal::Forbidden => (403, "Forbidden"),
            Refusal::Mismatch => (437, "Allocation Mismatch"),
            Refusal::StaleNonce => (438, "Stale Nonce"),
            Refusal::Family => (440, "Address Family not Supported"),
            Refusal::WrongName => (441, "Wrong Credentials"),
            Refusal::Transport => (442, "Unsupported Transport Protocol"),
            Refusal::PeerFamily => (443, "Peer Address Family Mismatch"),
            Refusal::Quota => (486, "Allocation Quota Reached"),
            Refusal::Full => (508, "Insufficient Capacity"),
        }
    }
}

/// Who has signed a request.
struct Signer<'a> {
    name: &'a str,
    key: [u8; 16],
}

impl<C: Copy + Eq + Hash> Relay<C> {
    /// A relay to `peers`, the server's own addresses as clients are told them, and to nothing else.
    pub fn new(secret: Secret, peers: Vec<SocketAddr>, rng: &dyn Rng, start: Instant) -> Self {
        Self {
            secret,
            nonces: Secret::random(rng),
            peers,
            start,
            limit: Limit::new(u64::from_be_bytes(random_bytes::<8>(rng)), start),
            allocations: HashMap::new(),
            used: HashSet::new(),
            by_network: HashMap::new(),
            by_name: HashMap::new(),
            next_port: PORTS.start,
        }
    }

    /// Takes what a client has sent.
    pub fn take<'a>(&mut self, arrived: Arrived<'a, C>, now: Moment) -> Outcome<'a> {
        if !crate::is_message(arrived.packet) {
            return self.channel(&arrived, now.at);
        }
        let Ok(message) = Message::parse(arrived.packet) else { return Outcome::Nothing };
        match (message.class, message.method) {
            (Class::Indication, Method::Send) => self.send(&arrived, &message, now.at),
            (Class::Request, Method::Other) | (Class::Indication | Class::Success | Class::Failure, _) => {
                Outcome::Nothing
            }
            (Class::Request, _) => self.request(&arrived, &message, now),
        }
    }

    /// Forgets what is over.
    pub fn sweep(&mut self, now: Instant) {
        let over: Vec<C> = self.allocations.iter().filter(|(_, a)| a.until <= now).map(|(client, _)| *client).collect();
        over.into_iter().for_each(|client| self.end(client));
        self.allocations.values_mut().for_each(|allocation| allocation.sweep(now));
    }

    /// Ends what a client has; its stream is closed, or it says so.
    pub fn end(&mut self, client: C) {
        let Some(allocation) = self.allocations.remove(&client) else { return };
        allocation.leases.end();
        self.used.remove(&allocation.leases.relayed());
        less(&mut self.by_network, &allocation.network);
        less(&mut self.by_name, &allocation.name);
    }

    pub fn count(&self) -> usize {
        self.allocations.len()
    }

    fn channel<'a>(&mut self, arrived: &Arrived<'a, C>, now: Instant) -> Outcome<'a> {
        let Ok(data) = ChannelData::parse(arrived.packet) else { return Outcome::Nothing };
        let Some(allocation) = self.allocations.get(&arrived.client).filter(|a| a.until > now) else {
            return Outcome::Nothing;
        };
        let bound = |t: &Terms| t.channel.is_some_and(|(number, until)| number == data.channel && until > now);
        match allocation.terms.iter().position(bound).and_then(|index| self.peers.get(index)) {
            Some(peer) => Outcome::Packet { leases: allocation.leases.clone(), peer: *peer, packet: data.packet },
            None => Outcome::Nothing,
        }
    }

    fn send<'a>(&mut self, arrived: &Arrived<'a, C>, message: &Message<'a>, now: Instant) -> Outcome<'a> {
        let Some(allocation) = self.allocations.get(&arrived.client).filter(|a| a.until > now) else {
            return Outcome::Nothing;
        };
        let (Some(peer), Some(packet)) = (message.address(XOR_PEER_ADDRESS), message.get(DATA)) else {
            return Outcome::Nothing;
        };
        let index = self.peers.iter().position(|p| *p == peer);
        let permitted = index.and_then(|index| allocation.terms.get(index)?.permitted).is_some_and(|until| until > now);
        if permitted { Outcome::Packet { leases: allocation.leases.clone(), peer, packet } } else { Outcome::Nothing }
    }

    fn request<'a>(&mut self, arrived: &Arrived<'a, C>, message: &Message<'a>, now: Moment) -> Outcome<'a> {
        // Who has an allocation has shown its password; whoever has none is a stranger.
        let known = self.allocations.contains_key(&arrived.client);
        if !known && !self.limit.may_answer(arrived.from.ip(), now.at) {
            return Outcome::Nothing;
        }
        let writer = |class| Writer::new(class, message.method, message.transaction());
        if message.method == Method::Binding {
            let bytes = writer(Class::Success).address(XOR_MAPPED_ADDRESS, arrived.from).unsigned();
            return Outcome::Answer { bytes, admitted: false };
        }
        let signer = match self.signer(arrived, message, now) {
            Ok(signer) => signer,
            // Anybody can write the address of one who has an allocation.
            Err(_) if known && !self.limit.may_answer(arrived.from.ip(), now.at) => return Outcome::Nothing,
            Err(refusal) => {
                let (code, reason) = refusal.told();
                let mut answer = writer(Class::Failure).error(code, reason);
                if matches!(refusal, Refusal::Unauthenticated | Refusal::StaleNonce) {
                    let nonce = self.nonce(arrived.from.ip(), now.at);
                    answer = answer.put(crate::message::REALM, REALM.as_bytes()).put(NONCE, nonce.as_bytes());
                }
                return Outcome::Answer { bytes: answer.unsigned(), admitted: false };
            }
        };
        let unknown = message.not_understood();
        let answer = if !unknown.is_empty() {
            let unknown: Vec<u8> = unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
            writer(Class::Failure).error(420, "Unknown Attribute").put(UNKNOWN_ATTRIBUTES, &unknown)
        } else {
            match self.fulfil(arrived, message, &signer, now.at, writer(Class::Success)) {
                Ok(answer) => answer,
                Err(refusal) => {
                    let (code, reason) = refusal.told();
                    writer(Class::Failure).error(code, reason)
                }
            }
        };
        let admitted = self.allocations.contains_key(&arrived.client);
        Outcome::Answer { bytes: answer.signed(&signer.key), admitted }
    }

    /// Checks who asks (RFC 8489 section 9.2.4).
    fn signer<'a>(&self, arrived: &Arrived<'a, C>, message: &Message<'a>, now: Moment) -> Result<Signer<'a>, Refusal> {
        if !message.is_signed() {
            return Err(Refusal::Unauthenticated);
        }
        let said = (message.text(USERNAME), message.text(crate::message::REALM), message.text(NONCE));
        let (Some(name), Some(_), Some(nonce)) = said else { return Err(Refusal::BadRequest) };
        if !self.is_nonce(nonce, arrived.from.ip(), now.at) {
            return Err(Refusal::StaleNonce);
        }
        // A meeting may last longer than the name that somebody came with: what is there can be kept.
        let key = match self.allocations.get(&arrived.client) {
            Some(allocation) if allocation.name == name => allocation.key,
            Some(_) => return Err(Refusal::WrongName),
            None => self.secret.key_of(name, now.wall).ok_or(Refusal::Unauthenticated)?,
        };
        if message.is_signed_with(&key) { Ok(Signer { name, key }) } else { Err(Refusal::Unauthenticated) }
    }

    fn fulfil(
        &mut self,
        arrived: &Arrived<'_, C>,
        message: &Message<'_>,
        signer: &Signer<'_>,
        now: Instant,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        match message.method {
            Method::Allocate => self.allocate(arrived, message, signer, now, answer),
            Method::Refresh => self.refresh(arrived.client, message, now, answer),
            Method::CreatePermission => self.permit(arrived.client, message, now).map(|()| answer),
            Method::ChannelBind => self.bind(arrived.client, message, now).map(|()| answer),
            Method::Binding | Method::Send | Method::Data | Method::Other => Err(Refusal::BadRequest),
        }
    }

    fn allocate(
        &mut self,
        arrived: &Arrived<'_, C>,
        message: &Message<'_>,
        signer: &Signer<'_>,
        now: Instant,
        answer: Writer,
    ) -> Result<Writer, Refusal> {
        let relayed = match self.allocations.get(&arrived.client) {
            Some(same) if same.transaction == message.transaction() => same.leases.relayed(),
            Some(_) => return Err(Refusal::Mismatch),
            None => {
                if message.get(REQUESTED_TRANSPORT).ok_or(Refusal::BadRequest)?.first() != Some(&UDP) {
                    return Err(Refusal::Transport);
                }
                let leases = self.room_for(arrived, message, signer)?;
                let relayed = leases.relayed();
                self.keep(arrived, message, signer, leases, now);
                relayed
            }
        };
        let life = u32::try_from(LIFE.as_secs()).unwrap_or(0);
        let answer = answer.address(XOR_RELAYED_ADDRESS, relayed).number(LIFETIME, life);
        Ok(answer.address(XOR_MAPPED_ADDRESS, arrived.from))
    }

    /// A relayed address, if there is room for one more.
    fn room_for(
        &mut self,
        arrived: &Arrived<'_, C>,
        message: &Message<'_>,
        signer: &Signer<'_>,
    ) -> Result<Arc<Leases>, Refusal> {
        let ip = self.relayed_ip(message.get(REQUESTED_ADDRESS_FAMILY))?;
        let held = |of: Option<&usize>| of.copied().unwrap_or(0);
        let of_network = held(self.by_network.get(&network(arrived.from.ip())));
        if held(self.by_name.get(signer.name)) >= MAX_NAME || of_network >= MAX_NETWORK {
            return Err(Refusal::Quota);
        }
        if self.allocations.len() >= MAX {
            return Err(Refusal::Full);
        }
        for _ in PORTS {
            let relayed = SocketAddr::new(ip, self.next_port);
            self.next_port = if self.next_port + 1 < PORTS.end { self.next_port + 1 } else { PORTS.start };
            if !self.peers.contains(&relayed) && self.used.insert(relayed) {
                return Ok(Arc::new(Leases::new(relayed, arrived.by_stream, &self.peers)));
            }
        }
        Err(Refusal::Full)
    }

    /// The address of ours that relayed ones are made of: of the family that was asked for, else of the first.
    fn relayed_ip(&self, family: Option<&[u8]>) -> Result<IpAddr, Refusal> {
        let fits = |ip: &IpAddr| match family.and_then(<[u8]>::first) {
            None => true,
            Some(1) => ip.is_ipv4(),
            Some(2) => ip.is_ipv6(),
            Some(_) => false,
        };
        self.peers.iter().map(SocketAddr::ip).find(fits).ok_or(Refusal::Family)
    }

    fn keep(
        &mut self,
        arrived: &Arrived<'_, C>,
        message: &Message<'_>,
        signer: &Signer<'_>,
        leases: Arc<Leases>,
        now: Instant,
    ) {
        let allocation = Allocation {
            name: signer.name.to_owned(),
            key: signer.key,
            transaction: message.transaction(),
            network: network(arrived.from.ip()),
            leases,
            until: now + LIFE,
            terms: vec![Terms::default(); self.peers.len()],
        };
        *self.by_network.entry(allocation.network).or_default() += 1;
        *self.by_name.entry(allocation.name.clone()).or_default() += 1;
        self.allocations.insert(arrived.client, allocation);
    }

    fn refresh(&mut self, client: C, message: &Message<'_>, now: Instant, answer: Writer) -> Result<Writer, Refusal> {
        let allocation = self.allocations.get_mut(&client).ok_or(Refusal::Mismatch)?;
        if message.number(LIFETIME) == Some(0) {
            self.end(client);
            return Ok(answer.number(LIFETIME, 0));
        }
        allocation.until = now + LIFE;
        Ok(answer.number(LIFETIME, u32::try_from(LIFE.as_secs()).unwrap_or(0)))
    }

    fn permit(&mut self, client: C, message: &Message<'_>, now: Instant) -> Result<(), Refusal> {
        let allocation = self.allocations.get_mut(&client).ok_or(Refusal::Mismatch)?;
        let wanted: Option<Vec<_>> = message.addresses(XOR_PEER_ADDRESS).take(MAX_PEERS + 1).collect();
        let wanted = wanted.filter(|w| (1..=MAX_PEERS).contains(&w.len())).ok_or(Refusal::BadRequest)?;
        // All of them or none.
        for peer in &wanted {
            ours(&self.peers, &allocation.leases, |p| p.ip() == peer.ip(), *peer)?;
        }
        for (index, _) in self.peers.iter().enumerate().filter(|(_, p)| wanted.iter().any(|w| w.ip() == p.ip())) {
            allocation.terms[index].permitted = Some(now + PERMISSION);
        }
        allocation.sweep(now);
        Ok(())
    }

    fn bind(&mut self, client: C, message: &Message<'_>, now: Instant) -> Result<(), Refusal> {
        let allocation = self.allocations.get_mut(&client).ok_or(Refusal::Mismatch)?;
        let number = message.number(CHANNEL_NUMBER).and_then(|n| u16::try_from(n >> 16).ok());
        let number = number.filter(|n| ChannelData::NUMBERS.contains(n)).ok_or(Refusal::BadRequest)?;
        let peer = message.address(XOR_PEER_ADDRESS).ok_or(Refusal::BadRequest)?;
        let index = ours(&self.peers, &allocation.leases, |p| *p == peer, peer)?;
        allocation.sweep(now);
        let taken = |(at, terms): (usize, &Terms)| match terms.channel {
            Some((bound, _)) => (at == index) != (bound == number),
            None => false,
        };
        if allocation.terms.iter().enumerate().any(taken) {
            return Err(Refusal::BadRequest);
        }
        let permitted = Some(now + PERMISSION);
        allocation.terms[index] = Terms { permitted, channel: Some((number, now + CHANNEL)) };
        allocation.sweep(now);
        Ok(())
    }

    /// A proof that its bearer hears what is sent to this address; it says itself until when.
    fn nonce(&self, to: IpAddr, now: Instant) -> String {
        let until = now.saturating_duration_since(self.start).as_secs() + NONCE_LIFE.as_secs();
        self.nonce_until(to, until)
    }

    fn nonce_until(&self, to: IpAddr, until: u64) -> String {
        let tag = self.nonces.tag(&[&until.to_be_bytes(), to.to_string().as_bytes()]);
        let tag: String = tag[..10].iter().map(|b| format!("{b:02x}")).collect();
        format!("{until:x}-{tag}")
    }

    fn is_nonce(&self, said: &str, from: IpAddr, now: Instant) -> bool {
        let until = said.split_once('-').and_then(|(until, _)| u64::from_str_radix(until, 16).ok());
        let now = now.saturating_duration_since(self.start).as_secs();
        until.is_some_and(|until| until > now && said == self.nonce_until(from, until))
    }
}

impl Allocation {
    /// Lets go of terms that are over, and tells those who send what holds.
    fn sweep(&mut self, now: Instant) {
        for (index, terms) in self.terms.iter_mut().enumerate() {
            terms.permitted = terms.permitted.filter(|until| *until > now);
            terms.channel = terms.channel.filter(|(_, until)| *until > now);
            self.leases.set(index, terms.permitted.is_some(), terms.channel.map(|(number, _)| number));
        }
    }
}

/// The place of an address of ours that fits; nobody gets through to any other.
fn ours(
    peers: &[SocketAddr],
    leases: &Leases,
    fits: impl Fn(&SocketAddr) -> bool,
    wanted: SocketAddr,
) -> Result<usize, Refusal> {
    if wanted.is_ipv4() != leases.relayed().is_ipv4() {
        return Err(Refusal::PeerFamily);
    }
    peers.iter().position(fits).ok_or(Refusal::Forbidden)
}

fn less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, of: &K) {
    if let Some(count) = counts.get_mut(of) {
        *count -= 1;
        if *count == 0 {
            counts.remove(of);
        }
    }
}

#[cfg(test)]
#[path = "relay_tests.rs"]
mod tests;
