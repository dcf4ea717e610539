//! What operators are shown of a room: how its joins go, and how many there are of what.

use kloud_sfu::{Kind, MemberState, ParticipantSid};

use super::RoomTask;
use crate::meters::{Census, JoinOutcome, JoinTrail, MediaPath, Step, Thing};

impl RoomTask {
    /// A step of a join is done.
    pub(super) fn step(&mut self, sid: ParticipantSid, step: Step) {
        if let Some(trail) = self.seats.get_mut(&sid).and_then(|seat| seat.trail.as_mut()) {
            trail.done(step);
        }
    }

    /// There is sound or a picture: the join has come to its end.
    pub(super) fn first_media(&mut self, conn: u64) {
        let Some(sid) = self.conns.get(&conn) else { return };
        let Some(mut trail) = self.seats.get_mut(sid).and_then(|seat| seat.trail.take()) else { return };
        trail.done(Step::FirstMedia);
        if let Some((_, at)) = trail.steps.last() {
            self.shared.meters.first_media(trail.path, at.saturating_duration_since(trail.opened));
        }
        self.join_is_over(trail);
    }

    /// Nothing more comes of a join.
    pub(super) fn join_is_over(&self, trail: JoinTrail) {
        if trail.outcome == JoinOutcome::Aborted {
            self.shared.meters.joined(JoinOutcome::Aborted, MediaPath::None);
        }
        self.shared.meters.over(trail);
    }

    pub(super) fn count(&self) -> Census {
        let mut census = Census::default();
        for member in self.room.members() {
            census.count(if member.state == MemberState::Active { Thing::Active } else { Thing::Joining });
        }
        for seat in self.seats.values() {
            let agreed = || seat.tracks.values().filter(|track| track.agreed);
            agreed().for_each(|track| census.count(Thing::Track(track.kind)));
            if agreed().next().is_some() {
                census.count(Thing::Publisher);
            }
            let shown = |kind| seat.lines.shown().filter(|shown| *shown == kind).count() as u64;
            [Kind::Audio, Kind::Video].into_iter().for_each(|kind| census.add(Thing::Subscription(kind), shown(kind)));
        }
        self.room.qualities.now().for_each(|change| census.count(change.quality.into()));
        census
    }
}
