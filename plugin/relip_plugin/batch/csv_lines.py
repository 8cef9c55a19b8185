"""A list of lines as a table: which part of which clip says what.

::

    picture,in,out,speech,speaker,speech_in
    take_01.mov,01:00:04:12,01:00:09:00,line_01.wav,1,
    take_02.mov,2s,6.5s,reel_de.wav,Anna,93.4s

``speaker`` (a number, a pixel and a time, or a name of the cast) and ``speech_in`` (where in the
sound the line begins) may be left out. Times are those of ``relip sync``; paths are beside the
table or absolute.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip.media.probe import probe
from relip_host.host import DubItem, Obstacle, Shot
from relip_job import RelipError, TimeRange
from relip_job.errors import JobError
from relip_plugin import times
from relip_plugin.batch.cast import Cast
from relip_plugin.times import Clock

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


def read_lines(path: Path) -> CsvLines:
    """The lines of a table; a row that cannot be done becomes a line with an obstacle.

    Raises
    ------
    JobError
        It cannot be read, or lacks a column.
    """
    rows = list(_rows(path))
    shots, items = [], []
    faces: dict[str, str] = {}
    roles: dict[str, str] = {}
    codes: dict[Fraction, str] = {}
    clocks: dict[Path, tuple[Clock, Shot]] = {}
    at = Fraction(0)
    for number, row in enumerate(rows, 1):
        picture = path.parent / row["picture"]
        name = f"{picture.stem}, row {number + 1}"
        speech = path.parent / row["speech"]
        length = Fraction(1)
        codes[at] = row["in"]
        shot = Shot(name, picture.name, TRACK, at, at + length, None)
        begins = Fraction(0)
        try:
            if picture not in clocks:
                clocks[picture] = _clip(picture)
            clock, whole = clocks[picture]
            part = _part(row, clock)
            length, begins = part.duration, _begins(row, clock)
            shot = Shot(
                name,
                picture.name,
                TRACK,
                at,
                at + length,
                str(picture),
                part.start,
                whole.source_rate,
                whole.source_frames,
                whole.source_start,
            )
            codes[at] = clock.written(part.start)
            if not speech.is_file():
                raise JobError(f"there is no file {speech}", "check the column speech")
        except RelipError as error:
            why = Obstacle(error.code, error.message, error.remedy)
            shot = Shot(name, picture.name, TRACK, at, at + length, None, obstacle=why)
        shots.append(shot)
        items.append(DubItem(name, TRACK, at, at + length, str(speech), begins))
        face = row.get("speaker") or ""
        (faces if _FACE.fullmatch(face) else roles)[name] = face
        at += length + APART
    faces = {name: face for name, face in faces.items() if face}
    return CsvLines(tuple(shots), tuple(items), Cast(faces), roles, codes)


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


def _clip(picture: Path) -> tuple[Clock, Shot]:
    """The clip's clock, and what a shot says of its file.

    Raises
    ------
    MediaError
        It cannot be read.
    """
    clip = probe(picture)
    start = clip.timecode(0).frames
    whole = Shot(
        "", "", TRACK, Fraction(0), clip.duration, str(picture), Fraction(0), clip.rate,
        clip.frames, start,
    )  # fmt: skip
    return Clock.of(clip), whole


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
