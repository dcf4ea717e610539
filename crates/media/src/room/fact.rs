//! What the media threads report.

use kloud_livekit::proto::{ConnectionQualityUpdate, StreamStateUpdate, signal_response::Message};
use kloud_livekit::{HookEvent, quality_info, stream_state};
use kloud_sfu::{ParticipantSid, QualityChange, Sample, TrackSid};

use super::RoomTask;
use super::join::speakers_changed;
use crate::event::{Happened, LeftReason};
use crate::meters::{JoinOutcome, MediaPath, Step};
use crate::mono;
use crate::worker::{Ending, Fact};

impl RoomTask {
    pub(super) fn learn(&mut self, fact: Fact) {
        let Some(fact) = self.timely_fact(fact) else { return };
        match fact {
            Fact::Answer { conn, answer } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    self.answered(sid, answer);
                }
            }
            Fact::Proposed { conn, sdp, added } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    self.proposed(sid, &sdp, added);
                }
            }
            Fact::Connected { conn, path } => self.connected(conn, path),
            Fact::FirstMedia { conn } => self.first_media(conn),
            Fact::Lost { conn } => self.media_state(conn, true),
            Fact::Found { conn } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    self.step(sid, Step::Ice);
                }
                self.media_state(conn, false);
            }
            Fact::Moved { conn } => self.told_all(conn),
            Fact::Ended { conn, why } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    tracing::debug!(participant = %sid, ?why, "a media connection ended");
                    self.end(sid, if why == Ending::Goodbye { LeftReason::Left } else { LeftReason::Failed });
                }
            }
            Fact::Measured { conn, sample } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    sample.rtt_ms.into_iter().for_each(|rtt| self.shared.meters.round_trip(rtt));
                    self.measured(sid, conn, sample);
                }
            }
            Fact::Thrift { conn, down, up } => self.thrifty(conn, down, up),
            Fact::Paused { conn, track, paused } => {
                if let Some(sid) = self.conns.get(&conn).copied() {
                    self.paused(sid, track, paused);
                }
            }
            Fact::Level { track, level } => {
                if let Some(owner) = self.room.track(track).map(|t| t.owner) {
                    self.speaker(owner, level);
                    self.reflect_speech(owner, level);
                }
            }
            Fact::Data { conn, delivery, bytes } => self.data(conn, delivery, &bytes),
        }
        self.ask_for_lines();
    }

    fn connected(&mut self, conn: u64, path: MediaPath) {
        let Some(sid) = self.conns.get(&conn).copied() else { return };
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        seat.media_lost.remove(&conn);
        if conn != seat.conns.main {
            return;
        }
        let identity = seat.identity.clone();
        let effects = self.room.activate(sid);
        self.step(sid, Step::Dtls);
        if effects.is_empty() {
            return;
        }
        self.run_effects(effects);
        self.shared.meters.joined(JoinOutcome::Connected, path);
        if let Some(trail) = self.seats.get_mut(&sid).and_then(|seat| seat.trail.as_mut()) {
            (trail.outcome, trail.path) = (JoinOutcome::Connected, path);
        }
        self.tell_product(Happened::Joined { identity, participant: sid });
        if let Some(info) = self.info(sid) {
            self.tell_application(HookEvent::ParticipantJoined(info));
        }
        self.repeat_changes();
    }

    /// Of two connections the worse counts: what one has shown is taken together with what the other showed last.
    fn measured(&mut self, sid: ParticipantSid, conn: u64, sample: Sample) {
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        let other = seat.measured.replace((conn, sample)).filter(|(other, _)| *other != conn);
        let sample = other.map_or(sample, |(_, other)| sample.worse(&other));
        let change = self.room.qualities.observe(sid, &sample);
        self.tell_quality(change);
    }

    /// Changes are all that is told of speakers and connections, and a client forgets what it hears of people it does
    /// not know yet. So everybody is told again once somebody new is known.
    pub(super) fn repeat_changes(&mut self) {
        let speakers = self.room.speakers.now();
        if !speakers.is_empty() {
            self.broadcast(&speakers_changed(&speakers));
        }
        if let Some(qualities) = self.qualities() {
            self.broadcast(&qualities);
        }
    }

    fn media_state(&mut self, conn: u64, lost: bool) {
        let Some(sid) = self.conns.get(&conn).copied() else { return };
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        if lost {
            seat.media_lost.entry(conn).or_insert_with(mono::now);
        } else {
            seat.media_lost.remove(&conn);
        }
        let qualities = &mut self.room.qualities;
        let change = match (lost, seat.media_lost.is_empty()) {
            (true, _) => qualities.lost(sid),
            (false, true) => qualities.found(sid),
            (false, false) => None,
        };
        self.tell_quality(change);
    }

    /// A viewer hears which pictures wait for a better line.
    fn paused(&mut self, viewer: ParticipantSid, track: TrackSid, paused: bool) {
        if let Some(seat) = self.seats.get_mut(&viewer) {
            seat.paused.insert(track, paused);
            self.send_stream_states(viewer, &[(track, paused)]);
        }
    }

    /// Says again what waits: a client that was away may have missed it.
    pub(super) fn repeat_stream_states(&mut self, viewer: ParticipantSid) {
        let states = self.seats.get(&viewer).map(|seat| seat.paused.iter().map(|(t, p)| (*t, *p)).collect::<Vec<_>>());
        self.send_stream_states(viewer, &states.unwrap_or_default());
    }

    fn send_stream_states(&mut self, viewer: ParticipantSid, states: &[(TrackSid, bool)]) {
        let info = |(track, paused): &(TrackSid, bool)| {
            let owner = self.room.track(*track)?.owner;
            Some(stream_state(owner, *track, *paused))
        };
        let stream_states: Vec<_> = states.iter().filter_map(info).collect();
        if !stream_states.is_empty() {
            self.send(viewer, Message::StreamStateUpdate(StreamStateUpdate { stream_states }));
        }
    }

    /// The connections of all whom others see, as far as they were measured.
    fn qualities(&self) -> Option<Message> {
        let shown = |c: &QualityChange| self.room.member(c.participant).is_some_and(|m| !m.hidden);
        let updates: Vec<_> = self.room.qualities.now().filter(shown).map(|c| quality_info(&c)).collect();
        (!updates.is_empty()).then_some(Message::ConnectionQuality(ConnectionQualityUpdate { updates }))
    }

    pub(super) fn send_qualities(&mut self, sid: ParticipantSid) {
        if let Some(qualities) = self.qualities() {
            self.send(sid, qualities);
        }
    }

    /// One who is not seen hears of its own connection alone.
    fn tell_quality(&mut self, change: Option<QualityChange>) {
        let Some(change) = change else { return };
        let message = Message::ConnectionQuality(ConnectionQualityUpdate { updates: vec![quality_info(&change)] });
        let hidden = self.room.member(change.participant).is_none_or(|m| m.hidden);
        if hidden { self.send(change.participant, message) } else { self.broadcast(&message) }
    }

    /// One window of someone's speech has ended.
    pub(super) fn speaker(&mut self, sid: ParticipantSid, level: Option<f32>) {
        if let Some(change) = self.room.speakers.update(sid, level) {
            self.broadcast(&speakers_changed(&[change]));
        }
    }
}
