//! What the media threads report.

use kloud_sfu::ParticipantSid;

use super::RoomTask;
use super::join::speakers_changed;
use crate::event::{Happened, LeftReason};
use crate::mono;
use crate::worker::{Ending, Fact};

impl RoomTask {
    pub(super) fn learn(&mut self, fact: Fact) {
        match fact {
            Fact::Answer { conn, answer } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    self.answered(sid, answer);
                }
            }
            Fact::Connected { conn } => self.connected(conn),
            Fact::Lost { conn } => self.media_state(conn, true),
            Fact::Found { conn } => self.media_state(conn, false),
            Fact::Ended { conn, why } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    tracing::debug!(participant = %sid, ?why, "a media connection ended");
                    self.end(sid, if why == Ending::Goodbye { LeftReason::Left } else { LeftReason::Failed });
                }
            }
            Fact::Level { track, level } => {
                if let Some(owner) = self.room.track(track).map(|t| t.owner) {
                    self.speaker(owner, level);
                }
            }
            Fact::Data { conn, delivery, bytes } => self.data(conn, delivery, &bytes),
        }
        self.ask_for_lines();
    }

    fn connected(&mut self, conn: u64) {
        let Some(sid) = self.conns.get(&conn).copied() else { return };
        let effects = self.room.activate(sid);
        let first = !effects.is_empty();
        self.run_effects(effects);
        if let Some(seat) = self.seats.get_mut(&sid) {
            seat.media_lost = None;
            if first {
                let identity = seat.identity.clone();
                self.tell_product(Happened::Joined { identity, participant: sid });
                self.repeat_speakers();
            }
        }
    }

    /// Changes are all that is told of speakers, and a client forgets what it hears of people it does not know yet. So
    /// everybody is told again once somebody new is known.
    fn repeat_speakers(&mut self) {
        let speakers = self.room.speakers.now();
        if !speakers.is_empty() {
            self.broadcast(&speakers_changed(&speakers));
        }
    }

    fn media_state(&mut self, conn: u64, lost: bool) {
        let seat = self.conns.get(&conn).and_then(|sid| self.seats.get_mut(sid));
        if let Some(seat) = seat {
            seat.media_lost = if lost { Some(seat.media_lost.unwrap_or_else(mono::now)) } else { None };
        }
    }

    /// One window of someone's speech has ended.
    pub(super) fn speaker(&mut self, sid: ParticipantSid, level: Option<f32>) {
        if let Some(change) = self.room.speakers.update(sid, level) {
            self.broadcast(&speakers_changed(&[change]));
        }
    }
}
