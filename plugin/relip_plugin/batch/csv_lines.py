"""A list of lines as a table: which part of which clip says what.

::

    picture,in,out,speech,speaker,speech_in
    take_01.mov,01:00:04:12,01:00:09:00,line_01.wav,1,
    take_02.mov,2s,6.5s,reel_de.wav,Anna,93.4s

``speaker`` (a number, a pixel and a time, or a name of the cast) and ``speech_in`` (where in the
sound the line begins) may be left out. Times are those of ``relip sync``; paths are beside the
table or absolute.

Every row is a result of its own, but for rows of one clip that overlap and name a speaker each, no
two the same, whose face they or the cast tell: they are said in one result, by several mouths.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip.media.clip import Clip
from relip_host import times
from relip_host.host import DubItem, Obstacle, Shot
from relip_host.times import Clock
from relip_job import RelipError, TimeRange
from relip_job.errors import JobError
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.linked import Files, Linked

NEEDED: Final = ("picture", "in", "out", "speech")
KNOWN: Final = (*NEEDED, "speaker", "speech_in")
APART: Final = Fraction(10)
"""Seconds between two lines: none is heard into another."""
TRACK: Final = 1
_FACE: Final = re.compile(r"\d+|[\d.]+,[\d.]+@.+")


@dataclass(frozen=True)
class CsvLines:
    """The lines of a table, laid one after the other.

    Attributes
    ----------
    shots, items : of every row, both with its name, ``take_01, row 4``.
    faces : by item's name, where a row says them.
    roles : by item's name, what a row calls its speaker.
    codes : by record time, as the clip's timecode.
    """

    shots: tuple[Shot, ...]
    items: tuple[DubItem, ...]
    faces: Cast
    roles: dict[str, str] = field(default_factory=dict)
    codes: dict[Fraction, str] = field(default_factory=dict)

    def when(self, record: Fraction) -> str:
        """The clip's timecode where a line begins."""
        return self.codes.get(record, "")

    def role(self, item: DubItem) -> str:
        """What the row calls its speaker."""
        return self.roles.get(item.name, "")

    def lips(self, shot: Shot, spoken: Sequence[DubItem]) -> tuple[Fraction, Fraction]:
        """From where the mouth's row begins to its end: nothing else was asked for."""
        return min(one.start for one in spoken), max(one.end for one in spoken)

    def linked(self, shot: Shot, clip: Clip) -> Linked | Obstacle:
        """The shot as it is: a table says nothing of its files."""
        return Linked(shot, shot)


@dataclass(frozen=True)
class _Row:
    """A row; ``part`` of the clip, or why there is none."""

    name: str
    picture: Path
    speech: Path
    begins: Fraction
    speaker: str
    part: TimeRange
    clip: Clip | None = None
    obstacle: Obstacle | None = None
    written: str = ""


def read_lines(path: Path, files: Files | None = None, cast: Cast | None = None) -> CsvLines:
    """The lines of a table; a row that cannot be done becomes a line with an obstacle.

    Raises
    ------
    JobError
        It cannot be read, or lacks a column.
    """
    files = files or Files()
    rows = [_row(row, number, path, files) for number, row in enumerate(_rows(path), 2)]
    shots, items = [], []
    codes: dict[Fraction, str] = {}
    at = Fraction(0)
    for together in _together(rows, cast or Cast()):
        start = min(row.part.start for row in together)
        length = max(row.part.end for row in together) - start
        shots.append(_shot(together[0], TimeRange(start, start + length), at))
        for row in together:
            begins = at + row.part.start - start
            codes[begins] = row.written
            ends = begins + row.part.duration
            speech = str(row.speech)
            items.append(DubItem(row.name, TRACK, begins, ends, speech, row.begins))
        at += length + APART
    said = {row.name: row.speaker for row in rows if row.speaker}
    faces = {name: face for name, face in said.items() if _FACE.fullmatch(face)}
    roles = {name: face for name, face in said.items() if name not in faces}
    return CsvLines(tuple(shots), tuple(items), Cast(faces), roles, codes)


