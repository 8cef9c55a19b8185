"""Two people in one picture, for jobs with several voices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from relip import sample
from relip.media.frame import Box, Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.pipeline import resync
from relip_job.events import Event, Finished, Notice, Voiced
from relip_job.job import ResyncJob, Speaker, Voice
from tests.core.relip.pipeline_media import Picture, spoken

LINE = str(sample.line())
FIRST, SECOND = Speaker(number=1), Speaker(number=2)
GAP = 24
"""Px of nothing between the two."""


def pair(count: int) -> list[Picture]:
    """The sample's head, and beside it a stranger who says it backwards; 1 is on the left."""
    both = []
    for left, right in zip(spoken(count), spoken(count)[::-1], strict=True):
        stranger = right[:, ::-1, [1, 0, 2]] * np.array([0.75, 0.8, 0.9])
        stranger = np.pad(stranger[:, 40:216].astype(np.uint8), ((0, 0), (GAP, 16), (0, 0)))
        both.append(np.ascontiguousarray(np.hstack([left, stranger])))
    return both


@dataclass(frozen=True)
class Told:
    """What became of a job."""

    output: Path
    events: list[Event]

    @property
    def finished(self) -> Finished:
        """The last event."""
        last = self.events[-1]
        assert isinstance(last, Finished)
        return last

    @property
    def notices(self) -> list[Notice]:
        """In order."""
        return [event for event in self.events if isinstance(event, Notice)]

    @property
    def voiced(self) -> list[Voiced]:
        """In order."""
        return [event for event in self.events if isinstance(event, Voiced)]

    @property
    def page(self) -> dict[str, Any]:
        """The sidecar."""
        found: dict[str, Any] = json.loads(Path(self.finished.sidecar).read_text("utf-8"))
        return found

    def frames(self) -> list[Frame]:
        """All of them."""
        return frames(self.output)


def frames(path: Path) -> list[Frame]:
    """All of a clip's."""
    return list(read_frames(probe(path)))


def told(picture: Path, output: Path, *others: Voice, **asked: Any) -> Told:
    """Run a job whose own line is of ``others``' kind."""
    known = {"speech": LINE, "codec": "ffv1", **asked}
    job = ResyncJob(str(picture), output=str(output), others=others, **known)
    return Told(output, list(resync(job)))


def apart(one: Frame, other: Frame) -> Box | None:
    """The smallest box around all samples that differ, None if none does; full-size planes."""
    differs = np.any([a != b for a, b in zip(one.planes, other.planes, strict=True)], axis=0)
    rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
    if not len(rows):
        return None
    return Box(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
