"""Writing the report: both clips are read once, the page appears whole or not at all."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np

from relip.media.clip import Clip
from relip.media.preview import Preview, cut_sound
from relip.media.probe import probe
from relip.media.speech import read_speech
from relip.quality.card import Assessment
from relip.quality.page import verdict
from relip.quality.score import ScoreRequest
from relip_job.errors import OutputError
from relip_job.events import Progress
from relip_plugin.report import video
from relip_plugin.report.card import card_section, lines_section
from relip_plugin.report.filmstrip import Tiles, frames_of, scenes
from relip_plugin.report.html import Html, tag
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
_ALONE: Final = (
    "default-src 'none'; img-src data:; media-src data: blob:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)
"""Content security policy: whatever a name in the page might smuggle in, nothing is fetched."""
_STEP: Final = 12


def refuse_page(path: Path, request: ScoreRequest) -> None:
    """Refuse a path that the report cannot or must not have, before any work is done.

    Raises
    ------
    OutputError
        It is another file's, or its folder is not there.
    """
    if not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}", "make it first")
    if path.is_dir():
        raise OutputError(f"{path} is a folder", "name a file in it: card.html")
    if path.exists() and not _is_ours(path):
        raise OutputError(
            f"{path} exists and is no report of relip's", "choose another name for the report"
        )


def _is_ours(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return SIGN.encode() in file.read(200)
    except OSError:
        return False


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
    refuse_page(path, request)
    original, result = probe(request.original), probe(request.result)
    chosen = scenes(assessment, original)
    wanted = frozenset(index for scene in chosen for index in scene.frames)
    tiles = Tiles(original, assessment.timeline, wanted)
    played = yield from _played(request, assessment, original, result, tiles)
    heard = read_speech(request.speech)
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
    _publish(path, _document(title, parts))


def _played(
    request: ScoreRequest, assessment: Assessment, original: Clip, result: Clip, tiles: Tiles
) -> Generator[Progress, None, Played]:
    """The video and the tiles, in one pass over both clips."""
    framing = video.cut(assessment, original, frames_of(assessment.card))
    start = Fraction(assessment.timeline.speech_start)
    parts = [(one.start - start, one.end - start) for one in framing.spans]
    size = (2 * framing.size[0] + video.GAP, framing.size[1])
    shown = framing.frames()
    still_of = min(shown, key=lambda index: abs(index - _most_telling(assessment)))
    played, frames, still = set(shown), sorted({*shown, *tiles.wanted}), ""
    preview = Preview(
        size, original.rate, framing.length, cut_sound(request.speech, parts), framing.most_bits
    )
    with preview:
        for number, (before, after) in enumerate(pairs(original, result, frames)):
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


def _document(title: str, parts: list[Html]) -> str:
    folder = files("relip_plugin.report")
    style = Html((folder / "page.css").read_text(encoding="utf-8"))
    script = Html((folder / "page.js").read_text(encoding="utf-8"))
    about = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_ALONE),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", style),
    ]
    page = tag("html", tag("head", about), tag("body", parts, tag("script", script)), lang="en")
    return f"<!doctype html>\n{SIGN}\n{page}\n"


def _publish(path: Path, page: str) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written ({error.strerror})",
            "check the folder's rights and the room on its disk, or choose another folder",
        ) from error
