//! Encryption of media packets and reports (RFC 3711, RFC 7714), with the ciphers of the stack's own provider.

use std::fmt;

use str0m::config::CryptoProvider;
use str0m::crypto::dtls::SrtpProfile;
use str0m::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80, Aes128CmSha1_80Cipher, Sha1HmacProvider, SrtpProvider,
};

use super::keys::Keys;

/// Bytes of a report that stay readable: its first header and who sends it.
const CLEAR: usize = 8;
/// Bytes of the number of a report, whose highest bit says that it is encrypted.
const INDEX: usize = 4;
const ENCRYPTED: u32 = 1 << 31;
/// Bytes of the tag that proves a packet genuine.
const GCM_TAG: usize = 16;
const CM_TAG: usize = Aes128CmSha1_80::HMAC_TAG_LEN;
/// Counter mode wants so much more room than it fills.
const CM_ROOM: usize = 15;

/// Labels of derived keys (RFC 3711 section 4.3.1).
const RTP: [u8; 3] = [0, 1, 2];
const RTCP: [u8; 3] = [3, 4, 5];

/// Encrypts what leaves on one connection.
pub struct Sealer {
    rtp: Cipher,
    rtcp: Cipher,
    /// The number of the next report.
    next_report: u32,
}

/// Decrypts reports from one side of a connection.
pub struct Opener {
    rtcp: Cipher,
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer")
    }
}

impl fmt::Debug for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opener")
    }
}

impl Sealer {
    /// Encrypts as this side of the connection; `None` for a profile that is not known.
    pub fn new(crypto: &CryptoProvider, keys: &Keys) -> Option<Self> {
        let rtp = Cipher::new(crypto, keys, keys.is_client, RTP, true)?;
        let rtcp = Cipher::new(crypto, keys, keys.is_client, RTCP, true)?;
        Some(Self { rtp, rtcp, next_report: 0 })
    }

    /// Bytes by which a media packet grows.
    pub fn overhead(&self) -> usize {
        self.rtp.tag()
    }

    /// Encrypts a media packet whose header has so many bytes into `sealed`, which is longer by [`Self::overhead`].
    /// The extended number must never come twice for one stream.
    pub fn seal(&mut self, plain: &[u8], header: usize, ssrc: u32, number: u64, sealed: &mut [u8]) -> Option<()> {
        let (head, payload) = plain.split_at_checked(header)?;
        sealed.get_mut(..header)?.copy_from_slice(head);
        match &mut self.rtp {
            Cipher::Gcm { cipher, salt } => {
                let iv = gcm_iv(salt, ssrc, number);
                cipher.encrypt(&iv, head, payload, sealed.get_mut(header..)?)
            }
            Cipher::Cm { cipher, salt, mac, hmac } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, number);
                let mut room = vec![0; payload.len() + CM_ROOM];
                cipher.encrypt(&iv, payload, &mut room).ok()?;
                sealed.get_mut(header..plain.len())?.copy_from_slice(room.get(..payload.len())?);
                sealed.get(plain.len()..plain.len() + CM_TAG)?;
                let hmac = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
                Aes128CmSha1_80::rtp_hmac(hmac, mac, sealed, number, plain.len());
                Some(())
            }
        }
    }

    /// Encrypts a report.
    pub fn seal_report(&mut self, plain: &[u8]) -> Option<Vec<u8>> {
        let number = self.next_report;
        // After so many reports, one a millisecond for 24 days, a connection has nothing more to say.
        self.next_report = number.checked_add(1).filter(|next| next & ENCRYPTED == 0)?;
        let flagged = (number | ENCRYPTED).to_be_bytes();
        let (clear, rest) = plain.split_at_checked(CLEAR)?;
        let ssrc = u32::from_be_bytes(clear.get(4..8)?.try_into().ok()?);
        let mut sealed = clear.to_vec();
        match &mut self.rtcp {
            Cipher::Gcm { cipher, salt } => {
                let iv = gcm_iv(salt, ssrc, u64::from(number));
                let aad = [clear, &flagged].concat();
                sealed.resize(plain.len() + GCM_TAG, 0);
                cipher.encrypt(&iv, &aad, rest, sealed.get_mut(CLEAR..)?)?;
                sealed.extend_from_slice(&flagged);
            }
            Cipher::Cm { cipher, salt, mac, hmac } => {
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, u64::from(number));
                sealed.resize(plain.len() + CM_ROOM, 0);
                cipher.encrypt(&iv, rest, sealed.get_mut(CLEAR..)?).ok()?;
                sealed.truncate(plain.len());
                sealed.extend_from_slice(&flagged);
                let tagged = sealed.len();
                sealed.resize(tagged + CM_TAG, 0);
                let hmac = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
                Aes128CmSha1_80::rtcp_hmac(hmac, mac, &mut sealed, tagged);
            }
        }
        Some(sealed)
    }
}

