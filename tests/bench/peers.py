"""What others spend on a frame, beside what relip spends and what nobody can save."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import nan
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import onnx

from tests.bench import architectures, cost, graphs
from tests.bench.cost import Cost
from tests.bench.graphs import Count
from tests.bench.growth import Grid
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
    """What a frame takes.

    Attributes
    ----------
    cost : for one frame; None where a network was only counted.
    count : of a network.
    note : what else to say; why it was only counted.
    """

    cost: Cost | None
    count: Count | None = None
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
    bare, whole = (_of_a_frame(run, base.frames) for run in (base.bare, base.whole))
    yield _row("decode + encode", Spent(bare, note="the floor: FFmpeg alone"), bare)
    copied = Spent(bare, note="no more than the floor: nothing is drawn")
    yield _row("copying the source frame", copied, bare)
    yield _row("relip sync, footage", Spent(whole, note="the whole command"), bare)
    yield _row(WAV2LIP.name, _spent(WAV2LIP, grid.folder, quick), bare)
    parts = []
    for peer in MUSETALK:
        parts.append(_spent(peer, grid.folder, quick))
        yield _row(peer.name, parts[-1], bare)
    yield _row("MuseTalk's two together", _together(parts), bare)


def _of_a_frame(run: Cost, frames: int) -> Cost:
    return Cost(run.seconds / frames, run.memory, run.worked / frames)


def _row(name: str, spent: Spent, bare: Cost) -> Row:
    measures: dict[str, float] = {}
    if spent.cost:
        measures |= {
            "frames/s": 1 / spent.cost.seconds,
            "ms/frame": 1000 * spent.cost.seconds,
            "core ms/frame": 1000 * spent.cost.worked,
            "MiB": spent.cost.memory,
        }
    if spent.count:
        measures |= {
            "GFLOP/frame": spent.count.operations / 1e9,
            "million weights": spent.count.parameters / 1e6,
        }
    ratio = spent.cost.seconds / bare.seconds if spent.cost else nan
    return Row("peers", name, ratio, spent.note, measures)


def _spent(peer: Peer, folder: Path, quick: bool) -> Spent:
    """Built, counted, and if it fits run; what it took on disk is free again."""
    model = peer.model()
    counted = graphs.count(model)
    if quick and not peer.quick:
        return Spent(None, counted, "only counted: --quick")
    needed = 4 * counted.parameters
    if shutil.disk_usage(folder).free < needed * _ROOM:
        return Spent(None, counted, "only counted: too large for the disk")
    if available_memory() < needed * _ROOM + _WORK:
        return Spent(None, counted, "only counted: too large for the memory")
    with TemporaryDirectory(dir=folder) as name:
        place = Path(name)
        path = graphs.write(model, place / "network.onnx")
        del model
        try:
            taken = _run(path, place / "times")
        except RuntimeError as error:
            return Spent(None, counted, f"only counted: {error}")
    return Spent(taken, counted, "the network alone, no quality claim")


def _run(path: Path, times: Path) -> Cost:
    run = cost.run(["-m", "tests.bench.forward", *map(str, (path, cost.CORES, SECONDS, times))])
    lines = times.read_text(encoding="utf-8").splitlines()
    seconds, worked = zip(*(map(float, line.split()) for line in lines), strict=True)
    return Cost(statistics.median(seconds), run.memory, statistics.median(worked))


def _together(parts: list[Spent]) -> Spent:
    """One after the other, both in memory."""
    counts = [part.count for part in parts if part.count]
    count = Count(sum(each.parameters for each in counts), sum(each.operations for each in counts))
    costs = [part.cost for part in parts if part.cost]
    if len(costs) < len(parts):
        return Spent(None, count, next(part.note for part in parts if not part.cost))
    summed = Cost(
        sum(each.seconds for each in costs),
        sum(each.memory for each in costs),
        sum(each.worked for each in costs),
    )
    return Spent(summed, count, "the sums of the two above")
