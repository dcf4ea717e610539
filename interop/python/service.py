"""An unchanged livekit-api directs a room in which an unchanged Python client is."""

import asyncio

import aiohttp
from livekit import api, rtc
from livekit.api.twirp_client import TwirpError

from common import arguments, publish_tone, token

DEADLINE = 20


def ok(text: str) -> None:
    print(f"ok  {text}", flush=True)


async def refused(code: str, call) -> None:
    try:
        await call
    except TwirpError as error:
        assert error.code == code, f"{error.code}, not {code}"
        return
    raise AssertionError(f"not refused with {code}")


async def main() -> None:
    args = arguments()
    args.room = "interop-service"
    async with aiohttp.ClientSession() as session:
        url = args.url.replace("ws", "http", 1)
        await direct(args, api.LiveKitAPI(url, args.key, args.secret, session=session).room)
        wrong = api.LiveKitAPI(url, args.key, "another-secret-of-32-characters!!", session=session).room
        await refused("unauthenticated", wrong.list_rooms(api.ListRoomsRequest()))
        ok("a wrong secret opens nothing")


async def direct(args, service) -> None:
    made = await service.create_room(api.CreateRoomRequest(name=args.room, empty_timeout=60, metadata="made"))
    again = await service.create_room(api.CreateRoomRequest(name=args.room))
    assert made.sid == again.sid and again.metadata == "made"
    listed = await service.list_rooms(api.ListRoomsRequest(names=[args.room]))
    assert [room.sid for room in listed.rooms] == [made.sid]
    ok("a room is made once and listed")

    ada = rtc.Room()
    events: asyncio.Queue = asyncio.Queue()
    for name in ("room_metadata_changed", "participant_name_changed", "data_received", "disconnected", "track_muted"):
        ada.on(name, lambda *a, name=name: events.put_nowait((name, a)))
    await ada.connect(args.url, token(args, "ada"))
    tone = await publish_tone(ada)

    async def event(name: str):
        while True:
            seen, what = await asyncio.wait_for(events.get(), DEADLINE)
            if seen == name:
                return what

    who = api.RoomParticipantIdentity(room=args.room, identity="ada")
    # Others hear of a track when its line is agreed, a little after its owner has asked for it.
    found = await service.get_participant(who)
    end = asyncio.get_running_loop().time() + DEADLINE
    while not found.tracks and asyncio.get_running_loop().time() < end:
        found = await service.get_participant(who)
    assert found.state == api.ParticipantInfo.State.ACTIVE and found.tracks[0].sid == tone.sid
    everybody = await service.list_participants(api.ListParticipantsRequest(room=args.room))
    assert [p.identity for p in everybody.participants] == ["ada"]
    await service.update_room_metadata(api.UpdateRoomMetadataRequest(room=args.room, metadata="changed"))
    await event("room_metadata_changed")
    ok("who is there is told, and what the room is")

    mute = api.MuteRoomTrackRequest(room=args.room, identity="ada", track_sid=tone.sid, muted=True)
    assert (await service.mute_published_track(mute)).track.muted
    mute.muted = False
    await refused("failed_precondition", service.mute_published_track(mute))
    ok("a track is muted, and not unmuted")

    update = api.UpdateParticipantRequest(room=args.room, identity="ada", name="Ada L.", metadata="m")
    update.permission.CopyFrom(api.ParticipantPermission(can_subscribe=True, can_publish=False, can_publish_data=True))
    changed = await service.update_participant(update)
    assert changed.name == "Ada L." and not changed.permission.can_publish and not changed.tracks
    await event("participant_name_changed")
    await service.update_subscriptions(
        api.UpdateSubscriptionsRequest(room=args.room, identity="ada", track_sids=[tone.sid], subscribe=False)
    )
    ok("a person is renamed and may publish no more")

    await service.send_data(api.SendDataRequest(room=args.room, data=b"hello", kind=api.DataPacket.Kind.RELIABLE))
    assert (await event("data_received"))[0].data == b"hello"
    ok("a message from outside arrives")

    await service.remove_participant(who)
    await event("disconnected")
    # Sound that is still fed when the program ends takes the library down with it.
    for feed in ada.feeds:
        feed.cancel()
    await asyncio.gather(*ada.feeds, return_exceptions=True)
    await refused("not_found", service.get_participant(who))
    await service.delete_room(api.DeleteRoomRequest(room=args.room))
    await refused("not_found", service.delete_room(api.DeleteRoomRequest(room=args.room)))
    ok("people are removed, and rooms")


asyncio.run(main())
