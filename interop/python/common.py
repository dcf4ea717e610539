"""What the Python scripts share: arguments, tokens, a tone and a picture to publish."""

import argparse
import asyncio
from collections import deque

import numpy as np
from livekit import api, rtc

RATE = 48_000
SAMPLES = RATE // 100


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name in ("url", "key", "secret"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--room", default="interop-python")
    parser.add_argument("--identity", default="python")
    parser.add_argument("--connections", type=int, choices=(1, 2), default=1, help="2 for the older protocol")
    parser.add_argument("--hooks", help="the port of webhooks, for the script that listens to them")
    return parser.parse_args()


def token(args: argparse.Namespace, identity: str) -> str:
    grant = api.VideoGrants(room_join=True, room=args.room)
    return api.AccessToken(args.key, args.secret).with_identity(identity).with_name(identity).with_grants(grant).to_jwt()


async def connect(room: rtc.Room, args: argparse.Namespace, identity: str) -> None:
    options = rtc.RoomOptions(single_peer_connection=args.connections == 1)
    await room.connect(args.url, token(args, identity), options)


async def publish_tone(room: rtc.Room) -> rtc.LocalTrackPublication:
    source = rtc.AudioSource(RATE, 1)
    track = rtc.LocalAudioTrack.create_audio_track("tone", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
    publication = await room.local_participant.publish_track(track, options)

    async def feed() -> None:
        position = 0
        while True:
            wave = np.sin(2 * np.pi * 440 * (np.arange(SAMPLES) + position) / RATE)
            position += SAMPLES
            frame = rtc.AudioFrame((wave * 12_000).astype(np.int16).tobytes(), RATE, 1, SAMPLES)
            await source.capture_frame(frame)

    room.feeds = [*getattr(room, "feeds", []), asyncio.create_task(feed())]
    return publication


async def publish_picture(
    room: rtc.Room, width: int = 640, height: int = 360, **more: object
) -> rtc.LocalTrackPublication:
    source = rtc.VideoSource(width, height)
    track = rtc.LocalVideoTrack.create_video_track("picture", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, **more)
    publication = await room.local_participant.publish_track(track, options)

    async def feed() -> None:
        shade = 0
        while True:
            shade = (shade + 5) % 256
            picture = bytes([shade, 128, 16, 255]) * (width * height)
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, picture))
            await asyncio.sleep(1 / 15)

    room.feeds = [*getattr(room, "feeds", []), asyncio.create_task(feed())]
    return publication


async def hear(track: rtc.Track, frames: int, least: float) -> float:
    """Waits for so many decoded frames on end with a mean energy of at least this; 0 if the sound ends before."""
    energies: deque[float] = deque(maxlen=frames)
    stream = rtc.AudioStream(track)
    async for event in stream:
        energies.append(float((np.frombuffer(event.frame.data, dtype=np.int16).astype(float) ** 2).mean()))
        if len(energies) == frames and np.mean(energies) >= least:
            break
    else:
        energies.clear()
    await stream.aclose()
    return float(np.mean(energies)) if energies else 0.0


async def see(track: rtc.Track, frames: int) -> tuple[int, int]:
    """Size of the last of so many decoded pictures, or of the last there was."""
    size, count = (0, 0), 0
    stream = rtc.VideoStream(track)
    async for event in stream:
        size, count = (event.frame.width, event.frame.height), count + 1
        if count >= frames:
            break
    await stream.aclose()
    return size
