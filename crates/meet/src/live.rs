//! Who is in which sitting by which session: in memory, so that an ended session finds its seats at once. Rebuilt as
//! clients come back after a restart, because none gets a pass without being entered here first.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use kloud_http::SessionId;
use kloud_privacy::{MemberId, SubjectId};

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
    /// Who was not connected at the last look.
    absent: Mutex<HashSet<MemberId>>,
}

impl LiveSeats {
    /// Notes whether somebody is absent at this look; true when they were at the last one too.
    pub fn absent(&self, member: MemberId, is_absent: bool) -> bool {
        let mut absent = self.absent.lock().expect("no holder of this lock panics");
        let was_absent = absent.remove(&member);
        if is_absent && !was_absent {
            absent.insert(member);
        }
        is_absent && was_absent
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
