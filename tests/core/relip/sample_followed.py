"""The shipped sample, followed once for every test that needs a real face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relip import sample
from relip.footage import Footage, analyse
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip_job.job import Speaker

FIRST: Final = 18
STOP: Final = 78
"""Frames that begin with a still mouth and go on into speech."""


@dataclass(frozen=True, eq=False)
class Followed:
    """A part of the sample: what the pass over it left, its pictures, its crops."""

    footage: Footage
    frames: list[Frame]
    spool: Spool


def follow_sample(spool: Spool) -> Followed:
    """One pass over the sample's first words."""
    clip = probe(str(sample.picture()))
    work = analyse(clip, FIRST, STOP, Speaker(), spool)
    while True:
        try:
            next(work)
        except StopIteration as done:
            return Followed(done.value, list(read_frames(clip, FIRST, STOP)), spool)
