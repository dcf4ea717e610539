//! The cluster, where one carries the media: whether it answers, takes the key, and would be heard when it tells what
//! happens. How media gets to and fro there is for its own tools to say.

use std::sync::Arc;

use super::Finding;
use crate::cluster::{CallError, HookTry, WEBHOOK_PATH, try_cluster, try_webhook};
use crate::config::ClusterConfig;
use crate::system::SystemClock;

/// Makes a room there and deletes it again.
pub async fn call(config: &ClusterConfig, room: &str) -> Finding {
    let at = &config.url;
    match try_cluster(config, room, Arc::new(SystemClock::default())).await {
        Ok(()) => Finding::Alive(format!("{at} takes the key and makes rooms")),
        Err(error @ CallError::Unreachable(_)) => Finding::dead(
            error,
            "start the LiveKit server, and see that this machine reaches the address in media.livekit.url",
        ),
        Err(error @ CallError::Key) => Finding::dead(
            error,
            "write a key of the cluster's configuration (keys) into media.livekit.api_key and api_secret, and see that \
             both clocks are right",
        ),
        Err(error @ (CallError::NotFound | CallError::Refused(_))) => Finding::dead(
            error,
            "see that media.livekit.url is the address of a LiveKit server itself, without a path or a redirect",
        ),
    }
}

/// Tells this server what the cluster would tell it.
pub async fn webhook(config: &ClusterConfig, page: &str) -> Finding {
    let address = format!("{}{WEBHOOK_PATH}", page.trim_end_matches('/'));
    match try_webhook(config, &address, Arc::new(SystemClock::default())).await {
        HookTry::Taken => Finding::Noted(format!(
            "{address} takes what is signed with the key; see that the cluster's configuration says webhook.api_key: {} \
             and names this address in webhook.urls",
            config.api_key
        )),
        HookTry::Refused(status) => Finding::dead(
            format!("{address} answers {status}"),
            "start this server again: media.backend and media.livekit are read at its start",
        ),
        HookTry::Silent(why) => {
            Finding::dead(format!("{address}: {why}"), "see that the cluster's machines reach this address")
        }
    }
}
