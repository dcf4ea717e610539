//! Accepts connections, and holds none for a client that does nothing with it.
//!
//! Invariants: a request's head is complete within its time, also the first and after a pause; what is sent is taken
//! within its time, on WebSockets too. Bodies and handlers have their own limits as layers of the router.
//! Spoken is HTTP/1.1: browsers speak HTTP/2 only inside of TLS, which ends at a proxy in front.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
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

/// Serves until `stopping` turns true, and then until all requests that are under way are answered.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience, mut stopping: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stopped(&mut stopping) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(connection(stream, peer, router.clone(), patience, stopping.clone()));
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

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    patience: Patience,
    mut stopping: watch::Receiver<bool>,
) {
    // Small frames are sent at once; without this they only come later.
    let _ = stream.set_nodelay(true);
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
