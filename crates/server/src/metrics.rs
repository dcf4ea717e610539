//! Numbers for operators, in the form that Prometheus reads: those of the media server, and of HTTP requests.
//!
//! Invariant: labels are closed sets of words. A request goes by the pattern of its route, never by what it asked for.
//! What it deliberately does not do: keep anything, or be reachable by the port that people use.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use kloud_media::Media;
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Seconds until an answer begins.
const ANSWERS: [f64; 9] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// The form of the text (version 0.0.4), which every Prometheus reads.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All numbers of this server.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    /// Absent where a cluster carries the media.
    media: Option<Media>,
}

/// Requests by route.
#[derive(Clone, Debug)]
pub struct Requests {
    answered: Family<Answered, Counter>,
    seconds: Family<Route, Histogram>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

impl Metrics {
    pub fn new(media: Option<Media>) -> Self {
        let requests =
            Requests { answered: Family::default(), seconds: Family::new_with_constructor(|| Histogram::new(ANSWERS)) };
        let mut registry = Registry::default();
        let answered = "Answered requests by the pattern of their route and the class of the answer";
        registry.register("kloud_http_requests", answered, requests.answered.clone());
        let seconds = "Seconds until an answer began, by the pattern of the route";
        registry.register("kloud_http_answer_seconds", seconds, requests.seconds.clone());
        if let Some(media) = &media {
            media.register(&mut registry);
        }
        Self { registry, requests, media }
    }

    /// What [`measure`] writes to.
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// `/metrics`, for a listener of its own.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().route("/metrics", get(show)).with_state(self)
    }
}

async fn show(State(metrics): State<Arc<Metrics>>) -> Response {
    if let Some(media) = &metrics.media {
        media.count().await;
    }
    let mut text = String::new();
    match prometheus_text::encode(&mut text, &metrics.registry) {
        Ok(()) => ([(header::CONTENT_TYPE, TEXT)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Counts a request when its answer begins.
pub async fn measure(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = word(request.method());
    // What has no route of its own is a page or a file of the client.
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let answer = next.run(request).await;
    let seconds = requests.seconds.get_or_create_owned(&Route { route: route.clone() });
    seconds.observe(began.elapsed().as_secs_f64());
    requests.answered.get_or_create(&Answered { method, route, status: class(answer.status()) }).inc();
    answer
}

/// Anybody may send a method of their own making; it is no label of its own.
fn word(method: &Method) -> &'static str {
    match *method {
        Method::GET => "get",
        Method::HEAD => "head",
        Method::POST => "post",
        Method::PUT => "put",
        Method::PATCH => "patch",
        Method::DELETE => "delete",
        Method::OPTIONS => "options",
        _ => "other",
    }
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        ..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500.. => "5xx",
    }
}
