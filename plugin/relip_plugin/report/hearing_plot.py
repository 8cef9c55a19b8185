"""The timeline of a recording: sound, voice, what the mouth does for it, closures; in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from relip.speech.articulation import SpeechEvent
from relip_plugin.hearing import Hearing, Stretch
from relip_plugin.report.lanes import (
    LEFT,
    RIGHT,
    SAID,
    WIDTH,
    Band,
    Row,
    draw_wave,
    finished,
    settings,
    stacked,
)
from relip_plugin.report.svg import COLOURS

ROW_SECONDS: Final = 18.0
MOST_ROWS: Final = 200
"""An hour. In what is longer each row holds more."""
TINTS: Final = {
    "PBM": "closure",
    "FV": "dental",
    "SH": "narrow",
    "TEETH": "narrow",
    "BACK": "narrow",
    "ROUND": "round",
    "SPREAD": "spread",
    "MID": "mid",
    "OPEN": "open",
}
"""The lanes from lips closed to wide open, and their colours."""
LEGEND: Final = (
    ("dot", "closure", "p, b, m: lips closed"),
    ("dot", "dental", "f, v: lip on the teeth"),
    ("dot", "narrow", "s, sh, k: nearly shut"),
    ("dot", "round", "rounded"),
    ("dot", "spread", "spread"),
    ("dot", "mid", "half open"),
    ("dot", "open", "open"),
    ("dot", "voiced", "somebody speaks"),
)
"""Kind of swatch, colour, words."""
_BINS: Final = 60_000
"""Steps of the waveform in a page, and in a row at most:"""
_ROW_BINS: Final = 900
_CLOCK: Final = 22
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_PX: Final = WIDTH - LEFT - RIGHT


def hearing_plot(hearing: Hearing) -> Iterator[Row]:
    """Yield the rows from top to bottom."""
    count = rows_of(hearing.seconds)
    edges = np.linspace(0, hearing.seconds, count + 1).tolist()
    peak = max(float(np.abs(hearing.samples).max(initial=0)), 1e-6)
    bins = min(_ROW_BINS, _BINS // count)
    visemes, voice = hearing.visemes(), hearing.voice()
    with settings():
        for number in range(count):
            span = (edges[number], edges[number + 1])
            bands = _bands(bool(hearing.warnings))
            figure, lanes = stacked(list(bands.values()), _CLOCK, span)
            lane = dict(zip(bands, lanes, strict=True))
            draw_wave(lane["sound"], hearing.samples, 0.0, span, bins, peak)
            _draw_blocks(lane["voice"], voice, span, "voiced")
            _draw_visemes(lane, visemes, span)
            _draw_events(lane["lips"], hearing.heard.closures, span, "closure")
            _draw_events(lane["lips"], hearing.heard.dentals, span, "dental")
            if hearing.warnings:
                parts = [(one.start, one.end) for one in hearing.warnings]
                _draw_blocks(lane["warnings"], parts, span, "missed")
            _draw_clock(lanes[-1], span)
            yield Row(*span, finished(figure, f"row{number}"))


def rows_of(seconds: float) -> int:
    """How many rows show so much sound."""
    return min(max(1, ceil(seconds / ROW_SECONDS - 0.1)), MOST_ROWS)


def _bands(warned: bool) -> dict[str, Band]:
    bands = {"sound": Band("sound", 46, gap=4), "voice": Band("voice", 6, gap=8)}
    for name in TINTS:
        bands[name] = Band(SAID[name], 10, gap=2, letters=9.5)
    bands["lips"] = Band("lips", 26, gap=4)
    if warned:
        bands["warnings"] = Band("warnings", 6, gap=4)
    return bands


def _draw_visemes(
    lane: dict[str, Axes], visemes: Sequence[Stretch], span: tuple[float, float]
) -> None:
    for name, tint in TINTS.items():
        lane[name].axhline(0.5, color=COLOURS["rule"], linewidth=0.6, zorder=0)
        parts = [(one.start, one.end) for one in visemes if one.viseme == name]
        _draw_blocks(lane[name], parts, span, tint)


def _draw_blocks(
    lane: Axes, parts: Sequence[tuple[float, float]], span: tuple[float, float], tint: str
) -> None:
    """Bars that fill the lane."""
    lane.set_ylim(0, 1)
    _draw_bars(lane, [(start, end, 1.0) for start, end in parts], span, tint)


def _draw_events(
    lane: Axes, events: Sequence[SpeechEvent], span: tuple[float, float], tint: str
) -> None:
    """Bars as high as the events are sure."""
    lane.set_ylim(0, 1)
    for height in (0, 1):
        lane.axhline(height, color=COLOURS["rule"], linewidth=0.6, zorder=0)
    _draw_bars(lane, [(one.start, one.end, one.confidence) for one in events], span, tint)


def _draw_bars(
    lane: Axes,
    bars: Sequence[tuple[float, float, float]],
    span: tuple[float, float],
    tint: str,
) -> None:
    """All bars ``(start, end, height)`` as one outline: an hour of them has to fit into a page."""
    least = (span[1] - span[0]) / _PX
    corners: list[tuple[float, float]] = []
    for start, end, height in bars:
        if start >= span[1] or end <= span[0]:
            continue
        left = max(start, span[0])
        right = min(max(end, left + least), span[1])
        corners += [(left, 0), (left, height), (right, height), (right, 0), (left, 0)]
    if not corners:
        return
    way = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY]
    outline = Outline(np.asarray(corners), np.tile(way, len(corners) // len(way)))
    lane.add_patch(PathPatch(outline, facecolor=COLOURS[tint], linewidth=0, gid=f"{tint}-bars"))


def _draw_clock(lane: Axes, span: tuple[float, float]) -> None:
    """Seconds of the file."""
    width = (span[1] - span[0]) / _PX
    step = next((one for one in _TICKS if one > 70 * width), _TICKS[-1])
    first, last = ceil(span[0] / step - 1e-6), int((span[1] - 20 * width) / step)
    ticks = [number * step for number in range(first, last + 1)]
    lane.set_xticks(ticks)
    lane.set_xticklabels([_told(tick, step) for tick in ticks])
    lane.tick_params(
        axis="x", length=4, width=0.7, color=COLOURS["rule"], labelcolor=COLOURS["muted"], pad=3
    )


def _told(seconds: float, step: float) -> str:
    minutes, second = divmod(round(seconds * 10), 600)
    hours, minute = divmod(minutes, 60)
    tail = f"{second / 10:04.1f}" if step < 1 else f"{second // 10:02d}"
    return f"{hours}:{minute:02d}:{tail}" if hours else f"{minute}:{tail}"
