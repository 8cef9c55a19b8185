"""Clips to plant faults in: cut short, followed, with their own sound beside them."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from relip.engines.footage import FootageEngine
from relip.footage import Footage, analyse
from relip.media.clip import Clip
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import RATE, read_speech
from relip.media.spool import Spool
from relip.media.target import target_for
from relip.media.writer import Writer
from relip_job.job import Speaker
from tests.bench.remade import write_wav

Samples = NDArray[np.float32]
T = TypeVar("T")
FADE: Final = 0.02
"""Seconds in which sound comes and goes where it is cut."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A clip, followed; ``engine`` knows the person's shapes and can draw them."""

    clip: Clip
    footage: Footage
    spool: Spool
    engine: FootageEngine

    @property
    def marks(self) -> NDArray[np.float32]:
        """Landmarks ``[n, 478, 3]`` px of every frame of the clip, NaN where unseen."""
        return self.footage.track.landmarks


@contextmanager
def shown(path: Path) -> Iterator[Shown]:
    """Follow the person who speaks in a clip."""
    clip = probe(path)
    with Spool() as spool:
        footage = last(analyse(clip, 0, clip.frames, Speaker(), spool))
        yield Shown(clip, footage, spool, FootageEngine([footage], spool))


def last(work: Generator[object, None, T]) -> T:
    """What the work gives at its end."""
    while True:
        try:
            next(work)
        except StopIteration as finished:
            value: T = finished.value
            return value


def write(path: Path, clip: Clip, frames: Iterable[Frame], audio: str = "none") -> Path:
    """Write frames, all that the clip has, as FFV1; samples, times and tags are kept."""
    with Writer(path, clip, target_for(clip, "ffv1"), audio=audio) as writer:
        for frame in frames:
            writer.write(frame)
    return path


def cut(path: Path, made: Path, start: Fraction, seconds: int | Fraction) -> Path:
    """A part of a clip as FFV1 with its sound; the clip itself if it is no longer than that."""
    clip = probe(path)
    first, stop = clip.index_at(start), min(clip.index_at(start + seconds), clip.frames)
    if first == 0 and stop >= clip.frames - 1 and path.suffix == ".mkv":
        return path
    target = target_for(clip, "ffv1")
    with Writer(made, clip, target, audio="source", start=first, stop=stop) as writer:
        for frame in read_frames(clip, first, stop):
            writer.write(frame)
    return made


def silent(path: Path, made: Path) -> Path:
    """The clip without its sound, as the original of a dub of which nothing is known."""
    clip = probe(path)
    return write(made, clip, read_frames(clip))


def own_sound(path: Path) -> Samples:
    """What a clip sounds like, from its first frame to its last, mono at :data:`RATE`."""
    clip = probe(path)
    found = read_speech(path, part=(Fraction(0), clip.duration))
    samples = np.zeros(round(clip.duration * RATE), np.float32)
    start = round(found.start * RATE)
    part = found.samples[max(-start, 0) : len(samples) - max(start, 0)]
    samples[max(start, 0) : max(start, 0) + len(part)] = part
    return samples


def muted(samples: Samples, start: float, end: float) -> Samples:
    """The samples with silence, but for a trace of noise, in ``[start, end)`` seconds."""
    at = np.arange(len(samples)) / RATE
    away = np.maximum(start - at, at - end)
    level = np.clip(away / FADE, 0, 1).astype(np.float32)
    room = np.random.default_rng(0).normal(0, 1e-4, len(samples)).astype(np.float32)
    return samples * level + room


def as_wav(path: Path, samples: Samples) -> Path:
    """The samples as a file."""
    return write_wav(path, samples, RATE)
