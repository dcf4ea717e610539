//! TLS for the web port, from files that others write: a certificate that is renewed is served without a restart.
//!
//! Invariant: files that cannot be read, or do not fit each other, never take the place of a pair that works.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::config::TlsConfig;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// What the web port needs to speak TLS.
pub struct Tls {
    files: Files,
    served: Arc<Served>,
    acceptor: TlsAcceptor,
    names: Vec<String>,
}

#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

/// The pair that is served now.
#[derive(Debug)]
struct Served(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Served {
    fn resolve(&self, _client: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn open(config: &TlsConfig) -> Result<Self> {
        let files = Files { certificate: config.certificate.clone(), key: config.key.clone() };
        let pair = files.pair(&files.read()?)?;
        let names = if config.names.is_empty() { names_of(&pair)? } else { config.names.clone() };
        let served = Arc::new(Served(RwLock::new(Arc::new(pair))));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let mut server = versions.with_no_client_auth().with_cert_resolver(served.clone());
        // Clients of the relay name no protocol, and get none.
        server.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { files, served, acceptor: TlsAcceptor::from(Arc::new(server)), names })
    }

    /// The names that clients use; none of them is a pattern.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(&self, stream: S) -> std::io::Result<TlsStream<S>> {
        self.acceptor.accept(stream).await
    }

    /// Serves what is in the files, whenever that is something new. Never ends.
    pub async fn follow_files(&self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut last = self.files.read().ok();
        loop {
            looks.tick().await;
            let now = match self.files.read() {
                Ok(now) if last.as_ref() != Some(&now) => now,
                // The same; or gone for a moment, as when it is being replaced.
                Ok(_) | Err(_) => continue,
            };
            match self.files.pair(&now) {
                Ok(pair) => {
                    *self.served.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                    tracing::info!("a new certificate is served");
                }
                Err(error) => tracing::error!(%error, "the new certificate cannot be served; the old one still is"),
            }
            last = Some(now);
        }
    }
}

/// What is in the two files.
type Read = (Vec<u8>, Vec<u8>);

impl Files {
    fn read(&self) -> Result<Read> {
        let read = |path: &Path| std::fs::read(path).with_context(|| format!("could not read {}", path.display()));
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn pair(&self, (certificate, key): &Read) -> Result<CertifiedKey> {
        let wrong = |path: &Path, what: &str| format!("{}: {what}", path.display());
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificate)
            .collect::<Result<_, _>>()
            .with_context(|| wrong(&self.certificate, "this is no certificate in PEM"))?;
        if chain.is_empty() {
            bail!(wrong(&self.certificate, "there is no certificate in it"));
        }
        let key =
            PrivateKeyDer::from_pem_slice(key).with_context(|| wrong(&self.key, "there is no private key in it"))?;
        let pair = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider());
        pair.with_context(|| wrong(&self.key, "the key and the certificate do not fit each other"))
    }
}

/// The names in a certificate that can be used as they are.
fn names_of(pair: &CertifiedKey) -> Result<Vec<String>> {
    let first = pair.cert.first().context("there is a certificate")?;
    let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(first)?;
    let Some(alternatives) = certificate.subject_alternative_name()? else { return Ok(Vec::new()) };
    let names = alternatives.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) if !name.contains('*') => Some((*name).to_owned()),
        _ => None,
    });
    Ok(names.collect())
}
