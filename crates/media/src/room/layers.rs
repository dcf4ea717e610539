//! Publishers send only the layers that somebody sees. More are asked for at once; fewer only after a while, because
//! a tile that grows back soon would wait for a new picture.

use std::time::{Duration, Instant};

use kloud_livekit::proto::signal_response::Message;
use kloud_livekit::wanted_layers;
use kloud_sfu::{ParticipantSid, TrackSid};

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
        let Some(layers) = self.room.track(track).map(|t| t.layers.len()).filter(|count| *count > 1) else {
            self.layers.remove(&track);
            return;
        };
        let needed = self.room.layers_needed(track);
        let asked = self.layers.entry(track).or_insert(Asked { count: layers, fewer_at: None });
        if needed < asked.count {
            asked.fewer_at.get_or_insert_with(|| mono::now() + PATIENCE);
            return;
        }
        asked.fewer_at = None;
        if needed > asked.count {
            self.ask_for_layers(track, needed);
        }
    }

    pub(super) fn fewer_layers_at(&self) -> Option<Instant> {
        self.layers.values().filter_map(|asked| asked.fewer_at).min()
    }

    /// Ends the layers that nobody has wanted for long enough.
    pub(super) fn reap_layers(&mut self, now: Instant) {
        let room = &self.room;
        self.layers.retain(|track, _| room.track(*track).is_some());
        let due = self.layers.iter().filter(|(_, asked)| asked.fewer_at.is_some_and(|at| at <= now));
        let due: Vec<_> = due.map(|(track, _)| *track).collect();
        for track in due {
            self.ask_for_layers(track, self.room.layers_needed(track));
        }
    }

    /// Says again what was asked for: a client that was away may have missed it.
    pub(super) fn repeat_layers(&mut self, owner: ParticipantSid) {
        let own = self.room.tracks_of(owner).filter_map(|t| self.layers.get(&t.sid).map(|asked| (t.sid, asked.count)));
        let own: Vec<_> = own.collect();
        own.into_iter().for_each(|(track, count)| self.ask_for_layers(track, count));
    }

    fn ask_for_layers(&mut self, track: TrackSid, count: usize) {
        if let Some(asked) = self.layers.get_mut(&track) {
            *asked = Asked { count, fewer_at: None };
        }
        let Some(owner) = self.room.track(track).map(|t| t.owner) else { return };
        let info = self.seats.get(&owner).and_then(|seat| seat.tracks.get(&track)).map(|announced| &announced.info);
        if let Some(wanted) = info.map(|info| wanted_layers(info, count)) {
            self.send(owner, Message::SubscribedQualityUpdate(wanted));
        }
    }
}
