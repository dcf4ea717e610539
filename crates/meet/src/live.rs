//! Who is in which sitting by which session: in memory, so that an ended session finds its seats at once. Rebuilt as
//! clients come back after a restart, because none gets a pass without being entered here first.

use std::collections::HashMap;
use std::sync::Mutex;

use kloud_base::Timestamp;
use kloud_http::SessionId;
use kloud_privacy::{MemberId, SubjectId};

use crate::model::REAP_EVERY;
use crate::ports::SittingId;

/// One seat as the media server knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LiveSeat {
    pub sitting: SittingId,
    pub member: MemberId,
}

#[derive(Clone, Copy, Debug)]
struct Behind {
    subject: SubjectId,
    session: SessionId,
}

/// All live seats of this process.
#[derive(Debug, Default)]
pub struct LiveSeats {
    seats: Mutex<HashMap<LiveSeat, Behind>>,
    /// Who was not connected at the last look, and since which look.
    absent: Mutex<HashMap<MemberId, Timestamp>>,
}

impl LiveSeats {
    /// Notes whether somebody is absent at this look; true when they have been for a while. Looks may follow each other
    /// at once, after a restart.
    pub fn absent(&self, member: MemberId, is_absent: bool, now: Timestamp) -> bool {
        let mut absent = self.absent.lock().expect("no holder of this lock panics");
        if !is_absent {
            absent.remove(&member);
            return false;
        }
        let since = *absent.entry(member).or_insert(now);
        let long = now - since >= REAP_EVERY / 2;
        if long {
            absent.remove(&member);
        }
        long
    }

    /// Enters a seat; a later session of the same person takes it over.
    pub fn enter(&self, seat: LiveSeat, subject: SubjectId, session: SessionId) {
        self.lock().insert(seat, Behind { subject, session });
    }

    pub fn leave(&self, seat: LiveSeat) {
        self.lock().remove(&seat);
    }

    pub fn leave_all(&self, sitting: SittingId) {
        self.lock().retain(|seat, _| seat.sitting != sitting);
    }

    pub fn of_session(&self, session: SessionId) -> Vec<LiveSeat> {
        self.lock().iter().filter(|(_, behind)| behind.session == session).map(|(seat, _)| *seat).collect()
    }

    pub fn of_subject(&self, subject: SubjectId) -> Vec<LiveSeat> {
        self.lock().iter().filter(|(_, behind)| behind.subject == subject).map(|(seat, _)| *seat).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<LiveSeat, Behind>> {
        self.seats.lock().expect("no holder of this lock panics")
    }
}
