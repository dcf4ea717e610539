//! The whole program put together: databases, engine, slices, media, routes, jobs.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;
use kloud_agreement::{Agreement, AgreementParts};
use kloud_base::{Clock, Rng};
use kloud_chat::Chat;
use kloud_http::{EventSockets, Guard, Patience, guard};
use kloud_identity::{AgreementTexts, Identity};
use kloud_media::{Media, RelayConfig, TcpPort};
use kloud_meet::{Meet, MeetParts, MeetPeople};
use kloud_privacy::{Privacy, PrivacyOptions};
use kloud_spaces::Spaces;
use kloud_store::jobs::{JobRegistry, JobRunner};
use kloud_store::{CrashPoints, DataLock, Database, DatabaseLock, Migrations, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::carrier::Carrier;
use crate::cluster::Cluster;
use crate::config::{Config, DataFolder, HttpConfig, MediaCarrier};
use crate::door::OnePort;
use crate::metrics::Metrics;
use crate::tls::Tls;
use crate::traces::Traces;
use crate::watch::Watch;
use crate::{documents, openapi};

/// The largest request body, in bytes.
const BODY_MAX: usize = 256 * 1024;

/// What the program is made of; tests hand in their own clock and randomness.
pub struct Ingredients {
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub crash_points: Arc<CrashPoints>,
}

/// A running Kloud without its listener.
pub struct App {
    pub store: Store,
    pub keystore: Store,
    pub privacy: Privacy,
    pub identity: Identity,
    pub meet: Meet,
    pub carrier: Carrier,
    pub agreement: Agreement,
    pub runner: Arc<JobRunner>,
    chat: Chat,
    http: HttpConfig,
    tls: Option<Arc<Tls>>,
    metrics: Arc<Metrics>,
    traces: Option<Arc<Traces>>,
    stopping: watch::Sender<bool>,
    database_lock: Option<DatabaseLock>,
    _lock: DataLock,
}

/// Every migration of the rows, in one list.
pub fn migrations() -> Migrations {
    Migrations::default()
        .with(kloud_store::migrations)
        .with(kloud_privacy::migrations)
        .with(kloud_identity::migrations)
        .with(kloud_spaces::migrations)
        .with(kloud_chat::migrations)
        .with(kloud_meet::migrations)
}

impl App {
    /// Opens everything in a data folder.
    pub async fn open(folder: &DataFolder, config: &Config, with: Ingredients) -> Result<Self> {
        let lock = DataLock::take(folder.path())?;
        let Ingredients { clock, rng, crash_points } = with;
        let (rows, keys) = databases(folder, config);
        let database_lock = DatabaseLock::take(&rows).await.context("the database could not be opened")?;
        let open = async |database: Database, migrations: Migrations| {
            let options = StoreOptions { crash_points: crash_points.clone(), ..StoreOptions::new(database) };
            Store::open(options, migrations).await
        };
        let store = open(rows, migrations()).await.context("the database could not be opened")?;
        let keystore = open(keys, Migrations::default().with(kloud_privacy::keystore_migrations)).await;
        let keystore = keystore.context("the keystore could not be opened")?;
        let options = PrivacyOptions {
            keystore: keystore.clone(),
            rows: store.clone(),
            folder: folder.keys(),
            clock: clock.clone(),
            rng: rng.clone(),
        };
        let privacy = Privacy::open(options).await?;
        let tls = Tls::open(config, folder)?.map(Arc::new);
        let carrier = start_carrier(config, tls.as_deref(), clock.clone(), rng.clone())?;

        let metrics = Arc::new(Metrics::new(carrier.embedded().cloned()));
        let traces = Traces::start(&config.traces, clock.clone())?.map(Arc::new);

        let identity = Identity::new(privacy.clone(), texts(), clock.clone(), rng.clone());
        let spaces = Spaces::new(privacy.clone(), clock.clone(), rng.clone());
        let people = Arc::new(MeetPeople::new(privacy.clone()));
        let chat = Chat::new(privacy.clone(), spaces.clone(), clock.clone(), rng.clone(), people);
        let meet = Meet::new(MeetParts {
            privacy: privacy.clone(),
            identity: identity.clone(),
            spaces: spaces.clone(),
            chat: chat.clone(),
            media: carrier.backend(),
            clock: clock.clone(),
            rng: rng.clone(),
        });
        let agreement = Agreement::new(AgreementParts {
            privacy: privacy.clone(),
            identity: identity.clone(),
            gates: Arc::new(crate::gates::MeetingGates(meet.clone())),
            clock: clock.clone(),
            rng: rng.clone(),
        });
        privacy.register_holder(Arc::new(kloud_identity::IdentityHolder(identity.clone())));
        privacy.register_holder(Arc::new(kloud_spaces::SpacesHolder));
        privacy.register_holder(Arc::new(kloud_chat::ChatHolder));
        privacy.register_holder(Arc::new(kloud_meet::MeetHolder(meet.clone())));
        privacy.register_holder(Arc::new(kloud_agreement::AgreementHolder(agreement.clone())));

        let registry = jobs(&privacy, &identity, &chat, &meet).and(crate::housekeeping::jobs(&store, clock.clone()));
        let runner = Arc::new(JobRunner::new(store.clone(), registry, clock, rng));
        let (stopping, _) = watch::channel(false);
        Ok(Self {
            store,
            keystore,
            privacy,
            identity,
            meet,
            carrier,
            agreement,
            runner,
            chat,
            http: config.http.clone(),
            tls,
            metrics,
            traces,
            stopping,
            database_lock,
            _lock: lock,
        })
    }

    /// What describes the routes below `/api`.
    pub fn description(&self) -> utoipa::openapi::OpenApi {
        openapi::api(&self.identity, &self.chat, &self.meet, &self.agreement).1
    }

    /// Waits until another process has taken the database; never on SQLite.
    pub async fn database_lost(&self) {
        match &self.database_lock {
            Some(lock) => lock.lost().await,
            None => std::future::pending().await,
        }
    }

    /// All routes.
    pub fn router(&self) -> Router {
        let (api, description) = openapi::api(&self.identity, &self.chat, &self.meet, &self.agreement);
        let sockets = EventSockets {
            store: self.store.clone(),
            privacy: self.privacy.clone(),
            may_watch: Arc::new(Watch {
                identity: self.identity.clone(),
                chat: self.chat.clone(),
                meet: self.meet.clone(),
            }),
            patience: seconds(self.http.taken_seconds),
            stopping: self.stopping.subscribe(),
        };
        // It bounds how long a snapshot is held, too.
        let request_max = seconds(self.http.request_seconds);
        let api = api
            .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, request_max))
            .merge(Router::new().nest("/api", sockets.router()))
            .layer(RequestBodyLimitLayer::new(BODY_MAX))
            .layer(middleware::from_fn_with_state(Guard::new(Arc::new(self.identity.clone())), guard));
        Router::new()
            .merge(api)
            .merge(openapi::page(description))
            .merge(kloud_agreement::ledger_routes(self.agreement.clone()))
            .merge(documents::router(self.identity.clone(), self.carrier.origins()))
            .layer(CompressionLayer::new())
            .merge(self.carrier.router())
            .route("/healthz", get(async || StatusCode::NO_CONTENT))
            .layer(CatchPanicLayer::new())
            .layer(middleware::from_fn_with_state(self.metrics.requests(), crate::metrics::measure))
    }

    /// Follows what ends and what media sees, and runs jobs, until [`App::stop`].
    pub fn spawn_background(&self) -> tokio::task::JoinSet<()> {
        let mut tasks = tokio::task::JoinSet::new();
        let (meet, revoked) = (self.meet.clone(), self.privacy.revoked());
        tasks.spawn(async move { meet.follow_revocations(revoked).await });
        self.carrier.follow(&mut tasks, self.meet.clone());
        let meet = self.meet.clone();
        tasks.spawn(async move { meet.follow_checks().await });
        if let (Some(traces), Some(media)) = (self.traces.clone(), self.carrier.embedded()) {
            tasks.spawn(traces.follow(media.trails()));
        }
        if let Some(tls) = self.tls.clone() {
            tasks.spawn(async move { tls.follow().await });
        }
        let (runner, mut stopping) = (self.runner.clone(), self.stopping.subscribe());
        tasks.spawn(async move {
            let stop = async {
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            runner.run_until(stop).await;
        });
        tasks
    }

    /// Serves all routes on a listener until `stopping` turns true and everybody is answered.
    pub fn listen(&self, listener: TcpListener, stopping: watch::Receiver<bool>) -> impl Future<Output = ()> + use<> {
        let patience = Patience {
            head: seconds(self.http.head_seconds),
            // A WebSocket gets the same time once more for its goodbye.
            taken: 2 * seconds(self.http.taken_seconds),
        };
        let door = OnePort { media: self.carrier.embedded().cloned(), tls: self.tls.clone(), patience: patience.head };
        kloud_http::serve(listener, Arc::new(door), self.router(), patience, stopping)
    }

    /// Serves the numbers for operators on a listener of their own, until `stopping` turns true.
    pub fn show_metrics(
        &self,
        listener: TcpListener,
        mut stopping: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + use<> {
        let served = axum::serve(listener, self.metrics.clone().router());
        async move {
            let stop = async move {
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            if let Err(error) = served.with_graceful_shutdown(stop).await {
                tracing::error!(%error, "metrics are served no more");
            }
        }
    }

    /// Whether the web is served inside of TLS, and under which name.
    pub fn tls(&self) -> Option<&Tls> {
        self.tls.as_deref()
    }

    /// Says goodbye to sockets and media.
    pub async fn stop(&self) {
        let _ = self.stopping.send(true);
        self.carrier.stop().await;
        if let Some(traces) = self.traces.clone() {
            traces.finish().await;
        }
    }

    /// Closes the databases.
    pub async fn close(self) {
        self.store.close().await;
        self.keystore.close().await;
    }
}

fn seconds(of: NonZeroU32) -> Duration {
    Duration::from_secs(of.get().into())
}

pub fn databases(folder: &DataFolder, config: &Config) -> (Database, Database) {
    if config.database.url.is_empty() {
        let file = |folder: &Path, name: &str| Database::Sqlite(folder.join(name));
        (file(folder.path(), "kloud.db"), file(&folder.keys(), "keys.db"))
    } else {
        (Database::Postgres(config.database.url.clone()), Database::Postgres(config.database.keys_url.clone()))
    }
}

fn start_carrier(config: &Config, tls: Option<&Tls>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Result<Carrier> {
    if config.media.backend == MediaCarrier::Livekit {
        return Ok(Carrier::Cluster(Cluster::new(&config.media.livekit, clock)?));
    }
    let port = config.media.port;
    let media = Media::start(media_config(config, tls, clock, rng));
    Ok(Carrier::Embedded(media.with_context(|| format!("media.port: port {port} could not be opened"))?))
}

/// What the media server is given.
pub fn media_config(
    config: &Config,
    tls: Option<&Tls>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> kloud_media::MediaConfig {
    let ip = if config.listen.ip().is_loopback() {
        config.listen.ip()
    } else {
        IpAddr::from(std::net::Ipv6Addr::UNSPECIFIED)
    };
    let (web, port) = (config.listen.port(), config.media.port);
    let tcp = match config.media.tcp {
        false => TcpPort::Closed,
        true if port != 0 && port == web => TcpPort::Elsewhere,
        true => TcpPort::Own,
    };
    let names = tls.filter(|_| web != 0).map(Tls::names).unwrap_or_default();
    let relay = RelayConfig {
        on: config.media.relay,
        told_by_udp: config.media.relay_udp,
        tls: names.iter().map(|name| format!("{name}:{web}")).collect(),
    };
    kloud_media::MediaConfig {
        listen: SocketAddr::new(ip, port),
        tcp,
        relay,
        advertise: config.media.advertise.clone(),
        api_keys: config.livekit.keys.iter().map(|one| (one.key.clone(), one.secret.clone())).collect(),
        threads: config.media.threads,
        limits: kloud_media::Limits {
            participants: config.media.max_participants,
            busy: config.media.busy_max,
            ..kloud_media::Limits::default()
        },
        webhooks: config
            .livekit
            .webhook_key()
            .map(|one| kloud_media::WebhookConfig { key: one.key.clone(), urls: config.livekit.webhook.urls.clone() }),
        ..kloud_media::MediaConfig::new(clock, rng)
    }
}

/// The agreement in force, as each answer names it.
fn texts() -> AgreementTexts {
    use kloud_agreement::text::{VERSION, digest};
    use kloud_identity::model::Language;
    AgreementTexts { version: VERSION, english: digest(Language::English), chinese: digest(Language::Chinese) }
}

fn jobs(privacy: &Privacy, identity: &Identity, chat: &Chat, meet: &Meet) -> JobRegistry {
    privacy
        .jobs()
        .and(kloud_identity::jobs::jobs(identity))
        .and(kloud_chat::jobs::jobs(chat))
        .and(kloud_meet::jobs::jobs(meet))
}
