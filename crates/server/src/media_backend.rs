//! Joins meet's port to the embedded media server.

use async_trait::async_trait;
use kloud_media::{Epoch, Happened, Identity, LeftReason, Media, RemoveReason, RoomName, Source};
use kloud_meet::model::{Device, Permits};
use kloud_meet::{MediaBackend, MediaError, MediaPass, Meet, SittingId};
use kloud_privacy::MemberId;
use tokio::sync::broadcast;

/// The media server in this process.
#[derive(Clone)]
pub struct EmbeddedMedia(pub Media);

fn room(sitting: SittingId) -> Result<RoomName, MediaError> {
    sitting.to_string().parse().map_err(told)
}

fn identity(member: MemberId) -> Result<Identity, MediaError> {
    member.to_string().parse().map_err(told)
}

fn told(error: impl std::fmt::Display) -> MediaError {
    MediaError(error.to_string())
}

/// What may be forwarded, in the words of media.
pub fn media_permits(of: Permits) -> kloud_media::Permits {
    let bit = |on: bool, bit: kloud_media::Permits| if on { bit } else { kloud_media::Permits::NONE };
    bit(of.camera, kloud_media::Permits::CAMERA)
        | bit(of.microphone, kloud_media::Permits::MICROPHONE)
        | bit(of.screen, kloud_media::Permits::SCREEN)
        | bit(of.data, kloud_media::Permits::DATA)
}

fn epoch(of: i64) -> Epoch {
    Epoch(u64::try_from(of).unwrap_or(0))
}

#[async_trait]
impl MediaBackend for EmbeddedMedia {
    async fn open(&self, sitting: SittingId) -> Result<(), MediaError> {
        match self.0.open_room(&room(sitting)?) {
            Ok(()) | Err(kloud_media::MediaError::RoomExists) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    async fn admit(
        &self,
        sitting: SittingId,
        member: MemberId,
        name: &str,
        of: Permits,
        at: i64,
    ) -> Result<MediaPass, MediaError> {
        let ticket = self.0.admit(&room(sitting)?, &identity(member)?, name, media_permits(of), epoch(at)).await;
        Ok(MediaPass { token: ticket.map_err(told)?.token, url: None })
    }

    async fn permit(&self, sitting: SittingId, member: MemberId, of: Permits, at: i64) -> Result<(), MediaError> {
        match self.0.permit(&room(sitting)?, &identity(member)?, media_permits(of), epoch(at)).await {
            Ok(receipt) => {
                let last_packet_ms = receipt.last_packet_after.map_or(0, |after| after.as_millis());
                tracing::debug!(shut_ms = receipt.shut_after.as_millis(), last_packet_ms, "permits hold");
                Ok(())
            }
            // Nobody there, nothing forwarded.
            Err(kloud_media::MediaError::NotAdmitted | kloud_media::MediaError::NoSuchRoom) => Ok(()),
            Err(error) => Err(told(error)),
        }
    }

    async fn mute(&self, sitting: SittingId, member: MemberId, device: Device) -> Result<(), MediaError> {
        let source = match device {
            Device::Camera => Source::Camera,
            Device::Microphone => Source::Microphone,
            Device::Screen => Source::Screen,
        };
        forgive_absent(self.0.mute(&room(sitting)?, &identity(member)?, source).await)
    }

    async fn remove(&self, sitting: SittingId, member: MemberId) -> Result<(), MediaError> {
        forgive_absent(self.0.remove(&room(sitting)?, &identity(member)?, RemoveReason::Removed).await)
    }

    async fn present(&self, sitting: SittingId) -> Result<Vec<MemberId>, MediaError> {
        match self.0.stats(&room(sitting)?).await {
            Ok(stats) => {
                let here = stats.participants.iter().filter(|one| one.participant.is_some());
                Ok(here.filter_map(|one| one.identity.to_string().parse().ok()).collect())
            }
            Err(kloud_media::MediaError::NoSuchRoom) => Ok(Vec::new()),
            Err(error) => Err(told(error)),
        }
    }

    async fn close(&self, sitting: SittingId) -> Result<(), MediaError> {
        forgive_absent(self.0.close(&room(sitting)?).await)
    }
}

/// Who is not there needs not be put out.
fn forgive_absent(done: Result<(), kloud_media::MediaError>) -> Result<(), MediaError> {
    match done {
        Ok(()) | Err(kloud_media::MediaError::NotAdmitted | kloud_media::MediaError::NoSuchRoom) => Ok(()),
        Err(error) => Err(told(error)),
    }
}

/// Tells meet who has left and who shows a screen, until the media server stops.
pub async fn follow_media(mut events: broadcast::Receiver<kloud_media::MediaEvent>, meet: Meet) {
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            // Whoever left unheard is found by the job that looks for empty seats.
            Err(broadcast::error::RecvError::Lagged(missed)) => {
                tracing::warn!(missed, "media events came faster than they could be followed");
                continue;
            }
            Err(broadcast::error::RecvError::Closed) => return,
        };
        // API rooms have other names.
        let Ok(sitting) = event.room.to_string().parse() else { continue };
        let done = match event.happened {
            Happened::Left { identity, reason: LeftReason::Left | LeftReason::Lost | LeftReason::Failed, .. } => {
                let Ok(member) = identity.to_string().parse() else { continue };
                meet.media_left(sitting, member).await
            }
            Happened::Published { identity, source: Source::Screen } => {
                let Ok(member) = identity.to_string().parse() else { continue };
                meet.media_shown(sitting, member, true).await
            }
            Happened::Unpublished { identity, source: Source::Screen } => {
                let Ok(member) = identity.to_string().parse() else { continue };
                meet.media_shown(sitting, member, false).await
            }
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::error!(%error, "what happened in a media room could not be followed");
        }
    }
}
