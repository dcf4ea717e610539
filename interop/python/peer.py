"""A Python participant for the browser script: publishes, answers data, tells on standard output what it gets."""

import asyncio
import json
import sys

from livekit import rtc

from common import arguments, connect, hear, publish_picture, publish_tone, see


def tell(**what) -> None:
    print(json.dumps(what), flush=True)


async def report(track: rtc.Track, who: str) -> None:
    if track.kind == rtc.TrackKind.KIND_AUDIO:
        tell(event="sound", of=who, energy=await hear(track, 200, 1e3))
    else:
        width, height = await see(track, 30)
        tell(event="picture", of=who, width=width, height=height)


async def main() -> None:
    args = arguments()
    room = rtc.Room()
    tasks = []
    room.on("track_subscribed", lambda t, p, who: tasks.append(asyncio.ensure_future(report(t, who.identity))))
    room.on("track_muted", lambda who, p: tell(event="muted", of=who.identity, source=int(p.source)))

    def answer(packet: rtc.DataPacket) -> None:
        tell(event="data", text=packet.data.decode(errors="replace"))
        if packet.data.startswith(b"ask "):
            tasks.append(asyncio.ensure_future(room.local_participant.publish_data(b"answer " + packet.data[4:])))

    async def echo(call) -> str:
        return call.payload[::-1]

    room.on("data_received", answer)
    room.on("participant_name_changed", lambda who, *names: tell(event="told", name=who.name))
    room.on("moved", lambda: tell(event="moved", room=room.name, people=sorted(room.remote_participants)))
    room.on("disconnected", lambda *reason: tell(event="gone"))
    await connect(room, args, args.identity)
    room.local_participant.register_rpc_method("echo", echo)
    await publish_tone(room)
    await publish_picture(room)
    tell(event="ready")
    # Standard input closes when the script is done.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in tasks:
        task.cancel()
    await room.disconnect()


asyncio.run(main())
