//! Remote calls of participants by the holder of an API key: each waits for its answer, for a time.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use kloud_base::random_bytes;
use kloud_livekit::proto::{PerformRpcRequest, PerformRpcResponse};
use kloud_livekit::{CallAnswer, CallFault, Code, Reply, TwirpError, call_packet};
use kloud_sfu::{Identity, ParticipantSid};

use super::RoomTask;
use super::api::ReplyTo;
use crate::mono;
use crate::worker::Delivery;

/// Calls of one room that may wait for their answers.
const WAITING: usize = 256;
/// Within this a participant must say that it has heard the call (LiveKit's longest way there and back).
const HEARD: Duration = Duration::from_secs(7);

/// The calls that wait, by their number.
pub type Calls = HashMap<String, Call>;

/// A call that waits for its answer.
pub struct Call {
    of: ParticipantSid,
    reply: ReplyTo,
    /// None when it was heard.
    heard_by: Option<Instant>,
    answered_by: Instant,
}

impl Call {
    fn due(&self) -> Instant {
        self.heard_by.map_or(self.answered_by, |heard| heard.min(self.answered_by))
    }
}

impl RoomTask {
    pub(super) fn call(&mut self, request: &PerformRpcRequest, reply: ReplyTo) {
        let who = Identity::new(&request.destination_identity);
        let who = who.map_err(|error| TwirpError::new(Code::InvalidArgument, error.to_string()));
        let of = match who.and_then(|who| self.seated(&who)) {
            Ok(_) if self.calls.len() >= WAITING => {
                let error = TwirpError::new(Code::ResourceExhausted, "too many calls wait for their answers");
                return drop(reply.send(Err(error)));
            }
            Ok(sid) => sid,
            Err(error) => return drop(reply.send(Err(error))),
        };
        // It is secret: who knew it could answer in the place of the one who was called.
        let id: String = random_bytes::<16>(&*self.shared.rng).iter().map(|b| format!("{b:02x}")).collect();
        let packet = call_packet(&id, &request.method, &request.payload, request.response_timeout_ms);
        self.deliver(&[of], Delivery::Reliable, &packet.into());
        let now = mono::now();
        let answered_by = now + Duration::from_millis(request.response_timeout_ms.into());
        self.calls.insert(id, Call { of, reply, heard_by: Some(now + HEARD), answered_by });
    }

    /// True if the answer was for a call of this room; it is passed on to nobody then.
    pub(super) fn answered_call(&mut self, from: ParticipantSid, id: &str, answer: CallAnswer) -> bool {
        let Some(call) = self.calls.get_mut(id).filter(|call| call.of == from) else { return false };
        match answer {
            CallAnswer::Heard => call.heard_by = None,
            CallAnswer::Done(done) => {
                if let Some(call) = self.calls.remove(id) {
                    let done = done.map(|payload| Reply::Called(PerformRpcResponse { payload })).map_err(fault);
                    let _ = call.reply.send(done);
                }
            }
        }
        true
    }

    pub(super) fn call_due_at(&self) -> Option<Instant> {
        self.calls.values().map(Call::due).min()
    }

    /// Ends the calls whose time is over.
    pub(super) fn reap_calls(&mut self, now: Instant) {
        self.end_calls(Code::Canceled, "no answer came in time", |call| call.due() <= now);
    }

    /// Ends the calls of one who is gone.
    pub(super) fn hang_up(&mut self, of: ParticipantSid) {
        self.end_calls(Code::Unavailable, "the participant has left", |call| call.of == of);
    }

    fn end_calls(&mut self, code: Code, why: &str, over: impl Fn(&Call) -> bool) {
        for (_, call) in self.calls.extract_if(|_, call| over(call)) {
            let _ = call.reply.send(Err(TwirpError::new(code, why)));
        }
    }
}

/// What the participant's program said, for the program that called.
fn fault(fault: CallFault) -> TwirpError {
    let code = match fault.code {
        CallFault::UNSUPPORTED_METHOD => Code::InvalidArgument,
        _ => Code::Internal,
    };
    let mut error = TwirpError::new(code, fault.message);
    error.meta.insert("rpc_code".into(), fault.code.to_string());
    if !fault.data.is_empty() {
        error.meta.insert("rpc_data".into(), fault.data);
    }
    error
}
