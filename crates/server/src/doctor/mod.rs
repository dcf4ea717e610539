//! `kloud doctor`: tries every way from this machine to a running Kloud, and names the one that is dead and its cure.
//!
//! It does what a browser does: it asks for the page, opens a WebSocket, and brings media up by each way alone. A way
//! counts only when keys were agreed on it. Beside the server it reads the same configuration, and tries what the server
//! itself needs too.
//! What it deliberately does not do: change anything on the server, or ask a third party how the world sees it.

mod browsers;
mod cluster;
mod own;
mod ways;
mod web;

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use axum::http::Uri;
use kloud_media::RoomName;

use crate::config::ClusterConfig;
use crate::system::SystemRng;
use own::Own;
use ways::Ways;
use web::Web;

/// Days before its end at which a certificate is worth a word.
const SOON: i64 = 14;

/// Where to look, and by which right.
pub struct Patient {
    /// What people open; where the configuration says that the server is, if not given.
    pub url: Option<String>,
    /// For an API room of any name; made with the key of the data folder if not given.
    pub token: Option<String>,
    /// A certificate in PEM to trust beside those that this machine trusts.
    pub trust: Option<std::path::PathBuf>,
}

/// What was found of one way.
pub enum Finding {
    Alive(String),
    /// It works; something else is worth a word.
    Noted(String),
    /// The server does not offer it.
    Absent(String),
    Dead {
        why: String,
        cure: String,
    },
}

impl Finding {
    fn dead(why: impl fmt::Display, cure: impl Into<String>) -> Self {
        Finding::Dead { why: why.to_string(), cure: cure.into() }
    }

    fn is_dead(&self) -> bool {
        matches!(self, Finding::Dead { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Alive(how) => write!(f, "ok    {how}"),
            Finding::Noted(what) => write!(f, "ok    {what}"),
            Finding::Absent(why) => write!(f, "-     {why}"),
            Finding::Dead { why, cure } => write!(f, "DEAD  {why}\n{:>32}{cure}", "cure: "),
        }
    }
}

/// Prints what is found as it is found.
struct Report {
    all_alive: bool,
}

impl Report {
    fn tell(&mut self, way: &str, finding: &Finding) {
        println!("{way:<26}{finding}");
        self.all_alive &= !finding.is_dead();
    }
}

/// Tries every way and prints what was found; whether none is dead.
///
/// # Errors
/// When it is not known where to look or by which right.
pub async fn doctor(data: &Path, patient: &Patient) -> Result<bool> {
    let own = Own::open(data)?;
    if own.is_none() && (patient.url.is_none() || patient.token.is_none()) {
        bail!(
            "there is no kloud.toml in {}: run this beside the server with --data, or give the URL and --token (of \
             `kloud livekit token`)",
            data.display()
        );
    }
    let mut report = Report { all_alive: true };
    if let Some(own) = &own {
        let [rows, keys] = own.databases().await;
        report.tell("database", &rows);
        report.tell("database of keys", &keys);
        own.certificate().iter().for_each(|finding| report.tell("certificate files", finding));
    }
    let given = |own: &Option<Own>| own.as_ref().context("no URL is given")?.url();
    let url = patient.url.clone().map_or_else(|| given(&own), Ok)?;
    let url: Uri = url.parse().with_context(|| format!("{url:?} is no URL"))?;
    let suffix = data_encoding::HEXLOWER.encode(&kloud_base::random_bytes::<4>(&SystemRng));
    let room = RoomName::new(&format!("doctor-{suffix}")).context("the name of the doctor's room")?;
    if let Some(config) = own.as_ref().and_then(Own::cluster) {
        through_cluster(&mut report, Web::new(&url, patient.trust.as_deref())?, config, room.as_str()).await;
        if let Some(own) = &own {
            own.metrics().await.iter().for_each(|finding| report.tell("metrics", finding));
        }
        return Ok(report.all_alive);
    }
    let token = match (&patient.token, &own) {
        (Some(token), _) => Ok(token.clone()),
        (None, Some(own)) => own.token(room.as_str()),
        (None, None) => bail!("no --token is given"),
    };
    from_outside(&mut report, Web::new(&url, patient.trust.as_deref())?, token).await;
    if let Some(own) = &own {
        own.metrics().await.iter().for_each(|finding| report.tell("metrics", finding));
        own.webhooks(&room).await?.iter().for_each(|finding| report.tell("webhook", finding));
    }
    Ok(report.all_alive)
}

/// Where a cluster carries the media.
async fn through_cluster(report: &mut Report, web: Web, config: &ClusterConfig, room: &str) {
    let page = web.page().await;
    report.tell("web page", &page);
    if !page.is_dead() {
        report.tell("certificate", &web.certificate(SOON));
    }
    report.tell("cluster", &cluster::call(config, room).await);
    if !page.is_dead() {
        report.tell("cluster's webhook", &cluster::webhook(config, &web.address()).await);
    }
}

/// What everybody needs, wherever they are.
async fn from_outside(report: &mut Report, web: Web, token: Result<String>) {
    let page = web.page().await;
    report.tell("web page", &page);
    if page.is_dead() {
        println!("{:<26}media cannot be tried without it", "");
        return;
    }
    report.tell("certificate", &web.certificate(SOON));
    let token = match token {
        Ok(token) => token,
        Err(error) => {
            report.tell("WebSocket", &Finding::dead(error, "add a key ([[livekit.keys]]), or give --token"));
            return;
        }
    };
    let ways = Ways::new(web, token);
    let told = match ways.join().await {
        Ok(session) => session.told.clone(),
        Err(dead) => {
            report.tell("WebSocket", &dead);
            return;
        }
    };
    report.tell("WebSocket", &Finding::Alive("joined an API room".into()));
    report.tell("media by UDP", &ways.udp(&told).await);
    report.tell("media by TCP", &ways.tcp(&told).await);
    report.tell("relay (TURN) by UDP", &ways.relay_udp(&told).await);
    report.tell("relay (TURN) by TCP", &ways.relay_tcp(&told).await);
    report.tell("relay (TURN) by TLS", &ways.relay_tls(&told).await);
}
