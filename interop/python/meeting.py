"""Unchanged Python clients meet: sound, picture, data, RPC, mute, unpublish."""

import asyncio
import time

from livekit import rtc

from common import arguments, connect, hear, publish_picture, publish_tone, see

DEADLINE = 20


class Events:
    """Remembers what a room said, so that a step can wait for it whenever it came."""

    def __init__(self, room: rtc.Room, *names: str) -> None:
        self.seen: list[tuple] = []
        self.more = asyncio.Condition()
        for name in names:
            room.on(name, lambda *a, name=name: asyncio.ensure_future(self._add((name, *a))))

    async def _add(self, event: tuple) -> None:
        async with self.more:
            self.seen.append(event)
            self.more.notify_all()

    async def wait(self, name: str, fits=lambda *a: True) -> tuple:
        def find():
            return next((e for e in self.seen if e[0] == name and fits(*e[1:])), None)

        async with self.more:
            await asyncio.wait_for(self.more.wait_for(find), DEADLINE)
            return find()


def ok(text: str) -> None:
    print(f"ok  {text}", flush=True)


async def bad_token(args) -> None:
    began = time.monotonic()
    wrong = type(args)(**{**vars(args), "secret": "another-secret-of-32-characters!!"})
    try:
        await connect(rtc.Room(), wrong, "mallory")
    except rtc.ConnectError:
        took = time.monotonic() - began
        assert took < 2, f"refused after {took:.1f} s only"
        ok(f"a bad token fails at once ({took * 1000:.0f} ms)")
        return
    raise AssertionError("a bad token opened the room")


async def main() -> None:
    args = arguments()
    await bad_token(args)
    ada, bob, eve = rtc.Room(), rtc.Room(), rtc.Room()
    names = ("participant_connected", "track_subscribed", "track_unsubscribed", "track_muted", "track_unmuted",
             "data_received", "participant_disconnected", "active_speakers_changed")
    at_ada, at_bob, at_eve = (Events(room, *names) for room in (ada, bob, eve))
    began = time.monotonic()
    await connect(ada, args, "ada")
    ok(f"joined in {(time.monotonic() - began) * 1000:.0f} ms")
    await connect(bob, args, "bob")
    await connect(eve, args, "eve")
    await at_ada.wait("participant_connected", lambda p: p.identity == "eve")
    assert set(eve.remote_participants) == {"ada", "bob"}, eve.remote_participants
    ok("everyone knows of everyone")

    tone = await publish_tone(ada)
    picture = await publish_picture(ada)
    track = (await at_bob.wait("track_subscribed", lambda t, p, who: p.sid == tone.sid))[1]
    energy = await asyncio.wait_for(hear(track, 150, 1e6), DEADLINE)
    assert energy, "the sound ended"
    ok(f"sound arrives (energy {energy:.2e})")
    track = (await at_bob.wait("track_subscribed", lambda t, p, who: p.sid == picture.sid))[1]
    size = await asyncio.wait_for(see(track, 20), DEADLINE)
    ok(f"pictures arrive {size}")
    await at_bob.wait("active_speakers_changed", lambda who: any(p.identity == "ada" for p in who))
    ok("the one who makes a sound is shown as speaking")

    await data(ada, bob, at_bob, at_eve)
    await rpc(ada, bob)

    tone.track.mute()
    await at_bob.wait("track_muted", lambda who, p: p.sid == tone.sid)
    tone.track.unmute()
    await at_bob.wait("track_unmuted", lambda who, p: p.sid == tone.sid)
    ok("mute and unmute are seen")
    await ada.local_participant.unpublish_track(picture.sid)
    await at_bob.wait("track_unsubscribed", lambda t, p, who: p.sid == picture.sid)
    again = await publish_picture(ada)
    track = (await at_bob.wait("track_subscribed", lambda t, p, who: p.sid == again.sid))[1]
    await asyncio.wait_for(see(track, 10), DEADLINE)
    ok("a track ends, and another takes its place")
    await codecs(ada, again, at_bob)

    await ada.disconnect()
    await at_bob.wait("participant_disconnected", lambda p: p.identity == "ada")
    ok("who leaves is gone")
    await bob.disconnect()
    await eve.disconnect()


async def codecs(ada: rtc.Room, before: rtc.LocalTrackPublication, at_bob: Events) -> None:
    # With one layer this client names no codec.
    for name, simulcast in [("h264", False), ("h264", True), ("vp9", False), ("av1", False)]:
        await ada.local_participant.unpublish_track(before.sid)
        codec = rtc.VideoCodec.Value(name.upper())
        before = await publish_picture(ada, video_codec=codec, simulcast=simulcast)
        sid = before.sid
        track, publication = (await at_bob.wait("track_subscribed", lambda t, p, who: p.sid == sid))[1:3]
        await asyncio.wait_for(see(track, 10), DEADLINE)
        assert publication.mime_type == f"video/{name}", publication.mime_type
    ok("pictures arrive in H264, VP9 and AV1 too")


async def data(ada: rtc.Room, bob: rtc.Room, at_bob: Events, at_eve: Events) -> None:
    for n in range(1000):
        await ada.local_participant.publish_data(f"n{n}", reliable=True)
    await at_bob.wait("data_received", lambda d: d.data == b"n999")
    numbers = [int(e[1].data[1:]) for e in at_bob.seen if e[0] == "data_received" and e[1].data.startswith(b"n")]
    assert numbers == list(range(1000)), f"{len(numbers)} messages, out of order or incomplete"
    ok("1,000 reliable messages arrive in order")
    await ada.local_participant.publish_data("only bob", reliable=True, destination_identities=["bob"])
    await ada.local_participant.publish_data("for all", reliable=True)
    await at_bob.wait("data_received", lambda d: d.data == b"only bob")
    await at_eve.wait("data_received", lambda d: d.data == b"for all")
    assert not any(e[0] == "data_received" and e[1].data == b"only bob" for e in at_eve.seen)
    assert all(e[1].participant.identity == "ada" for e in at_eve.seen if e[0] == "data_received")
    ok("a message for one reaches only that one")


async def rpc(ada: rtc.Room, bob: rtc.Room) -> None:
    async def echo(call) -> str:
        return call.payload[::-1]

    bob.local_participant.register_rpc_method("echo", echo)
    payload = "0123456789" * 1_400
    answer = await asyncio.wait_for(
        ada.local_participant.perform_rpc(destination_identity="bob", method="echo", payload=payload), DEADLINE
    )
    assert answer == payload[::-1]
    ok("a remote call answers")


asyncio.run(main())
