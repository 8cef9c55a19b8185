"""The shipped sample, followed once for every test that needs a real face."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from relip import sample
from relip.footage import Footage, analyse
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip_job.job import Speaker

FIRST, STOP = 18, 78
"""Frames that begin with a still mouth and go on into speech."""


@dataclass(frozen=True, eq=False)
class Followed:
    """A part of the sample: what the pass over it left, its pictures, its crops."""

    footage: Footage
    frames: list[Frame]
    spool: Spool


@pytest.fixture(scope="session")
def followed() -> Iterator[Followed]:
    clip = probe(str(sample.picture()))
    with Spool() as spool:
        work = analyse(clip, FIRST, STOP, Speaker(), spool)
        while True:
            try:
                next(work)
            except StopIteration as done:
                footage = done.value
                break
        yield Followed(footage, list(read_frames(clip, FIRST, STOP)), spool)
