//! The LiveKit wire as this server speaks it: access tokens, join requests, signal messages, edits of session
//! descriptions, data packets, calls of the server API, webhooks. Pure: bytes and values in, bytes and values out.
//!
//! Served are `/rtc/v1`, where the client always offers and the server always answers on one peer connection; the older
//! `/rtc`, where the server offers what it sends on a second one; and `/twirp/livekit.RoomService`.
//! Deliberately not here: sockets, timers and WebRTC itself (crate `media`), and who may do what (crate `sfu`).

mod call;
mod data;
mod formats;
mod frame;
#[doc(hidden)]
pub mod fuzz;
mod grant;
mod info;
mod join;
mod lines;
mod sdp;
mod served;
mod service;
mod token;
mod tracks;
mod twirp;
mod webhook;

pub use call::{CallAnswer, CallFault, call_packet};
pub use data::{DataError, Stamped, message_packet, stamp_data};
pub use formats::mime_type;
pub use frame::{Encoding, Frame, FrameError, MAX_FRAME_BYTES, decode_binary, decode_text, encode};
pub use info::{
    ENABLED_CODECS, PING_INTERVAL, Peer, RoomFacts, RoomSettings, audience, join_response, leave, participant_info,
    permission, quality_info, reconnect_response, request_response, room_info, server_info, source_of, source_on_wire,
    speaker_info, stream_state, wish_of,
};
pub use join::{JoinError, MAX_JOIN_BYTES, decode_join, join_of_parameters};
pub use lines::{Agreed, Announcement, Lines, OfferPlan};
pub use livekit_protocol as proto;
pub use sdp::{
    Direction, MAX_LINES, MAX_SDP_BYTES, MediaLine, Offer, OpusFlags, SdpError, Sent, Shown, Sparing, edit_answer,
    edit_offer, taken_codecs,
};
pub use served::{Proposal, ServedLines, Step};
pub use service::{
    InRoom, MAX_ATTRIBUTES, MAX_METADATA, Reply, RoomCall, RoomMethod, Service, fits, not_offered, read_call,
};
pub use token::{Claims, TokenError, VideoGrant, issuer, sign, verify};
pub use tracks::{
    codec_asked, codec_info, codecs_in, codecs_of, has_own_streams, kind_of, layers_of, settle_codec, track_info,
    unsupported_codec, wanted_layers,
};
pub use twirp::{Code, Form, MAX_BODY_BYTES, TwirpError};
pub use webhook::{HookEvent, HookProof, HookRefusal, WEBHOOK_CONTENT_TYPE, webhook_body, webhook_token};

/// The protocol version that this server speaks. 18 would mean data channels with agreed numbers.
pub const PROTOCOL: i32 = 17;
/// Clients switch features on and off by this number, so it names a server of the LiveKit project, not this one.
pub const SPOKEN_VERSION: &str = "1.13.5";
