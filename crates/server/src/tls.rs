//! TLS for the web port: a certificate from files, or from an authority that is asked for it. What is renewed is served
//! without a restart.

mod acme;
mod files;

use std::sync::Arc;

use anyhow::Result;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::ResolvesServerCert;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::config::{Config, DataFolder};
use acme::Acme;
use files::Files;

/// What the web port needs to speak TLS.
pub struct Tls {
    source: Source,
    acceptor: TlsAcceptor,
    names: Vec<String>,
}

enum Source {
    Files(Files),
    Acme(Acme),
}

impl Tls {
    /// `None` where the web port speaks plain HTTP.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn open(config: &Config, folder: &DataFolder) -> Result<Option<Self>> {
        let config = &config.tls;
        if !config.is_on() {
            return Ok(None);
        }
        // Clients of the relay name no protocol, and get none.
        let mut protocols = vec![b"http/1.1".to_vec()];
        let (source, resolver, named): (_, Arc<dyn ResolvesServerCert>, _) = if config.acme.is_on() {
            protocols.push(acme::PROOF.to_vec());
            let acme = Acme::open(config, &folder.certificates()?)?;
            let resolver = acme.resolver();
            (Source::Acme(acme), resolver, Vec::new())
        } else {
            let (files, named) = Files::open(config)?;
            let resolver = files.resolver();
            (Source::Files(files), resolver, named)
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut server = versions.with_no_client_auth().with_cert_resolver(resolver);
        server.alpn_protocols = protocols;
        let names = if config.names.is_empty() { named } else { config.names.clone() };
        Ok(Some(Self { source, acceptor: TlsAcceptor::from(Arc::new(server)), names }))
    }

    /// The names that clients use; none of them is a pattern.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> std::io::Result<TlsStream<S>> {
        self.acceptor.accept(stream).await
    }

    /// Sees to it that the certificate that is served is the newest. Never ends.
    pub async fn follow(&self) {
        match &self.source {
            Source::Files(files) => files.follow().await,
            Source::Acme(acme) => acme.follow().await,
        }
    }
}
