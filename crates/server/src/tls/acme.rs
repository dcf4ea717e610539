//! A certificate from an authority that speaks ACME (RFC 8555), ordered and renewed by itself.
//!
//! The authority looks at the web port itself and is answered there, inside of TLS (TLS-ALPN-01, RFC 8737); no other port
//! has to be open. Account and certificate are kept in the data folder, so that a start orders nothing that is there.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, ResolvesServerCertAcme};
use tokio::sync::Mutex;

use crate::config::TlsConfig;

/// The protocol in which the authority asks for its proof.
pub const PROOF: &[u8] = b"acme-tls/1";

/// An order that is never done: before a certificate ends, the next one is there.
pub struct Acme {
    resolver: Arc<ResolvesServerCertAcme>,
    state: Mutex<AcmeState<io::Error>>,
}

impl Acme {
    /// Orders nothing yet.
    ///
    /// # Errors
    /// Where the authority's own root cannot be read.
    pub fn open(config: &TlsConfig, folder: &Path) -> Result<Self> {
        let acme = &config.acme;
        let contact = (!acme.contact.is_empty()).then(|| format!("mailto:{}", acme.contact));
        let state = AcmeConfig::new_with_client_config(&config.names, Arc::new(client(&acme.root)?))
            .directory(&acme.directory)
            .contact(contact)
            .cache(DirCache::new(folder.to_owned()))
            .state();
        Ok(Self { resolver: state.resolver(), state: Mutex::new(state) })
    }

    pub fn resolver(&self) -> Arc<ResolvesServerCertAcme> {
        self.resolver.clone()
    }

    /// Orders, waits, renews. Never ends.
    pub async fn follow(&self) {
        let mut state = self.state.lock().await;
        while let Some(event) = state.next().await {
            match event {
                Ok(event) => tracing::info!(?event, "the certificate's authority"),
                Err(error) => tracing::error!(
                    %error,
                    "no certificate yet: see that tls.names lead to this machine and that its port 443 is reached from \
                     outside; it is tried again by itself"
                ),
            }
        }
    }
}

/// Whom this server trusts to be the authority: what the machine trusts, and a root of one's own.
fn client(root: &Path) -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if !root.as_os_str().is_empty() {
        let wrong = || format!("{}: this is no certificate in PEM", root.display());
        for certificate in CertificateDer::pem_file_iter(root).with_context(wrong)? {
            roots.add(certificate.with_context(wrong)?).with_context(wrong)?;
        }
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
