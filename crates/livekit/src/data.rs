//! Data packets. The server never opens what people say to each other; it only writes down who sent it.

use livekit_protocol::{DataPacket, SendDataRequest, UserPacket, data_packet::Kind, data_packet::Value};
use prost::Message;

use crate::call::{CallAnswer, answer_in};

/// Largest data packet. Clients cut at 64,000 bytes of payload.
const MAX_BYTES: usize = 66_000;
/// Most receivers that one packet can name.
const MAX_RECEIVERS: usize = 1_000;

/// Why a data packet is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    #[error("the data packet cannot be read")]
    Malformed,
    #[error("the data packet is too large")]
    TooLarge,
    /// Measurements and transcripts are not for other participants.
    #[error("packets of this kind are not passed on")]
    NotPassedOn,
}

/// A packet with its true sender, and whom it is for. Nobody named means everybody.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamped {
    pub bytes: Vec<u8>,
    pub identities: Vec<String>,
    pub sids: Vec<String>,
    /// The sender's own count of reliable packets; 0 if it does not count.
    pub sequence: u32,
    /// The number of a remote call and what the sender answers to it.
    pub answer: Option<(String, CallAnswer)>,
}

/// Reads a packet from `sender` and writes the sender into it, whatever it said itself. The channel it came on
/// decides whether it is `reliable`.
#[expect(deprecated, reason = "old clients still fill the fields, and their claims must be overwritten")]
pub fn stamp_data(bytes: &[u8], sid: &str, identity: &str, reliable: bool) -> Result<Stamped, DataError> {
    if bytes.len() > MAX_BYTES {
        return Err(DataError::TooLarge);
    }
    let mut packet = DataPacket::decode(bytes).map_err(|_| DataError::Malformed)?;
    packet.kind = if reliable { Kind::Reliable } else { Kind::Lossy } as i32;
    packet.participant_sid = sid.into();
    packet.participant_identity = identity.into();
    let mut sids = Vec::new();
    match &mut packet.value {
        Some(Value::User(user)) => {
            user.participant_sid = sid.into();
            user.participant_identity = identity.into();
            sids = user.destination_sids.clone();
            if packet.destination_identities.is_empty() {
                packet.destination_identities = user.destination_identities.clone();
            } else {
                user.destination_identities = packet.destination_identities.clone();
            }
        }
        Some(Value::ChatMessage(_) | Value::SipDtmf(_) | Value::EncryptedPacket(_)) => {}
        Some(Value::RpcRequest(_) | Value::RpcAck(_) | Value::RpcResponse(_)) => {}
        Some(Value::StreamHeader(_) | Value::StreamChunk(_) | Value::StreamTrailer(_)) => {}
        Some(Value::Metrics(_) | Value::Transcription(_) | Value::Speaker(_)) | None => {
            return Err(DataError::NotPassedOn);
        }
    }
    if packet.destination_identities.len() + sids.len() > MAX_RECEIVERS {
        return Err(DataError::TooLarge);
    }
    let identities = packet.destination_identities.clone();
    let answer = answer_in(packet.value.as_ref());
    Ok(Stamped { sequence: packet.sequence, bytes: packet.encode_to_vec(), identities, sids, answer })
}

/// The packet of a message that the server itself sends. It has no sender: clients show that it comes from none of
/// those who are there.
#[expect(deprecated, reason = "old clients read the fields")]
pub fn message_packet(request: &SendDataRequest) -> Vec<u8> {
    let user = UserPacket {
        payload: request.data.clone(),
        topic: request.topic.clone(),
        nonce: request.nonce.clone(),
        destination_sids: request.destination_sids.clone(),
        destination_identities: request.destination_identities.clone(),
        ..Default::default()
    };
    let destination_identities = request.destination_identities.clone();
    DataPacket { kind: request.kind, destination_identities, value: Some(Value::User(user)), ..Default::default() }
        .encode_to_vec()
}

#[cfg(test)]
#[expect(deprecated, reason = "the tests write what old clients write")]
mod tests {
    use kloud_testkit::mutations;
    use livekit_protocol::{MetricsBatch, UserPacket};

    use super::*;

    fn lie() -> DataPacket {
        DataPacket {
            kind: 1,
            participant_identity: "mallory-as-ada".into(),
            participant_sid: "PA_other".into(),
            destination_identities: vec!["bob".into()],
            sequence: 4,
            value: Some(Value::User(UserPacket {
                participant_sid: "PA_other".into(),
                participant_identity: "mallory-as-ada".into(),
                payload: b"hello".to_vec(),
                ..Default::default()
            })),
        }
    }

    #[test]
    fn nobody_speaks_in_anothers_name() {
        let stamped = stamp_data(&lie().encode_to_vec(), "PA_1", "mallory", true).expect("a packet");
        let packet = DataPacket::decode(&stamped.bytes[..]).expect("a packet");
        assert_eq!((packet.participant_sid.as_str(), packet.participant_identity.as_str()), ("PA_1", "mallory"));
        assert_eq!((packet.kind, stamped.sequence), (0, 4), "the channel decides, the count stays");
        let Some(Value::User(user)) = packet.value else { panic!("a user packet") };
        assert_eq!((user.participant_sid.as_str(), user.participant_identity.as_str()), ("PA_1", "mallory"));
        assert_eq!(user.destination_identities, ["bob"]);
        assert_eq!(stamped.identities, ["bob"]);
    }

    #[test]
    fn measurements_are_not_passed_on() {
        let packet = DataPacket { value: Some(Value::Metrics(MetricsBatch::default())), ..Default::default() };
        assert_eq!(stamp_data(&packet.encode_to_vec(), "PA_1", "a", true), Err(DataError::NotPassedOn));
    }

    #[test]
    fn mutilated_packets_never_panic() {
        mutations(&lie().encode_to_vec(), 10_000, |bytes| {
            let _ = stamp_data(bytes, "PA_1", "a", false);
        });
    }
}
