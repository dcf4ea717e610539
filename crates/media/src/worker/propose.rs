//! Offers of this server, on a connection by which a client only receives.

use kloud_base::Rng;
use kloud_livekit::Proposal;
use kloud_sfu::Kind;
use str0m::IceCreds;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::channel::{ChannelConfig, Reliability};
use str0m::media::{Direction, MediaKind, Mid};

use super::Worker;
use super::order::{Ending, Fact};
use super::peer::{Peer, credentials, with_credentials};
use crate::net::{Route, RouteUpdate};

/// A stream of this name stands for nothing (RFC 8830 section 2); what a line carries is written into the offer after.
const NO_STREAM: &str = "-";

/// An offer that waits for its answer.
pub struct Proposed {
    offer: SdpPendingOffer,
    /// The name and password from then on, if they change.
    restart: Option<IceCreds>,
}

impl std::fmt::Debug for Proposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proposed")
    }
}

impl Worker {
    pub(super) fn propose(&mut self, conn: u64, proposal: &Proposal) {
        let route = Route { conn, thread: self.index };
        let (common, routes) = (self.common.clone(), self.routes.clone());
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.guarded(&mut self.turn, |peer, turn| {
            let Some((sdp, added)) = peer.proposal(proposal, &*common.rng) else {
                tracing::debug!(participant = %peer.owner, "there was nothing to offer");
                return peer.end(turn, Ending::Broken);
            };
            // The receiver must know the name before the client can use it.
            let restart = peer.proposed.as_ref().and_then(|proposed| proposed.restart.as_ref());
            let name = restart.map(|creds| creds.ufrag.clone());
            let name = name.unwrap_or_else(|| peer.rtc.direct_api().local_ice_credentials().ufrag);
            let _ = routes.send(RouteUpdate::Ufrag(name, route));
            peer.drain(turn);
            peer.facts.tell(Fact::Proposed { conn, sdp, added });
        });
        peer.queue(&mut self.due);
    }

    pub(super) fn accept(&mut self, conn: u64, answer: SdpAnswer) {
        let Some(peer) = self.peers.get_mut(&conn) else { return };
        peer.guarded(&mut self.turn, |peer, turn| {
            if let Err(error) = peer.accept(answer) {
                tracing::debug!(participant = %peer.owner, error, "an answer was not accepted");
                return peer.end(turn, Ending::Broken);
            }
            peer.agreed(turn);
            peer.drain(turn);
        });
        peer.queue(&mut self.due);
    }
}

impl Peer {
    /// Makes the next offer, with the names of its new lines.
    fn proposal(&mut self, proposal: &Proposal, rng: &dyn Rng) -> Option<(String, Vec<String>)> {
        let mut api = self.rtc.sdp_api();
        if proposal.channels {
            let lossy = Reliability::MaxRetransmits { retransmits: 0 };
            for (label, ordered, reliability) in [("_reliable", true, Reliability::Reliable), ("_lossy", false, lossy)]
            {
                let label = label.to_owned();
                api.add_channel_with_config(ChannelConfig { label, ordered, reliability, ..ChannelConfig::default() });
            }
        }
        for (mids, direction) in [(&proposal.emptied, Direction::Inactive), (&proposal.filled, Direction::SendOnly)] {
            mids.iter().for_each(|mid| api.set_direction(Mid::from(mid.as_str()), direction));
        }
        let mut added = Vec::new();
        for kind in &proposal.added {
            let kind = match kind {
                Kind::Audio => MediaKind::Audio,
                Kind::Video => MediaKind::Video,
            };
            added.push(api.add_media(kind, Direction::SendOnly, Some(NO_STREAM.into()), None, None).to_string());
        }
        let restart = proposal.restart.then(|| (api.ice_restart(true), credentials(rng)));
        let (offer, pending) = api.apply()?;
        let sdp = offer.to_sdp_string();
        let sdp = restart.as_ref().map_or_else(|| sdp.clone(), |(made, ours)| with_credentials(&sdp, made, ours));
        self.proposed = Some(Proposed { offer: pending, restart: restart.map(|(_, ours)| ours) });
        Some((sdp, added))
    }

    fn accept(&mut self, answer: SdpAnswer) -> Result<(), String> {
        let Some(Proposed { offer, restart }) = self.proposed.take() else { return Err("nothing is offered".into()) };
        let before = self.rtc.direct_api().local_ice_credentials();
        self.rtc.sdp_api().accept_answer(offer, answer).map_err(|error| error.to_string())?;
        let now = self.rtc.direct_api().local_ice_credentials();
        // The stack restarts only if the client does.
        if let Some(ours) = restart.filter(|_| now.ufrag != before.ufrag) {
            self.rtc.direct_api().set_local_ice_credentials(ours);
        }
        Ok(())
    }
}
