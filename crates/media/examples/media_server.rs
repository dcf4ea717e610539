//! A media server on its own, for trying it with the clients of the LiveKit project:
//! `cargo run -p kloud-media --example media_server -- KEY SECRET [HTTP_ADDRESS] [MEDIA_ADDRESS]`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::routing::get;
use kloud_base::{Clock, Rng, Timestamp};
use kloud_media::{Media, MediaConfig};

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[allow(clippy::disallowed_methods, reason = "an example has no clock but the system's")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970");
        Timestamp::from_millis(i64::try_from(now.as_millis()).expect("the clock is before the year 292 million"))
    }
}

struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        #[allow(clippy::disallowed_methods, reason = "an example has no randomness but the system's")]
        getrandom::fill(bytes).expect("the system has randomness");
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let mut arguments = std::env::args().skip(1);
    let (Some(key), Some(secret)) = (arguments.next(), arguments.next()) else {
        return Err("give a key and a secret".into());
    };
    let http: SocketAddr = arguments.next().as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let media: SocketAddr = arguments.next().as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let mut config = MediaConfig::new(Arc::new(SystemClock), Arc::new(SystemRng));
    config.listen = media;
    config.api_keys.insert(key, secret);
    let media = Media::start(config)?;
    let app = media.router().route("/", get(|| async { "a media server" }));
    let listener = tokio::net::TcpListener::bind(http).await?;
    println!("url ws://{} media {}", listener.local_addr()?, media.local_addr());
    axum::serve(listener, app)
        .with_graceful_shutdown(async move {
            // Without a signal to wait for, the server runs until it is killed.
            let _ = tokio::signal::ctrl_c().await;
            media.shutdown().await;
        })
        .await?;
    Ok(())
}
