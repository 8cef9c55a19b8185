"""Drawing: one pass over the clip that lays every new mouth into its frame."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Final

from relip.engines.base import Engine
from relip.media.clip import Clip
from relip.media.frame import Frame
from relip.media.reader import read_frames
from relip.media.target import Target
from relip.media.writer import Writer
from relip.progress import Clock
from relip.render.lay import lay, lay_patch
from relip.render.patch import MouthPatch, together
from relip.voices import mixed_speech
from relip_job.events import Event, Progress
from relip_job.job import ResyncJob

_STEP: Final = 12
"""Frames between reports."""


def drawn(
    job: ResyncJob,
    clip: Clip,
    written: tuple[int, int],
    target: Target,
    output: Path,
    engines: Sequence[Engine],
    clock: Clock,
) -> Generator[Event, None, int]:
    """Write the frames ``written``, the planned ones with their new mouths; how many changed."""
    changed = 0
    first, stop = written
    writer = Writer(
        output,
        clip,
        target,
        audio=job.audio,
        dub=mixed_speech(job),
        dub_start=job.speech_start + job.nudge,
        start=first,
        stop=stop,
    )
    with writer:
        for frame in read_frames(clip, first, stop):
            made, patches = with_mouths(frame, engines)
            if job.patch:
                one = together(patches)
                made = lay_patch(
                    frame, one.rgb, one.alpha, one.x0, one.y0, target.format, target.colour
                )
            writer.write(made)
            changed += bool(patches)
            if patches:
                clock.reach("draw", clock.done("draw") + len(patches))
            else:
                clock.step("copy")
            if frame.index % _STEP == 0:
                yield Progress("draw", frame.index - first, stop - first, clock.left())
        yield Progress("draw", stop - first, stop - first, 0.0)
    return changed


def with_mouths(frame: Frame, engines: Sequence[Engine]) -> tuple[Frame, list[MouthPatch]]:
    """The frame with every new mouth in it, and the mouths in the order they were laid.

    Each is drawn on what those before it left, for the mattes of neighbours may overlap: the skin
    that a later one moves has the earlier mouth on it.
    """
    patches = []
    for engine in engines:
        patch = engine.draw(frame)
        if patch is not None:
            frame = lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
            patches.append(patch)
    return frame, patches
