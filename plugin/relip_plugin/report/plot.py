"""The timeline: what was heard, what was asked of the mouth, what it did; one row per stretch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from relip.media.clip import Clip
from relip.quality.card import Assessment, Contact, Point, Timeline
from relip.speech.articulation import RATE, VISEMES
from relip_job.timecode import nominal
from relip_plugin.report.html import Html
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

ROW_SECONDS: Final = 8.0
MOST_ROWS: Final = 8
_CLOCK: Final = 24
"""Px under the lanes for the timecodes."""
_BINS: Final = 1000
"""Steps across a row, at most: a page shall open at once, however long the line."""
_MOST_MARKS: Final = 300
_TINTS: Final = {"PBM": "closure", "FV": "dental"}


def plot(assessment: Assessment, clip: Clip, samples: NDArray[np.float32]) -> Iterator[Row]:
    """Yield the rows from top to bottom.

    Parameters
    ----------
    samples : the speech, mono, 16 kHz, from ``timeline.speech_start`` on.
    """
    timeline = assessment.timeline
    start = float(timeline.times[0])
    end = float(timeline.times[-1]) + float(1 / clip.rate)
    count = min(max(1, ceil((end - start) / ROW_SECONDS - 0.25)), MOST_ROWS)
    edges = np.linspace(start, end, count + 1)
    points = [point for point in assessment.card.points if point.moments]
    with settings():
        for number in range(count):
            low, high = float(edges[number]), float(edges[number + 1])
            yield Row(low, high, _row(number, (low, high), timeline, points, clip, samples))


def _row(
    number: int,
    span: tuple[float, float],
    timeline: Timeline,
    points: Sequence[Point],
    clip: Clip,
    samples: NDArray[np.float32],
) -> Html:
    bands = [Band("speech", 46), Band("heard", 22), Band("lips", 22), Band("opening", 118)]
    figure, axes = stacked([*bands, *(Band(point.title, 17) for point in points)], _CLOCK, span)
    peak = max(float(np.abs(samples).max(initial=0)), 1e-6)
    draw_wave(axes[0], samples, timeline.speech_start, span, _BINS, peak)
    _draw_heard(axes[1], timeline, span)
    _draw_contacts(axes[2], axes[3], timeline, span)
    _draw_opening(axes[3], timeline, span)
    for lane, point in zip(axes[4:], points, strict=True):
        _draw_moments(lane, point, clip, span)
    _draw_clock(axes[-1], clip, span)
    return finished(figure, f"row{number}")


def _draw_heard(lane: Axes, timeline: Timeline, span: tuple[float, float]) -> None:
    """Blocks of the sounds that are most likely, with their letters where there is room."""
    lane.set_ylim(0, 1)
    visemes = timeline.heard.visemes
    at = [round((edge - timeline.speech_start) * RATE) for edge in span]
    first, stop = (min(max(place, 0), len(visemes)) for place in at)
    if first >= stop:
        return
    edges = np.unique(np.linspace(first, stop, min(_BINS, stop - first) + 1).astype(int))
    likely = np.add.reduceat(visemes[first:stop], edges[:-1] - first, axis=0).argmax(1)
    starts = np.flatnonzero(np.diff(likely, prepend=-1))
    ends = np.append(starts[1:], len(likely))
    px = (WIDTH - LEFT - RIGHT) / (span[1] - span[0])
    blocks: dict[str, list[tuple[float, float]]] = {}
    for begin, finish in zip(starts, ends, strict=True):
        name = VISEMES[int(likely[begin])]
        if name not in SAID:
            continue
        low, high = (timeline.speech_start + edges[place] / RATE for place in (begin, finish))
        tint = _TINTS.get(name, "sound")
        blocks.setdefault(tint, []).append((low, max(high - low - 1 / px, 0.5 / px)))
        if (high - low) * px > 6.4 * len(SAID[name]) + 2:
            ink = COLOURS["ink" if tint == "sound" else "paper"]
            lane.text(
                (low + high) / 2,
                0.45,
                SAID[name],
                ha="center",
                va="center",
                fontsize=9.5,
                color=ink,
            )
    for tint, bars in blocks.items():
        lane.broken_barh(bars, (0, 1), color=COLOURS[tint], linewidth=0)


def _draw_contacts(lane: Axes, mouth: Axes, timeline: Timeline, span: tuple[float, float]) -> None:
    """A mark for every closure: what was met, what was missed, what nobody judged."""
    lane.set_ylim(0, 1)
    here = [one for one in timeline.contacts if span[0] <= _centre(one) < span[1]]
    if len(here) > _MOST_MARKS:
        here = sorted((one for one in here if one.met is False), key=lambda one: -one.confidence)
        here = here[:_MOST_MARKS]
    for tint, missed in (("closure", False), ("missed", True)):
        bars = [
            (one.start, one.end - one.start)
            for one in here
            if one.kind == "pbm" and (one.met is False) == missed
        ]
        whole = mouth.get_xaxis_transform()
        mouth.broken_barh(bars, (0, 1), color=COLOURS[tint], alpha=0.13, lw=0, transform=whole)
    for kind, mark, size in (("pbm", "o", 7.5), ("fv", "D", 6.2)):
        for met, name in ((True, "met"), (False, "missed"), (None, "unseen")):
            times = [_centre(one) for one in here if one.kind == kind and one.met is met]
            if not times:
                continue
            lane.plot(
                times,
                [0.5] * len(times),
                linestyle="none",
                marker="X" if name == "missed" else mark,
                markersize=9.5 if name == "missed" else size,
                color=COLOURS[{True: "met", False: "missed", None: "paper"}[met]],
                markeredgecolor=COLOURS["muted" if met is None else "paper"],
                markeredgewidth=1.1 if met is None else 0.8,
                gid=f"{kind}-{name}",
            )


def _draw_opening(lane: Axes, timeline: Timeline, span: tuple[float, float]) -> None:
    inside = (timeline.times >= span[0] - 0.2) & (timeline.times < span[1] + 0.2)
    curves = (timeline.original, timeline.wanted, timeline.drawn)
    known = np.concatenate([curve[np.isfinite(curve)] for curve in curves])
    top = max(float(known.max()) if len(known) else 0.0, 0.02) * 1.08
    lane.set_ylim(-0.04 * top, top)
    lane.axhline(0, color=COLOURS["rule"], linewidth=0.7, zorder=0)
    styles = (("original", "original", 1.3, "-"), ("wanted", "wanted", 1.4, (0, (3.2, 1.6))))
    for (name, tint, width, style), curve in zip(
        (*styles, ("drawn", "drawn", 2.0, "-")), curves, strict=True
    ):
        times, values = thinned(timeline.times[inside], curve[inside])
        lane.plot(times, values, color=COLOURS[tint], linewidth=width, linestyle=style, gid=name)


def thinned(
    times: NDArray[np.float64], values: NDArray[np.float64], bins: int = _BINS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The curve with no more than ``2 * bins`` points: of each bin its lowest and highest."""
    if len(times) <= 2 * bins:
        return times, values
    edges = np.linspace(0, len(times), bins + 1).astype(int)
    kept: list[int] = []
    for low, high in pairwise(edges):
        part = values[low:high]
        if np.isfinite(part).any():
            kept += sorted({low + int(np.nanargmin(part)), low + int(np.nanargmax(part))})
        else:
            kept.append(int(low))
    return times[kept], values[kept]


