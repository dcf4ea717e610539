//! The join request that rides in the query of `/rtc/v1`.

use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::GzDecoder;
use livekit_protocol::{JoinRequest, WrappedJoinRequest, wrapped_join_request::Compression};
use prost::Message;

/// Largest join request, packed or unpacked.
pub const MAX_JOIN_BYTES: usize = 1 << 20;

/// Clients write the URL-safe alphabet, some with padding and some without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Why a join request cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    #[error("the join request is larger than 1 MiB")]
    TooLarge,
    #[error("the join request cannot be read")]
    Malformed,
}

/// Reads the value of the query parameter `join_request`.
pub fn decode_join(text: &str) -> Result<JoinRequest, JoinError> {
    if text.len() > MAX_JOIN_BYTES {
        return Err(JoinError::TooLarge);
    }
    let bytes = BASE64.decode(text).map_err(|_| JoinError::Malformed)?;
    let wrapped = WrappedJoinRequest::decode(&bytes[..]).map_err(|_| JoinError::Malformed)?;
    let inner = match wrapped.compression() {
        Compression::None => wrapped.join_request,
        Compression::Gzip => inflate(&wrapped.join_request)?,
    };
    JoinRequest::decode(&inner[..]).map_err(|_| JoinError::Malformed)
}

fn inflate(packed: &[u8]) -> Result<Vec<u8>, JoinError> {
    let mut inner = Vec::new();
    let limit = MAX_JOIN_BYTES as u64 + 1;
    GzDecoder::new(packed).take(limit).read_to_end(&mut inner).map_err(|_| JoinError::Malformed)?;
    if inner.len() > MAX_JOIN_BYTES { Err(JoinError::TooLarge) } else { Ok(inner) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression as Level;
    use flate2::write::GzEncoder;
    use livekit_protocol::client_info::Sdk;

    use super::*;

    const CHROMIUM: &str = include_str!("../fixtures/join-chromium-156.txt");
    const PYTHON: &str = include_str!("../fixtures/join-python-1.2.1.txt");

    fn wrap(inner: &[u8]) -> String {
        let mut gzip = GzEncoder::new(Vec::new(), Level::best());
        gzip.write_all(inner).expect("memory");
        let join_request = gzip.finish().expect("memory");
        BASE64.encode(WrappedJoinRequest { compression: 1, join_request }.encode_to_vec())
    }

    #[test]
    fn what_real_clients_send_is_understood() {
        for (text, sdk) in [(CHROMIUM, Sdk::Js), (PYTHON, Sdk::Python)] {
            let join = decode_join(text.trim()).expect("a join request");
            assert_eq!(join.client_info.expect("client").sdk(), sdk);
            assert!(join.publisher_offer.expect("an offer").sdp.starts_with("v=0\r\n"));
        }
    }

    #[test]
    fn a_small_request_that_unpacks_to_a_large_one_is_refused() {
        assert_eq!(decode_join(&wrap(&vec![0; 64 << 20])), Err(JoinError::TooLarge));
    }

    #[test]
    fn mutilated_requests_never_panic() {
        for fixture in [CHROMIUM, PYTHON] {
            crate::data::mutations(fixture.trim().as_bytes(), 1_000, |bytes| {
                let _ = decode_join(&String::from_utf8_lossy(bytes));
            });
        }
    }
}
