"""How much of a voice is understood: STOI (Taal et al. 2011) of a recording against what was said.

`stoi.py REFERENCE.wav RECORDING.raw` prints the mean over pieces of four seconds, and each of them. A receiver stretches
and squeezes time while it looks for its measure, which nobody minds and STOI does, as it compares the same moments. So
each second of what was said is looked for where it is heard best, near the second before it, and the recording is put
together from what was found. What is missing or broken stays so.
"""

import sys
import wave

import numpy as np
from pystoi import stoi
from scipy.signal import correlate, resample_poly

RATE = 10_000
PIECE = 4 * RATE
STEP = RATE // 2
# What is looked for at once, and how far it may have moved against the step before it.
WINDOW = RATE
NEAR = RATE * 3 // 10
# How long the recording may have run before the voice began.
BEFORE = 10 * RATE
# What is less alike than this is not there, and is taken for as late as what was there last.
ALIKE = 0.3


def samples(data: bytes, rate: int) -> np.ndarray:
    sound = np.frombuffer(data, dtype="<i2").astype(np.float64) / 32_768
    return resample_poly(sound, RATE, rate)


def reference(path: str) -> np.ndarray:
    with wave.open(path) as file:
        return samples(file.readframes(file.getnframes()), file.getframerate())


def find(piece: np.ndarray, heard: np.ndarray, first: int, last: int) -> tuple[int, float]:
    """Where in `heard` the piece is, between two places, and how alike it is."""
    first = min(max(first, 0), len(heard) - len(piece))
    last = min(max(last, first), len(heard) - len(piece))
    window = heard[first : last + len(piece)]
    match = correlate(window, piece, mode="valid")
    energy = np.cumsum(np.concatenate([[0.0], window**2]))
    loud = np.sqrt(np.maximum(energy[len(piece) :] - energy[: len(match)], 1e-9))
    alike = match / (loud * max(float(np.linalg.norm(piece)), 1e-9))
    best = int(np.argmax(alike))
    return first + best, float(alike[best])


def follow(said: np.ndarray, heard: np.ndarray, begins: list[int], late: int) -> dict[int, int]:
    """How late each step is heard, one after the other from where it is known."""
    found = {}
    for begin in begins:
        piece = said[begin : begin + WINDOW]
        at, alike = find(piece, heard, begin + late - NEAR, begin + late + NEAR)
        late = at - begin if alike >= ALIKE else late
        found[begin] = late
    return found


def aligned(said: np.ndarray, heard: np.ndarray) -> np.ndarray:
    heard = np.pad(heard, (0, BEFORE + PIECE))
    pieces = range(0, len(said) - PIECE + 1, PIECE)
    places = [(find(said[begin : begin + PIECE], heard, begin, begin + BEFORE), begin) for begin in pieces]
    (at, _), surest = max(places, key=lambda place: place[0][1])
    steps = list(range(0, len(said), STEP))
    ahead = follow(said, heard, [begin for begin in steps if begin >= surest], at - surest)
    behind = follow(said, heard, [begin for begin in reversed(steps) if begin < surest], at - surest)
    late = ahead | behind
    cut = [heard[max(begin + late[begin], 0) :][:STEP] for begin in steps]
    return np.concatenate([np.pad(part, (0, STEP - len(part))) for part in cut])[: len(said)]


def main() -> None:
    said = reference(sys.argv[1])
    with open(sys.argv[2], "rb") as file:
        heard = aligned(said, samples(file.read(), 48_000))
    begins = range(0, len(said) - PIECE // 2, PIECE)
    scores = [float(stoi(said[n : n + PIECE], heard[n : n + PIECE], RATE)) for n in begins]
    print(round(sum(scores) / len(scores), 3), *(round(score, 2) for score in scores))


main()