impl Opener {
    /// Decrypts what the other side has sealed, or, with `own`, what this side has.
    pub fn new(crypto: &CryptoProvider, keys: &Keys, own: bool) -> Option<Self> {
        Some(Self { rtcp: Cipher::new(crypto, keys, keys.is_client == own, RTCP, false)? })
    }

    /// Decrypts a report; `None` if it is not genuine. Reports that are not encrypted are not taken.
    pub fn open_report(&mut self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (body, tail) = sealed.split_at_checked(sealed.len().checked_sub(self.rtcp.report_tail())?)?;
        let flagged = u32::from_be_bytes(tail.get(..INDEX)?.try_into().ok()?);
        if flagged & ENCRYPTED == 0 {
            return None;
        }
        let number = u64::from(flagged ^ ENCRYPTED);
        let (clear, rest) = body.split_at_checked(CLEAR)?;
        let ssrc = u32::from_be_bytes(clear.get(4..8)?.try_into().ok()?);
        let mut plain = Vec::with_capacity(sealed.len() + CM_ROOM);
        plain.extend_from_slice(clear);
        match &mut self.rtcp {
            Cipher::Gcm { cipher, salt } => {
                let iv = gcm_iv(salt, ssrc, number);
                let mut aad = [0; CLEAR + INDEX];
                aad[..CLEAR].copy_from_slice(clear);
                aad[CLEAR..].copy_from_slice(tail.get(..INDEX)?);
                // The provider wants a whole tag, and panics without.
                plain.resize(CLEAR + rest.len().checked_sub(GCM_TAG)?, 0);
                let count = cipher.decrypt(&iv, &aad, rest, plain.get_mut(CLEAR..)?)?;
                plain.truncate(CLEAR + count);
            }
            Cipher::Cm { cipher, salt, mac, hmac } => {
                let (signed, tag) = sealed.split_at_checked(sealed.len().checked_sub(CM_TAG)?)?;
                let hmac = |key: &[u8], parts: &[&[u8]]| hmac.sha1_hmac(key, parts);
                if !Aes128CmSha1_80::rtcp_verify(hmac, mac, signed, tag) {
                    return None;
                }
                let iv = Aes128CmSha1_80::rtp_iv(*salt, ssrc, number);
                plain.resize(body.len() + CM_ROOM, 0);
                cipher.decrypt(&iv, rest, plain.get_mut(CLEAR..)?).ok()?;
                plain.truncate(body.len());
            }
        }
        Some(plain)
    }
}

/// A cipher with its derived keys.
enum Cipher {
    Gcm { cipher: Gcm, salt: [u8; 12] },
    Cm { cipher: Box<dyn Aes128CmSha1_80Cipher>, salt: [u8; 14], mac: [u8; 20], hmac: &'static dyn Sha1HmacProvider },
}

enum Gcm {
    Aes128(Box<dyn AeadAes128GcmCipher>),
    Aes256(Box<dyn AeadAes256GcmCipher>),
}

impl Gcm {
    fn encrypt(&mut self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Option<()> {
        match self {
            Self::Aes128(cipher) => cipher.encrypt(iv, aad, input, output).ok(),
            Self::Aes256(cipher) => cipher.encrypt(iv, aad, input, output).ok(),
        }
    }

    fn decrypt(&mut self, iv: &[u8; 12], aad: &[u8], input: &[u8], output: &mut [u8]) -> Option<usize> {
        match self {
            Self::Aes128(cipher) => cipher.decrypt(iv, &[aad], input, output).ok(),
            Self::Aes256(cipher) => cipher.decrypt(iv, &[aad], input, output).ok(),
        }
    }
}

impl Cipher {
    fn new(
        crypto: &CryptoProvider,
        keys: &Keys,
        of_client: bool,
        [key, mac, salt]: [u8; 3],
        encrypts: bool,
    ) -> Option<Self> {
        let srtp = crypto.srtp_provider;
        Some(match keys.profile {
            SrtpProfile::AEAD_AES_128_GCM => {
                let master = Master::<16, 12>::of(&keys.material, of_client)?;
                let cipher = srtp.aead_aes_128_gcm().create_cipher(master.derive(srtp, key), encrypts);
                Self::Gcm { cipher: Gcm::Aes128(cipher), salt: master.derive(srtp, salt) }
            }
            SrtpProfile::AEAD_AES_256_GCM => {
                let master = Master::<32, 12>::of(&keys.material, of_client)?;
                let cipher = srtp.aead_aes_256_gcm().create_cipher(master.derive(srtp, key), encrypts);
                Self::Gcm { cipher: Gcm::Aes256(cipher), salt: master.derive(srtp, salt) }
            }
            SrtpProfile::AES128_CM_SHA1_80 => {
                let master = Master::<16, 14>::of(&keys.material, of_client)?;
                let cipher = srtp.aes_128_cm_sha1_80().create_cipher(master.derive(srtp, key), encrypts);
                let (mac, salt) = (master.derive(srtp, mac), master.derive(srtp, salt));
                Self::Cm { cipher, salt, mac, hmac: crypto.sha1_hmac_provider }
            }
            _ => return None,
        })
    }

