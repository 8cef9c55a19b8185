"""``relip`` as a stranger runs it: in a process of its own, with a cache of its own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relip_host.executor import ONE_THREAD
from tests.bench import cost
from tests.bench.cost import Cost

UNBOUND: Final = dict.fromkeys(ONE_THREAD, "")
"""What this process was given is not for those it starts; empty is as if nobody had said."""


@dataclass(frozen=True)
class Batched:
    """A batch: what it took, and its table by column, a row a line."""

    cost: Cost
    rows: tuple[Mapping[str, str], ...]

    def count(self, state: str) -> int:
        """Lines in this state."""
        return sum(row["state"] == state for row in self.rows)


def batch(
    timeline: Path,
    folder: Path,
    cache: Path,
    words: Sequence[str] = (),
    engine: str = "",
) -> Batched:
    """``relip batch``.

    Parameters
    ----------
    folder : where results and the table go; made if it is not there.
    cache : what is known from runs before.
    engine : ``copier`` or threads (:mod:`tests.bench_batch.launched`); empty is as shipped.

    Raises
    ------
    RuntimeError
        It failed, or a line did.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = folder.with_name(f"{folder.name}_told.csv")
    start = ["tests.bench_batch.launched", engine] if engine else ["relip_plugin.cli"]
    where = ["--folder", str(folder), "--report", str(table)]
    asked = ["-m", *start, "batch", str(timeline), *where, *words]
    took = cost.run(asked, {**UNBOUND, "RELIP_CACHE": str(cache)})
    with table.open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    table.unlink()  # the next one would not be written over it
    for row in rows:
        if row["state"] not in ("made", "kept"):
            raise RuntimeError(f"line {row['line']} {row['state']}: {row.get('message')}")
    return Batched(took, rows)


def single(words: Sequence[str], cache: Path, threads: Mapping[str, str] = UNBOUND) -> Cost:
    """``relip sync``, with a cache of its own if it has any.

    Raises
    ------
    RuntimeError
        It failed.
    """
    environment = {**threads, "RELIP_CACHE": str(cache)}
    return cost.run(["-m", "relip_plugin.cli", "sync", *words], environment)


def known(cache: Path) -> dict[str, object]:
    """What ``relip cache`` says of it."""
    said = subprocess.run(
        [sys.executable, "-m", "relip_plugin.cli", "cache", "--json"],
        env=cost.environment({"RELIP_CACHE": str(cache)}),
        capture_output=True,
        check=True,
    )
    found: dict[str, object] = json.loads(said.stdout)
    return found
