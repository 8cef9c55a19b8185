"""What the stages of one ``relip sync`` cost, told from its events as they come."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from relip.media.probe import probe
from relip.media.speech import read_speech
from relip_host.executor import ONE_THREAD
from tests.bench import cost
from tests.bench.clips import clips_folder
from tests.bench.crowd import crowd
from tests.bench.lines import sample_line
from tests.bench.remade import write_wav
from tests.bench_batch.film import LineCost

HEIGHTS: Final = (1080, 2160)
SECONDS: Final = 2
REAL: Final = ("podium_1080p.mp4", "fr_2.wav")
"""In RELIP_CLIPS."""
REAL_SPAN: Final = 4
"""Seconds of it that are re-synced; all around them is followed as always."""


@dataclass(frozen=True)
class Staged:
    """One line, by stages.

    Attributes
    ----------
    seconds : of every stage, on the wall; ``start`` is all that is none of them.
    recalled : seconds of ``track`` for another line, when all that is seen was known.
    followed, drawn : frames.
    listened : seconds of speech.
    """

    name: str
    seconds: dict[str, float]
    recalled: float
    followed: int
    drawn: int
    listened: float

    @property
    def cost(self) -> LineCost:
        """The same for a frame and for a second."""
        seconds = self.seconds
        rest = sum(taken for stage, taken in seconds.items() if stage not in _COUNTED)
        return LineCost(
            rest,
            seconds.get("listen", 0.0) / self.listened,
            seconds.get("track", 0.0) / max(self.followed, 1),
            self.recalled / max(self.followed, 1),
            seconds.get("draw", 0.0) / max(self.drawn, 1),
        )


_COUNTED: Final = ("listen", "track", "draw")
Heard = tuple[float, str, int]
"""When an event came, in seconds from the start; its stage and how much of it was done."""


def by_stage(events: Iterable[Heard], end: float) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds of every stage, and how far each got.

    A stage lasts from the last word of the one before to its own last word; what comes before the
    first and after the last counts as ``start``.
    """
    seconds: dict[str, float] = {}
    reached: dict[str, int] = {}
    before = 0.0
    for when, stage, done in events:
        name = "start" if stage == "probe" else stage
        seconds[name] = seconds.get(name, 0.0) + when - before
        reached[name] = max(reached.get(name, 0), done)
        before = when
    seconds["start"] = seconds.get("start", 0.0) + end - before
    return seconds, reached


def staged(name: str, picture: Path, speech: Path, seconds: int, folder: Path) -> Staged:
    """A line of so many seconds, and another one over the same pictures.

    Raises
    ------
    RuntimeError
        A run failed.
    """
    said = read_speech(speech)
    other = np.roll(said.samples, len(said.samples) // 3).astype(np.float32)
    another = write_wav(folder / "another.wav", other, said.rate)
    output, cache = folder / "staged.mov", folder / f"cache_{picture.stem}"
    costs, reached, frames = _run(name, picture, speech, seconds, output, cache)
    again, _, _ = _run(name, picture, another, seconds, output, cache)
    followed = reached.get("track", 0)
    return Staged(name, costs, again.get("track", 0.0), followed, frames, float(said.duration))


def _run(
    name: str, picture: Path, speech: Path, seconds: int, output: Path, cache: Path
) -> tuple[dict[str, float], dict[str, int], int]:
    """Run ``relip sync`` with one thread; what it wrote is gone afterwards.

    What :func:`by_stage` gives, and how many frames were written.
    """
    span = f"0s-{seconds}s"
    words = [str(picture), "--speech", str(speech), "--range", span, "--cut", span]
    command = [sys.executable, "-m", "relip_plugin.cli", "sync", *words, "--json"]
    heard: list[Heard] = []
    frames = 0
    begun = time.monotonic()
    with subprocess.Popen(
        [*command, "-o", str(output)],
        env=cost.environment({**ONE_THREAD, "RELIP_CACHE": str(cache)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            event = json.loads(line)
            if event["event"] == "progress":
                heard.append((time.monotonic() - begun, event["stage"], event["done"]))
            elif event["event"] == "finished":
                frames = event["frames"]
        said = process.stderr.read().strip().splitlines()[-1:]
    if process.returncode:
        raise RuntimeError(f"relip sync of {name} failed with {process.returncode}: {said}")
    output.unlink()
    output.with_name(output.name + ".relip.json").unlink()
    return *by_stage(heard, time.monotonic() - begun), frames


def all_staged(folder: Path) -> Iterator[Staged]:
    """The sample tiled to 1080p and to 4K, and a real clip if there is one."""
    line = sample_line(folder, Fraction(SECONDS)).path
    for height in HEIGHTS:
        picture = crowd(folder, SECONDS, height, 1)
        name = f"{height * 16 // 9}x{height}, generated"
        yield staged(name, picture, line, SECONDS, folder)
    clips = clips_folder()
    if clips is None or not (clips / REAL[0]).is_file():
        return
    clip = probe(clips / REAL[0])
    speech = clips / "audio" / REAL[1]
    name = f"{clip.width}x{clip.height}, a real clip"
    yield staged(name, clip.path, speech, REAL_SPAN, folder)
