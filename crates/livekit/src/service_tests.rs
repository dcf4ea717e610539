use prost::Message;
use serde_json::{Value, json};

use super::*;

/// Everything that a grant can give, for the room `lab`.
fn everything() -> VideoGrant {
    VideoGrant {
        room_create: true,
        room_list: true,
        room_admin: true,
        room: "lab".into(),
        destination_room: "hall".into(),
        ..Default::default()
    }
}

/// A good body of each method.
fn body(method: RoomMethod) -> Value {
    let track = TrackSid::from_uuid(Default::default()).to_string();
    match method {
        RoomMethod::CreateRoom => json!({ "name": "lab", "emptyTimeout": 60, "metadata": "m" }),
        RoomMethod::ListRooms => json!({ "names": ["lab"] }),
        RoomMethod::DeleteRoom | RoomMethod::ListParticipants => json!({ "room": "lab" }),
        RoomMethod::GetParticipant | RoomMethod::RemoveParticipant => json!({ "room": "lab", "identity": "ada" }),
        RoomMethod::MutePublishedTrack => json!({ "room": "lab", "identity": "ada", "trackSid": track, "muted": true }),
        RoomMethod::UpdateParticipant => {
            json!({ "room": "lab", "identity": "ada", "name": "Ada", "attributes": { "a": "b" },
                "permission": { "canPublish": true, "canPublishSources": ["CAMERA"] } })
        }
        RoomMethod::UpdateSubscriptions => {
            json!({ "room": "lab", "identity": "ada", "subscribe": true, "trackSids": [track],
                "participantTracks": [{ "participantSid": "PA_1", "trackSids": ["TR_1"] }] })
        }
        RoomMethod::SendData => json!({ "room": "lab", "data": "aGVsbG8=", "topic": "t", "kind": "RELIABLE" }),
        RoomMethod::UpdateRoomMetadata => json!({ "room": "lab", "metadata": "m" }),
        RoomMethod::PerformRpc => {
            json!({ "room": "lab", "destinationIdentity": "ada", "method": "echo", "payload": "hi" })
        }
        RoomMethod::ForwardParticipant | RoomMethod::MoveParticipant => {
            json!({ "room": "lab", "identity": "ada", "destinationRoom": "hall" })
        }
    }
}

fn read(method: RoomMethod, body: &Value, grant: &VideoGrant) -> Result<RoomCall, Code> {
    read_call(method, Form::Json, body.to_string().as_bytes(), grant).map_err(|error| error.code)
}

#[test]
fn every_method_is_read_with_its_right_and_refused_without() {
    for method in RoomMethod::ALL.iter().copied() {
        assert_eq!(RoomMethod::named(method.name()), Ok(method));
        let good = read(method, &body(method), &everything());
        assert_eq!(good.as_ref().err(), None, "{method:?}");
        assert_eq!(read(method, &body(method), &VideoGrant::default()), Err(Code::PermissionDenied), "{method:?}");
        // To be in the room is no right to direct it.
        let inside = VideoGrant { room_join: true, room: "lab".into(), ..Default::default() };
        assert_eq!(read(method, &body(method), &inside), Err(Code::PermissionDenied), "{method:?}");
        let garbage = read_call(method, Form::Protobuf, &[0xff; 9], &everything()).map_err(|error| error.code);
        assert_eq!(garbage, Err(Code::Malformed), "{method:?}");
    }
    assert_eq!(RoomMethod::named("createRoom").map_err(|error| error.code), Err(Code::BadRoute));
}

#[test]
fn an_administrator_of_one_room_has_no_say_in_another() {
    let other = VideoGrant { room: "hall".into(), room_create: false, room_list: false, ..everything() };
    let nowhere = VideoGrant { room: String::new(), ..other.clone() };
    for method in RoomMethod::ALL.iter().copied() {
        for grant in [&other, &nowhere] {
            assert_eq!(read(method, &body(method), grant), Err(Code::PermissionDenied), "{method:?}");
        }
    }
    let no_way = VideoGrant { destination_room: "cellar".into(), ..everything() };
    let moved = RoomMethod::MoveParticipant;
    assert_eq!(read(moved, &body(moved), &no_way), Err(Code::PermissionDenied));
}

