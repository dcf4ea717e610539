//! What ended, said to whoever is acting on it: sockets, jobs, media.
//!
//! The rows are the truth and were committed before; a listener that falls behind looks at the rows again.

use kloud_base::text_enum;
use uuid::Uuid;

use crate::permission::DeviceClass;
use crate::subject::{MemberId, SubjectId};

text_enum! {
    /// Why a listener may be told to stop at once.
    pub enum RevokedKind {
        Subject = "subject",
        Session = "session",
        Membership = "membership",
        Permission = "permission",
    }
}

/// Something ended. Listeners act within a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The subject is being erased: end everything of theirs.
    Subject(SubjectId),
    /// A signed-in session ended.
    Session(Uuid),
    /// A member no longer belongs to a group.
    Membership { group: Uuid, member: MemberId },
    /// A device class went off for one person on one install.
    Permission { subject: SubjectId, install: Uuid, device: DeviceClass, epoch: i64 },
}

impl Revoked {
    pub fn kind(self) -> RevokedKind {
        match self {
            Self::Subject(_) => RevokedKind::Subject,
            Self::Session(_) => RevokedKind::Session,
            Self::Membership { .. } => RevokedKind::Membership,
            Self::Permission { .. } => RevokedKind::Permission,
        }
    }
}
