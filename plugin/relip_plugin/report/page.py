"""Writing the report: both clips are read once, the page appears whole or not at all."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np

from relip.media.clip import Clip
from relip.media.mix import read_mix
from relip.media.preview import Preview, cut_sound
from relip.media.probe import probe
from relip.quality.card import Assessment
from relip.quality.page import verdict
from relip.quality.pairing import cut_shown
from relip.quality.score import ScoreRequest
from relip_job.events import Progress
from relip_plugin.report import video
from relip_plugin.report.card import card_section, lines_section
from relip_plugin.report.document import document, publish, refuse_page
from relip_plugin.report.filmstrip import Tiles, frames_of, scenes
from relip_plugin.report.html import Html
from relip_plugin.report.pictures import jpeg, pairs
from relip_plugin.report.plot import plot
from relip_plugin.report.sections import (
    Played,
    clip_section,
    film_section,
    foot,
    head,
    plot_section,
)

SIGN: Final = "<!-- a lip-sync report by relip -->"
"""By which a report is known; nothing else is ever written over."""
_STEP: Final = 12


def write_report(
    path: Path, request: ScoreRequest, assessment: Assessment
) -> Generator[Progress, None, None]:
    """Write the page to ``path``; yields progress. An older report there is replaced.

    Raises
    ------
    OutputError
        The page cannot be written.
    MediaError
        A clip cannot be read.
    """
    refuse_page(path, SIGN)
    original, result = probe(request.original), probe(request.result)
    chosen = scenes(assessment, original)
    wanted = frozenset(index for scene in chosen for index in scene.frames)
    tiles = Tiles(original, assessment.timeline, wanted)
    heard = read_mix(request.speech)
    played = yield from _played(request, assessment, original, result, tiles, heard.start)
    parts = [
        head(request, assessment, original),
        card_section(assessment.card, original),
        clip_section(played, assessment),
        plot_section(list(plot(assessment, original, heard.samples))),
        film_section(chosen, tiles, original),
        lines_section(assessment, original) if assessment.lines else Html(),
        foot(),
    ]
    title = f"{request.result.name}: {assessment.card.told}, {verdict(assessment.card)}"
    publish(path, document(title, SIGN, parts))


def _played(
    request: ScoreRequest,
    assessment: Assessment,
    original: Clip,
    result: Clip,
    tiles: Tiles,
    begins: Fraction,
) -> Generator[Progress, None, Played]:
    """The video and the tiles, in one pass over both clips.

    ``begins`` is where the line's first sample lies on the clock of its file, or of its parts.
    """
    framing = video.cut(assessment, original, frames_of(assessment.card))
    start = Fraction(assessment.timeline.speech_start) - begins
    parts = [(one.start - start, one.end - start) for one in framing.spans]
    size = (2 * framing.size[0] + video.GAP, framing.size[1])
    shown = framing.frames()
    still_of = min(shown, key=lambda index: abs(index - _most_telling(assessment)))
    cut = request.cut or cut_shown(original, result)
    played, frames, still = set(shown), sorted({*shown, *tiles.wanted}), ""
    preview = Preview(
        size, original.rate, framing.length, cut_sound(request.speech, parts), framing.most_bits
    )
    with preview:
        for number, (before, after) in enumerate(pairs(original, result, frames, cut)):
            tiles.take(before, after)
            if before.index in played:
                picture = video.side_by_side(original, framing, before, after)
                lasts = video.end(original, before.index + 1) - before.time
                preview.add(framing.at(original, before.index), lasts, picture)
                if before.index == still_of:
                    still = jpeg(picture)
            if number % _STEP == 0:
                yield Progress("report", number, len(frames))
    yield Progress("report", len(frames), len(frames))
    return Played(preview.made, still, framing)


def _most_telling(assessment: Assessment) -> int:
    """The frame that stands for the clip on paper."""
    worst = frames_of(assessment.card)
    if worst:
        return (worst[0].first + worst[0].stop) // 2
    timeline = assessment.timeline
    if np.isfinite(timeline.drawn).any():
        return timeline.first + int(np.nanargmax(timeline.drawn))
    return timeline.first
