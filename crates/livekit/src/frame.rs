//! Frames of the signal socket: binary frames are protobuf, text frames its JSON form. A client that sends text is
//! answered in text.

use livekit_protocol::{SignalRequest, SignalResponse, signal_request, signal_response};
use prost::Message;

/// Largest frame that is read; the largest are offers.
pub const MAX_FRAME_BYTES: usize = 640 * 1024;

/// How a client writes its frames.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    #[default]
    Binary,
    Text,
}

/// A frame to send.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame {
    Binary(Vec<u8>),
    Text(String),
}

/// The frame cannot be read; its sender does not speak this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signal frame cannot be read")]
pub struct FrameError;

/// `None` is a message of a kind that this server does not know; it is passed over.
pub fn decode_binary(bytes: &[u8]) -> Result<Option<signal_request::Message>, FrameError> {
    if bytes.len() > MAX_FRAME_BYTES {
        return Err(FrameError);
    }
    SignalRequest::decode(bytes).map(|r| r.message).map_err(|_| FrameError)
}

/// As [`decode_binary`], for a text frame.
pub fn decode_text(text: &str) -> Result<Option<signal_request::Message>, FrameError> {
    if text.len() > MAX_FRAME_BYTES {
        return Err(FrameError);
    }
    serde_json::from_str::<SignalRequest>(text).map(|r| r.message).map_err(|_| FrameError)
}

/// Writes a message in the client's own form.
pub fn encode(message: signal_response::Message, encoding: Encoding) -> Frame {
    let response = SignalResponse { message: Some(message) };
    match encoding {
        Encoding::Binary => Frame::Binary(response.encode_to_vec()),
        Encoding::Text => Frame::Text(serde_json::to_string(&response).expect("protobuf messages are JSON")),
    }
}

#[cfg(test)]
mod tests {
    use livekit_protocol::{AddTrackRequest, MuteTrackRequest, SessionDescription, UpdateTrackSettings};

    use super::*;

    fn samples() -> Vec<SignalRequest> {
        let offer = SessionDescription { r#type: "offer".into(), sdp: "v=0\r\n".repeat(40), ..Default::default() };
        [
            signal_request::Message::Offer(offer),
            signal_request::Message::AddTrack(AddTrackRequest { cid: "camera".into(), ..Default::default() }),
            signal_request::Message::Mute(MuteTrackRequest { sid: "TR_1".into(), muted: true }),
            signal_request::Message::TrackSetting(UpdateTrackSettings { width: 640, ..Default::default() }),
            signal_request::Message::Ping(7),
        ]
        .map(|m| SignalRequest { message: Some(m) })
        .to_vec()
    }

    #[test]
    fn both_forms_say_the_same() {
        for sample in samples() {
            assert_eq!(decode_binary(&sample.encode_to_vec()), Ok(sample.message.clone()));
            let text = serde_json::to_string(&sample).expect("JSON");
            assert_eq!(decode_text(&text), Ok(sample.message));
        }
    }

    #[test]
    fn an_unknown_message_is_passed_over() {
        // Field 1000, a varint.
        assert_eq!(decode_binary(&[0xc0, 0x3e, 0x01]), Ok(None));
    }

    #[test]
    fn mutilated_frames_never_panic() {
        for sample in samples() {
            kloud_testkit::mutations(&sample.encode_to_vec(), 2_000, |bytes| {
                let _ = decode_binary(bytes);
                let _ = decode_text(&String::from_utf8_lossy(bytes));
            });
        }
    }
}
