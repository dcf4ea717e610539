//! What can be tried only beside the server, where its configuration is: the databases, the certificate's files, and
//! the applications that are told of rooms.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use axum::http::Uri;
use kloud_media::{HookAnswer, HookTried, RoomName, try_webhooks};
use kloud_store::{Database, probe};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Finding;
use crate::app::{databases, media_config};
use crate::config::{ClusterConfig, Config, DataFolder, Flags, MediaCarrier};
use crate::serve::base;
use crate::system::{SystemClock, SystemRng};
use crate::tls::Tls;

/// How long the numbers may take to come.
const PATIENCE: Duration = Duration::from_secs(5);

/// A data folder and its configuration.
pub struct Own {
    folder: DataFolder,
    config: Config,
}

impl Own {
    /// `None` if there is no configuration in this folder.
    pub fn open(data: &Path) -> Result<Option<Self>> {
        if !data.join("kloud.toml").exists() {
            return Ok(None);
        }
        let folder = DataFolder::open(data)?;
        let config = folder.config(&Flags::default())?;
        Ok(Some(Self { folder, config }))
    }

    /// Where people come in, as the server says it at its start.
    pub fn url(&self) -> Result<String> {
        if self.config.listen.port() == 0 {
            bail!("listen names no port; give the URL that people open");
        }
        Ok(base(self.tls().ok().flatten().as_ref(), self.config.listen))
    }

    /// The cluster, if one carries the media.
    pub fn cluster(&self) -> Option<&ClusterConfig> {
        (self.config.media.backend == MediaCarrier::Livekit).then_some(&self.config.media.livekit)
    }

    fn tls(&self) -> Result<Option<Tls>> {
        Tls::open(&self.config, &self.folder)
    }

    /// Whether the server could read its certificate again; `None` if it has none in files.
    pub fn certificate(&self) -> Option<Finding> {
        if self.config.tls.acme.is_on() {
            return None;
        }
        Some(match self.tls().transpose()? {
            Ok(_) => Finding::Alive("certificate and key fit each other".into()),
            Err(error) => Finding::dead(
                format!("{error:#}"),
                "write both anew, as tls.certificate and tls.key name them; the server keeps the last good pair until \
                 it is started again",
            ),
        })
    }

    pub async fn databases(&self) -> [Finding; 2] {
        let (rows, keys) = databases(&self.folder, &self.config);
        [look(&rows, "database.url").await, look(&keys, "database.keys_url").await]
    }

    /// A token for a room of the doctor's own.
    pub fn token(&self, room: &str) -> Result<String> {
        crate::tools::token(&self.config, room, "doctor", 1)
    }

    /// Whether the numbers for operators are served; `None` if they shall not be.
    pub async fn metrics(&self) -> Option<Finding> {
        let at = self.config.metrics.listen?;
        let answer = tokio::time::timeout(PATIENCE, ask_metrics(at)).await;
        let answer = answer.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()));
        Some(match answer {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") && !at.ip().is_loopback() => {
                Finding::Noted(format!("served at {at}, to whoever reaches that address; they say nothing of anybody"))
            }
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => Finding::Alive(format!("served at {at}")),
            Ok(_) => Finding::dead(
                format!("something else answers at {at}"),
                "give metrics.listen a port that nothing else has, and start the server again",
            ),
            Err(error) => Finding::dead(
                format!("nothing answers at {at}: {error}"),
                "start the server again: metrics.listen is read at its start",
            ),
        })
    }

    /// Tells each application that the doctor's room is over, and what came of it.
    pub async fn webhooks(&self, room: &RoomName) -> Result<Vec<Finding>> {
        let config = media_config(&self.config, None, Arc::new(SystemClock::default()), Arc::new(SystemRng));
        Ok(try_webhooks(&config, room).await?.into_iter().map(webhook).collect())
    }
}

/// The first bytes of an answer of the server's own numbers.
async fn ask_metrics(at: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut first = [0; 12];
    stream.read_exact(&mut first).await?;
    Ok(String::from_utf8_lossy(&first).into_owned())
}

async fn look(database: &Database, setting: &str) -> Finding {
    let (place, cure) = match database {
        Database::Sqlite(path) => {
            let place = path.display().to_string();
            (format!("SQLite, {place}"), format!("see that {place} is there and this user may read it"))
        }
        Database::Postgres(_) => {
            let cure = format!("start the PostgreSQL server that {setting} names, and see that name and password fit");
            ("PostgreSQL".to_owned(), cure)
        }
    };
    match probe(database).await {
        Ok(migrations) => Finding::Alive(format!("{place}, {migrations} migrations")),
        Err(error) => Finding::dead(error, cure),
    }
}

fn webhook(HookTried { url, answer }: HookTried) -> Finding {
    let at = place(&url);
    match answer {
        HookAnswer::Taken => Finding::Alive(format!("{at} took that the doctor's room is over")),
        HookAnswer::Refused(status @ (401 | 403)) => Finding::dead(
            format!("{at} answers {status}"),
            "give the application the secret of livekit.webhook.key, and see that its clock is right",
        ),
        HookAnswer::Refused(status) => Finding::dead(
            format!("{at} answers {status}"),
            "see that livekit.webhook.urls names what takes the POST of a webhook, without a redirect",
        ),
        HookAnswer::Silent(why) => Finding::dead(
            format!("{at}: {why}"),
            "start the application, and see that this machine reaches its address in livekit.webhook.urls",
        ),
    }
}

/// The host and port of an address; what else is in it may be a secret.
fn place(url: &str) -> String {
    let url: Option<Uri> = url.parse().ok();
    let authority = url.as_ref().and_then(Uri::authority).map_or("", |authority| authority.as_str());
    authority.rsplit('@').next().unwrap_or_default().to_owned()
}
