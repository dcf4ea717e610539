//! Randomness as an argument, so that tests are exact.

/// A source of random bytes fit for keys. Implemented over the operating system in the binary, seeded in tests.
pub trait Rng: Send + Sync {
    /// Fills `bytes` completely. Never fails: a system without randomness must not go on.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` random bytes.
pub fn random_bytes<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}
