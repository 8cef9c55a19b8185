"""Clips, dubs and results for the adapter's tests, and a Resolve that has them on a timeline."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from relip_host.choice import Choice
from relip_host.host import Made, Shot
from relip_resolve.connection import connect
from relip_resolve.host import ResolveHost
from relip_resolve.render import Wait
from tests.media_made import Recipe, make_clip, make_sound
from tests.resolve_scripts.fake_resolve import Studio

PLAIN = Recipe(encoder="mpeg4", frames=120, rate=Fraction(24), timecode="10:00:00:00")


_encoded: dict[str, bytes] = {}


def make_picture(path: Path, **changes: Any) -> Path:
    """A clip of 120 frames at 24 whose timecode begins at 10:00:00:00; each encoded once."""
    recipe = replace(PLAIN, **changes)
    if repr(recipe) not in _encoded:
        make_clip(path, recipe)
        _encoded[repr(recipe)] = path.read_bytes()
    path.write_bytes(_encoded[repr(recipe)])
    return path


def make_tone(path: Path, seconds: float = 4.0, hertz: float = 330.0, channels: int = 1) -> Path:
    """A line somebody speaks, as far as Resolve can tell; every channel an octave higher."""
    times = np.arange(round(seconds * 48000)) / 48000
    waves = [0.3 * np.sin(2 * np.pi * hertz * 2**octave * times) for octave in range(channels)]
    layout = {1: "mono", 2: "stereo"}[channels]
    make_sound(path, np.stack(waves, 1).astype(np.float32), 48000, layout=layout)
    return path


def host_of(studio: Studio) -> ResolveHost:
    """The adapter on this Resolve, as a menu script makes it; it never sleeps."""
    return ResolveHost(connect(studio.resolve), wait=Wait(sleep=lambda seconds: None))


@dataclass
class Bench:
    """Makes results without an engine: as many frames as the shot needs, with handles."""

    folder: Path
    handles: int = 12
    version: int = 1

    def made(self, shot: Shot, score: str | None = "5 of 5") -> Made:
        """A result for the shot, one version after the other."""
        assert shot.media is not None
        rate = shot.source_rate
        first = max(0, math.floor(shot.source * rate) - self.handles)
        last = math.ceil((shot.source + shot.end - shot.start) * rate) + self.handles
        frames = min(shot.source_frames, last) - first
        output = self.folder / f"{Path(shot.media).stem}_relip_v{self.version:03d}.mov"
        make_picture(output, frames=frames, rate=rate, timecode=None)
        made = Made(
            job=f"job{self.version}",
            shot=shot,
            output=str(output),
            sidecar=str(output) + ".json",
            first=first / rate,
            frames=frames,
            score=score,
        )
        self.version += 1
        return made


def choice(place: str = "in-place", **changes: Any) -> Choice:
    """The dub is on A2."""
    return Choice(tracks=(2,), place=place, **changes)
