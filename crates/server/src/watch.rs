//! Which stream a name means to a caller, if they may watch it: the slices' answers joined.

use async_trait::async_trait;
use kloud_chat::Chat;
use kloud_chat::model::ConversationId;
use kloud_http::{Caller, MayWatch};
use kloud_identity::Identity;
use kloud_meet::Meet;
use kloud_meet::model::SeatId;
use kloud_privacy::SubjectId;
use kloud_store::{StoreError, StreamId};

/// The port of the event socket.
pub struct Watch {
    pub identity: Identity,
    pub chat: Chat,
    pub meet: Meet,
}

#[async_trait]
impl MayWatch for Watch {
    async fn may_watch(&self, caller: &Caller, name: &str) -> Result<Option<StreamId>, StoreError> {
        if let Ok(subject) = name.parse::<SubjectId>() {
            let own = caller.account.as_ref().is_some_and(|account| account.subject == subject);
            return if own { self.identity.stream_of(subject).await.map_err(fault) } else { Ok(None) };
        }
        if let Ok(conversation) = name.parse::<ConversationId>() {
            return self.chat.stream_for(caller, conversation).await.map_err(fault);
        }
        if let Some(seat) = name.strip_prefix("room:") {
            let Ok(seat) = seat.parse::<SeatId>() else { return Ok(None) };
            return self.meet.room_stream_for(caller, seat).await.map_err(fault);
        }
        if let Ok(seat) = name.parse::<SeatId>() {
            return self.meet.seat_stream_for(caller, seat).await.map_err(fault);
        }
        Ok(None)
    }
}

/// A slice's error is the database's, or a fault to be logged; the socket closes and the client comes again.
fn fault(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged { table: "streams", reason: error.to_string() }
}
