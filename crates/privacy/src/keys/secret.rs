//! A key in memory, wiped when it goes.

use kloud_base::Rng;
use zeroize::Zeroizing;

/// 32 bytes that are never printed, copied or compared.
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    pub(crate) fn random(rng: &dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill(&mut *bytes);
        Self(bytes)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut own = Zeroizing::new([0; 32]);
        if bytes.len() != own.len() {
            return None;
        }
        own.copy_from_slice(bytes);
        Some(Self(own))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A second holder of the same key, wiped on its own.
    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}
