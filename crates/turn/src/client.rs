//! A client of one allocation, for tests, load clients and those who look for the dead path. It repeats nothing: who
//! waits for an answer on UDP asks again.

use std::net::SocketAddr;

use crate::credentials::{Credentials, key};
use crate::message::{
    CHANNEL_NUMBER, ChannelData, Class, DATA, LIFETIME, Message, Method, NONCE, REALM, REQUESTED_TRANSPORT, USERNAME,
    Writer, XOR_PEER_ADDRESS, XOR_RELAYED_ADDRESS,
};

/// What the server has said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that was asked for.
    Nothing,
    /// It wants the request with a proof: this one.
    Send(Vec<u8>),
    Allocated(SocketAddr),
    Permitted,
    Bound,
    Refreshed,
    /// The number of the error.
    Refused(u16),
    Packet {
        from: SocketAddr,
        packet: Vec<u8>,
    },
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Allocation,
    Permission(SocketAddr),
    Channel(SocketAddr, u16),
    Life(u32),
}

/// One allocation, from the side of the client.
#[derive(Debug)]
pub struct Client {
    credentials: Credentials,
    by_stream: bool,
    seed: [u8; 8],
    requests: u32,
    /// Realm and nonce, and the key made of the realm.
    proof: Option<(String, String, [u8; 16])>,
    asked: Option<(Wanted, [u8; 12])>,
    bound: Option<(SocketAddr, u16)>,
}

impl Client {
    /// `seed` makes the numbers of its requests its own.
    pub fn new(credentials: Credentials, by_stream: bool, seed: [u8; 8]) -> Self {
        Self { credentials, by_stream, seed, requests: 0, proof: None, asked: None, bound: None }
    }

    pub fn allocate(&mut self) -> Vec<u8> {
        self.ask(Wanted::Allocation)
    }

    pub fn permit(&mut self, peer: SocketAddr) -> Vec<u8> {
        self.ask(Wanted::Permission(peer))
    }

    pub fn bind(&mut self, peer: SocketAddr, channel: u16) -> Vec<u8> {
        self.ask(Wanted::Channel(peer, channel))
    }

    /// Goes on for so many seconds, or ends with 0.
    pub fn refresh(&mut self, seconds: u32) -> Vec<u8> {
        self.ask(Wanted::Life(seconds))
    }

    /// A packet for `peer`: on its channel if there is one.
    pub fn wrap(&mut self, peer: SocketAddr, packet: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match self.bound.filter(|(bound, _)| *bound == peer) {
            Some((_, channel)) if ChannelData { channel, packet }.write(self.by_stream, &mut out).is_ok() => out,
            _ => {
                let writer = Writer::new(Class::Indication, Method::Send, self.number());
                writer.address(XOR_PEER_ADDRESS, peer).put(DATA, packet).unsigned()
            }
        }
    }

    /// Takes one message of the server.
    pub fn take(&mut self, bytes: &[u8]) -> Heard {
        if let Ok(data) = ChannelData::parse(bytes) {
            let from = self.bound.filter(|(_, channel)| *channel == data.channel).map(|(peer, _)| peer);
            return from.map_or(Heard::Nothing, |from| Heard::Packet { from, packet: data.packet.to_vec() });
        }
        let Ok(message) = Message::parse(bytes) else { return Heard::Nothing };
        if (message.class, message.method) == (Class::Indication, Method::Data) {
            return match (message.address(XOR_PEER_ADDRESS), message.get(DATA)) {
                (Some(from), Some(packet)) => Heard::Packet { from, packet: packet.to_vec() },
                _ => Heard::Nothing,
            };
        }
        let Some((wanted, _)) = self.asked.take_if(|(_, number)| *number == message.transaction()) else {
            return Heard::Nothing;
        };
        match message.class {
            Class::Success => self.granted(wanted, &message),
            Class::Failure => self.refused(wanted, &message),
            Class::Request | Class::Indication => Heard::Nothing,
        }
    }

    fn granted(&mut self, wanted: Wanted, message: &Message<'_>) -> Heard {
        // Only the server can sign with the key; a success that it did not sign is somebody else's.
        if !self.proof.as_ref().is_some_and(|(_, _, key)| message.is_signed_with(key)) {
            return Heard::Nothing;
        }
        match wanted {
            Wanted::Allocation => message.address(XOR_RELAYED_ADDRESS).map_or(Heard::Nothing, Heard::Allocated),
            Wanted::Permission(_) => Heard::Permitted,
            Wanted::Channel(peer, channel) => {
                self.bound = Some((peer, channel));
                Heard::Bound
            }
            Wanted::Life(_) => Heard::Refreshed,
        }
    }

    fn refused(&mut self, wanted: Wanted, message: &Message<'_>) -> Heard {
        let code = message.error().unwrap_or(0);
        let first = code == 401 && self.proof.is_none();
        match (message.text(REALM), message.text(NONCE)) {
            (Some(realm), Some(nonce)) if first || code == 438 => {
                let key = key(&self.credentials.username, realm, &self.credentials.password);
                self.proof = Some((realm.to_owned(), nonce.to_owned(), key));
                Heard::Send(self.ask(wanted))
            }
            _ => Heard::Refused(code),
        }
    }

    fn ask(&mut self, wanted: Wanted) -> Vec<u8> {
        let number = self.number();
        self.asked = Some((wanted, number));
        let writer = |method| Writer::new(Class::Request, method, number);
        let writer = match wanted {
            Wanted::Allocation => writer(Method::Allocate).put(REQUESTED_TRANSPORT, &[17, 0, 0, 0]),
            Wanted::Permission(peer) => writer(Method::CreatePermission).address(XOR_PEER_ADDRESS, peer),
            Wanted::Channel(peer, channel) => {
                let writer = writer(Method::ChannelBind).number(CHANNEL_NUMBER, u32::from(channel) << 16);
                writer.address(XOR_PEER_ADDRESS, peer)
            }
            Wanted::Life(seconds) => writer(Method::Refresh).number(LIFETIME, seconds),
        };
        match &self.proof {
            None => writer.unsigned(),
            Some((realm, nonce, key)) => writer
                .put(USERNAME, self.credentials.username.as_bytes())
                .put(REALM, realm.as_bytes())
                .put(NONCE, nonce.as_bytes())
                .signed(key),
        }
    }

    fn number(&mut self) -> [u8; 12] {
        self.requests += 1;
        let mut number = [0; 12];
        number[..8].copy_from_slice(&self.seed);
        number[8..].copy_from_slice(&self.requests.to_be_bytes());
        number
    }
}
