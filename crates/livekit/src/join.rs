//! The join request, which rides in the query: of `/rtc/v1` as one value, of `/rtc` as many.

use std::io::Read;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::GzDecoder;
use livekit_protocol::wrapped_join_request::Compression;
use livekit_protocol::{ClientInfo, ConnectionSettings, JoinRequest, WrappedJoinRequest};
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

/// Reads the query parameters of `/rtc`. What is missing or cannot be read is as LiveKit's server takes it: a client
/// gets everything unless it says otherwise.
pub fn join_of_parameters<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> JoinRequest {
    let told = |name| parameter(name).filter(|value| !value.is_empty());
    let number = |name| told(name).and_then(|value| value.parse().ok()).unwrap_or_default();
    let yes = |name| told(name).map(|value| value == "1" || value == "true");
    let capabilities = told("capabilities").unwrap_or_default().split(',').filter_map(|one| one.trim().parse().ok());
    JoinRequest {
        client_info: Some(ClientInfo {
            protocol: number("protocol"),
            client_protocol: number("client_protocol"),
            capabilities: capabilities.collect(),
            ..ClientInfo::default()
        }),
        connection_settings: Some(ConnectionSettings {
            auto_subscribe: yes("auto_subscribe").unwrap_or(true),
            adaptive_stream: yes("adaptive_stream").unwrap_or_default(),
            subscriber_allow_pause: yes("subscriber_allow_pause"),
            ..ConnectionSettings::default()
        }),
        reconnect: yes("reconnect").unwrap_or_default(),
        participant_sid: told("sid").unwrap_or_default().to_owned(),
        ..JoinRequest::default()
    }
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
    fn parameters_say_what_a_request_says() {
        let read = |query: &'static str| {
            join_of_parameters(|name| query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('=')))
        };
        // As Chromium 156 with livekit-client 2.16.0 and the Go SDK 2.18.2 write them.
        let js = read("auto_subscribe=1&sdk=js&version=2.16.0&protocol=16&adaptive_stream=1");
        let settings = js.connection_settings.expect("settings");
        assert!(settings.auto_subscribe && settings.adaptive_stream && settings.subscriber_allow_pause.is_none());
        assert_eq!((js.client_info.expect("client").protocol, js.reconnect), (16, false));
        let go = read("version=2.18.2&protocol=17&auto_subscribe=0&sdk=go&os=linux&capabilities=1,2");
        assert!(!go.connection_settings.expect("settings").auto_subscribe);
        assert_eq!(go.client_info.expect("client").capabilities, [1, 2]);
        let back = read("reconnect=1&sid=PA_1&protocol=nonsense");
        assert!(back.reconnect && back.connection_settings.expect("settings").auto_subscribe);
        assert_eq!((&*back.participant_sid, back.client_info.expect("client").protocol), ("PA_1", 0));
    }

    #[test]
    fn a_small_request_that_unpacks_to_a_large_one_is_refused() {
        assert_eq!(decode_join(&wrap(&vec![0; 64 << 20])), Err(JoinError::TooLarge));
    }

    #[test]
    fn mutilated_requests_never_panic() {
        for fixture in [CHROMIUM, PYTHON] {
            kloud_testkit::mutations(fixture.trim().as_bytes(), 1_000, |bytes| {
                let _ = decode_join(&String::from_utf8_lossy(bytes));
            });
        }
    }
}
