"""Clips whose frames say which they are, written and read back without any library.

A frame is eight bars, one for each bit of its number, over a strip of one grey: what stands there
tells who made it. Uncompressed AVI (Microsoft's RIFF and DIB), which Blender and FFmpeg both read.
"""

from __future__ import annotations

import struct
import wave
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

WIDTH, HEIGHT = 64, 32
BAR = WIDTH // 8
FILMED, MADE = 64, 192
"""The grey of footage, and of what the stub of an engine makes of it."""
SAMPLES = 48000


def write_clip(path: Path, rate: Fraction, numbers: Iterable[int], grey: int = FILMED) -> Path:
    """A clip with these frames, each of which can be told from 255 others."""
    frames = [_picture(number, grey) for number in numbers]
    size = len(frames[0])
    header = struct.pack(
        "<14I",
        round(1_000_000 / rate),
        int(size * rate),
        0,
        0x10,  # there is an index
        len(frames),
        0,
        1,
        size,
        WIDTH,
        HEIGHT,
        *(0, 0, 0, 0),
    )
    stream = b"vidsDIB " + struct.pack(
        "<IHHIIIIIIIIhhhh",
        *(0, 0, 0, 0),
        rate.denominator,
        rate.numerator,
        *(0, len(frames), size, 0xFFFFFFFF, 0),
        *(0, 0, WIDTH, HEIGHT),
    )
    bitmap = struct.pack("<IiiHHIIiiII", 40, WIDTH, HEIGHT, 1, 24, 0, size, 0, 0, 0, 0)
    streams = _list(b"strl", _chunk(b"strh", stream) + _chunk(b"strf", bitmap))
    index = b"".join(
        b"00db" + struct.pack("<III", 0x10, 4 + number * (size + 8), size)
        for number in range(len(frames))
    )
    movie = _list(b"movi", b"".join(_chunk(b"00db", frame) for frame in frames))
    content = _list(b"hdrl", _chunk(b"avih", header) + streams) + movie + _chunk(b"idx1", index)
    path.write_bytes(_chunk(b"RIFF", b"AVI " + content))
    return path


def number_in(pixels: Sequence[float], width: int = WIDTH) -> int:
    """Which frame a picture shows: RGBA from the bottom left, as Blender keeps them."""
    middle = (len(pixels) // 4 // width) * 3 // 4
    bars = [pixels[4 * (middle * width + bit * BAR + BAR // 2)] for bit in range(8)]
    return sum((bar > 0.5) << bit for bit, bar in enumerate(bars))


def is_made(pixels: Sequence[float]) -> bool:
    """Whether the picture is one of those an engine made."""
    return pixels[4 * (2 * WIDTH + WIDTH // 2)] > 0.5


def write_pulses(path: Path, seconds: int) -> Path:
    """Silence with a pulse at every whole second, the longer the later, so that each is known."""
    samples = bytearray(2 * SAMPLES * seconds)
    for second in range(1, seconds):
        start, length = second * SAMPLES, 100 + 40 * second
        samples[2 * start : 2 * (start + length)] = struct.pack("<h", 20000) * length
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES)
        file.writeframes(bytes(samples))
    return path


def pulses_in(path: Path) -> list[tuple[float, int]]:
    """When pulses begin in a WAV file, and which second's they were."""
    with wave.open(str(path), "rb") as file:
        channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
        content = file.readframes(file.getnframes())
    step = channels * width
    loud = [
        abs(int.from_bytes(content[at : at + width], "little", signed=True)) > 1 << (8 * width - 4)
        for at in range(0, len(content) - step + 1, step)
    ]
    found, start = [], None
    for at, on in enumerate([*loud, False]):
        if on and start is None:
            start = at
        elif not on and start is not None:
            second = ((at - start) * SAMPLES / rate - 100) / 40
            found.append((start / rate, round(second)))
            start = None
    return found


def _picture(number: int, grey: int) -> bytes:
    """Rows from the bottom, BGR."""
    low = bytes([grey] * 3) * WIDTH
    high = b"".join(bytes([255 * (number >> bit & 1)] * 3) * BAR for bit in range(8))
    return low * (HEIGHT // 2) + high * (HEIGHT // 2)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _list(name: bytes, content: bytes) -> bytes:
    return _chunk(b"LIST", name + content)
