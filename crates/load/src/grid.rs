//! Which pictures a client wants, and how large: as a page does that shows so many tiles.

use std::collections::BTreeMap;

use kloud_livekit::proto::{ParticipantInfo, TrackType, UpdateTrackSettings, participant_info::State};

/// A page of tiles.
#[derive(Clone, Copy, Debug)]
pub struct Grid {
    pub tiles: usize,
    /// Pixels of one tile.
    pub width: u32,
    pub height: u32,
}

/// What the server was told last.
#[derive(Debug)]
pub struct Wishes {
    grid: Grid,
    /// Whether a track is shown, by its sid.
    told: BTreeMap<String, bool>,
}

impl Wishes {
    pub fn new(grid: Grid) -> Self {
        Self { grid, told: BTreeMap::new() }
    }

    /// What is to be said now that these people are here.
    pub fn of(&mut self, people: &BTreeMap<String, ParticipantInfo>, own: &str) -> Vec<UpdateTrackSettings> {
        let here = people.values().filter(|p| p.sid != own && p.state() == State::Active);
        let tracks = here.flat_map(|p| &p.tracks).filter(|t| t.r#type() == TrackType::Video && !t.muted);
        let mut said = Vec::new();
        for (n, track) in tracks.enumerate() {
            let shown = n < self.grid.tiles;
            if self.told.insert(track.sid.clone(), shown) != Some(shown) {
                said.push(UpdateTrackSettings {
                    track_sids: vec![track.sid.clone()],
                    disabled: !shown,
                    width: self.grid.width,
                    height: self.grid.height,
                    ..UpdateTrackSettings::default()
                });
            }
        }
        said
    }
}
