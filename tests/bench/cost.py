"""Time and memory of the whole command, in processes of their own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip import sample
from relip.media.probe import probe
from tests.bench.clips import clips_folder
from tests.bench.lines import sample_line
from tests.bench.remade import Recipe, remade
from tests.bench.table import Row

CORES: Final = 2
TIMES: Final = 3
SPEED_CLIPS: Final = {"tears_0005_1080p24.mov": "en_mark.wav", "podium_1080p.mp4": "fr_2.wav"}
# A process starts with its parent's peak memory to its name: a small one goes in between, or the
# bench's own would be measured. It prints the command's peak in MiB and its time on cores, NaN
# where nobody tells. The peak is that of the largest process, if the command starts some itself.
_LAUNCHER: Final = """
import os, subprocess, sys
try:
    import ctypes
    ctypes.CDLL(None).prctl(36, 1)  # Linux: what its children leave behind becomes its own child
except (ImportError, OSError, AttributeError, TypeError):
    pass
code = subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
try:
    while True:
        os.wait()
except (ChildProcessError, AttributeError):
    pass
try:
    import resource
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = used.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(peak, used.ru_utime + used.ru_stime)
except ImportError:
    print("nan nan")
sys.exit(code)
"""
_ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True)
class Cost:
    """What one run took.

    Attributes
    ----------
    seconds : on the wall.
    memory : the most held, MiB.
    worked : seconds on all cores together.
    """

    seconds: float
    memory: float
    worked: float

    @property
    def cores(self) -> float:
        """How many were busy on average; fewer than there are where others are at work, too."""
        return self.worked / self.seconds


def run(arguments: list[str], more: Mapping[str, str] | None = None) -> Cost:
    """Run Python with these arguments on :data:`CORES` cores.

    Parameters
    ----------
    more : variables it gets besides this process's own; an empty one is taken away.

    Raises
    ------
    RuntimeError
        It failed.
    """
    before = _confine()
    start = time.monotonic()
    try:
        finished = subprocess.run(
            [sys.executable, "-S", "-c", _LAUNCHER, *arguments],
            env=environment(more or {}),
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - start
    finally:
        _confine(before)
    if finished.returncode:
        said = finished.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{' '.join(arguments)} failed with {finished.returncode}: {said}")
    memory, worked = map(float, finished.stdout.split())
    return Cost(seconds, memory, worked)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's variables and more, those that are empty left out, and where relip is."""
    roots = [str(_ROOT / name) for name in ("core", "models", "plugin", ".")]
    path = os.pathsep.join([*roots, os.environ.get("PYTHONPATH", "")])
    found = {**os.environ, **more, "PYTHONPATH": path}
    return {name: value for name, value in found.items() if value}


def _confine(cores: set[int] | None = None) -> set[int]:
    """Keep this process's children to a few cores where the system can; the cores before."""
    if sys.platform != "linux":
        return set()
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores or set(sorted(before)[:CORES]))
    return before


def sync(picture: Path, line: Path, output: Path) -> Cost:
    """``relip sync`` with its default codec; what it wrote is gone afterwards."""
    command = ["-m", "relip_plugin.cli", "sync", str(picture), "--speech", str(line)]
    cost = run([*command, "-o", str(output)])
    output.unlink()
    output.with_name(output.name + ".relip.json").unlink()
    return cost


def reencode(picture: Path, output: Path) -> Cost:
    """Only decode and encode: what any tool that writes this codec must spend."""
    cost = run(["-m", "tests.bench.reencode", str(picture), str(output)])
    output.unlink()
    return cost


def speed(folder: Path, times: int = TIMES) -> Iterator[Row]:
    """Whole command over decode and encode, medians of alternating runs."""
    found = clips_folder()
    subjects = (
        []
        if found is None
        else [
            (name, found / name, found / "audio" / line)
            for name, line in SPEED_CLIPS.items()
            if (found / name).is_file()
        ]
    )
    if not subjects:
        subjects = [("sample at 1080p", *_sample_at_1080p(folder))]
    for name, picture, line in subjects:
        pairs = []
        for _ in range(times):
            whole = sync(picture, line, folder / "speed.mov")
            pairs.append((whole, reencode(picture, folder / "speed.mov")))
        ours = statistics.median(whole.seconds for whole, _ in pairs)
        least = statistics.median(bare.seconds for _, bare in pairs)
        frames = probe(picture).frames
        note = f"{ours:.1f} s / {least:.1f} s, {frames} frames, {frames / ours:.1f} frames/s"
        yield Row("speed", name, ours / least, note)


def _sample_at_1080p(folder: Path) -> tuple[Path, Path]:
    recipe = Recipe("libx264", options={"crf": "16"}, size=(1080, 1080), frames=120)
    picture = remade(sample.picture(), folder / "speed_source.mp4", recipe)
    return picture, sample_line(folder, Fraction(120, 25)).path


def memory(folder: Path, long: int = 60, short: int = 5) -> Iterator[Row]:
    """Peak memory for a long clip over that for a short one."""
    costs = []
    for seconds in (short, long):
        recipe = Recipe("libx264", options={"preset": "ultrafast"}, frames=25 * seconds)
        picture = remade(sample.picture(), folder / f"{seconds}s.mp4", recipe)
        line = sample_line(folder, Fraction(seconds)).path
        costs.append(sync(picture, line, folder / f"{seconds}s_dubbed.mov"))
        picture.unlink()
    few, much = costs
    note = f"{few.memory:.0f} MiB for {short} s, {much.memory:.0f} MiB for {long} s"
    yield Row("memory", "sample, repeated", much.memory / few.memory, note)
