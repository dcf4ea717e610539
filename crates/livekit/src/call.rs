//! Remote calls that the server makes of a participant: the packet that asks, and what comes back.

use prost::Message;

use crate::proto::{DataPacket, RpcRequest, data_packet::Value, rpc_response};

/// What a participant says to a call.
#[derive(Clone, Debug, PartialEq)]
pub enum CallAnswer {
    /// It was heard and is worked on.
    Heard,
    Done(Result<String, CallFault>),
}

/// Why a call was not answered as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFault {
    pub code: u32,
    pub message: String,
    pub data: String,
}

impl CallFault {
    /// The participant has no such method.
    pub const UNSUPPORTED_METHOD: u32 = 1400;
    const UNSUPPORTED_VERSION: u32 = 1404;
}

/// The packet of a call. The caller goes by the number of the call: a server has no name in a room.
pub fn call_packet(id: &str, method: &str, payload: &str, timeout_ms: u32) -> Vec<u8> {
    let request = RpcRequest {
        id: id.to_owned(),
        method: method.to_owned(),
        payload: payload.to_owned(),
        response_timeout_ms: timeout_ms,
        version: 1,
        ..Default::default()
    };
    let value = Some(Value::RpcRequest(request));
    DataPacket { participant_identity: id.to_owned(), value, ..Default::default() }.encode_to_vec()
}

/// The number of the call that a packet answers, and the answer.
pub(crate) fn answer_in(value: Option<&Value>) -> Option<(String, CallAnswer)> {
    match value? {
        Value::RpcAck(ack) => Some((ack.request_id.clone(), CallAnswer::Heard)),
        Value::RpcResponse(response) => {
            let done = match response.value.clone() {
                Some(rpc_response::Value::Error(e)) => {
                    Err(CallFault { code: e.code, message: e.message, data: e.data })
                }
                Some(rpc_response::Value::Payload(payload)) => Ok(payload),
                // Compressed answers are for callers of a later version than that which was asked with.
                Some(rpc_response::Value::CompressedPayload(_)) => {
                    let message = "the answer is compressed".to_owned();
                    Err(CallFault { code: CallFault::UNSUPPORTED_VERSION, message, data: String::new() })
                }
                None => Ok(String::new()),
            };
            Some((response.request_id.clone(), CallAnswer::Done(done)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{RpcAck, RpcError, RpcResponse};

    fn done(value: rpc_response::Value) -> Option<(String, CallAnswer)> {
        answer_in(Some(&Value::RpcResponse(RpcResponse { request_id: "7".into(), value: Some(value) })))
    }

    #[test]
    fn what_comes_back_is_told_apart() {
        let heard = answer_in(Some(&Value::RpcAck(RpcAck { request_id: "7".into() })));
        assert_eq!(heard, Some(("7".into(), CallAnswer::Heard)));
        let payload = done(rpc_response::Value::Payload("yes".into()));
        assert_eq!(payload, Some(("7".into(), CallAnswer::Done(Ok("yes".into())))));
        let error = RpcError { code: 1400, message: "no such method".into(), data: "x".into() };
        let Some((_, CallAnswer::Done(Err(fault)))) = done(rpc_response::Value::Error(error)) else {
            panic!("a fault")
        };
        assert_eq!((fault.code, fault.message.as_str(), fault.data.as_str()), (1400, "no such method", "x"));
        let Some((_, CallAnswer::Done(fault))) = done(rpc_response::Value::CompressedPayload(vec![1])) else {
            panic!("a fault")
        };
        assert!(fault.is_err(), "nothing is passed off as an empty answer");
        assert_eq!(answer_in(None), None);
    }

    #[test]
    fn a_call_names_itself_as_its_caller() {
        let packet = DataPacket::decode(&call_packet("7", "echo", "hi", 900)[..]).expect("a packet");
        let Some(Value::RpcRequest(request)) = packet.value else { panic!("a call") };
        assert_eq!((packet.participant_identity.as_str(), request.id.as_str()), ("7", "7"));
        assert_eq!((request.method.as_str(), request.payload.as_str(), request.version), ("echo", "hi", 1));
    }
}
