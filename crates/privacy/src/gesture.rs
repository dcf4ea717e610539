//! The person's own act, as a proof.

use kloud_base::text_enum;
use uuid::Uuid;

use crate::subject::SubjectId;

text_enum! {
    /// Who gave an answer.
    pub enum GivenBy { Person = "self", Guardian = "guardian" }
}

/// Somebody pressed something themselves, in a session that is theirs. The only way to a yes. Made by the handler of a
/// request that a person sends about themselves, or a guardian about a child; never by a job, a host or an admin.
#[derive(Clone, Copy, Debug)]
pub struct Gesture {
    subject: SubjectId,
    session: Uuid,
    by: GivenBy,
}

impl Gesture {
    /// The signed-in person about themselves.
    pub fn of_person(subject: SubjectId, session: Uuid) -> Self {
        Self { subject, session, by: GivenBy::Person }
    }

    /// A guardian about the child; the caller has checked that the guardian is another, verified, adult person.
    pub fn of_guardian(child: SubjectId, guardian_session: Uuid) -> Self {
        Self { subject: child, session: guardian_session, by: GivenBy::Guardian }
    }

    /// About whom.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// In which session.
    pub fn session(&self) -> Uuid {
        self.session
    }

    pub fn given_by(&self) -> GivenBy {
        self.by
    }
}
