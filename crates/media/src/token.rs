//! Tokens of meeting rooms. They only say who comes; what that person may do is the room's to know.

use kloud_base::{SECOND, Timestamp};
use kloud_livekit::{Claims, VideoGrant, sign};
use kloud_sfu::{Identity, RoomName};

use crate::shared::Shared;

/// Who signs tokens of meeting rooms. No API key can have this name: it holds a space.
pub const MEETING_ISSUER: &str = "kloud meeting";
/// How long a way into a meeting room lasts. Clients get a new one every few minutes.
const MEETING_SECONDS: i64 = 60 * 60;
/// A refreshed token of an API room lasts at least so long.
pub const REFRESHED_SECONDS: i64 = 10 * 60;

/// A token for one person in one meeting room, and its end.
pub fn meeting(shared: &Shared, room: &RoomName, identity: &Identity) -> (String, Timestamp) {
    let expires = shared.clock.now().as_millis() / SECOND + MEETING_SECONDS;
    let claims = Claims {
        iss: MEETING_ISSUER.into(),
        sub: identity.to_string(),
        exp: Some(expires),
        video: VideoGrant { room_join: true, room: room.to_string(), ..Default::default() },
        ..Default::default()
    };
    (sign(&claims, &shared.secret), Timestamp::from_millis(expires * SECOND))
}
