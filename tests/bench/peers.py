"""What others spend on a frame, beside what relip spends and what nobody can save."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Final

import onnx

from tests.bench import architectures, cost, graphs
from tests.bench.graphs import Count
from tests.bench.growth import Grid, Pair
from tests.bench.machine import available_memory
from tests.bench.table import Row

SECONDS: Final = 8
"""For which each network runs; at least twice."""
_ROOM: Final = 1.2
"""Memory that a network needs over that of its weights; 1.1 were measured for the largest."""
_WORK: Final = 1 << 30
"""Bytes beyond that: what flows through the VAE's decoder takes 0.6 GiB of it."""


@dataclass(frozen=True)
class Peer:
    """A network that somebody runs once for every frame.

    Attributes
    ----------
    quick : whether it is run, and not only counted, when time is short.
    """

    name: str
    model: Callable[[], onnx.ModelProto]
    quick: bool


WAV2LIP: Final = Peer("Wav2Lip-96", architectures.wav2lip, quick=True)
MUSETALK: Final = (
    Peer("MuseTalk's UNet", architectures.unet, quick=False),
    Peer("MuseTalk's VAE decoder", architectures.vae_decoder, quick=False),
)


@dataclass(frozen=True)
class Spent:
    """What a network takes for a frame.

    Attributes
    ----------
    seconds, memory : as of :class:`cost.Cost`; NaN where it was only counted.
    note : why it was only counted.
    """

    count: Count
    seconds: float = nan
    memory: float = nan
    note: str = ""


def peers(grid: Grid, quick: bool = False) -> Iterator[Row]:
    """A row for every way to make a frame: its time over that of decode and encode alone.

    ``grid`` has the clip that decode, encode and relip are measured on.
    """
    try:
        base = grid.base()
    except RuntimeError as error:
        yield Row("peers", "relip sync, footage", nan, str(error))
        return
    yield _bare(base, "decode + encode", "the floor: FFmpeg alone")
    yield _bare(base, "copying the source frame", "no more than the floor: nothing is drawn")
    yield Row("peers", "relip sync, footage", base.ratio, "the whole command", {
        "frames/s": base.frames / base.whole.seconds,
        "ms/frame": 1000 * base.whole.seconds / base.frames,
        "MiB": base.whole.memory,
    })  # fmt: skip
    bare = base.bare.seconds / base.frames
    yield _row(WAV2LIP.name, _spent(WAV2LIP, grid.folder, quick), bare)
    parts = []
    for peer in MUSETALK:
        parts.append(_spent(peer, grid.folder, quick))
        yield _row(peer.name, parts[-1], bare)
    yield _row("MuseTalk's two together", _together(parts), bare)


def _bare(base: Pair, name: str, note: str) -> Row:
    return Row("peers", name, 1.0, note, {
        "frames/s": base.frames / base.bare.seconds,
        "ms/frame": 1000 * base.bare.seconds / base.frames,
        "MiB": base.bare.memory,
    })  # fmt: skip


def _row(name: str, spent: Spent, bare: float) -> Row:
    measured = {
        "frames/s": 1 / spent.seconds,
        "ms/frame": 1000 * spent.seconds,
        "MiB": spent.memory,
    }
    counted = {
        "GFLOP/frame": spent.count.operations / 1e9,
        "million weights": spent.count.parameters / 1e6,
    }
    note = spent.note or "the network alone, no quality claim"
    known = {key: value for key, value in measured.items() if not isnan(value)}
    return Row("peers", name, spent.seconds / bare, note, known | counted)


def _spent(peer: Peer, folder: Path, quick: bool) -> Spent:
    """Built, counted, and if it fits run; what it took on disk is free again."""
    model = peer.model()
    counted = graphs.count(model)
    if quick and not peer.quick:
        return Spent(counted, note="only counted: --quick")
    needed = 4 * counted.parameters
    if shutil.disk_usage(folder).free < needed * _ROOM:
        return Spent(counted, note="only counted: too large for the disk")
    if available_memory() < needed * _ROOM + _WORK:
        return Spent(counted, note="only counted: too large for the memory")
    place = folder / "network"
    place.mkdir()
    try:
        return _run(graphs.write(model, place / "network.onnx"), counted)
    except RuntimeError as error:
        return Spent(counted, note=f"only counted: {error}")
    finally:
        shutil.rmtree(place)


def _run(path: Path, counted: Count) -> Spent:
    times = path.with_name("seconds")
    spent = cost.run(["-m", "tests.bench.forward", *map(str, (path, cost.CORES, SECONDS, times))])
    seconds = [float(line) for line in times.read_text(encoding="utf-8").splitlines()]
    return Spent(counted, statistics.median(seconds), spent.memory)


def _together(parts: list[Spent]) -> Spent:
    """One after the other, both in memory."""
    return Spent(
        Count(
            sum(part.count.parameters for part in parts),
            sum(part.count.operations for part in parts),
        ),
        sum(part.seconds for part in parts),
        sum(part.memory for part in parts),
        next((part.note for part in parts if part.note), "the sums of the two above"),
    )
