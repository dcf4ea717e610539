//! The keys that a handshake agrees on. The stack derives its ciphers from them and gives them to nobody, so they are
//! overheard where it takes them from: at the handshake itself.
//!
//! Invariant: keys are taken by the connection whose handshake made them. A thread asks one connection at a time, and
//! takes what was overheard before it asks the next.

use std::cell::Cell;
use std::fmt;
use std::sync::OnceLock;
use std::time::Instant;

use str0m::config::CryptoProvider;
use str0m::crypto::dtls::{
    DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, DtlsVersion, KeyingMaterial, ProtocolVersion,
    SrtpProfile,
};
use str0m::crypto::{CryptoError, from_feature_flags};

thread_local! {
    static OVERHEARD: Cell<Option<Keys>> = const { Cell::new(None) };
}

/// What both sides of a connection encrypt with (RFC 5764 section 4.2).
pub struct Keys {
    pub profile: SrtpProfile,
    pub material: KeyingMaterial,
    /// This side began the handshake: the first half of the keys is its own.
    pub is_client: bool,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys")
    }
}

/// What the stack on this thread has agreed on since this was last asked.
pub fn overheard() -> Option<Keys> {
    OVERHEARD.take()
}

/// The cryptography of the stack, with handshakes that are listened to.
pub fn provider() -> CryptoProvider {
    static HANDSHAKES: OnceLock<Handshakes> = OnceLock::new();
    let mut provider = from_feature_flags();
    provider.dtls_provider = HANDSHAKES.get_or_init(|| Handshakes(provider.dtls_provider));
    provider
}

#[derive(Debug)]
struct Handshakes(&'static dyn DtlsProvider);

impl DtlsProvider for Handshakes {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        self.0.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        dtls_version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        Ok(Box::new(Handshake(self.0.new_dtls(cert, now, dtls_version, mtu)?)))
    }

    fn is_test(&self) -> bool {
        self.0.is_test()
    }
}

#[derive(Debug)]
struct Handshake(Box<dyn DtlsInstance>);

impl DtlsInstance for Handshake {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let is_client = self.0.is_active();
        let output = self.0.poll_output(buf);
        if let DtlsOutput::KeyingMaterial(material, profile) = &output {
            let (profile, material) = (*profile, KeyingMaterial::new(material));
            OVERHEARD.set(Some(Keys { profile, material, is_client }));
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}
