"""Events shown to a person: a bar on a terminal, a line per stage elsewhere."""

from __future__ import annotations

import shutil
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Final, TextIO, TypeVar

from relip_job import Notice, Progress

Made = TypeVar("Made")
TITLES: Final = {
    "probe": "reading the clip",
    "track": "following the face",
    "listen": "listening",
    "check": "checking the sound",
    "plan": "planning the mouth",
    "draw": "drawing",
    "score": "measuring",
    "report": "writing the report",
}
SECONDS_BETWEEN_DRAWINGS: Final = 0.1


def clock(seconds: float) -> str:
    """``1:05`` or ``1:01:05``."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02d}:{second:02d}" if hours else f"{minute}:{second:02d}"


def notice_line(notice: Notice) -> str:
    """One line; times are seconds of the clip, as an editor reads them."""
    if notice.start is None:
        return f"note: {notice.message}"
    where = clock(notice.start)
    if notice.end is not None:
        where += f" to {clock(notice.end)}"
    return f"note ({where}): {notice.message}"


def bar_line(progress: Progress, columns: int, blocks: str) -> str:
    """``drawing             ######------  50 %  0:12 left``, at most ``columns`` wide.

    ``blocks`` is the full and the empty block.
    """
    share = min(1.0, progress.done / progress.total) if progress.total > 0 else 0.0
    title = f"{TITLES.get(progress.stage, progress.stage):<18}"
    left = "" if progress.left is None else f"  {clock(progress.left)} left"
    tail = f" {share * 100:3.0f} %{left}"
    width = min(40, columns - len(title) - len(tail) - 2)
    if width < 5:
        return f"{title}{tail}"[: max(1, columns - 1)]
    full = round(share * width)
    return f"{title} {blocks[0] * full}{blocks[1] * (width - full)}{tail}"


def can_write(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has these characters."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


@dataclass
class ProgressDisplay:
    """Shows progress on ``stream``; ``end`` leaves the cursor on a line of its own."""

    stream: TextIO
    _stage: str = ""
    _drawn: float = float("-inf")
    _open: bool = False

    def progress(self, progress: Progress) -> None:
        """Draw the bar, or name a stage that has begun."""
        new = progress.stage != self._stage
        if not self.stream.isatty():
            if new:
                self.stream.write(f"{TITLES.get(progress.stage, progress.stage)}\n")
                self.stream.flush()
        else:
            now = time.monotonic()
            done = progress.done >= progress.total
            if new or done or now - self._drawn >= SECONDS_BETWEEN_DRAWINGS:
                if new:
                    self.end()
                blocks = "█░" if can_write(self.stream, "█░") else "#-"
                columns = shutil.get_terminal_size().columns
                line = bar_line(progress, columns, blocks)
                # Blanks wipe what a longer line left; not every Windows console knows escapes.
                self.stream.write(f"\r{line:<{columns - 1}}")
                self.stream.flush()
                self._drawn, self._open = now, True
        self._stage = progress.stage

    def notice(self, notice: Notice) -> None:
        """Print it above the bar."""
        self.end()
        self.stream.write(notice_line(notice) + "\n")
        self.stream.flush()

    def end(self) -> None:
        """Close the line of the bar, if one is open."""
        if self._open:
            self.stream.write("\n")
            self._open = False


def followed(
    work: Generator[Progress | Notice, None, Made],
    display: ProgressDisplay | None,
    notices: list[Notice],
) -> Made:
    """What the work returns; its progress is shown, its notices are shown and kept."""
    with closing(work):
        while True:
            try:
                event = next(work)
            except StopIteration as finished:
                made: Made = finished.value
                return made
            if isinstance(event, Notice):
                notices.append(event)
                if display is not None:
                    display.notice(event)
            elif display is not None:
                display.progress(event)
