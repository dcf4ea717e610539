//! The way to the web port: connections, TLS, the page, the certificate.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use axum::http::Uri;
use kloud_base::{Clock as _, DAY, SECOND};
use kloud_load::Duplex;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::FromDer as _;

use super::Finding;
use crate::system::SystemClock;

/// For a connection, and for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The web port of the patient.
pub struct Web {
    pub host: String,
    pub port: u16,
    noting: Option<Arc<Noting>>,
}

impl Web {
    pub fn new(url: &Uri, trust: Option<&Path>) -> Result<Self> {
        let host = url.host().context("the URL names no host")?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let (port, noting) = match url.scheme_str() {
            Some("http") => (80, None),
            Some("https") => (443, Some(Arc::new(Noting::new(trust)?))),
            _ => bail!("the URL begins with neither http:// nor https://"),
        };
        Ok(Self { host, port: url.port_u16().unwrap_or(port), noting })
    }

    pub fn is_tls(&self) -> bool {
        self.noting.is_some()
    }

    /// As it stands in requests.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{host}:{}", self.port)
    }

    /// As a URL, without a path.
    pub fn address(&self) -> String {
        format!("{}://{}", if self.is_tls() { "https" } else { "http" }, self.authority())
    }

    /// A stream to the web port, inside of TLS where the URL says so.
    pub async fn stream(&self) -> std::io::Result<Box<dyn Duplex>> {
        self.stream_to(&self.host, self.port, self.is_tls()).await
    }

    pub async fn stream_to(&self, host: &str, port: u16, tls: bool) -> std::io::Result<Box<dyn Duplex>> {
        let open = async {
            let stream = TcpStream::connect((host, port)).await?;
            let Some(noting) = self.noting.as_ref().filter(|_| tls) else {
                return Ok(Box::new(stream) as Box<dyn Duplex>);
            };
            let name = ServerName::try_from(host.to_owned()).map_err(std::io::Error::other)?;
            let stream = noting.connector().map_err(std::io::Error::other)?.connect(name, stream).await?;
            Ok(Box::new(stream) as Box<dyn Duplex>)
        };
        tokio::time::timeout(PATIENCE, open).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    /// Asks for what answers whenever the server runs.
    pub async fn page(&self) -> Finding {
        let at = self.authority();
        let answer = async {
            let mut stream = self.stream().await?;
            let request = format!("GET /healthz HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            stream.flush().await?;
            let mut head = [0; 12];
            stream.read_exact(&mut head).await?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&head[9..]).into_owned())
        };
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(status)) if status == "204" => Finding::Alive(format!("{at} answers")),
            Ok(Ok(status)) => Finding::dead(
                format!("{at} answers {status} where Kloud answers 204"),
                "something else listens there, or a proxy in front leads to another place",
            ),
            Ok(Err(error)) => Finding::dead(
                format!("{at}: {error}"),
                format!(
                    "start `kloud serve`, let TCP port {} through the firewall, and see that the name leads to the server",
                    self.port
                ),
            ),
            Err(_) => Finding::dead(
                format!("{at} takes the connection and says nothing"),
                "see whether the URL should begin with https:// or http://",
            ),
        }
    }

    /// What was noted of the certificate when the page was asked for.
    pub fn certificate(&self, soon: i64) -> Finding {
        let Some(noting) = &self.noting else {
            return Finding::Absent(
                "no TLS at this address; browsers give cameras to https pages and to localhost only".into(),
            );
        };
        let noted = noting.noted.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(Noted { certificate, trusted }) = noted else {
            return Finding::dead("none was shown", "see tls.certificate in the configuration");
        };
        if let Err(why) = trusted {
            return Finding::dead(
                format!("browsers will not trust it: {why}"),
                format!("set tls.certificate to a chain for {} up to a root that browsers know", self.host),
            );
        }
        match days_left(&certificate) {
            Some(days) if days > soon => Finding::Alive(format!("trusted, {days} days left")),
            Some(days) => Finding::Noted(format!("trusted, {days} days left: renew it now")),
            None => Finding::dead("its end cannot be read", "make it anew"),
        }
    }
}

fn days_left(certificate: &[u8]) -> Option<i64> {
    let (_, certificate) = x509_parser::certificate::X509Certificate::from_der(certificate).ok()?;
    let end = certificate.validity().not_after.timestamp();
    Some((end - SystemClock::default().now().as_millis() / SECOND) * SECOND / DAY)
}

/// Lets every certificate pass and notes whether a browser would: the other ways are worth trying all the same. What
/// is sent is a token for a room of the doctor's own.
#[derive(Debug)]
pub struct Noting {
    provider: Arc<CryptoProvider>,
    inner: Option<Arc<WebPkiServerVerifier>>,
    noted: Mutex<Option<Noted>>,
}

#[derive(Clone, Debug)]
struct Noted {
    certificate: Vec<u8>,
    trusted: Result<(), String>,
}

impl Noting {
    fn new(trust: Option<&Path>) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = trust {
            let more = std::fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
            for certificate in CertificateDer::pem_slice_iter(&more) {
                roots.add(certificate.context("this is no certificate in PEM")?)?;
            }
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().ok();
        Ok(Self { provider, inner, noted: Mutex::default() })
    }

    fn connector(self: &Arc<Self>) -> Result<TlsConnector, rustls::Error> {
        let versions =
            ClientConfig::builder_with_provider(self.provider.clone()).with_safe_default_protocol_versions()?;
        let config = versions.dangerous().with_custom_certificate_verifier(self.clone()).with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }
}

impl ServerCertVerifier for Noting {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let trusted = match &self.inner {
            Some(inner) => inner.verify_server_cert(end_entity, intermediates, name, ocsp, now).map(drop),
            None => Err(rustls::Error::General("this machine trusts no root at all".into())),
        };
        let noted = Noted { certificate: end_entity.to_vec(), trusted: trusted.map_err(|error| error.to_string()) };
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some(noted);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
