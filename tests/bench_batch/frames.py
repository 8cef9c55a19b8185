"""Part ``frames``: every line on its frame, in every format; the results' pictures tell."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

from tests.bench.cells import Cells
from tests.bench_batch import documents
from tests.bench_batch.commands import Batched, batch
from tests.bench_batch.documents import Nodes, Placed
from tests.bench_batch.numbered import read
from tests.bench_batch.reels import (
    numbered_reel,
    picture_number,
    sound_number,
    spoken_reel,
)
from tests.plugin.relip_plugin.timeline.reel_made import FORMATS, Format, Piece, Reel

CAST: Final = '[speakers]\nA1 = 1\nA2 = 2\n"dub.anna" = 1\n"dub.ben" = 2\n'
LOST: Final = 10**6
"""Frames that something is off that is not there at all, or comes from another file."""
INSTANT: Final = 5
"""Frames of a line below which it is no line of a shot that it only touches."""
REAL_SHOTS: Final = 2


@dataclass(frozen=True)
class Compared:
    """Frames that were compared; ``differ`` of them were not as expected, by ``most`` at most."""

    frames: int
    differ: int
    most: int

    @classmethod
    def of(cls, pairs: Iterable[tuple[int | None, int | None]]) -> Compared:
        """Of pairs of a number that is expected and one that is found."""
        distances = [distance(*pair) for pair in pairs]
        return cls(len(distances), sum(map(bool, distances)), max(distances, default=LOST))


def distance(expected: int | None, found: int | None) -> int:
    """Frames between two numbers."""
    if expected is None or found is None:
        return 0 if expected is found else LOST
    return min(abs(expected - found), LOST)


@dataclass(frozen=True)
class OnFrames:
    """A reel that came back in one format.

    Attributes
    ----------
    engine : ``copier`` or ``footage``.
    shots, lines : how many were found among the results; lines of those that are ``asked``.
    seen, heard : pictures, and frames of sound, None where the engine draws no numbers.
    nodes : of the document, with the results on a track of their own.
    again : the same with the result read and written once more.
    kept : lines of that second batch that it had made already, of ``known``.
    """

    format: Format
    engine: str
    shots: int
    lines: int
    asked: int
    seen: Compared
    heard: Compared | None
    nodes: Nodes
    again: Nodes
    kept: int
    known: int

    @property
    def short(self) -> bool:
        """Whether something is not as it has to be."""
        compared = [self.seen, *([self.heard] if self.heard else [])]
        return (
            any(one.differ or not one.frames for one in compared)
            or any(one.equal != one.before for one in (self.nodes, self.again))
            or self.kept < self.known
            or self.lines < self.asked
        )


def frames(folder: Path, formats: Iterable[Format] = FORMATS) -> Iterator[OnFrames]:
    """The whole reel by the copier, and its first shots by the engine itself."""
    place = folder / "reel"
    place.mkdir()
    whole = numbered_reel(place)
    spoken = folder / "spoken"
    spoken.mkdir()
    few = spoken_reel(whole, spoken, REAL_SHOTS)
    for format_ in formats:
        yield on_frames(whole, format_, "copier")
        print(f"frames: {format_}, copier", file=sys.stderr)
        yield on_frames(few, format_, "footage")
        print(f"frames: {format_}, footage", file=sys.stderr)


def on_frames(made: Reel, format_: Format, engine: str) -> OnFrames:
    """Take the reel through a batch, and its result through another."""
    path = made.write(format_)
    (path.parent / "cast.toml").write_text(CAST, encoding="utf-8")
    once = path.with_name(f"{path.stem}_once{path.suffix}")
    twice = path.with_name(f"{path.stem}_twice{path.suffix}")
    own = engine == "copier"
    first = _batch(path, once, format_, own)
    second = _batch(once, twice, format_, own, first=True)
    clips = documents.placed(once, format_)
    counted = [
        (shot, _numbers(clip))
        for shot in made.shots
        for clip in clips
        if (clip.at, clip.frames) == (shot.at, shot.frames)
    ]
    lines, heard = _heard(made, counted) if own else (len(first.rows), None)
    return OnFrames(
        format_,
        engine,
        len(counted),
        lines,
        sum(map(len, made.lines)) if own else len(first.rows),
        Compared.of(
            (picture_number(shot, shot.at + at), numbers[0])
            for shot, rows in counted
            for at, numbers in enumerate(rows)
        ),
        heard,
        documents.unchanged(path, once, format_),
        documents.unchanged(once, twice, format_),
        second.count("kept"),
        len(first.rows),
    )


def _batch(
    timeline: Path, output: Path, format_: Format, copier: bool, first: bool = False
) -> Batched:
    """Make the reel; ``first`` is of its first picture track only, the results above are ours."""
    place = timeline.parent
    words = ["-o", str(output), "--speakers", str(place / "cast.toml"), "--workers", "2"]
    if format_ == "fcpxml":
        words += ["--dialogue-role", "dub"]
    else:
        words += ["--dialogue", "A1,A2" if copier else "A1"]
    if first:
        words += ["--picture", "V1"]
    results = place / f"results_{format_}"
    return batch(timeline, results, place / "cache", words, "copier" if copier else "")


Rows = list[tuple[int | None, ...]]
"""The numbers of every picture: its own, then what each voice says in it."""


def _numbers(clip: Placed) -> Rows:
    """Of the part of the result that is seen on the timeline."""
    found: Rows = []
    with av.open(str(clip.media)) as container:
        for number, picture in enumerate(container.decode(video=0)):
            if clip.first <= number < clip.first + clip.frames:
                luma: NDArray[np.uint8] = picture.to_ndarray(format="gray").astype(np.uint8)
                found.append(tuple(read(luma, row) for row in range(3)))
    found += [(None,) * 3] * (clip.frames - len(found))
    return found


def _heard(made: Reel, counted: list[tuple[Piece, Rows]]) -> tuple[int, Compared]:
    """How many lines are heard somewhere, and what is heard in each frame beside what should be.

    A voice that is heard nowhere in a shot is no voice of it, if no line of it lasts there.
    """
    pairs: list[tuple[int | None, int | None]] = []
    lines: Counter[str] = Counter()
    for shot, rows in counted:
        for speaker, spoken in enumerate(made.lines):
            asked: dict[int, int] = {}
            names: dict[int, str] = {}
            longest = 0
            for line in spoken:
                both = range(
                    max(line.at, shot.at), min(line.at + line.frames, shot.at + shot.frames)
                )
                longest = max(longest, len(both))
                asked.update({frame: sound_number(line, frame) for frame in both})
                names.update(dict.fromkeys(both, line.name))
            found = {shot.at + at: numbers[1 + speaker] for at, numbers in enumerate(rows)}
            if longest < INSTANT and all(number is None for number in found.values()):
                continue
            pairs += [(asked.get(frame), number) for frame, number in found.items()]
            lines.update({names[frame] for frame in asked if found.get(frame) == asked[frame]})
    return len(lines), Compared.of(pairs)


def frame_cells(rows: Iterable[OnFrames]) -> Cells:
    """A row for each format and engine."""
    cells = [[
        "format", "engine", "lines", "shots", "pictures", "off", "frames of sound", "off",
        "nodes as before", "and the second time", "kept when read back", "",
    ]]  # fmt: skip
    for row in rows:
        heard = row.heard
        cells.append([
            row.format,
            row.engine,
            f"{row.lines} of {row.asked}",
            str(row.shots),
            f"{row.seen.frames:,}",
            str(row.seen.most),
            f"{heard.frames:,}" if heard else "",
            str(heard.most) if heard else "",
            f"{row.nodes.equal:,} of {row.nodes.before:,}",
            f"{row.again.equal:,} of {row.again.before:,}",
            f"{row.kept} of {row.known}",
            "SHORT" if row.short else "ok",
        ])  # fmt: skip
    return cells
