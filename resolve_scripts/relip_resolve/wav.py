"""Length and head of a WAV file. ``wave`` of Python 3.8 cannot read 24 bit files of today."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, Iterator, Optional, Tuple

UNKNOWN_SIZE = 0xFFFFFFFF
"""In an RF64 file the true size is in the ``ds64`` chunk."""


@dataclass(frozen=True)
class Wav:
    """``rate`` samples a second in frames of ``block`` bytes; ``data`` is their place."""

    rate: int
    block: int
    offset: int
    size: int

    @property
    def frames(self) -> int:
        """Samples of each channel."""
        return self.size // self.block

    @property
    def duration(self) -> Fraction:
        """Length in seconds."""
        return Fraction(self.frames, self.rate)


def read_wav(path: str) -> Wav:
    """What the head of a WAV says. ``ValueError`` if it is none."""
    with Path(path).open("rb") as file:
        if file.read(4) not in (b"RIFF", b"RF64") or not file.read(4) or file.read(4) != b"WAVE":
            raise ValueError(f"{path} is no WAV file")
        form: Optional[Tuple[int, int]] = None
        long_size = 0
        for name, size, at in _chunks(file):
            if name == b"ds64":
                long_size = struct.unpack("<QQ", file.read(16))[1]
            elif name == b"fmt ":
                _, _, rate, _, block = struct.unpack("<HHIIH", file.read(14))
                form = rate, block
            elif name == b"data" and form is not None:
                there = Path(path).stat().st_size - at
                length = long_size if size == UNKNOWN_SIZE and long_size else size
                if min(form) > 0:
                    return Wav(form[0], form[1], at, min(length, there))
    raise ValueError(f"{path} is no WAV file with sound in it")


def sample_rate(path: str) -> Optional[int]:
    """Samples per second, if it is a WAV."""
    try:
        return read_wav(path).rate
    except (OSError, ValueError, struct.error):
        return None


def cut_head(path: str, seconds: Fraction) -> None:
    """Take the first ``seconds`` off, to the sample, whole or not at all."""
    wav = read_wav(path)
    skip = min(wav.frames, round(seconds * wav.rate)) * wav.block
    part = Path(path + ".partial")
    with Path(path).open("rb") as source, part.open("wb") as target:
        head = bytearray(source.read(wav.offset))
        left = wav.size - skip
        # Plain sizes: what is heard of a shot is far from four gigabytes.
        head[:4] = b"RIFF"
        head[4:8] = struct.pack("<I", wav.offset + left - 8)
        head[wav.offset - 4 : wav.offset] = struct.pack("<I", left)
        target.write(head)
        source.seek(wav.offset + skip)
        while left > 0:
            block = source.read(min(left, 1 << 20))
            if not block:
                break
            target.write(block)
            left -= len(block)
    part.replace(path)


def _chunks(file: BinaryIO) -> Iterator[Tuple[bytes, int, int]]:
    """Name, size and place of each chunk; the file stands at its content."""
    while True:
        head = file.read(8)
        if len(head) < 8:
            return
        name, size = struct.unpack("<4sI", head)
        at = file.tell()
        yield name, size, at
        file.seek(at + size + size % 2)
