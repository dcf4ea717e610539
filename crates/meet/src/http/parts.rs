//! What several answers about meetings have in common.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::model::{Attendance, GUEST_KEY_DAYS, Policy, Rights};

/// What may be switched on.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct MeetingRights {
    microphone: bool,
    camera: bool,
    screen: bool,
    chat: bool,
}

impl From<Rights> for MeetingRights {
    fn from(rights: Rights) -> Self {
        let Rights { microphone, camera, screen, chat } = rights;
        Self { microphone, camera, screen, chat }
    }
}

impl From<MeetingRights> for Rights {
    fn from(rights: MeetingRights) -> Self {
        let MeetingRights { microphone, camera, screen, chat } = rights;
        Self { microphone, camera, screen, chat }
    }
}

/// What a meeting keeps.
#[derive(Serialize, ToSchema)]
pub struct MeetingPolicy {
    /// Counts the changes that are asked about again.
    version: i64,
    /// Days after its end.
    chat_kept_days: i64,
    recording: &'static str,
    attendance: Attendance,
    /// Days after its end.
    guest_key_days: i64,
    seen_by: &'static str,
}

impl From<Policy> for MeetingPolicy {
    fn from(policy: Policy) -> Self {
        Self {
            version: policy.version,
            chat_kept_days: policy.chat_kept_days,
            recording: "off",
            attendance: policy.attendance,
            guest_key_days: GUEST_KEY_DAYS,
            seen_by: "people in this meeting",
        }
    }
}
