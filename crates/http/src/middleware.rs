//! What stands before every handler: origin, limits, caller, headers, and one line of log.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::{AddressPrefix, Authenticate, Cookie, PageKind, Problem, Tokens};

/// Requests a second from one place, on average; an office may share an address.
const PER_SECOND: NonZeroU32 = NonZeroU32::new(200).expect("not zero");
/// … and at once.
const BURST: NonZeroU32 = NonZeroU32::new(1000).expect("not zero");
/// Places that were quiet for long are forgotten every so many requests.
const FORGET_EVERY: u64 = 10_000;

/// Guards the API. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

struct Inner {
    authenticate: Arc<dyn Authenticate>,
    rate: DefaultKeyedRateLimiter<AddressPrefix>,
    seen: std::sync::atomic::AtomicU64,
}

impl Guard {
    pub fn new(authenticate: Arc<dyn Authenticate>) -> Self {
        let rate = RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST));
        Self { inner: Arc::new(Inner { authenticate, rate, seen: 0.into() }) }
    }

    fn within_rate(&self, address: AddressPrefix) -> Result<(), Problem> {
        if self.inner.seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.inner.rate.retain_recent();
            self.inner.rate.shrink_to_fit();
        }
        self.inner.rate.check_key(&address).map_err(|_| Problem::too_many_attempts(1000))
    }
}

/// The middleware of every route below `/api`.
pub async fn guard(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let address = AddressPrefix::of(peer.unwrap_or(std::net::Ipv4Addr::LOCALHOST.into()));
    let mut response = match admit(&guard, &mut request, address).await {
        Ok(()) => shaped(next.run(request).await),
        Err(problem) => problem.into_response(),
    };
    PageKind::Api.write(response.headers_mut());
    log(&method, route.as_deref(), &response, address, began.elapsed());
    response
}

/// Refusals of axum and of the limits below have no shape of their own.
fn shaped(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_problem = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/problem+json"));
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::SERVICE_UNAVAILABLE => "timed_out",
        status if status.is_client_error() => "invalid",
        _ => "internal",
    };
    let mut problem = Problem::new(status, code).into_response();
    if let Some(allow) = response.headers().get(header::ALLOW) {
        problem.headers_mut().insert(header::ALLOW, allow.clone());
    }
    problem
}

async fn admit(guard: &Guard, request: &mut Request, address: AddressPrefix) -> Result<(), Problem> {
    guard.within_rate(address)?;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let upgrades = request.headers().contains_key(header::UPGRADE);
    if (changes || upgrades) && !same_origin(request.headers()) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "origin_refused"));
    }
    let headers = request.headers();
    let tokens = Tokens { account: Cookie::Account.read(headers), guest: Cookie::Guest.read(headers) };
    let caller = guard.inner.authenticate.authenticate(tokens).await?;
    request.extensions_mut().insert(caller);
    Ok(())
}

/// The `Origin` a browser sends must be the host it was sent to. Scheme and port are part of a host's name here, so a
/// neighbour on another port is a stranger.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, name)| name.eq_ignore_ascii_case(host)),
        (None, _) | (_, None) => false,
    }
}

/// One line a request, by allow-list: no ids, no query, no whole address, nothing a person typed.
fn log(method: &Method, route: Option<&str>, response: &Response, address: AddressPrefix, took: Duration) {
    tracing::info!(
        method = %method,
        route = route.unwrap_or("none"),
        status = response.status().as_u16(),
        from = %address,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "request"
    );
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_own_origin_may_change_things() {
        let check = |origin: Option<&'static str>, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("kloud.example:7878"));
            origin.map(|origin| headers.insert(header::ORIGIN, HeaderValue::from_static(origin)));
            assert_eq!(same_origin(&headers), expected, "{origin:?}");
        };
        check(Some("https://kloud.example:7878"), true);
        check(Some("https://KLOUD.example:7878"), true);
        check(Some("https://kloud.example"), false);
        check(Some("https://evil.example:7878"), false);
        check(Some("null"), false);
        check(None, false);
    }
}
