//! Entries for whoever throws bytes at the readers of this crate: seeded mutations of real messages in the tests, and
//! fuzzers that are guided by coverage (`fuzz/`). Each of them fails where an invariant is broken.

use kloud_base::{Rng, Timestamp};
use kloud_sfu::{Codec, Kind, ParticipantSid, TrackSid};
use livekit_protocol::{DataPacket, SessionDescription, SignalRequest};
use prost::Message as _;

use crate::{
    Announcement, Form, Lines, OpusFlags, RoomCall, RoomMethod, Shown, VideoGrant, decode_binary, decode_join,
    decode_text, issuer, read_call, stamp_data, taken_codecs, verify,
};

/// What comes by a signal socket, by the query that opens one, by the data channels and by the server API. The first byte
/// says which.
pub fn signal(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let text = String::from_utf8_lossy(rest);
    match kind {
        0 => {
            if let Ok(message) = decode_binary(rest) {
                let again = SignalRequest { message: message.clone() }.encode_to_vec();
                // Not compared: a number that is no number differs from itself.
                assert_eq!(decode_binary(&again).map(|m| m.is_some()), Ok(message.is_some()));
            }
        }
        1 => drop(decode_text(&text)),
        2 => drop(decode_join(&text)),
        3 => data(rest),
        4 => {
            let _ = issuer(&text);
            let opened = verify(&text, b"a secret that signed nothing", Timestamp::from_millis(1_800_000_000_000));
            assert!(opened.is_err(), "a token was forged");
        }
        _ => call(*kind, rest),
    }
}

fn data(bytes: &[u8]) {
    for reliable in [false, true] {
        let Ok(stamped) = stamp_data(bytes, "PA_1", "ada", reliable) else { continue };
        let packet = DataPacket::decode(&stamped.bytes[..]).expect("what is written can be read");
        assert_eq!((packet.participant_sid.as_str(), packet.participant_identity.as_str()), ("PA_1", "ada"));
    }
}

/// By one who directs the room `lab` and no other.
fn call(kind: u8, body: &[u8]) {
    let grant = VideoGrant { room_admin: true, room: "lab".into(), ..VideoGrant::default() };
    let form = if kind & 1 == 0 { Form::Json } else { Form::Protobuf };
    let method = RoomMethod::ALL[usize::from(kind >> 1) % RoomMethod::ALL.len()];
    match read_call(method, form, body, &grant) {
        Ok(RoomCall::InRoom(room, _)) => assert_eq!(room.as_str(), "lab"),
        Ok(
            RoomCall::Create(..) | RoomCall::List(_) | RoomCall::Delete(_) | RoomCall::Move(..) | RoomCall::Forward(..),
        ) => {
            panic!("that is for others")
        }
        Err(_) => {}
    }
}

struct Fill(u8);

impl Rng for Fill {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

/// The offers of one client, one after the other. Between them stands a byte 0.
pub fn sdp(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Lines::default();
    for (turn, offer) in (0u8..16).zip(text.split('\0')) {
        change(&mut lines, turn);
        taken_codecs(offer);
        let description = SessionDescription { r#type: "offer".into(), sdp: offer.into(), ..Default::default() };
        let Ok(plan) = lines.offer(&description) else { continue };
        assert_eq!(count(&plan.sdp), count(offer), "media lines are neither added nor removed");
        let agreed = lines.agree(plan.id, &obedient(&plan.sdp));
        assert_eq!(count(&agreed.answer.sdp), count(offer), "also not from the answer");
        for (mid, track) in &agreed.live {
            assert_eq!(lines.line_of(*track), Some(mid.as_str()));
        }
        lines.requirement();
    }
}

/// What happens around a client between two of its offers.
fn change(lines: &mut Lines, turn: u8) {
    let (sound, picture) = (TrackSid::random(&Fill(turn)), TrackSid::random(&Fill(100 + turn)));
    let shown = |track| Shown { owner: ParticipantSid::random(&Fill(200)), track };
    lines.show(shown(sound), Kind::Audio);
    lines.show(shown(picture), Kind::Video);
    if turn % 3 == 1 {
        lines.hide(TrackSid::random(&Fill(turn - 1)));
        lines.withdraw(TrackSid::random(&Fill(150 + turn - 1)));
    }
    let (kind, codec) = if turn.is_multiple_of(2) { (Kind::Audio, Codec::Opus) } else { (Kind::Video, Codec::Vp9) };
    let opus = OpusFlags { stereo: true, dtx: true, red: true };
    let cids = vec!["mic".to_owned(), "cam".to_owned()];
    lines.announce(Announcement { track: TrackSid::random(&Fill(150 + turn)), kind, codec: Some(codec), cids, opus });
}

fn count(sdp: &str) -> usize {
    sdp.lines().filter(|line| line.starts_with("m=")).count()
}

/// Answers as a server would that takes everything: what the client receives, it sends.
fn obedient(offer: &str) -> String {
    let turned = offer.lines().map(|line| match line {
        "a=recvonly" => "a=sendonly",
        "a=sendonly" => "a=recvonly",
        other => other,
    });
    turned.flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests {
    use kloud_testkit::replay;

    const SIGNAL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/signal");
    const SDP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/sdp");

    #[test]
    fn mutilated_messages_are_read_or_refused() {
        replay(SIGNAL, 10_000, super::signal);
    }

    #[test]
    fn mutilated_descriptions_keep_their_lines() {
        replay(SDP, 10_000, super::sdp);
    }
}