def _row(row: dict[str, str], number: int, table: Path, files: Files) -> _Row:
    picture, speech = table.parent / row["picture"], table.parent / row["speech"]
    name = f"{picture.stem}, row {number}"
    speaker = row.get("speaker") or ""
    try:
        clip = files.clip(picture)
        clock = Clock.of(clip)
        part, begins = _part(row, clock), _begins(row, clock)
        if not speech.is_file():
            raise JobError(f"there is no file {speech}", "check the column speech")
    except RelipError as error:
        why = Obstacle(error.code, error.message, error.remedy)
        second = TimeRange(Fraction(0), Fraction(1))
        return _Row(name, picture, speech, Fraction(0), speaker, second, None, why, row["in"])
    written = clock.written(part.start)
    return _Row(name, picture, speech, begins, speaker, part, clip, None, written)


def _together(rows: Sequence[_Row], cast: Cast) -> Iterator[list[_Row]]:
    """Rows that are one result: of one clip, one over the other, each with another speaker."""
    groups: list[list[_Row]] = []
    of: dict[Path, list[list[_Row]]] = {}
    for row in rows:
        named = _FACE.fullmatch(row.speaker) or cast.knows(row.speaker, row.picture.name)
        near = of.setdefault(row.picture, []) if named and row.clip is not None else []
        found = next((group for group in near if _joins(row, group)), None)
        if found is None:
            groups.append([row])
            near.append(groups[-1])
        else:
            found.append(row)
    yield from groups


def _joins(row: _Row, group: Sequence[_Row]) -> bool:
    over = any(one.part.start < row.part.end and row.part.start < one.part.end for one in group)
    return over and all(one.speaker != row.speaker for one in group)


def _shot(row: _Row, part: TimeRange, at: Fraction) -> Shot:
    """The part of a row's clip, as a shot at a record time."""
    end = at + part.duration
    if row.clip is None:
        return Shot(row.name, row.picture.name, TRACK, at, end, None, obstacle=row.obstacle)
    return Shot(
        row.name,
        row.picture.name,
        TRACK,
        at,
        end,
        str(row.picture),
        part.start,
        row.clip.rate,
        row.clip.frames,
        row.clip.timecode(0).frames,
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Every row that says something, by column, stripped."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise JobError(f"{path} cannot be read ({error})", "name a table in UTF-8") from error
    first = text.partition("\n")[0]
    # What spreadsheets write where the comma is in numbers.
    mark = next((mark for mark in ";\t" if mark in first and "," not in first), ",")
    table = csv.DictReader(text.splitlines(), delimiter=mark, restval="")
    names = [(name or "").strip().lower() for name in table.fieldnames or ()]
    missing = [name for name in NEEDED if name not in names]
    strange = [name for name in names if name not in KNOWN]
    if missing or strange:
        told = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(strange)!r}"
        raise JobError(
            f"{path.name}: the first row {told}",
            f"name the columns {', '.join(NEEDED)} and, if you like, speaker, speech_in",
        )
    table.fieldnames = names
    rows = 0
    for row in table:
        plain = {name: (value or "").strip() for name, value in row.items() if name in KNOWN}
        if any(plain.values()):
            rows += 1
            yield plain
    if not rows:
        raise JobError(f"{path.name} holds no line", "add a row for each line")


def _part(row: dict[str, str], clock: Clock) -> TimeRange:
    if not row["in"] and not row["out"]:
        return TimeRange(Fraction(0), clock.duration)
    start = row["in"] or "0s"
    if not row["out"]:
        (begins,) = times.moments((start,), clock)
        if not 0 <= begins < clock.duration:
            raise JobError(f"{start} is not in the clip", f"it ends after {clock.duration} s")
        return TimeRange(begins, clock.duration)
    return times.time_range(f"{start}-{row['out']}", clock)


def _begins(row: dict[str, str], clock: Clock) -> Fraction:
    if not row.get("speech_in"):
        return Fraction(0)
    # The sound's own clock: a timecode counts from its beginning.
    (begins,) = times.moments((row["speech_in"],), Clock(clock.rate, clock.duration))
    return begins
