"""The speech of a job: parts of files, each in its place, added up."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from relip.media.channels import side_by_side
from relip.media.placing import Piece, Placed
from relip.media.sound import SoundBlock, SoundStream, sound_blocks, sound_streams
from relip.media.speech import RATE, Speech
from relip_job.errors import OutputError, RelipError, SpeechError
from relip_job.job import SpeechPart

Spoken: TypeAlias = str | Path | tuple[SpeechPart, ...]
"""As a job names it: one file, heard from where its clock begins, or parts of files."""
WRITTEN_RATE: Final = 48_000
"""Samples per second of a mix that is put beside the picture."""
_EARLY: Final = Fraction(3600)
# Decoding on is cheaper than opening the file again.
_NEAR: Final = Fraction(10)
_LONGEST: Final = 12 * 3600
_IN_MEMORY: Final = 1 << 26
_CHUNK: Final = 1 << 15


def speech_parts(speech: Spoken) -> tuple[SpeechPart, ...]:
    """The parts; a plain file is one, with whatever sounds before its first picture."""
    if isinstance(speech, tuple):
        return speech
    return (SpeechPart(str(speech), at=-_EARLY, start=-_EARLY),)


def speech_files(speech: Spoken) -> tuple[Path, ...]:
    """The files it comes from, each once."""
    return tuple(dict.fromkeys(Path(part.path) for part in speech_parts(speech)))


def speech_name(speech: Spoken) -> str:
    """What a sentence calls it: ``line.wav``, ``a.wav and b.wav``, ``a.wav and 3 more files``."""
    first, *more = [path.name for path in speech_files(speech)] or ["the speech"]
    if not more:
        return first
    return f"{first} and {more[0] if len(more) == 1 else f'{len(more)} more files'}"


def read_mix(speech: Spoken) -> Speech:
    """The speech as one voice at 16 kHz; ``start`` is on the clock of the parts' ``at``.

    Every part lies within half a sample of its own file's rate of where it belongs. Of files that
    can be entered in the middle only what is needed is read; others are decoded once for all
    their parts.

    Raises
    ------
    MissingMedia
        There is no such file.
    SpeechError
        A file has no sound, not that channel, or ends before a part begins.
    """
    parts = speech_parts(speech)
    pieces: list[Piece] = []
    first, stop = 0, 0
    for placed, piece in _heard(parts, RATE, 1, Fraction(0)):
        pieces.append(piece)
        first = placed.first if first == stop else min(first, placed.first)
        stop = max(stop, placed.stop)
    if first == stop:
        raise SpeechError(
            f"there is no sound in {speech_name(speech)} where the speech was to begin",
            "check where the parts begin in their files",
        )
    if stop - first > _LONGEST * RATE:
        raise SpeechError(
            f"the speech is {(stop - first) // RATE // 3600} hours long",
            "check where its parts begin, or give what belongs to this clip",
        )
    samples = np.zeros(stop - first, np.float32)
    for piece in pieces:
        low, high = max(piece.first, first), min(piece.first + len(piece.samples), stop)
        if low < high:
            added = piece.samples[low - piece.first : high - piece.first, 0]
            samples[low - first : high - first] += added
    return Speech(samples, RATE, Fraction(first, RATE))


def mixed_blocks(
    parts: Sequence[SpeechPart], shift: Fraction, length: Fraction
) -> Iterator[SoundBlock]:
    """``length`` seconds of the parts as they sound, at 48 kHz and without a gap.

    Mono if every part in it is one channel (or one voice made of more than two), else stereo, with
    single channels in both. Numbers count from 0; ``shift`` is added to the parts' time. What
    is louder than full scale is left so.

    Raises
    ------
    MissingMedia, SpeechError
        As for :func:`read_mix`.
    OutputError
        There is no room for the mix.
    """
    wanted = [part for one in parts for part in _within(one, -shift, length - shift)]
    channels = max((_width(part) for part in wanted), default=1)
    size, total = 4 * channels, round(length * WRITTEN_RATE)
    try:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY, prefix="relip-") as bed:
            for _, piece in _heard(wanted, WRITTEN_RATE, channels, shift):
                low, high = max(piece.first, 0), min(piece.first + len(piece.samples), total)
                if low >= high:
                    continue
                bed.seek(low * size)
                under = np.zeros((high - low, channels), "<f4")
                there = np.frombuffer(bed.read(under.nbytes), "<f4")
                under.reshape(-1)[: len(there)] = there
                under += piece.samples[low - piece.first : high - piece.first]
                bed.seek(low * size)
                bed.write(under.tobytes())
            bed.seek(0)
            for first in range(0, total, _CHUNK):
                samples = np.zeros((min(_CHUNK, total - first), channels), "<f4")
                there = np.frombuffer(bed.read(samples.nbytes), "<f4")
                samples.reshape(-1)[: len(there)] = there
                yield SoundBlock(samples, first, WRITTEN_RATE, ("mono", "stereo")[channels - 1])
    except RelipError:
        raise  # a missing file is an OSError, too
    except OSError as error:
        raise OutputError(
            f"the mix of the speech cannot be kept ({error.strerror or error})",
            f"make room in {tempfile.gettempdir()} or set TMPDIR to another disk",
        ) from error


def _width(part: SpeechPart) -> int:
    """Channels the part has in a mix that is written: 2, or 1."""
    count = len(part.channels)
    if not count:
        count = next(one.channels for one in sound_streams(Path(part.path)) if one.main)
    return 2 if count == 2 else 1


def _within(part: SpeechPart, low: Fraction, high: Fraction) -> Iterator[SpeechPart]:
    """The part, cut to between two times; nothing if it lies outside."""
    late = max(low - part.at, Fraction(0))
    end = high if part.duration is None else min(high, part.at + part.duration)
    if part.at + late < end:
        yield replace(
            part, at=part.at + late, start=part.start + late, duration=end - part.at - late
        )


def _heard(
    parts: Sequence[SpeechPart], rate: int, channels: int, shift: Fraction
) -> Iterator[tuple[Placed, Piece]]:
    """Pieces of all parts, file by file."""
    files: dict[tuple[str, tuple[SoundStream, ...]], list[Placed]] = {}
    for part in parts:
        streams, columns = _chosen(part)
        placed = Placed(part, columns, rate, channels, shift)
        files.setdefault((part.path, streams), []).append(placed)
    for (path, streams), waiting in files.items():
        width = sum(stream.channels for stream in streams)
        for together in _together(waiting, all(stream.sought for stream in streams)):
            if any(placed.is_weighed(width) for placed in together):
                for block in _passing(Path(path), streams, together):
                    for placed in together:
                        placed.weigh(block)
            for block in _passing(Path(path), streams, together):
                for placed in together:
                    for piece in placed.take(block):
                        yield placed, piece
            for placed in together:
                for piece in placed.end():
                    yield placed, piece
                if not placed.reached:
                    raise SpeechError(
                        f"{Path(path).name} ends before {float(placed.part.start):.2f} s, "
                        "where a part of the speech was to begin in it",
                        "check where the part begins in its file",
                    )


def _chosen(part: SpeechPart) -> tuple[tuple[SoundStream, ...], tuple[int, ...] | None]:
    """The streams a part needs, and its channels among all of theirs; None is every one."""
    path = Path(part.path)
    streams = sound_streams(path)
    if not part.channels:
        return tuple(one for one in streams if one.main), None
    places = [(one, channel) for one in streams for channel in range(one.channels)]
    missing = [str(number) for number in part.channels if number > len(places)]
    if missing:
        count = "1 channel" if len(places) == 1 else f"{len(places)} channels"
        raise SpeechError(
            f"{path.name} has {count} of sound, and no channel {' and '.join(missing)}",
            "choose 1" if len(places) == 1 else f"choose from 1 to {len(places)}",
        )
    wanted = [places[number - 1] for number in part.channels]
    used = tuple(one for one in streams if any(one is stream for stream, _ in wanted))
    among = [(one, channel) for one in used for channel in range(one.channels)]
    return used, tuple(among.index(place) for place in wanted)


def _together(waiting: list[Placed], sought: bool) -> Iterator[list[Placed]]:
    """Parts of one file that are best read in one go, each go later than the one before."""
    run: list[Placed] = []
    end: Fraction | None = Fraction(0)
    for placed in sorted(waiting, key=lambda one: one.part.start):
        part = placed.part
        if run and sought and end is not None and part.start > end + _NEAR:
            yield run
            run = []
        last = None if part.duration is None else part.start + part.duration
        end = None if last is None or end is None else max(end, last) if run else last
        run.append(placed)
    yield run


def _passing(
    path: Path, streams: tuple[SoundStream, ...], together: list[Placed]
) -> Iterator[SoundBlock]:
    """The sound from the first of these parts to the end of the last."""
    since = min(placed.part.start for placed in together)
    ends = [
        placed.part.start + placed.part.duration
        for placed in together
        if placed.part.duration is not None
    ]
    runs = [sound_blocks(path, stream.index, since) for stream in streams]
    blocks = runs[0]
    if len(runs) > 1:
        blocks = side_by_side(runs, [stream.channels for stream in streams], path.name)
    for block in blocks:
        yield block
        end = block.start + len(block.samples)
        if len(ends) == len(together) and end >= max(ends) * block.rate:
            return
