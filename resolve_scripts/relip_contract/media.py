"""Small films and sounds for the contract probe, written with nothing but the standard library.

A film is QuickTime with uncompressed 4:2:2 in 10 bits (``v210``), a timecode track and, if wanted,
stereo PCM. Every frame is one grey, brighter from frame to frame.

Source: QuickTime File Format Specification, Apple, 2016; the layout of v210 is Apple's Technical
Note TN2162.
"""

from __future__ import annotations

import struct
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import List, Tuple

WIDTH, HEIGHT = 192, 108
"""A row of v210 holds a multiple of 48 pixels."""

SAMPLE_RATE = 48000
DARKEST, BRIGHTEST = 100, 900
UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
HERE = struct.pack(">II", 0, 1)
"""Data references that mean this very file."""


@dataclass(frozen=True)
class Film:
    """``rate`` frames per second; ``start`` the frame number its timecode begins with."""

    frames: int
    rate: int = 24
    start: int = 0
    sound: bool = False


def write_sound(path: Path, seconds: float) -> None:
    """A mono WAV of silence in 16 bits."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(bytes(2 * round(seconds * SAMPLE_RATE)))


def write_film(path: Path, film: Film) -> None:
    """Write the film; the folder must be there."""
    pictures = [_picture(number, film.frames) for number in range(film.frames)]
    stamp = struct.pack(">I", film.start)
    samples = film.frames * SAMPLE_RATE // film.rate if film.sound else 0
    kind = atom(b"ftyp", b"qt  ", struct.pack(">I", 0x20050300), b"qt  ")
    data = b"".join(pictures) + stamp + bytes(4 * samples)
    first = len(kind) + 8
    sizes = [len(picture) for picture in pictures]
    after = first + sum(sizes)
    tracks = [
        _picture_track(film, first, sizes),
        _timecode_track(film, after),
    ]
    if film.sound:
        tracks.append(_sound_track(film, after + len(stamp), samples))
    header = struct.pack(">IIIII", 0, 0, 0, film.rate, film.frames)
    header += struct.pack(">IH10x", 0x10000, 0x100) + UNITY + bytes(24)
    header += struct.pack(">I", len(tracks) + 1)
    movie = atom(b"moov", atom(b"mvhd", header), *tracks)
    path.write_bytes(kind + atom(b"mdat", data) + movie)


def atom(kind: bytes, *parts: bytes) -> bytes:
    """A box with its length in front."""
    body = b"".join(parts)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def _picture(number: int, count: int) -> bytes:
    """One grey; six pixels are four words of three samples."""
    grey = DARKEST + (BRIGHTEST - DARKEST) * number // max(1, count - 1)
    even = 512 | grey << 10 | 512 << 20
    odd = grey | 512 << 10 | grey << 20
    return struct.pack("<4I", even, odd, even, odd) * (WIDTH // 6 * HEIGHT)


def _track(
    film: Film, number: int, handler: bytes, media: Tuple[int, int], info: bytes, *more: bytes
) -> bytes:
    """``media`` is time scale and length in it; ``info`` the boxes of its ``minf``."""
    seen = handler == b"vide"
    size = struct.pack(">II", WIDTH << 16, HEIGHT << 16) if seen else bytes(8)
    volume = 0x100 if handler == b"soun" else 0
    header = struct.pack(">IIIIII8xHHHH", 0xF, 0, 0, number, 0, film.frames, 0, 0, volume, 0)
    scale, length = media
    return atom(
        b"trak",
        atom(b"tkhd", header, UNITY, size),
        *more,
        atom(
            b"mdia",
            atom(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, scale, length, 0, 0)),
            atom(b"hdlr", bytes(4), b"mhlr", handler, bytes(12), b"\x00"),
            atom(b"minf", info),
        ),
    )


def _table(entry: bytes, steps: Tuple[int, int], chunk: int, first: int, sizes: List[int]) -> bytes:
    """Sample tables for ``(count, length)`` samples in one chunk at ``first``.

    ``sizes`` of all samples, or one for each of them; ``chunk`` is how many lie in the chunk.
    """
    same = sizes[0] if len(set(sizes)) == 1 else 0
    listed = b"" if same else struct.pack(">%dI" % len(sizes), *sizes)
    return atom(b"dinf", atom(b"dref", HERE, atom(b"alis", struct.pack(">I", 1)))) + atom(
        b"stbl",
        atom(b"stsd", HERE, entry),
        atom(b"stts", HERE, struct.pack(">II", *steps)),
        atom(b"stsc", HERE, struct.pack(">III", 1, chunk, 1)),
        atom(b"stsz", struct.pack(">III", 0, same, steps[0]), listed),
        atom(b"stco", HERE, struct.pack(">I", first)),
    )


def _picture_track(film: Film, first: int, sizes: List[int]) -> bytes:
    entry = struct.pack(">6xH", 1) + struct.pack(">HH4sII", 0, 0, b"appl", 0, 1023)
    entry += struct.pack(">HHIIIH", WIDTH, HEIGHT, 0x480000, 0x480000, 0, 1)
    entry += bytes(32) + struct.pack(">Hh", 24, -1)
    entry += atom(b"colr", b"nclc", struct.pack(">HHH", 1, 1, 1))
    info = atom(b"vmhd", struct.pack(">I8x", 1))
    info += _table(atom(b"v210", entry), (film.frames, 1), film.frames, first, sizes)
    timecode = atom(b"tref", atom(b"tmcd", struct.pack(">I", 2)))
    return _track(film, 1, b"vide", (film.rate, film.frames), info, timecode)


def _timecode_track(film: Film, first: int) -> bytes:
    entry = struct.pack(">6xH", 1) + struct.pack(">IIIIBx", 0, 0, film.rate, 1, film.rate)
    face = struct.pack(">IHHHHHHHHHHHB", 0, 0, 0, 12, 0, 0, 0, 0, 0xFFFF, 0xFFFF, 0xFFFF, 0, 0)
    generic = atom(b"gmin", struct.pack(">IHHHHHH", 0, 0x40, 0x8000, 0x8000, 0x8000, 0, 0))
    info = atom(b"gmhd", generic, atom(b"tmcd", atom(b"tcmi", face)))
    info += _table(atom(b"tmcd", entry), (1, film.frames), 1, first, [4])
    return _track(film, 2, b"tmcd", (film.rate, film.frames), info)


def _sound_track(film: Film, first: int, samples: int) -> bytes:
    entry = struct.pack(">6xH", 1) + struct.pack(
        ">HHIHHHHI", 0, 0, 0, 2, 16, 0, 0, SAMPLE_RATE << 16
    )
    info = atom(b"smhd", bytes(8))
    info += _table(atom(b"sowt", entry), (samples, 1), samples, first, [4])
    return _track(film, 3, b"soun", (SAMPLE_RATE, samples), info)
