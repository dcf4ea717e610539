//! One port for everything: what comes is told apart by its first bytes, and again inside of TLS.
//!
//! Invariant: whatever says nothing, or not enough, is let go in time. Media and the relay are carried by the media
//! server, on this port as on its own.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use kloud_http::{Door, Duplex, Let};
use kloud_media::{Media, Opening, first_bytes, quicken};
use tokio::net::TcpStream;

use crate::begun::Begun;
use crate::tls::Tls;

/// Stands at the web port.
pub struct OnePort {
    /// Absent where a cluster carries the media: then what opens like media is let go.
    pub media: Option<Media>,
    pub tls: Option<Arc<Tls>>,
    /// For first bytes and handshakes.
    pub patience: Duration,
}

#[async_trait::async_trait]
impl Door for OnePort {
    async fn let_in(&self, mut stream: TcpStream, from: SocketAddr) -> Option<Let> {
        let to = stream.local_addr().ok().map(|at| at.ip());
        let (opening, read) = first_bytes(&mut stream, self.patience).await?;
        match (opening, &self.tls) {
            (Opening::Tls, Some(tls)) => self.inside(tls, Begun::new(read, stream), from, to).await,
            // Also what nobody speaks: the web server says in its own words that it is no request.
            (Opening::Http | Opening::Foreign, Some(_)) => Some(Let::ToTls(Box::new(Begun::new(read, stream)))),
            (Opening::Http | Opening::Foreign | Opening::Tls, None) => {
                Some(Let::In(Box::new(Begun::new(read, stream))))
            }
            (Opening::Ice | Opening::Relay, _) => {
                quicken(&stream);
                self.carry(stream, (opening, read), from, to);
                None
            }
        }
    }
}

impl OnePort {
    async fn inside(&self, tls: &Tls, stream: Begun<TcpStream>, from: SocketAddr, to: Option<IpAddr>) -> Option<Let> {
        let mut stream = match tokio::time::timeout(self.patience, tls.accept(stream)).await.ok()? {
            Ok(stream) => stream,
            Err(error) => {
                tracing::debug!(%error, "a TLS handshake failed");
                return None;
            }
        };
        let (opening, read) = first_bytes(&mut stream, self.patience).await?;
        match opening {
            Opening::Http => Some(Let::In(Box::new(Begun::new(read, stream)))),
            Opening::Relay => {
                self.carry(stream, (opening, read), from, to);
                None
            }
            // Media is sealed by itself and never comes inside of TLS.
            Opening::Ice | Opening::Tls | Opening::Foreign => None,
        }
    }

    /// On a task of its own, which a stop of the web server does not wait for: the media server ends what it carries.
    fn carry(&self, stream: impl Duplex + 'static, begun: (Opening, BytesMut), from: SocketAddr, to: Option<IpAddr>) {
        let Some(media) = self.media.clone() else { return };
        tokio::spawn(async move { media.carry(stream, begun, from, to).await });
    }
}
