//! Publishers send only the layers that somebody sees. More are asked for at once; fewer only after a while, because
//! a tile that grows back soon would wait for a new picture.

use std::time::{Duration, Instant};

use kloud_livekit::proto::signal_response::Message;
use kloud_livekit::{codecs_in, unsupported_codec, wanted_layers};
use kloud_sfu::{Codec, ParticipantSid, Rendition, TrackSid};

use super::RoomTask;
use crate::mono;

/// How long a layer that nobody sees is still sent.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a publisher was asked for.
#[derive(Debug)]
pub struct Asked {
    /// So many layers, from the smallest.
    count: usize,
    fewer_at: Option<Instant>,
}

impl RoomTask {
    /// The viewers of a track, or their wishes, have changed.
    pub(super) fn weigh_layers(&mut self, track: TrackSid) {
        let Some(owner) = self.room.track(track).map(|t| t.owner) else { return };
        if self.weigh_layers_there(owner, track) {
            return;
        }
        let encodings = self.room.track(track).map(|t| t.encodings.clone()).unwrap_or_default();
        let mut more = false;
        for (n, encoding) in encodings.iter().enumerate() {
            let layers = encoding.layers.len().max(usize::from(n > 0));
            let rendition = Rendition { track, codec: encoding.codec };
            // A single stream of the first encoding is always sent.
            if layers < 2 && n == 0 {
                self.layers.remove(&rendition);
                continue;
            }
            let needed = self.room.layers_needed(rendition).max(self.needed_elsewhere(owner, rendition));
            let asked = self.layers.entry(rendition).or_insert(Asked { count: layers, fewer_at: None });
            if needed < asked.count {
                asked.fewer_at.get_or_insert_with(|| mono::now() + PATIENCE);
                continue;
            }
            asked.fewer_at = None;
            if needed > asked.count {
                asked.count = needed;
                more = true;
            }
        }
        if more {
            self.ask_for_layers(track);
        }
    }

    pub(super) fn fewer_layers_at(&self) -> Option<Instant> {
        self.layers.values().filter_map(|asked| asked.fewer_at).min()
    }

    /// Ends the layers that nobody has wanted for long enough.
    pub(super) fn reap_layers(&mut self, now: Instant) {
        let room = &self.room;
        self.layers.retain(|r, _| room.track(r.track).is_some_and(|t| t.encoding(r.codec).is_some()));
        let due = self.layers.iter().filter(|(_, asked)| asked.fewer_at.is_some_and(|at| at <= now));
        let due: Vec<_> = due.map(|(rendition, _)| *rendition).collect();
        for rendition in due {
            let Some(owner) = self.room.track(rendition.track).map(|t| t.owner) else { continue };
            let count = self.room.layers_needed(rendition).max(self.needed_elsewhere(owner, rendition));
            self.layers.insert(rendition, Asked { count, fewer_at: None });
            self.ask_for_layers(rendition.track);
        }
    }

    /// Says again what was asked for: a client that was away may have missed it.
    pub(super) fn repeat_layers(&mut self, owner: ParticipantSid) {
        let asked = |track: &TrackSid| self.layers.keys().any(|rendition| rendition.track == *track);
        let own: Vec<_> = self.room.tracks_of(owner).map(|t| t.sid).filter(asked).collect();
        own.into_iter().for_each(|track| self.ask_for_layers(track));
    }

    /// Tells the publisher which layers of each codec somebody needs. What is not weighed is sent as it is.
    pub(super) fn ask_for_layers(&mut self, track: TrackSid) {
        let Some(owner) = self.room.track(track).map(|t| t.owner) else { return };
        let Some(announced) = self.seats.get(&owner).and_then(|seat| seat.tracks.get(&track)) else { return };
        let count = |codec: Codec| match self.layers.get(&Rendition { track, codec }) {
            Some(asked) => asked.count,
            None if announced.sent.contains(codec) || announced.wanted == Some(codec) => usize::MAX,
            None => 0,
        };
        let counts: Vec<_> = codecs_in(&announced.info).map(|codec| (codec, count(codec))).collect();
        let wanted = wanted_layers(&announced.info, &counts);
        self.send(owner, Message::SubscribedQualityUpdate(wanted));
    }

    /// A viewer takes none of the codecs that a track comes in. Its owner may have promised one that the viewer takes.
    pub(super) fn unsupported(&mut self, viewer: ParticipantSid, track: TrackSid) {
        let Some(owner) = self.room.track(track).map(|t| t.owner) else { return };
        let room = &self.room;
        let announced = self.seats.get_mut(&owner).and_then(|seat| seat.tracks.get_mut(&track));
        let promised = announced.and_then(|announced| {
            let sent = announced.sent;
            let fits = |codec: &Codec| !sent.contains(*codec) && room.takes(viewer, *codec);
            announced.wanted = codecs_in(&announced.info).find(fits).or(announced.wanted);
            announced.wanted.filter(fits)
        });
        match promised {
            Some(_) => self.ask_for_layers(track),
            None => self.send(viewer, Message::SubscriptionResponse(unsupported_codec(track))),
        }
    }
}
