"""Lanes over one stretch of time, drawn as an SVG: what every timeline of a report is made of."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from relip.media.speech import RATE as SAMPLES
from relip_plugin.report.html import Html, tag
from relip_plugin.report.svg import COLOURS, inlined

WIDTH: Final = 1080
"""Px of a row."""
LEFT, RIGHT = 94, 8
"""Px beside the axes."""
GAP: Final = 5
"""Px under a lane."""
_LETTERS: Final = 9.5
"""Of the names of levels."""
SAID: Final = {
    "PBM": "m b p",
    "FV": "f v",
    "ROUND": "oo",
    "OPEN": "ah",
    "MID": "uh",
    "SPREAD": "ee",
    "TEETH": "s t",
    "SH": "sh",
    "BACK": "k",
}
"""What the classes of sounds are called."""


@dataclass(frozen=True)
class Row:
    """A stretch of a timeline: ``[start, end)`` seconds, as an SVG."""

    start: float
    end: float
    svg: Html


@dataclass(frozen=True)
class Band:
    """A lane to be: its name at the left, its height and the room under it in px.

    ``levels`` are named instead of it, from the top to the bottom, each on a line of its own.
    """

    name: str
    height: float
    gap: float = GAP
    levels: tuple[str, ...] = ()


@contextmanager
def settings() -> Iterator[None]:
    """Our own, whatever the user has set for plots of theirs."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams["svg.fonttype"] = "none"  # text stays text, in the page's own letters
        mpl.rcParams["svg.hashsalt"] = "relip"  # the same drawing has the same ids
        mpl.rcParams["font.size"] = 11
        yield


def stacked(
    bands: Sequence[Band], clock: float, span: tuple[float, float]
) -> tuple[Figure, list[Axes]]:
    """An empty figure with a lane per band from top to bottom, ``clock`` px under the last."""
    height = sum(band.height + band.gap for band in bands) + clock
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    FigureCanvasSVG(figure)
    figure.patch.set_visible(False)
    lanes: list[Axes] = []
    top = float(height)
    for band in bands:
        top -= band.height
        box = (
            LEFT / WIDTH,
            top / height,
            (WIDTH - LEFT - RIGHT) / WIDTH,
            band.height / height,
        )
        lanes.append(_lane(figure, box, band, span))
        top -= band.gap
    return figure, lanes


def _lane(
    figure: Figure, box: tuple[float, float, float, float], band: Band, span: tuple[float, float]
) -> Axes:
    lane = figure.add_axes(box)
    lane.set_gid(f"lane-{band.name.lower().replace(' ', '-')}")
    lane.set_xlim(*span)
    lane.set_ylim(0, 1)
    lane.set_xticks([])
    lane.set_yticks([])
    lane.patch.set_visible(False)
    for side in ("left", "right", "top", "bottom"):
        lane.spines[side].set_visible(False)
    names = band.levels or (band.name,)
    for level, name in enumerate(names):
        height = 1 - (level + 0.5) / len(names)
        lane.text(
            -10 / (WIDTH - LEFT - RIGHT),
            height,
            name,
            transform=lane.transAxes,
            ha="right",
            va="center",
            fontsize=_LETTERS if band.levels else None,
            color=COLOURS["muted"],
        )
        if band.levels:
            lane.axhline(height, color=COLOURS["rule"], linewidth=0.6, zorder=0)
    return lane


def finished(figure: Figure, prefix: str) -> Html:
    """The figure as an element of a page; ``prefix`` keeps its ids apart from others'."""
    written = io.BytesIO()
    # Without a date, the same drawing makes the same page.
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return inlined(written.getvalue(), prefix)


def draw_wave(
    lane: Axes,
    samples: NDArray[np.float32],
    start: float,
    span: tuple[float, float],
    bins: int,
    peak: float,
) -> None:
    """The envelope of 16 kHz samples, of which the first is at ``start`` seconds.

    Parameters
    ----------
    bins : steps across the span, at most.
    peak : the sample value that fills the lane.
    """
    at = [round((edge - start) * SAMPLES) for edge in span]
    first, stop = (min(max(place, 0), len(samples)) for place in at)
    lane.set_ylim(-1, 1)
    lane.axhline(0, color=COLOURS["rule"], linewidth=0.7, zorder=0)
    part = samples[first:stop]
    if not len(part):
        return
    edges = np.linspace(0, len(part), min(bins, len(part)) + 1).astype(int)[:-1]
    high = np.maximum.reduceat(part, edges) / peak
    low = np.minimum.reduceat(part, edges) / peak
    times = start + (first + edges) / SAMPLES
    lane.fill_between(times, low, high, color=COLOURS["wave"], linewidth=0.4, gid="waveform")


def framed(rows: Sequence[Row]) -> list[Html]:
    """The rows as elements that know their times, for the page's script."""
    left, right = LEFT / WIDTH, 1 - RIGHT / WIDTH
    return [
        tag(
            "div",
            row.svg,
            class_="row",
            data_start=f"{row.start:.4f}",
            data_end=f"{row.end:.4f}",
            data_left=f"{left:.5f}",
            data_right=f"{right:.5f}",
        )
        for row in rows
    ]
