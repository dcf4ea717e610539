//! Checks of a client that rests are answered by whoever reads them (`net/consent.rs`), since the stack would walk over
//! all lines for each. What is told of them here keeps the stack from taking the client for gone.

use std::net::SocketAddr;
use std::sync::Arc;

use str0m::Input;
use str0m::error::RtcError;
use str0m::net::{Protocol, Receive};

use super::peer::Peer;
use super::turn::Turn;
use crate::net::{Asked, Datagram, RouteUpdate};

/// What the client asks by, and the last of its checks of which the stack does not know, with the address of ours that
/// it came to.
#[derive(Debug, Default)]
pub struct Consent {
    asked: Option<Arc<Asked>>,
    unheard: Option<(SocketAddr, Datagram)>,
}

impl Consent {
    /// What a check must be like that is answered without the stack.
    pub fn asked(&self) -> Option<Arc<Asked>> {
        self.asked.clone()
    }

    /// Whether there is a check of which the stack does not know.
    #[cfg(test)]
    pub fn is_unheard(&self) -> bool {
        self.unheard.is_some()
    }
}

impl Peer {
    /// The stack has taken a check. Where nothing moves, the like of it is answered without it from now on.
    pub(super) fn checked(&mut self, check: &Datagram) -> Option<RouteUpdate> {
        let asked = Asked::by(check, self.rtc.direct_api().local_ice_credentials().pass)?;
        if self.consent.asked.as_deref() != Some(&asked) {
            self.consent.asked = Some(Arc::new(asked));
        }
        self.is_at_rest(check.at).then(|| self.rests(check))
    }

    /// A check was answered that came to this address of ours.
    pub(super) fn proved(&mut self, check: Datagram, ours: SocketAddr, turn: &Turn) {
        if let Some(until) = self.rest.proves(turn.now) {
            self.ask_at(until, turn);
            self.plan();
        }
        self.consent.unheard = Some((ours, check));
    }

    /// With another password everything begins anew.
    pub(super) fn password_may_differ(&mut self, turn: &mut Turn) {
        let password = self.rtc.direct_api().local_ice_credentials().pass;
        if self.consent.asked.as_ref().is_some_and(|asked| !asked.is_proved_by(&password)) {
            self.consent = Consent::default();
            self.stirs(turn);
        }
    }

    /// Hands something to the stack. Of the checks that were answered without it the last one goes first, since to the
    /// stack a client that does not ask is gone. It answers it again, which is no news to the client.
    pub(super) fn input(&mut self, input: Input<'_>) -> Result<(), RtcError> {
        if let Some((ours, check)) = self.consent.unheard.take()
            && let Ok(receive) = Receive::new(Protocol::Udp, check.from, ours, &check.bytes)
        {
            let check = Input::Receive(check.at, receive);
            // Its password may have changed while it was on the way.
            if self.rtc.accepts(&check) {
                self.rtc.handle_input(check)?;
            }
        }
        self.rtc.handle_input(input)
    }
}
