//! Checks by which a client that rests asks whether what it sends is still wanted (consent, RFC 7675 section 5.1). Whoever
//! reads them answers them, so that nobody else wakes up for them, and tells the thread of the connection now and then.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use str0m::config::CryptoProvider;
use str0m::ice::StunMessage;

use super::outbox::Replies;
use super::receiver::{Datagram, Way};
use super::table::Route;
use crate::meters::ThreadMeter;

/// Most bytes of an answer: its header, an IPv6 address, the proof and the checksum take 76.
const ANSWER_MAX: usize = 128;

/// A check that the stack of a connection has taken: who asks whom, and with which password that is proved. Only the
/// like of it is answered past the stack.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    from: SocketAddr,
    to: Option<IpAddr>,
    names: String,
    password: String,
}

impl Asked {
    /// Of a check by UDP, on the path on which the client means to stay.
    pub fn by(datagram: &Datagram, password: String) -> Option<Self> {
        let check = StunMessage::parse(&datagram.bytes).ok()?;
        let stays = matches!(datagram.way, Way::Udp) && check.is_binding_request() && check.use_candidate();
        let names = check.username().filter(|_| stays)?.to_owned();
        Some(Self { from: datagram.from, to: datagram.to, names, password })
    }

    pub fn is_proved_by(&self, password: &str) -> bool {
        self.password == password
    }

    /// The answer to a check, if it is one like this.
    pub fn answer(&self, datagram: &Datagram, crypto: &CryptoProvider) -> Option<Vec<u8>> {
        let is_here = (self.from, self.to) == (datagram.from, datagram.to) && matches!(datagram.way, Way::Udp);
        let check = StunMessage::parse(&datagram.bytes).ok().filter(|_| is_here)?;
        let hmac = |key: &[u8], parts: &[&[u8]]| crypto.sha1_hmac_provider.sha1_hmac(key, parts);
        let password = self.password.as_bytes();
        let is_known = check.is_binding_request()
            && check.username() == Some(&self.names)
            && check.ice_controlled().is_none()
            && check.verify(password, hmac);
        if !is_known {
            return None;
        }
        let mut answer = vec![0; ANSWER_MAX];
        let reply = StunMessage::binding_reply(check.trans_id(), datagram.from);
        let length = reply.to_bytes(Some(password), &mut answer, hmac).ok()?;
        answer.truncate(length);
        Some(answer)
    }
}

/// Answers, and remembers for each connection the last check of which its thread does not know.
pub struct Consents {
    replies: Replies,
    crypto: Arc<CryptoProvider>,
    meter: Arc<ThreadMeter>,
    unheard: HashMap<u64, (usize, Datagram)>,
}

impl std::fmt::Debug for Consents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consents").field("unheard", &self.unheard.len()).finish_non_exhaustive()
    }
}

impl Consents {
    pub fn new(replies: Replies, crypto: Arc<CryptoProvider>, meter: Arc<ThreadMeter>) -> Self {
        Self { replies, crypto, meter, unheard: HashMap::new() }
    }

    /// Answers a check of a connection that rests, if it is like the one that the connection has taken.
    pub fn take(&mut self, check: &Datagram, route: Route, asked: &Asked) -> bool {
        let Some(answer) = asked.answer(check, &self.crypto) else { return false };
        self.replies.send(check, &answer);
        self.meter.wire_in.udp.add(check.bytes.len());
        self.meter.wire_out.udp.add(answer.len());
        let check = Datagram { conn: route.conn, is_answered: true, ..check.clone() };
        self.unheard.insert(route.conn, (route.thread, check));
        true
    }

    /// What the threads do not know yet, each with the number of its thread.
    pub fn unheard(&mut self) -> impl Iterator<Item = (usize, Datagram)> {
        self.unheard.drain().map(|(_, of)| of)
    }
}