    fn tag(&self) -> usize {
        match self {
            Self::Gcm { .. } => GCM_TAG,
            Self::Cm { .. } => CM_TAG,
        }
    }

    /// Bytes behind what is encrypted of a report: GCM has its tag within, counter mode behind the number.
    fn report_tail(&self) -> usize {
        match self {
            Self::Gcm { .. } => INDEX,
            Self::Cm { .. } => INDEX + CM_TAG,
        }
    }
}

/// One side's half of what was agreed: keys of `K` bytes and salts of `S`.
struct Master<const K: usize, const S: usize> {
    key: [u8; K],
    salt: [u8; S],
}

impl<const K: usize, const S: usize> Master<K, S> {
    /// The keys of both sides come first, then both salts; those of the client before those of the server.
    fn of(material: &[u8], of_client: bool) -> Option<Self> {
        let (key, salt) = if of_client { (0, 2 * K) } else { (K, 2 * K + S) };
        let key = material.get(key..key + K)?.try_into().ok()?;
        let salt = material.get(salt..salt + S)?.try_into().ok()?;
        Some(Self { key, salt })
    }

    /// The key of a label (RFC 3711 section 4.3; with 256 bits RFC 6188): the block cipher over a counter.
    fn derive<const N: usize>(&self, srtp: &dyn SrtpProvider, label: u8) -> [u8; N] {
        let mut derived = [0; N];
        let mut counter = [0; 16];
        counter[..S].copy_from_slice(&self.salt);
        counter[7] ^= label;
        for (round, block) in derived.chunks_mut(16).enumerate() {
            counter[14..].copy_from_slice(&(round as u16).to_be_bytes());
            let mut output = [0; 32];
            if K == 16 {
                srtp.srtp_aes_128_ecb_round(&self.key, &counter, &mut output);
            } else {
                srtp.srtp_aes_256_ecb_round(&self.key, &counter, &mut output);
            }
            block.copy_from_slice(&output[..block.len()]);
        }
        derived
    }
}

/// The nonce of RFC 7714 sections 8.1 and 9.1: two zeros, the stream, the packet's number in 48 bits, all over the salt.
fn gcm_iv(salt: &[u8; 12], ssrc: u32, number: u64) -> [u8; 12] {
    let plain = (u128::from(ssrc) << 48) | u128::from(number & 0xffff_ffff_ffff);
    let mut iv = *salt;
    for (byte, of_plain) in iv.iter_mut().zip(&plain.to_be_bytes()[4..]) {
        *byte ^= of_plain;
    }
    iv
}

#[cfg(test)]
mod tests {
    use str0m::crypto::dtls::KeyingMaterial;
    use str0m::crypto::from_feature_flags;

    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<_> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
    }