#[test]
fn what_is_empty_or_too_large_is_refused() {
    let long = |n: usize| "x".repeat(n);
    let check = |method: RoomMethod, change: Value| {
        let mut body = body(method);
        for (key, value) in change.as_object().expect("a change") {
            body[key] = value.clone();
        }
        assert_eq!(read(method, &body, &everything()), Err(Code::InvalidArgument), "{method:?} {key}", key = change);
    };
    check(RoomMethod::CreateRoom, json!({ "name": "" }));
    check(RoomMethod::CreateRoom, json!({ "name": long(257) }));
    check(RoomMethod::CreateRoom, json!({ "metadata": long(MAX_ROOM_METADATA + 1) }));
    check(RoomMethod::UpdateRoomMetadata, json!({ "metadata": long(MAX_ROOM_METADATA + 1) }));
    check(RoomMethod::ListRooms, json!({ "names": vec!["x"; MAX_NAMED + 1] }));
    check(RoomMethod::GetParticipant, json!({ "identity": "" }));
    check(RoomMethod::UpdateParticipant, json!({ "metadata": long(MAX_METADATA + 1) }));
    check(RoomMethod::UpdateParticipant, json!({ "name": long(MAX_METADATA + 1) }));
    check(RoomMethod::UpdateParticipant, json!({ "attributes": { "a": long(MAX_METADATA) } }));
    check(RoomMethod::UpdateSubscriptions, json!({ "trackSids": vec!["TR_1"; MAX_NAMED + 1] }));
    check(RoomMethod::SendData, json!({ "data": long(4 * (MAX_MESSAGE / 3 + 2)) }));
    check(RoomMethod::SendData, json!({ "nonce": "aGVsbG8=" }));
    check(RoomMethod::PerformRpc, json!({ "payload": long(MAX_CALL_BYTES + 1) }));
    check(RoomMethod::PerformRpc, json!({ "method": "" }));
    check(RoomMethod::MoveParticipant, json!({ "room": "lab", "destinationRoom": "" }));
    let body = vec![b' '; crate::MAX_BODY_BYTES + 1];
    let huge = read_call(RoomMethod::ListRooms, Form::Json, &body, &everything()).map_err(|error| error.code);
    assert_eq!(huge, Err(Code::ResourceExhausted));
}

#[test]
fn nobody_but_its_owner_unmutes_a_track() {
    let mut body = body(RoomMethod::MutePublishedTrack);
    body["muted"] = false.into();
    assert_eq!(read(RoomMethod::MutePublishedTrack, &body, &everything()), Err(Code::FailedPrecondition));
    body["muted"] = true.into();
    body["trackSid"] = "nonsense".into();
    assert_eq!(read(RoomMethod::MutePublishedTrack, &body, &everything()), Err(Code::NotFound));
}

#[test]
fn a_remote_call_ends_in_time() {
    let timeout = |asked: u32| {
        let mut body = body(RoomMethod::PerformRpc);
        body["responseTimeoutMs"] = asked.into();
        match read(RoomMethod::PerformRpc, &body, &everything()) {
            Ok(RoomCall::InRoom(_, InRoom::Call(call))) => call.response_timeout_ms,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((timeout(0), timeout(900), timeout(u32::MAX)), (CALL_MS, 900, MAX_CALL_MS));
}

#[test]
fn a_room_that_should_be_recorded_is_not_made() {
    let mut body = body(RoomMethod::CreateRoom);
    body["egress"] = json!({ "room": { "roomName": "lab" } });
    assert_eq!(read(RoomMethod::CreateRoom, &body, &everything()), Err(Code::Unimplemented));
}

#[test]
fn services_that_are_not_offered_say_so_and_their_lists_are_empty() {
    let all = Claims {
        video: VideoGrant { room_record: true, ingress_admin: true, ..everything() },
        other: [("sip".to_owned(), json!({ "admin": true }))].into(),
        ..Default::default()
    };
    let cases = [
        ("livekit.Egress", "ListEgress", "StartRoomCompositeEgress"),
        ("livekit.Ingress", "ListIngress", "CreateIngress"),
        ("livekit.SIP", "ListSIPInboundTrunk", "CreateSIPParticipant"),
        ("livekit.AgentDispatchService", "ListDispatch", "CreateDispatch"),
    ];
    for (service, list, act) in cases {
        let service = Service::named(service).expect("a service");
        let said = not_offered(service, list, &all, Form::Json).expect("a list");
        assert!(String::from_utf8_lossy(said).ends_with(":[]}"), "{list}");
        assert_eq!(not_offered(service, list, &all, Form::Protobuf), Ok(&b""[..]));
        let code = |claims: &Claims, method: &str| {
            not_offered(service, method, claims, Form::Json).map_err(|error| error.code)
        };
        assert_eq!(code(&all, act), Err(Code::Unimplemented));
        assert_eq!(code(&Claims::default(), list), Err(Code::PermissionDenied));
        assert_eq!(code(&Claims::default(), act), Err(Code::PermissionDenied));
    }
    assert_eq!(Service::named("livekit.CloudAgent"), None);
}

#[test]
fn mutilated_bodies_never_panic_and_reach_no_other_room() {
    let in_lab = |call: RoomCall| match call {
        RoomCall::InRoom(room, _) => assert_eq!(room.as_str(), "lab"),
        RoomCall::Move(from, _, to) | RoomCall::Forward(from, _, to) => {
            assert_eq!((from.as_str(), to.as_str()), ("lab", "hall"))
        }
        RoomCall::Create(..) | RoomCall::List(_) | RoomCall::Delete(_) => {}
    };
    for method in RoomMethod::ALL.iter().copied() {
        let json = body(method).to_string();
        kloud_testkit::mutations(json.as_bytes(), 3_000, |bytes| {
            let _ = read_call(method, Form::Json, bytes, &everything()).map(in_lab);
        });
        // Field 1 is the room everywhere; 2 is mostly an identity.
        let binary =
            proto::RoomParticipantIdentity { room: "lab".into(), identity: "ada".into(), ..Default::default() };
        kloud_testkit::mutations(&binary.encode_to_vec(), 3_000, |bytes| {
            let _ = read_call(method, Form::Protobuf, bytes, &everything()).map(in_lab);
        });
    }
}
