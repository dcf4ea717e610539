"""A long line: hands every frame of one interface on to another after a while, both ways, and loses some.

    delay.py MILLISECONDS LOST NEAR FAR

For kernels without netem. MILLISECONDS pass each way; of a hundred frames LOST are lost each way, by seeded dice. Neither
interface has an address. What sends into them must cut its packets itself (`ip link set dev X gso_max_segs 1`), or many
are lost as one. It needs no privilege but that of its network namespace. It says `ready`, and ends when its input does,
so that it never outlives whoever started it.
"""

import collections
import random
import selectors
import socket
import sys
import time

# linux/if_ether.h and linux/if_packet.h
EVERY_PROTOCOL = 3
SOL_PACKET = 263
PACKET_VNET_HDR = 15
FRAME_MAX = 1 << 17
BUFFER = 8 << 20


def interface(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    # Each frame has in front of it which checksum is still to be written, and leaves with that.
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.bind((name, 0))
    return end


def main(milliseconds, lost, near, far):
    dice = random.Random(7)
    ends = [interface(near), interface(far)]
    onward = dict(zip(ends, reversed(ends)))
    waiting = collections.deque()
    ready = selectors.DefaultSelector()
    for end in [*ends, sys.stdin]:
        ready.register(end, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        patience = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for key, _ in ready.select(patience):
            if key.fileobj is sys.stdin:
                return
            frame, (_, _, kind, *_) = key.fileobj.recvfrom(FRAME_MAX)
            if kind != socket.PACKET_OUTGOING and dice.random() * 100 >= lost:
                waiting.append((time.monotonic() + milliseconds / 1000, onward[key.fileobj], frame))
        while waiting and waiting[0][0] <= time.monotonic():
            _, end, frame = waiting.popleft()
            end.send(frame)


if __name__ == "__main__":
    main(float(sys.argv[1]), float(sys.argv[2]), *sys.argv[3:])
