//! Traces of joins: each join is one trace, its steps are the spans in it, told to a collector by OTLP over HTTP.
//!
//! Invariant: attributes are closed sets of words. A trace says how long which step took, and never who joined what.
//! What it deliberately does not do: follow anything else, or be on unless the operator names a collector.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use axum::http::{Request, Response};
use bytes::Bytes;
use kloud_base::Clock;
use kloud_media::{JoinOutcome, JoinTrail, Trails};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanContext, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanLimits,
};
use reqwest::Url;
use tokio::sync::broadcast::error::RecvError;

use crate::config::TracesConfig;

/// Traces wait for so long for others to go with.
const GATHER: Duration = Duration::from_secs(1);
/// How long the collector may take.
const ANSWER: Duration = Duration::from_secs(5);
/// The path of traces below the address of a collector.
const PATH: &str = "v1/traces";

#[expect(
    clippy::disallowed_types,
    reason = "the operator names the collector, and what it is told holds nothing of anybody"
)]
type Client = reqwest::Client;

/// The way to the collector.
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    clock: Arc<dyn Clock>,
}

impl Traces {
    /// `None` if no collector is named.
    pub fn start(config: &TracesConfig, clock: Arc<dyn Clock>) -> Result<Option<Self>> {
        if config.otlp.is_empty() {
            return Ok(None);
        }
        let client = Client::builder().timeout(ANSWER).redirect(reqwest::redirect::Policy::none()).build();
        let post = Post { client: client.context("traces.otlp")?, runtime: tokio::runtime::Handle::current() };
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(post)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint(&config.otlp)?)
            .with_timeout(ANSWER)
            .build()
            .context("traces.otlp")?;
        let batches = BatchConfigBuilder::default().with_scheduled_delay(GATHER).build();
        let batches = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        // Nothing of the machine is told, and nothing of the environment is read.
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder_empty().with_service_name("kloud").with_attribute(version).build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(batches)
            .with_sampler(Sampler::AlwaysOn)
            .with_span_limits(SpanLimits::default())
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("kloud");
        Ok(Some(Self { provider, tracer, clock }))
    }

    /// Tells of every join that is over, until the media server stops.
    pub async fn follow(self: Arc<Self>, mut trails: Trails) {
        loop {
            match trails.recv().await {
                Ok(trail) => self.tell(&trail),
                Err(RecvError::Lagged(missed)) => {
                    tracing::debug!(missed, "joins came faster than they could be traced")
                }
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Sends what waits. Afterwards nothing more is told.
    pub async fn finish(self: Arc<Self>) {
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown_with_timeout(ANSWER)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::debug!("the last traces were not taken");
        }
    }

    fn tell(&self, trail: &JoinTrail) {
        let wall = WallTime::now(&*self.clock);
        let ended = trail.steps.last().map_or(trail.opened, |(_, at)| *at);
        let attributes =
            [KeyValue::new("kloud.outcome", trail.outcome.name()), KeyValue::new("kloud.path", trail.path.name())];
        let root = SpanBuilder::from_name("join")
            .with_kind(SpanKind::Server)
            .with_start_time(wall.at(trail.opened))
            .with_attributes(attributes);
        let mut root = self.tracer.build_with_context(root, &Context::new());
        if !matches!(trail.outcome, JoinOutcome::Connected | JoinOutcome::Resumed) {
            root.set_status(Status::error(trail.outcome.name()));
        }
        self.tell_steps(trail, root.span_context(), &wall);
        root.end_with_timestamp(wall.at(ended));
    }

    /// Each step begins where the one before it ended.
    fn tell_steps(&self, trail: &JoinTrail, root: &SpanContext, wall: &WallTime) {
        let within = Context::new().with_remote_span_context(root.clone());
        let mut began = trail.opened;
        for (step, done) in &trail.steps {
            let span = SpanBuilder::from_name(step.name()).with_start_time(wall.at(began));
            self.tracer.build_with_context(span, &within).end_with_timestamp(wall.at(*done));
            began = *done;
        }
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traces").finish_non_exhaustive()
    }
}

/// The same moment by both clocks.
struct WallTime {
    now: SystemTime,
    instant: Instant,
}

impl WallTime {
    fn now(clock: &dyn Clock) -> Self {
        let since = u64::try_from(clock.now().as_millis()).unwrap_or(0);
        Self { now: SystemTime::UNIX_EPOCH + Duration::from_millis(since), instant: Instant::now() }
    }

    fn at(&self, instant: Instant) -> SystemTime {
        self.now.checked_sub(self.instant.saturating_duration_since(instant)).unwrap_or(self.now)
    }
}

/// Where traces go below a collector's address. An address that has a path is taken as it is.
fn endpoint(configured: &str) -> Result<String> {
    let mut url: Url = configured.parse().with_context(|| format!("traces.otlp: {configured:?} is no URL"))?;
    if url.path() == "/" {
        url.set_path(PATH);
    }
    Ok(url.into())
}

/// The client with the TLS of the whole program, on its runtime; the exporter has a thread of its own, without one.
#[derive(Debug)]
struct Post {
    client: Client,
    runtime: tokio::runtime::Handle,
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let asked = self.runtime.spawn(async move {
            let answer = client.execute(request).await?;
            let status = answer.status();
            // What a collector has to say beyond its status is of no use here.
            Ok::<_, reqwest::Error>(status)
        });
        let mut answer = Response::new(Bytes::new());
        *answer.status_mut() = asked.await??;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_traces_is_added_unless_there_is_one() {
        for (given, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("http://collector.example/", "http://collector.example/v1/traces"),
            ("https://collector.example/own/path", "https://collector.example/own/path"),
        ] {
            assert_eq!(endpoint(given).unwrap(), expected);
        }
        assert!(endpoint("nowhere").is_err());
    }
}
