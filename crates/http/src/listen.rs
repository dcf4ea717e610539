//! Accepts connections, and holds none for a client that does nothing with it. What else than HTTP may come to the port,
//! and what HTTP is wrapped in, is the affair of whoever stands at the [`Door`].
//!
//! Invariants: a request's head is complete within its time, also the first and after a pause; what is sent is taken
//! within its time, on WebSockets too. Bodies and handlers have their own limits as layers of the router.
//! Spoken is HTTP/1.1, inside of TLS as well: WebSockets over HTTP/2 are another protocol.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::events::stopped;
use crate::taken::Taken;

/// Bytes of a request's head; a join request rides in its first line.
const HEAD_MAX: usize = 64 * 1024;
/// How long to wait when no connection can be accepted, for want of file descriptors.
const BREATH: Duration = Duration::from_millis(200);

/// How long clients may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For the head of a request, and between two requests.
    pub head: Duration,
    /// For taking what is sent.
    pub taken: Duration,
}

/// A stream of any kind.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

/// What a connection turned out to be.
pub enum Let {
    /// Requests are answered.
    In(Box<dyn Duplex>),
    /// Requests are sent to the same address inside of TLS.
    ToTls(Box<dyn Duplex>),
}

/// Who lets connections in.
#[async_trait::async_trait]
pub trait Door: Send + Sync {
    /// Looks at a connection, and takes off what HTTP is wrapped in. `None` if it is no HTTP.
    async fn let_in(&self, stream: TcpStream, from: SocketAddr) -> Option<Let>;
}

/// Serves until `stopping` turns true, and then until all requests that are under way are answered.
pub async fn serve(
    listener: TcpListener,
    door: Arc<dyn Door>,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stopped(&mut stopping) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(enter(stream, peer, door.clone(), router.clone(), patience, stopping.clone()));
            }
            // It was gone again before it was accepted.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn enter(
    stream: TcpStream,
    peer: SocketAddr,
    door: Arc<dyn Door>,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    // Small frames are sent at once; without this they only come later.
    let _ = stream.set_nodelay(true);
    let let_in = tokio::select! {
        let_in = door.let_in(stream, peer) => let_in,
        () = stopped(&mut stopping) => return,
    };
    match let_in {
        Some(Let::In(stream)) => connection(stream, peer, router, patience, stopping).await,
        Some(Let::ToTls(stream)) => {
            connection(stream, peer, Router::new().fallback(to_tls), patience, stopping).await;
        }
        None => {}
    }
}

async fn to_tls(request: Request) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    match host {
        Some(host) => {
            (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("https://{host}{path}"))]).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn connection(
    stream: Box<dyn Duplex>,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience.head)
        .max_buf_size(HEAD_MAX)
        .max_header_size(HEAD_MAX)
        .serve_connection(TokioIo::new(Taken::new(stream, patience.taken)), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = stopped(&mut stopping) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
