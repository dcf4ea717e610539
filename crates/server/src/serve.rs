//! `kloud serve`: opens everything, listens, says where, stops in order.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use kloud_store::CrashPoints;
use kloud_store::crash::CrashMode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Ingredients};
use crate::config::{DataFolder, Flags};
use crate::system::{SystemClock, SystemRng};
use crate::tls::Tls;

/// What a drill asks for.
pub struct Drill {
    pub crash_at: Option<String>,
    pub clock_ahead_hours: i64,
}

/// How long connections may take to end after the goodbye.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(5);

/// Serves until the process is told to stop.
pub async fn serve(data: &Path, flags: &Flags, drill: Drill) -> Result<()> {
    let folder = DataFolder::open(data)?;
    folder.write_first_config(&SystemRng)?;
    let config = folder.config(flags)?;
    let crash_points = Arc::new(CrashPoints::default());
    if let Some(point) = &drill.crash_at {
        let (name, nth) = point.split_once(':').unwrap_or((point, "1"));
        crash_points.arm(name, nth.parse().context("--crash-at NAME:NTH")?, CrashMode::Abort);
    }
    let clock = Arc::new(SystemClock::ahead(drill.clock_ahead_hours));
    let app = App::open(&folder, &config, Ingredients { clock, rng: Arc::new(SystemRng), crash_points }).await?;
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("listen: {} could not be opened", config.listen))?;
    let address = listener.local_addr()?;
    let metrics = match config.metrics.listen {
        None => None,
        Some(at) => {
            let listener = TcpListener::bind(at).await;
            Some(listener.with_context(|| format!("metrics.listen: {at} could not be opened"))?)
        }
    };
    let mut background = app.spawn_background();
    greet(&app, address).await?;

    let (stop, stopped) = tokio::sync::watch::channel(false);
    if let Some(metrics) = metrics {
        background.spawn(app.show_metrics(metrics, stopped.clone()));
    }
    let server = tokio::spawn(app.listen(listener, stopped));
    let lost = tokio::select! {
        signal = wait_for_signal() => signal.map(|()| false)?,
        () = app.database_lost() => true,
    };
    tracing::info!("stopping");
    app.stop().await;
    let _ = stop.send(true);
    // A client that does not let go is cut off; its rows are committed all the same.
    let _ = tokio::time::timeout(GOODBYE, server).await;
    background.shutdown().await;
    app.close().await;
    if lost {
        bail!("another process has taken the database, so this one stopped; start it again when that one has ended");
    }
    Ok(())
}

/// Says where to go, for people and for programs that wait for the line.
async fn greet(app: &App, address: SocketAddr) -> Result<()> {
    let base = base(app.tls(), address);
    match app.identity.begin_setup().await? {
        Some(token) => println!("Kloud is ready. Open this once to set it up:\n  {base}/setup#{token}"),
        None => println!("Kloud is ready:\n  {base}"),
    }
    if !address.ip().is_loopback() && app.tls().is_none() {
        println!(
            "Browsers give a camera and a microphone only to https pages and to localhost: for other machines set a \
             certificate ([tls] in the configuration), or put a proxy with TLS in front."
        );
    }
    Ok(())
}

/// The address of the first page, as far as it can be told from inside.
pub fn base(tls: Option<&Tls>, address: SocketAddr) -> String {
    let (ip, port) = (address.ip(), address.port());
    let host = if ip.is_loopback() || ip.is_unspecified() {
        "localhost".to_owned()
    } else if ip.is_ipv6() {
        format!("[{ip}]")
    } else {
        ip.to_string()
    };
    match tls {
        None => format!("http://{host}:{port}"),
        Some(tls) => {
            let host = tls.names().first().cloned().unwrap_or(host);
            if port == 443 { format!("https://{host}") } else { format!("https://{host}:{port}") }
        }
    }
}

async fn wait_for_signal() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => Ok(interrupted?),
        _ = terminate.recv() => Ok(()),
    }
}
