//! What the product orders.

use std::collections::BTreeSet;
use std::time::Instant;

use kloud_livekit::InRoom;
use kloud_livekit::proto::{DisconnectReason, MuteTrackRequest, signal_response::Message};
use kloud_sfu::{Epoch, Identity, MemberState, ParticipantSid, Permits, RoomName, Source};
use tokio::sync::{mpsc, oneshot};

use super::mirror::{Elsewhere, Likeness};
use super::moving::{Arrival, Coming};
use super::{Admission, ReplyTo, RoomKind, RoomTask};
use crate::event::{LeftReason, ParticipantStats, RemoveReason, RoomStats};
use crate::meters::Census;
use crate::shared::RoomHandle;

/// Why someone is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    NotAdmitted,
    Full,
}

/// How one who may come in stands to the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    New,
    /// Has a place already, which a new session of theirs would take over.
    Inside,
}

/// Threads report here when they have taken over new permits; so many will.
#[derive(Debug)]
pub struct GateWait {
    pub reports: mpsc::UnboundedReceiver<Option<Instant>>,
    pub threads: usize,
}

/// What the product can order of a room.
#[derive(Debug)]
pub enum RoomOrder {
    MayJoin {
        identity: Identity,
        reply: oneshot::Sender<Result<Standing, Refused>>,
    },
    Admit {
        admission: Admission,
        reply: oneshot::Sender<()>,
    },
    Permit {
        identity: Identity,
        permits: Permits,
        epoch: Epoch,
        reply: oneshot::Sender<Option<GateWait>>,
    },
    Mute {
        identity: Identity,
        source: Source,
        reply: oneshot::Sender<bool>,
    },
    Rename {
        identity: Identity,
        name: String,
        reply: oneshot::Sender<bool>,
    },
    Remove {
        identity: Identity,
        reason: RemoveReason,
        reply: oneshot::Sender<bool>,
    },
    Stats {
        reply: oneshot::Sender<RoomStats>,
    },
    /// For operators.
    Count {
        reply: oneshot::Sender<Census>,
    },
    /// From the holder of an API key, to an API room.
    Serve {
        order: InRoom,
        reply: ReplyTo,
    },
    /// To another room, which is named too.
    Depart {
        identity: Identity,
        to: (RoomName, RoomHandle),
        reply: ReplyTo,
    },
    /// To be shown in another room too, which is named.
    Show {
        identity: Identity,
        to: (RoomName, RoomHandle),
        reply: ReplyTo,
    },
    /// What somebody of another room is like, who is shown here too.
    Reflect(Box<Likeness>),
    /// They are not there any more.
    Fades(ParticipantSid, DisconnectReason),
    /// One window of their speech has ended.
    Speech(ParticipantSid, Option<f32>),
    /// How it is in the other room with one of this room who is shown there.
    Elsewhere(RoomName, Elsewhere),
    /// Somebody is about to come from another room; by a new socket, if they are expected already.
    Expect(Box<Coming>),
    NotComing(ParticipantSid),
    Arrive(Box<Arrival>),
    Close {
        reason: LeftReason,
        reply: oneshot::Sender<()>,
    },
}

impl RoomTask {
    pub(super) fn obey(&mut self, order: RoomOrder) {
        // Whoever asked may have stopped waiting; the order stands.
        match order {
            RoomOrder::MayJoin { identity, reply } => drop(reply.send(self.may_join(&identity))),
            RoomOrder::Admit { admission, reply } => {
                self.admit(admission);
                let _ = reply.send(());
            }
            RoomOrder::Permit { identity, permits, epoch, reply } => {
                let wait = self.permit(&identity, permits, epoch);
                let _ = reply.send(wait);
            }
            RoomOrder::Mute { identity, source, reply } => drop(reply.send(self.mute(&identity, source))),
            RoomOrder::Rename { identity, name, reply } => drop(reply.send(self.rename(&identity, name))),
            RoomOrder::Remove { identity, reason, reply } => drop(reply.send(self.remove(&identity, reason))),
            RoomOrder::Serve { order, reply } => self.serve(order, reply),
            RoomOrder::Depart { identity, to, reply } => self.depart(&identity, to, reply),
            RoomOrder::Show { identity, to, reply } => self.show_in(&identity, to, reply),
            RoomOrder::Reflect(likeness) => self.mirror(*likeness),
            RoomOrder::Fades(sid, why) => self.mirror_ends(sid, why),
            RoomOrder::Speech(sid, level) => self.mirror_speaks(sid, level),
            RoomOrder::Elsewhere(room, what) => self.elsewhere(&room, what),
            RoomOrder::Expect(coming) => self.expect(*coming),
            RoomOrder::NotComing(sid) => self.expects_no_more(sid),
            RoomOrder::Arrive(arrival) => self.arrive(*arrival),
            RoomOrder::Stats { reply } => drop(reply.send(self.stats())),
            RoomOrder::Count { reply } => drop(reply.send(self.count())),
            RoomOrder::Close { reason, reply } => {
                self.close(reason);
                let _ = reply.send(());
            }
        }
        self.ask_for_lines();
    }

