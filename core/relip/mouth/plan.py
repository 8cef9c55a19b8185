"""What the mouth shall do, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.mouth.select import distances
from relip.mouth.shape import Array, smoothstep
from relip.mouth.style import SpeakingStyle, at, spoken_at
from relip.speech.articulation import Articulation, SpeechEvent

RAMP: Final = 0.045
"""Seconds the lips take to meet and to part; about one frame of film."""
SETTLE: Final = 0.12
"""Seconds from the last sound to the resting mouth."""
LINE: Final = 30
"""Speaking frames from which a line's reach means something."""
MOST_STRETCH: Final = 1.3
"""More would make a mumbled line shouted."""
NEIGHBOURS: Final = 8
"""Own shapes a target is held near."""
CHUNK: Final = 256
"""Shapes compared with the cloud at once, so that memory does not grow with the line."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """One target mouth per output frame.

    Attributes
    ----------
    coefficients : ``[t, k]`` shapes.
    closing : ``[t]`` 0 to 1, how surely the lips touch.
    still : ``[t]`` 0 to 1, 1 where nobody speaks and nothing may move.
    """

    coefficients: Array
    closing: Array
    still: Array


def presence(events: tuple[SpeechEvent, ...], seconds: Array) -> Array:
    """How much each frame belongs to an event, ``[t]`` 0 to 1.

    1 inside, ramps outside; the frame nearest to an event's centre always belongs to it, so
    that a closure shorter than a frame is still seen.
    """
    amount = np.zeros(len(seconds))
    if len(seconds) == 0:
        return amount
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 0.04
    for event in events:
        before = smoothstep((seconds - (event.start - RAMP)) / RAMP)
        after = smoothstep(((event.end + RAMP) - seconds) / RAMP)
        inside = np.minimum(before, after)
        nearest = int(np.abs(seconds - event.centre).argmin())
        if abs(seconds[nearest] - event.centre) <= step:
            inside[nearest] = 1
        sure = float(smoothstep(np.array((event.confidence - 0.15) / 0.35)))
        amount = np.maximum(amount, inside * sure)
    return amount


def stillness(dub: Articulation, seconds: Array) -> Array:
    """1 where nobody speaks nor is about to, ``[t]``."""
    quiet = at(dub.visemes[:, :1], seconds, SETTLE)[:, 0]
    length = len(dub.visemes) / 100
    quiet[(seconds < -SETTLE) | (seconds > length + SETTLE)] = 1
    return smoothstep((quiet - 0.55) / 0.4)


def toward(shapes: Array, goals: Array) -> Array:
    """For each shape the blend of ``goals`` ``[c, k]`` nearest to it, ``[t, k]``."""
    scale = 0.2 * float(((goals - goals.mean(0)) ** 2).sum(1).mean()) + 1e-9
    distance = distances(shapes, goals)
    weight = np.exp(-(distance - distance.min(1, keepdims=True)) / scale)
    return np.asarray((weight @ goals) / weight.sum(1, keepdims=True))


def nearest(shapes: Array, cloud: Array, count: int, skip: int = 0) -> tuple[Array, Array]:
    """Mean squared distance ``[t]`` to, and mean ``[t, k]`` of, the nearest shapes of a cloud."""
    spread, centre = np.empty(len(shapes)), np.empty_like(shapes)
    for start in range(0, len(shapes), CHUNK):
        part = slice(start, start + CHUNK)
        squared = distances(shapes[part], cloud)
        few = np.argpartition(squared, min(count + skip, len(cloud) - 1), axis=1)
        few = few[:, : count + skip]
        spread[part] = np.take_along_axis(squared, few, 1).mean(1)
        centre[part] = cloud[few].mean(1)
    return spread, centre


def within_cloud(shapes: Array, cloud: Array) -> Array:
    """Shapes held near those the person really makes."""
    few = min(NEIGHBOURS, len(cloud))
    typical, _ = nearest(cloud[:: max(1, len(cloud) // 300)], cloud, few, 1)
    limit = np.quantile(typical, 0.9)
    distance, centre = nearest(shapes, cloud, few)
    keep = np.clip(np.sqrt(limit / np.maximum(distance, 1e-9)), 0, 1)[:, None]
    return np.asarray(centre + (shapes - centre) * keep)


def articulated(shapes: Array, speaking: NDArray[np.bool_], style: SpeakingStyle) -> Array:
    """Shapes the person makes, opening and closing as far as theirs do.

    Blending flattens: what a line of some seconds lacks of the person's own reach is given back,
    as far as they really go.
    """
    held = within_cloud(shapes, style.cloud)
    if speaking.sum() < LINE:
        return held
    factor = 1.0
    for _ in range(2):
        opening = held[speaking] @ style.parting
        reach = float(np.quantile(opening, 0.9) - np.quantile(opening, 0.1))
        factor = float(np.clip(factor * style.reach / max(reach, 1e-6), 1, MOST_STRETCH))
        held = within_cloud(style.mean + (shapes - style.mean) * factor, style.cloud)
    return held


def plan(
    style: SpeakingStyle, dub: Articulation, seconds: Array, strength: float = 1.0
) -> Trajectory:
    """The target mouth at each time.

    Parameters
    ----------
    seconds : ``[t]`` seconds in the dub at which each output frame is seen.
    strength : how far the mouth leaves rest; closures stay closed at any strength.
    """
    spoken = spoken_at(dub, seconds)
    answer = style.rest + (style.answer(spoken) - style.rest) * spoken.effort[:, None]
    shapes = articulated(answer, spoken.heard[:, 0] < 0.5, style)
    silent = spoken.heard[:, :1]
    shapes = shapes * (1 - silent) + style.rest * silent

    bite = presence(dub.dentals, seconds)[:, None] * 0.85
    shapes = shapes * (1 - bite) + style.visemes[2] * bite
    shapes = style.rest + (shapes - style.rest) * strength
    closing = presence(dub.closures, seconds)
    closed = toward(shapes, style.closed)
    shapes = shapes * (1 - closing[:, None]) + closed * closing[:, None]

    still = stillness(dub, seconds) * (1 - closing)
    shapes = shapes * (1 - still[:, None]) + style.rest * still[:, None]
    return Trajectory(shapes, closing, still)