    /// RFC 3711 appendix B.3.
    #[test]
    fn keys_are_derived_as_in_the_standard() {
        let crypto = from_feature_flags();
        let key = bytes("E1F97A0D3E018BE0D64FA32C06DE4139").try_into().expect("a key");
        let salt = bytes("0EC675AD498AFEEBB6960B3AABE6").try_into().expect("a salt");
        let master = Master::<16, 14> { key, salt };
        let derived: [u8; 16] = master.derive(crypto.srtp_provider, 0);
        assert_eq!(derived[..], bytes("C61E7A93744F39EE10734AFE3FF7A087"));
        let derived: [u8; 14] = master.derive(crypto.srtp_provider, 2);
        assert_eq!(derived[..], bytes("30CBBC08863D8C85D49DB34A9AE1"));
        let derived: [u8; 20] = master.derive(crypto.srtp_provider, 1);
        assert_eq!(derived[..], bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
    }

    /// RFC 7714 section 16.1.1.
    #[test]
    fn packets_are_sealed_as_in_the_standard() {
        let crypto = from_feature_flags();
        let key = bytes("000102030405060708090a0b0c0d0e0f").try_into().expect("a key");
        let cipher = Gcm::Aes128(crypto.srtp_provider.aead_aes_128_gcm().create_cipher(key, true));
        let salt = bytes("517569642070726f2071756f").try_into().expect("a salt");
        let plain = bytes(
            "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
        );
        let keys = keys(SrtpProfile::AEAD_AES_128_GCM, true);
        let mut sealer = Sealer::new(&crypto, &keys).expect("a sealer");
        sealer.rtp = Cipher::Gcm { cipher, salt };
        let mut sealed = vec![0; plain.len() + sealer.overhead()];
        sealer.seal(&plain, 12, 0x5501_a0b2, 0xf17b, &mut sealed).expect("a packet");
        let expected = bytes(
            "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
        );
        assert_eq!(sealed, expected);
    }

    /// The packet by which libsrtp validates itself (its `srtp_validate`), under the keys of RFC 3711 appendix B.3.
    #[test]
    fn counter_mode_seals_as_others_do() {
        let crypto = from_feature_flags();
        let halves = ["e1f97a0d3e018be0d64fa32c06de4139", "00", "0ec675ad498afeebb6960b3aabe6", "00"].map(bytes);
        let [key, _, salt, _] = &halves;
        let material = [&key[..], &[0; 16], &salt[..], &[0; 14]].concat();
        let profile = SrtpProfile::AES128_CM_SHA1_80;
        let keys = Keys { profile, material: KeyingMaterial::new(&material), is_client: true };
        let mut sealer = Sealer::new(&crypto, &keys).expect("a sealer");
        let plain = bytes("800f1234decafbadcafebabeabababababababababababababababab");
        let mut sealed = vec![0; plain.len() + sealer.overhead()];
        sealer.seal(&plain, 12, 0xcafe_babe, 0x1234, &mut sealed).expect("a packet");
        let expected = bytes("800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
        assert_eq!(sealed, expected);
    }

    fn keys(profile: SrtpProfile, is_client: bool) -> Keys {
        let length = match profile {
            SrtpProfile::AEAD_AES_256_GCM => 2 * (32 + 12),
            SrtpProfile::AEAD_AES_128_GCM => 2 * (16 + 12),
            _ => 2 * (16 + 14),
        };
        let material: Vec<_> = (0..length).collect();
        Keys { profile, material: KeyingMaterial::new(&material), is_client }
    }

    #[test]
    fn a_report_is_opened_by_the_other_side_and_by_its_own_and_never_when_changed() {
        let crypto = from_feature_flags();
        let all = [SrtpProfile::AEAD_AES_256_GCM, SrtpProfile::AEAD_AES_128_GCM, SrtpProfile::AES128_CM_SHA1_80];
        for profile in all {
            let (ours, theirs) = (keys(profile, false), keys(profile, true));
            let mut sealer = Sealer::new(&crypto, &ours).expect("a sealer");
            let mut there = Opener::new(&crypto, &theirs, false).expect("an opener");
            let mut here = Opener::new(&crypto, &ours, true).expect("an opener");
            let mut wrong = Opener::new(&crypto, &ours, false).expect("an opener");
            let plain = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9];
            let first = sealer.seal_report(&plain).expect("a report");
            let second = sealer.seal_report(&plain).expect("a report");
            assert_ne!(first, second, "each has a number of its own");
            for sealed in [first, second] {
                assert_eq!(there.open_report(&sealed).as_deref(), Some(&plain[..]), "{profile:?}");
                assert_eq!(here.open_report(&sealed).as_deref(), Some(&plain[..]));
                assert_eq!(wrong.open_report(&sealed), None);
                for at in 0..sealed.len() {
                    let mut changed = sealed.clone();
                    changed[at] ^= 1;
                    assert_eq!(there.open_report(&changed), None, "{profile:?} {at}");
                    assert_eq!(there.open_report(&sealed[..at]), None);
                }
            }
        }
    }
}
