//! Follows the cluster: looks where a webhook hints, looks at everything at the start and every while, and each look
//! does the same: what meet does not know of is told to meet, and what meet does not wish for is mended.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::Result;
use kloud_livekit::proto::{ParticipantInfo, TrackSource};
use kloud_meet::{Meet, SittingId};
use kloud_privacy::MemberId;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::{Cluster, is_held};

/// Between two looks at everything.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Until the next one after one that failed.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    Person {
        sitting: SittingId,
        member: MemberId,
        /// It is said that they are gone for good.
        has_left: bool,
    },
    Everything,
}

/// What has been told to meet.
pub struct Follower {
    cluster: Cluster,
    meet: Meet,
    /// Everybody inside has been wished for since the start: before, nobody is known to be too many.
    is_renewed: bool,
    /// The last look failed, and that is said.
    is_lost: bool,
    showing: HashSet<(SittingId, MemberId)>,
}

impl Follower {
    pub fn new(cluster: Cluster, meet: Meet) -> Self {
        Self { cluster, meet, is_renewed: false, is_lost: false, showing: HashSet::new() }
    }

    pub async fn run(mut self, mut hinted: mpsc::Receiver<Hint>) {
        let mut next = Instant::now();
        loop {
            let hint = tokio::select! {
                biased;
                () = sleep_until(next) => Hint::Everything,
                hint = hinted.recv() => match hint {
                    Some(hint) => hint,
                    None => return,
                },
            };
            let done = self.look(hint).await;
            next = match (hint, &done) {
                (_, Err(_)) => Instant::now() + TRY_AGAIN,
                (Hint::Everything, Ok(())) => Instant::now() + LOOK_EVERY,
                (Hint::Person { .. }, Ok(())) => next,
            };
        }
    }

    /// Looks, and says once that the cluster is lost, and once that it is found.
    async fn look(&mut self, hint: Hint) -> Result<()> {
        let done = self.look_once(hint).await;
        match &done {
            Err(error) if !self.is_lost => tracing::error!(error = format!("{error:#}"), "the cluster is not followed"),
            Ok(()) if self.is_lost => tracing::info!("the cluster is followed again"),
            Err(_) | Ok(()) => {}
        }
        self.is_lost = done.is_err();
        done
    }

    async fn look_once(&mut self, hint: Hint) -> Result<()> {
        if !self.is_renewed {
            self.meet.renew_media().await?;
            self.is_renewed = true;
        }
        match hint {
            Hint::Everything => self.everything().await,
            Hint::Person { sitting, member, has_left } => self.person(sitting, member, has_left).await,
        }
    }

    async fn everything(&mut self) -> Result<()> {
        let mut showing = HashSet::new();
        for room in self.cluster.rooms().await? {
            let Ok(sitting) = room.name.parse::<SittingId>() else { continue };
            match self.meet.is_over(sitting).await? {
                // Another server's.
                None => {}
                Some(true) => self.cluster.delete(sitting).await?,
                Some(false) => {
                    for info in self.cluster.people(sitting).await? {
                        let Ok(member) = info.identity.parse() else { continue };
                        self.settle(sitting, member, &info).await?;
                        showing.insert((sitting, member));
                    }
                }
            }
        }
        // Who is gone shows nothing.
        for (sitting, member) in self.showing.clone().difference(&showing) {
            self.shows(*sitting, *member, false).await?;
        }
        Ok(())
    }

    async fn person(&mut self, sitting: SittingId, member: MemberId, has_left: bool) -> Result<()> {
        match self.cluster.person(sitting, member).await? {
            Some(info) => self.settle(sitting, member, &info).await,
            None => {
                self.shows(sitting, member, false).await?;
                if has_left {
                    self.meet.media_left(sitting, member).await?;
                }
                Ok(())
            }
        }
    }

    async fn settle(&mut self, sitting: SittingId, member: MemberId, info: &ParticipantInfo) -> Result<()> {
        let Some(wish) = self.cluster.parts.wishes.of(sitting, member) else {
            return match self.meet.is_over(sitting).await? {
                None => Ok(()),
                // A way in that was given before the end has made the room anew.
                Some(true) => Ok(self.cluster.delete(sitting).await?),
                Some(false) => Ok(self.cluster.put_out(sitting, member).await?),
            };
        };
        if !is_held(info, wish.now().0) {
            wish.lost();
        }
        self.cluster.hold(sitting, member, &wish).await?;
        let shows = info.tracks.iter().any(|track| track.source() == TrackSource::ScreenShare);
        self.shows(sitting, member, shows).await
    }

    /// Tells meet whether somebody shows a screen, once each time that this changes.
    async fn shows(&mut self, sitting: SittingId, member: MemberId, shown: bool) -> Result<()> {
        if self.showing.contains(&(sitting, member)) != shown {
            self.meet.media_shown(sitting, member, shown).await?;
            if shown {
                self.showing.insert((sitting, member));
            } else {
                self.showing.remove(&(sitting, member));
            }
        }
        Ok(())
    }
}
