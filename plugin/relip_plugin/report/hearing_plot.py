"""The timeline of a recording: sound, voice, what the mouth does for it, closures; in rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline
from numpy.typing import NDArray

from relip.speech.articulation import RATE
from relip_plugin.hearing import Hearing
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
"""The levels from lips closed to wide open, and their colours."""
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
_BINS: Final = 50_000
"""Steps of the waveform in a page, and in a row at most:"""
_ROW_BINS: Final = 900
_MOUTH: Final = Band("mouth", 12 * len(TINTS), 4, tuple(SAID[name] for name in TINTS))
_THICK: Final = 0.8
"""Of a level, that its bars fill."""
_CLOCK: Final = 22
_TICKS: Final = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
_PX: Final = WIDTH - LEFT - RIGHT

Bars = NDArray[np.float64]
"""``[k, 4]``: start and end in seconds, bottom and top in parts of the lane; in order."""


def hearing_plot(hearing: Hearing) -> Iterator[Row]:
    """Yield the rows from top to bottom."""
    count = rows_of(hearing.seconds)
    edges = np.linspace(0, hearing.seconds, count + 1).tolist()
    peak = max(float(np.abs(hearing.samples).max(initial=0)), 1e-6)
    bins = min(_ROW_BINS, _BINS // count)
    bands = [Band("sound", 46, 4), Band("voice", 6, 6), _MOUTH]
    bands += [Band("lips", 26, 6), Band("opening", 36, 4)]
    voice = _bars((start, end, 0, 1) for start, end in hearing.voice())
    mouth = _mouth(hearing)
    events = {
        tint: _bars((one.start, one.end, 0, one.confidence) for one in found)
        for tint, found in (("closure", hearing.heard.closures), ("dental", hearing.heard.dentals))
    }
    warned = _bars((one.start, one.end, 0, 1) for one in hearing.warnings)
    if len(warned):
        bands.append(Band("warnings", 6, 4))
    with settings():
        for number in range(count):
            span = (edges[number], edges[number + 1])
            figure, lanes = stacked(bands, _CLOCK, span)
            draw_wave(lanes[0], hearing.samples, 0.0, span, bins, peak)
            _draw_bars(lanes[1], voice, span, "voiced")
            for tint, bars in mouth.items():
                _draw_bars(lanes[2], bars, span, tint)
            for height in (0, 1):
                lanes[3].axhline(height, color=COLOURS["rule"], linewidth=0.6, zorder=0)
            for tint, bars in events.items():
                _draw_bars(lanes[3], bars, span, tint)
            _draw_opening(lanes[4], hearing, span, bins // 2)
            if len(warned):
                _draw_bars(lanes[5], warned, span, "missed")
            _draw_clock(lanes[-1], span)
            yield Row(*span, finished(figure, f"row{number}"))


def rows_of(seconds: float) -> int:
    """How many rows show so much sound."""
    return min(max(1, ceil(seconds / ROW_SECONDS - 0.1)), MOST_ROWS)


def _mouth(hearing: Hearing) -> dict[str, Bars]:
    """Bars by colour, each on the level of its class of sounds."""
    levels = {name: 1 - (number + 0.5) / len(TINTS) for number, name in enumerate(TINTS)}
    half = _THICK / 2 / len(TINTS)
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for one in hearing.visemes():
        if one.viseme in levels:
            middle = levels[one.viseme]
            bar = (one.start, one.end, middle - half, middle + half)
            found.setdefault(TINTS[one.viseme], []).append(bar)
    return {tint: _bars(bars) for tint, bars in found.items()}


def _bars(bars: Iterable[tuple[float, float, float, float]]) -> Bars:
    return np.asarray(list(bars), np.float64).reshape(-1, 4)


def _draw_bars(lane: Axes, bars: Bars, span: tuple[float, float], tint: str) -> None:
    """All bars as one outline: an hour of them has to fit into a page."""
    start, end, bottom, top = bars[(bars[:, 0] < span[1]) & (bars[:, 1] > span[0])].T
    if not len(start):
        return
    left = np.maximum(start, span[0])
    # What is shorter than a pixel is seen, too.
    right = np.minimum(np.maximum(end, left + (span[1] - span[0]) / _PX), span[1])
    corners = np.stack(
        [left, bottom, left, top, right, top, right, bottom, left, bottom], axis=1
    ).reshape(-1, 2)
    way = [Outline.MOVETO, Outline.LINETO, Outline.LINETO, Outline.LINETO, Outline.CLOSEPOLY]
    outline = Outline(corners, np.tile(way, len(start)))
    lane.add_patch(PathPatch(outline, facecolor=COLOURS[tint], linewidth=0, gid=f"{tint}-bars"))


def _draw_opening(lane: Axes, hearing: Hearing, span: tuple[float, float], bins: int) -> None:
    """How far the lips part, from together at the bottom to as far as they go."""
    lane.axhline(0, color=COLOURS["rule"], linewidth=0.7, zorder=0)
    first, stop = (round(edge * RATE) for edge in span)
    part = hearing.heard.opening[first:stop]
    if not len(part):
        return
    edges = np.linspace(0, len(part), min(bins, len(part)) + 1).astype(int)
    counts = np.diff(edges)
    mean = np.add.reduceat(part, edges[:-1]) / counts
    times = (first + edges[:-1] + counts / 2) / RATE
    lane.fill_between(times, 0, mean, color=COLOURS["open"], linewidth=0, gid="opening")


def _draw_clock(lane: Axes, span: tuple[float, float]) -> None:
    """Seconds of the file."""
    width = (span[1] - span[0]) / _PX
    step = next((one for one in _TICKS if one > 100 * width), _TICKS[-1])
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
