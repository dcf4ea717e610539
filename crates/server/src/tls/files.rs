//! Certificate and key in files that others write, and renew whenever they like.
//!
//! Invariant: files that cannot be read, or do not fit each other, never take the place of a pair that works.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

use crate::config::TlsConfig;

/// Between two looks at the files.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The files, and what of them is served.
#[derive(Debug)]
pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
    served: Arc<Served>,
}

/// The pair that is served now.
#[derive(Debug)]
pub struct Served(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Served {
    fn resolve(&self, _client: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// What is in the two files.
type Read = (Vec<u8>, Vec<u8>);

impl Files {
    /// Reads them, and the names in the certificate.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn open(config: &TlsConfig) -> Result<(Self, Vec<String>)> {
        let (certificate, key) = (&config.certificate, &config.key);
        let pair = pair(certificate, key, &read(certificate, key)?)?;
        let names = names_of(&pair)?;
        let served = Arc::new(Served(RwLock::new(Arc::new(pair))));
        Ok((Self { certificate: certificate.clone(), key: key.clone(), served }, names))
    }

    pub fn resolver(&self) -> Arc<Served> {
        self.served.clone()
    }

    /// Serves what is in the files, whenever that is something new. Never ends.
    pub async fn follow(&self) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut last = read(&self.certificate, &self.key).ok();
        loop {
            looks.tick().await;
            let now = match read(&self.certificate, &self.key) {
                Ok(now) if last.as_ref() != Some(&now) => now,
                // The same; or gone for a moment, as when it is being replaced.
                Ok(_) | Err(_) => continue,
            };
            match pair(&self.certificate, &self.key, &now) {
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

fn read(certificate: &Path, key: &Path) -> Result<Read> {
    let read = |path: &Path| std::fs::read(path).with_context(|| format!("could not read {}", path.display()));
    Ok((read(certificate)?, read(key)?))
}

fn pair(certificate: &Path, key: &Path, (chain, secret): &Read) -> Result<CertifiedKey> {
    let wrong = |path: &Path, what: &str| format!("{}: {what}", path.display());
    let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
        .collect::<Result<_, _>>()
        .with_context(|| wrong(certificate, "this is no certificate in PEM"))?;
    if chain.is_empty() {
        bail!(wrong(certificate, "there is no certificate in it"));
    }
    let secret = PrivateKeyDer::from_pem_slice(secret).with_context(|| wrong(key, "there is no private key in it"))?;
    let pair = CertifiedKey::from_der(chain, secret, &aws_lc_rs::default_provider());
    pair.with_context(|| wrong(key, "the key and the certificate do not fit each other"))
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
