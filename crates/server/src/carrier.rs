//! Who carries sound and picture: the media server in this process, or a cluster by configuration.

use std::sync::Arc;

use axum::Router;
use kloud_media::Media;
use kloud_meet::{MediaBackend, Meet};
use tokio::task::JoinSet;

use crate::cluster::Cluster;
use crate::media_backend::{EmbeddedMedia, follow_media};

/// One of the two.
#[derive(Clone)]
pub enum Carrier {
    Embedded(Media),
    Cluster(Cluster),
}

impl Carrier {
    /// The media server in this process.
    pub fn embedded(&self) -> Option<&Media> {
        match self {
            Self::Embedded(media) => Some(media),
            Self::Cluster(_) => None,
        }
    }

    /// As the port of meet sees it.
    pub fn backend(&self) -> Arc<dyn MediaBackend> {
        match self {
            Self::Embedded(media) => Arc::new(EmbeddedMedia(media.clone())),
            Self::Cluster(cluster) => Arc::new(cluster.clone()),
        }
    }

    /// What it needs of this process's web server: clients come, or word of them.
    pub fn router(&self) -> Router {
        match self {
            Self::Embedded(media) => media.router(),
            Self::Cluster(cluster) => cluster.router(),
        }
    }

    /// The origins that clients connect to beside this one.
    pub fn origins(&self) -> Vec<String> {
        match self {
            Self::Embedded(_) => Vec::new(),
            Self::Cluster(cluster) => cluster.origins(),
        }
    }

    /// Tells meet what happens.
    pub fn follow(&self, tasks: &mut JoinSet<()>, meet: Meet) {
        match self {
            Self::Embedded(media) => tasks.spawn(follow_media(media.events(), meet)),
            Self::Cluster(cluster) => tasks.spawn(cluster.clone().follow(meet)),
        };
    }

    /// Says goodbye. Rooms of a cluster go on without this process.
    pub async fn stop(&self) {
        if let Self::Embedded(media) = self {
            media.shutdown().await;
        }
    }
}
