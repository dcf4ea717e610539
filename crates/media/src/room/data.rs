//! Data packets: who sent them, who gets them, and what is sent again after a break.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use kloud_livekit::stamp_data;
use kloud_sfu::{ParticipantSid, ReliableEntry, Source};

use super::RoomTask;
use crate::mono;
use crate::worker::{Delivery, Order};

impl RoomTask {
    pub(super) fn data(&mut self, conn: u64, delivery: Delivery, bytes: &Bytes) {
        let Some(sid) = self.conns.get(&conn).copied() else { return };
        let Some(seat) = self.seats.get_mut(&sid) else { return };
        seat.in_flight.fetch_sub(bytes.len(), Ordering::Relaxed);
        seat.counters.received(Source::Data);
        if self.room.member(sid).is_none_or(|m| m.gate.pass(Source::Data).is_none()) {
            return seat.counters.refused(Source::Data);
        }
        let reliable = delivery == Delivery::Reliable;
        let identity = seat.identity.as_str();
        let Ok(stamped) = stamp_data(bytes, &sid.to_string(), identity, reliable) else { return };
        if reliable && !seat.sequencer.accept(stamped.sequence) {
            return;
        }
        let counters = seat.counters.clone();
        if let Some((call, answer)) = stamped.answer
            && self.answered_call(sid, &call, answer)
        {
            return;
        }
        let named = !stamped.identities.is_empty() || !stamped.sids.is_empty();
        let mut to = self.room.receivers(sid, &stamped.identities, &stamped.sids);
        // Who is only shown here hears nothing of what is said here.
        to.retain(|sid| self.seats.contains_key(sid));
        to.iter().for_each(|_| counters.forwarded(Source::Data));
        let bytes: std::sync::Arc<[u8]> = stamped.bytes.into();
        self.deliver(&to, delivery, &bytes);
        if reliable && stamped.sequence > 0 {
            let at = self.epoch.tick(mono::now());
            let to = if named { to } else { Vec::new() };
            if !named || !to.is_empty() {
                self.log.push(ReliableEntry { from: sid, sequence: stamped.sequence, to, bytes, at });
            }
        }
    }

    /// Sends again what a client missed while it was away.
    pub(super) fn repeat(&mut self, sid: ParticipantSid, seen: &[(ParticipantSid, u32)]) {
        let missed: Vec<_> = self.log.missed(sid, seen).map(|e| e.bytes.clone()).collect();
        missed.iter().for_each(|bytes| self.deliver(&[sid], Delivery::Reliable, bytes));
    }

    pub(super) fn deliver(&self, to: &[ParticipantSid], delivery: Delivery, bytes: &std::sync::Arc<[u8]>) {
        for (thread, worker) in self.shared.workers.iter().enumerate() {
            let seats = to.iter().filter_map(|sid| self.seats.get(sid));
            let conns: Vec<_> = seats.filter(|s| s.thread == thread).map(|s| s.conns.main).collect();
            if !conns.is_empty() {
                worker.send(Order::Data { conns, delivery, bytes: bytes.clone() });
            }
        }
    }
}
