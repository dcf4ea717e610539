//! Checks by which a client asks whether what it sends is still wanted (consent, RFC 7675 section 5.1), answered past the
//! stack while that sleeps: it would walk over all lines for each. Only what the stack has taken before is answered, on
//! the same path and under the same names; everything else is the stack's.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::config::CryptoProvider;
use str0m::error::RtcError;
use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive};
use str0m::{IceCreds, Input};

use super::peer::{Path, Peer};
use super::turn::Turn;
use crate::net::{Datagram, Way};

/// Most bytes of an answer: its header, an IPv6 address, the proof and the checksum take 76.
const ANSWER_MAX: usize = 128;

/// What the client asks by, and the last of its checks of which the stack does not know.
#[derive(Debug, Default)]
pub struct Consent {
    known: Option<Known>,
    unheard_at: Option<Instant>,
    unheard: Vec<u8>,
}

/// A check that the stack has taken: who asks whom, and with which password that is proved.
#[derive(Debug)]
struct Known {
    from: SocketAddr,
    ours: SocketAddr,
    names: String,
    password: String,
}

impl Consent {
    /// The stack has taken a check. The path on which the client means to stay is remembered.
    pub fn taken(&mut self, datagram: &Datagram, ours: SocketAddr, credentials: impl FnOnce() -> IceCreds) {
        let Ok(check) = StunMessage::parse(&datagram.bytes) else { return };
        let Some(names) = check.username().filter(|_| check.is_binding_request() && check.use_candidate()) else {
            return;
        };
        let is_known = |known: &Known| (known.from, known.ours, known.names.as_str()) == (datagram.from, ours, names);
        if matches!(datagram.way, Way::Udp) && !self.known.as_ref().is_some_and(is_known) {
            let password = credentials().pass;
            self.known = Some(Known { from: datagram.from, ours, names: names.to_owned(), password });
        }
    }

    /// The answer to a check, if it is one that the stack has taken before.
    pub fn answer(&mut self, datagram: &Datagram, ours: SocketAddr, crypto: &CryptoProvider) -> Option<Vec<u8>> {
        let known = self.known.as_ref().filter(|known| (known.from, known.ours) == (datagram.from, ours))?;
        let check = StunMessage::parse(&datagram.bytes).ok()?;
        let hmac = |key: &[u8], parts: &[&[u8]]| crypto.sha1_hmac_provider.sha1_hmac(key, parts);
        let password = known.password.as_bytes();
        let is_known = check.is_binding_request()
            && check.username() == Some(&known.names)
            && check.ice_controlled().is_none()
            && matches!(datagram.way, Way::Udp)
            && check.verify(password, hmac);
        if !is_known {
            return None;
        }
        let mut answer = vec![0; ANSWER_MAX];
        let reply = StunMessage::binding_reply(check.trans_id(), datagram.from);
        let length = reply.to_bytes(Some(password), &mut answer, hmac).ok()?;
        answer.truncate(length);
        self.unheard_at = Some(datagram.at);
        self.unheard.clear();
        self.unheard.extend_from_slice(&datagram.bytes);
        Some(answer)
    }

    /// Whether there is a check of which the stack does not know.
    #[cfg(test)]
    pub fn is_unheard(&self) -> bool {
        self.unheard_at.is_some()
    }

    /// With another password everything begins anew.
    pub fn agreed(&mut self, password: &str) {
        if self.known.as_ref().is_some_and(|known| known.password != password) {
            *self = Self::default();
        }
    }
}

impl Peer {
    /// Answers a check past the stack, if that sleeps.
    pub(super) fn consents(
        &mut self,
        datagram: &Datagram,
        ours: SocketAddr,
        crypto: &CryptoProvider,
        turn: &mut Turn,
    ) -> bool {
        if !self.rest.is_asleep(datagram.at) {
            return false;
        }
        let Some(answer) = self.consent.answer(datagram, ours, crypto) else { return false };
        if let Some(until) = self.rest.proves(datagram.at) {
            self.ask_at(until, turn);
        }
        let path = Path { protocol: Protocol::Udp, ours, theirs: datagram.from };
        self.deliver_by(&path, &answer, false, turn);
        self.plan();
        true
    }

    /// The stack has taken a check.
    pub(super) fn checked(&mut self, datagram: &Datagram, ours: SocketAddr) {
        let rtc = &mut self.rtc;
        self.consent.taken(datagram, ours, || rtc.direct_api().local_ice_credentials());
    }

    /// Hands something to the stack. Of the checks that were answered past it the last one goes first, since to the stack
    /// a client that does not ask is gone. It answers it again, which is no news to the client.
    pub(super) fn input(&mut self, input: Input<'_>) -> Result<(), RtcError> {
        let unheard = self.consent.unheard_at.take().zip(self.consent.known.as_ref());
        if let Some((at, known)) = unheard
            && let Ok(check) = Receive::new(Protocol::Udp, known.from, known.ours, &self.consent.unheard)
        {
            self.rtc.handle_input(Input::Receive(at, check))?;
        }
        self.rtc.handle_input(input)
    }
}
