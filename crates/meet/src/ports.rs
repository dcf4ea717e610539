//! What meet needs of a media server, and what it tells back. The server crate joins both to the real one.

use async_trait::async_trait;
use kloud_base::typed_id;
use kloud_privacy::MemberId;

use crate::model::{Device, Permits};

typed_id!(
    /// One sitting of a meeting: the name of its room on the wire. Random, so that it says nothing of the link.
    SittingId,
    "sit"
);

/// The media server did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("media: {0}")]
pub struct MediaError(pub String);

/// What a client needs to connect.
#[derive(Clone, Debug)]
pub struct MediaPass {
    /// A short-lived token; carries no account, and a name only where the media server has no other way to learn it.
    pub token: String,
    /// The base address for a LiveKit client; `None` for this very server.
    pub url: Option<String>,
}

/// A media server, embedded or a cluster.
#[async_trait]
pub trait MediaBackend: Send + Sync {
    /// The host that sound and picture go by, if it is not this server: people are told before they come in.
    fn elsewhere(&self) -> Option<&str> {
        None
    }

    /// Opens a sitting; one that is open stays as it is.
    async fn open(&self, sitting: SittingId) -> Result<(), MediaError>;

    /// Lets somebody in under a name, with what may be forwarded of them. Doing it again renews the pass.
    async fn admit(
        &self,
        sitting: SittingId,
        member: MemberId,
        name: &str,
        permits: Permits,
        epoch: i64,
    ) -> Result<MediaPass, MediaError>;

    /// Changes what may be forwarded of somebody. Returns when it holds: after a withdrawal nothing more is forwarded.
    /// An epoch that is not newer changes nothing.
    async fn permit(
        &self,
        sitting: SittingId,
        member: MemberId,
        permits: Permits,
        epoch: i64,
    ) -> Result<(), MediaError>;

    /// Silences a device of somebody until they switch it on again themselves.
    async fn mute(&self, sitting: SittingId, member: MemberId, device: Device) -> Result<(), MediaError>;

    /// Puts somebody out. One who is not in is no error.
    async fn remove(&self, sitting: SittingId, member: MemberId) -> Result<(), MediaError>;

    /// Who is connected now.
    async fn present(&self, sitting: SittingId) -> Result<Vec<MemberId>, MediaError>;

    /// Ends a sitting for all.
    async fn close(&self, sitting: SittingId) -> Result<(), MediaError>;
}