def _draw_moments(lane: Axes, point: Point, clip: Clip, span: tuple[float, float]) -> None:
    lane.set_ylim(0, 1)
    lane.axhline(0.5, color=COLOURS["rule"], linewidth=0.7, zorder=0)
    px = (WIDTH - LEFT - RIGHT) / (span[1] - span[0])
    bars = []
    for moment in sorted(point.moments, key=lambda one: -one.severity)[:_MOST_MARKS]:
        start = float(clip.time(min(moment.first, clip.frames - 1)))
        end = float(clip.time(moment.stop)) if moment.stop < clip.frames else float(clip.duration)
        if start < span[1] and end > span[0]:
            bars.append((start, max(end - start, 3 / px)))
    tint = "missed" if point.state == "lost" else "muted"
    if bars:
        lane.broken_barh(bars, (0.22, 0.56), color=COLOURS[tint], linewidth=0, gid="moments")


def _draw_clock(lane: Axes, clip: Clip, span: tuple[float, float]) -> None:
    """Timecodes on round seconds of the clip's own clock."""
    width = (span[1] - span[0]) / (WIDTH - LEFT - RIGHT)
    second = nominal(clip.rate)
    # Ticks lie on whole frames: parts of a second are its divisors.
    steps = [frames for frames in range(1, second) if second % frames == 0]
    steps += [second * seconds for seconds in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)]
    needed = 100 * width * float(clip.rate)
    frames = next((one for one in steps if one > needed), 3600 * second)
    low, high = (clip.index_at(Fraction(edge)) for edge in span)
    number = clip.timecode(low).frames
    first = low + -number % frames
    # A label that reached over the edge would be cut.
    last = span[1] - 34 * width
    ticks = [at for at in range(first, high + 1, frames) if float(clip.time(at)) < last]
    lane.set_xticks([float(clip.time(index)) for index in ticks])
    lane.set_xticklabels([str(clip.timecode(index)) for index in ticks])
    lane.tick_params(
        axis="x", length=4, width=0.7, color=COLOURS["rule"], labelcolor=COLOURS["muted"], pad=3
    )


def _centre(contact: Contact) -> float:
    return (contact.start + contact.end) / 2