    fn may_join(&self, identity: &Identity) -> Result<Standing, Refused> {
        let known = self.room.by_identity(identity).is_some();
        if self.kind == RoomKind::Meeting && !self.admissions.contains_key(identity) {
            return Err(Refused::NotAdmitted);
        }
        match known {
            true => Ok(Standing::Inside),
            false if self.is_full() => Err(Refused::Full),
            false => Ok(Standing::New),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        let most = self.shared.max_participants;
        let most = match usize::try_from(self.settings.max_participants) {
            Ok(0) | Err(_) => most,
            Ok(asked) => most.min(asked),
        };
        self.seats.len() >= most
    }

    /// Lets one in. Admitting again gives the same person a new name or new permits.
    fn admit(&mut self, admission: Admission) {
        let Admission { identity, name, permits, epoch } = admission.clone();
        let before = self.admissions.insert(identity.clone(), admission);
        if before.is_some() {
            self.rename(&identity, name);
            self.permit(&identity, permits, epoch);
        }
    }

    fn permit(&mut self, identity: &Identity, permits: Permits, epoch: Epoch) -> Option<GateWait> {
        let admission = self.admissions.get_mut(identity)?;
        let mut gate = kloud_sfu::Gate::new(admission.permits, admission.epoch);
        gate.apply(permits, epoch);
        (admission.permits, admission.epoch) = (gate.permits(), gate.epoch());
        let (ack, reports) = mpsc::unbounded_channel();
        let sid = self.room.by_identity(identity).map(|m| m.sid);
        let effects = sid.map(|sid| self.room.permit(sid, permits, epoch)).unwrap_or_default();
        if effects.is_empty() {
            return Some(GateWait { reports, threads: 0 });
        }
        self.run_effects_with(effects, Some(&ack));
        if let Some(sid) = sid {
            self.drop_unpermitted_announcements(sid);
            if !permits.contains(Permits::DATA) {
                self.log.forget(sid);
            }
        }
        Some(GateWait { reports, threads: self.shared.workers.len() })
    }

    /// Tracks that were announced and have no line yet are over too.
    pub(super) fn drop_unpermitted_announcements(&mut self, sid: ParticipantSid) {
        let (Some(seat), Some(member)) = (self.seats.get(&sid), self.room.member(sid)) else { return };
        let over = seat.tracks.iter().filter(|(_, a)| !a.agreed && member.gate.pass(a.source).is_none());
        let over: Vec<_> = over.map(|(track, _)| *track).collect();
        over.into_iter().for_each(|track| self.withdraw(sid, track));
    }

    /// Mutes every track of a source. Only its owner can unmute it.
    fn mute(&mut self, identity: &Identity, source: Source) -> bool {
        let Some(sid) = self.room.by_identity(identity).map(|m| m.sid) else { return false };
        let tracks: Vec<_> = self.room.tracks_of(sid).filter(|t| t.source == source).map(|t| t.sid).collect();
        for track in &tracks {
            let effects = self.room.set_muted(*track, true);
            self.run_effects(effects);
            self.send(sid, Message::Mute(MuteTrackRequest { sid: track.to_string(), muted: true }));
        }
        true
    }

    fn rename(&mut self, identity: &Identity, name: String) -> bool {
        let admission = self.admissions.get_mut(identity);
        let known = admission.is_some();
        if let Some(admission) = admission {
            admission.name.clone_from(&name);
        }
        let Some(sid) = self.room.by_identity(identity).map(|m| m.sid) else { return known };
        let effects = self.room.rename(sid, name);
        self.run_effects(effects);
        true
    }

    fn remove(&mut self, identity: &Identity, reason: RemoveReason) -> bool {
        let admitted = self.admissions.remove(identity).is_some();
        let reason = match reason {
            RemoveReason::Removed | RemoveReason::SessionEnded => LeftReason::Removed,
            RemoveReason::MeetingEnded => LeftReason::RoomClosed,
        };
        match self.room.by_identity(identity).map(|m| m.sid) {
            Some(sid) => {
                self.end(sid, reason);
                true
            }
            None => admitted,
        }
    }

    /// Everybody who is admitted, is there or was.
    fn stats(&self) -> RoomStats {
        let line = |identity: &Identity| {
            let member = self.room.by_identity(identity);
            let admitted = self.admissions.get(identity).map(|a| a.permits);
            ParticipantStats {
                identity: identity.clone(),
                participant: member.map(|m| m.sid),
                active: member.is_some_and(|m| m.state == MemberState::Active),
                permits: member.map(|m| m.gate.permits()).or(admitted).unwrap_or_default(),
                packets: self.counters.get(identity).map(|counters| counters.read()).unwrap_or_default(),
            }
        };
        let identities: BTreeSet<_> = self.counters.keys().chain(self.admissions.keys()).collect();
        RoomStats { participants: identities.into_iter().map(line).collect() }
    }
}
