//! Joins the agreement's port to the gates of meetings.

use async_trait::async_trait;
use kloud_agreement::Gates;
use kloud_meet::Meet;
use kloud_privacy::permission::DeviceClass;
use kloud_privacy::{PrivacyError, SubjectId};

/// The gates of the meetings in this process.
pub struct MeetingGates(pub Meet);

#[async_trait]
impl Gates for MeetingGates {
    async fn shut(&self, subject: SubjectId, class: DeviceClass) -> Result<(), PrivacyError> {
        self.0.shut_gates(subject, class).await.map_err(|error| {
            tracing::error!(%error, "a gate could not be shut");
            PrivacyError::NotNow("media")
        })
    }
}
