//! The WebRTC side: one connection, which offers, or the second one of a client, which answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use kloud_livekit::proto::SessionDescription;
use str0m::change::{SdpOffer, SdpPendingOffer};
use str0m::channel::ChannelConfig;
use str0m::media::{Direction, MediaKind, Mid, Simulcast, SimulcastLayer};
use str0m::{Rtc, RtcConfig};

use crate::coded::Skills;
use crate::recording::CAMERA;
use crate::wire::Wire;

/// What a line is offered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Sound,
    Picture,
    /// A picture in several sizes.
    Layers,
}

pub struct Peer {
    pub rtc: Rtc,
    pub local: SocketAddr,
    pub pending: Option<SdpPendingOffer>,
    pub offers: u32,
    receiving: Vec<Mid>,
    pub sending: HashMap<String, Mid>,
    pub tracks: HashMap<Mid, String>,
    /// What was asked for while an offer was open: lines of sound and of pictures, or none, which is a new offer.
    pub asked: Option<(u32, u32)>,
}

impl Peer {
    pub fn new(wire: &Wire, skills: Skills) -> Self {
        let mut rtc = skills
            .configure(RtcConfig::new())
            .set_rtp_mode(true)
            .set_rtcp_report_interval_audio(Duration::from_secs(1))
            .build(Instant::now());
        if let Some(candidate) = wire.candidate() {
            rtc.add_local_candidate(candidate);
        }
        Self {
            rtc,
            local: wire.local(),
            pending: None,
            offers: 0,
            receiving: Vec::new(),
            sending: HashMap::new(),
            tracks: HashMap::new(),
            asked: None,
        }
    }

    /// Bytes that no other client of this process has.
    pub fn local_seed(&mut self) -> [u8; 8] {
        let name = self.rtc.direct_api().local_ice_credentials().ufrag;
        let mut seed = [0; 8];
        seed.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
        seed
    }

    /// The first offer, with lines to receive on if this connection is for that too.
    pub fn first_offer(&mut self, receives: bool) -> String {
        let mut api = self.rtc.sdp_api();
        let kinds = [MediaKind::Audio, MediaKind::Audio, MediaKind::Video, MediaKind::Video];
        for kind in kinds.into_iter().filter(|_| receives) {
            self.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
        }
        for label in ["_reliable", "_lossy"] {
            api.add_channel_with_config(ChannelConfig { label: label.into(), ..Default::default() });
        }
        let (offer, pending) = api.apply().expect("changes");
        self.pending = Some(pending);
        self.offers = 1;
        offer.to_sdp_string()
    }

    /// Takes an offer of the server, with the tracks on its lines, and answers it.
    pub fn answer(&mut self, offer: &SessionDescription) -> SessionDescription {
        let tracks = offer.mid_to_track_id.iter();
        self.tracks = tracks.map(|(mid, track)| (Mid::from(&**mid), track.clone())).collect();
        let parsed = SdpOffer::from_sdp_string(&offer.sdp).expect("an offer");
        let answer = self.rtc.sdp_api().accept_offer(parsed).expect("accepted").to_sdp_string();
        SessionDescription { r#type: "answer".into(), sdp: answer, id: offer.id, ..Default::default() }
    }

    /// Offers again: every receiving line as receiving, `more` lines of each kind, and `publish` if any.
    pub fn offer(&mut self, more: (u32, u32), publish: Option<(String, Shape)>) -> SessionDescription {
        let inactive: Vec<_> = self
            .receiving
            .iter()
            .copied()
            .filter(|mid| self.rtc.media(*mid).is_some_and(|m| m.direction() == Direction::Inactive))
            .collect();
        let parked: Vec<_> = self
            .sending
            .values()
            .copied()
            .filter(|mid| self.rtc.media(*mid).is_some_and(|m| m.direction() == Direction::Inactive))
            .collect();
        let mut api = self.rtc.sdp_api();
        inactive.iter().for_each(|mid| api.set_direction(*mid, Direction::RecvOnly));
        parked.iter().for_each(|mid| api.set_direction(*mid, Direction::SendOnly));
        for (kind, count) in [(MediaKind::Audio, more.0), (MediaKind::Video, more.1)] {
            for _ in 0..count {
                self.receiving.push(api.add_media(kind, Direction::RecvOnly, None, None, None));
            }
        }
        if let Some((cid, shape)) = publish {
            let (kind, simulcast) = match shape {
                Shape::Sound => (MediaKind::Audio, None),
                Shape::Picture => (MediaKind::Video, None),
                Shape::Layers => (MediaKind::Video, Some(layers())),
            };
            let mid = api.add_media(kind, Direction::SendOnly, Some("-".into()), Some(cid.clone()), simulcast);
            self.sending.insert(cid, mid);
        }
        if !api.has_changes() {
            // There is no offer without a change; one more line is a change.
            self.receiving.push(api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None));
        }
        let (offer, pending) = api.apply().expect("changes");
        self.pending = Some(pending);
        self.offers += 1;
        SessionDescription { r#type: "offer".into(), sdp: offer.to_sdp_string(), id: self.offers, ..Default::default() }
    }
}

fn layers() -> Simulcast {
    let mut simulcast = Simulcast::new();
    CAMERA.iter().for_each(|layer| simulcast.add_send_layer(SimulcastLayer::new(layer.rid)));
    simulcast
}
