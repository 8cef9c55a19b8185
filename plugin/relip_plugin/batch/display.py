"""A batch shown while it goes on: a bar and a line for everybody at work, or a line a result."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TextIO

from relip_plugin.batch.plan import Take
from relip_plugin.batch.result import Batch, Result
from relip_plugin.progress import TITLES, can_write, clock

BETWEEN: Final = 0.25
"""Seconds between two drawings."""


@dataclass
class BatchDisplay:
    """Shows a batch on ``stream``; ``end`` leaves the cursor on a line of its own."""

    stream: TextIO
    _told: set[int] = field(default_factory=set)
    _drawn: float = float("-inf")
    _width: int = 0

    def show(self, batch: Batch) -> None:
        """Tell of lines that are over, and how far the others are."""
        for result in batch.results:
            if result.over and result.line.number not in self._told:
                self._told.add(result.line.number)
                self._wipe()
                self.stream.write(over_line(result, len(batch.results)) + "\n")
                self.stream.flush()
                self._drawn = float("-inf")
        if self.stream.isatty() and time.monotonic() - self._drawn >= BETWEEN:
            columns = shutil.get_terminal_size().columns
            blocks = "█░" if can_write(self.stream, "█░") else "#-"
            line = batch_line(batch, columns, blocks)
            self._wipe()
            self.stream.write(line)
            self.stream.flush()
            self._drawn, self._width = time.monotonic(), len(line)

    def end(self) -> None:
        """Wipe the bar, if there is one."""
        self._wipe()
        self.stream.flush()

    def _wipe(self) -> None:
        if self._width:
            self.stream.write("\r" + " " * self._width + "\r")
            self._width = 0


def over_line(result: Result, count: int) -> str:
    """``line 3 of 60, 01:00:12:04 Anna 7: made, 4 of 5: take_relip_v003.mov``."""
    line = result.line
    name = " ".join(filter(None, (line.when, line.name)))
    told = f"line {line.number} of {count}, {name}: {result.state}"
    if result.there:
        score = f", {result.score}" if result.score else ""
        return f"{told}{score}: {Path(result.output).name}"
    return f"{told}: {result.message}"


def batch_line(batch: Batch, columns: int, blocks: str) -> str:
    """``##----  31 %  12:40 left  7 of 60  line 8 drawing 40 %, line 9 listening``, cut to fit."""
    full = round(batch.done * 12)
    left = "" if batch.left is None else f"  {clock(batch.left)} left"
    over = sum(result.over for result in batch.results)
    takes: dict[Take | None, list[Result]] = {}
    for one in batch.results:
        if one.state == "running":
            takes.setdefault(one.line.take, []).append(one)
    running = ", ".join(map(_at_work, takes.values()))
    told = (
        f"{blocks[0] * full}{blocks[1] * (12 - full)} {batch.done * 100:3.0f} %{left}  "
        f"{over} of {len(batch.results)}  {running}"
    )
    return told[: max(1, columns - 1)].rstrip()


def _at_work(lines: Sequence[Result]) -> str:
    """Lines that are made in one take."""
    first = lines[0]
    left = "" if first.left is None else f" {clock(first.left)} left"
    doing = TITLES.get(first.stage, first.stage)
    numbers = "+".join(str(one.line.number) for one in lines)
    return f"line {numbers} {doing} {first.share * 100:.0f} %{left}"
