"""Whether something is in front of the mouth.

The landmark network draws a mouth on the back of a hand without any loss of confidence, so its
word is not enough. But skin and lips keep their pattern of colours, sample by sample of the
face, while somebody speaks, and a hand, even of the same colour, or a microphone does not have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.texture import SKIN, Glimpse

Array = NDArray[np.float64]

FEWEST: Final = 5
"""Frames of a shot that make a norm."""
NORM: Final = 150
"""Frames looked at together: a shot's norm is taken from as many, up to twice, spread over it."""


@dataclass(frozen=True)
class OcclusionRule:
    """What is taken for hidden.

    On 19 faces that speak, smile and turn, the pattern strayed by less than .13 (one that turns
    fast: .34) and less than 9 % of the samples changed. With a hand of the face's own colour on the
    mouth it strayed by .36 and more, with a microphone or a box .44 and more, and then 64 to 96 %
    of the samples changed.

    Attributes
    ----------
    stray_low, stray_high : bounds of where the pattern counts as strayed: the shot's own median
        and eight median deviations, but inside these.
    changed : share of samples that changed colour beyond what speech does.
    softness : how far above a bound hidden becomes certain.
    linger : frames before and after, in which whatever covers the mouth comes and goes.
    """

    stray_low: float = 0.22
    stray_high: float = 0.40
    changed: float = 0.14
    softness: float = 0.10
    linger: int = 2


def mouth_hidden(
    glimpses: Sequence[Glimpse | None],
    shots: NDArray[np.int32],
    rule: OcclusionRule | None = None,
) -> NDArray[np.float32]:
    """How sure it is that the mouth is covered, per frame: float32 ``[n]``, 0 to 1.

    Parameters
    ----------
    glimpses : of one person, one per frame, as :meth:`Follower.glimpses` gives them.
    shots : int32 ``[n]``; every shot has its own light, so its own norm.

    Returns
    -------
    1 where the person is not seen at all. A thing that covers the mouth in most frames of a
    shot without moving against the face becomes the norm, and is not noticed.
    """
    rule = rule or OcclusionRule()
    hidden = np.ones(len(glimpses), np.float32)
    seen = np.array([glimpse is not None for glimpse in glimpses], bool)
    for shot in np.unique(shots):
        here = np.flatnonzero(seen & (shots == shot)).tolist()
        if len(here) < FEWEST:
            hidden[here] = 0
            continue
        found = _hidden([one for i in here if (one := glimpses[i]) is not None], rule)
        # One wild frame is noise, and so is one calm frame between two wild ones.
        padded = np.pad(found, 1, mode="edge")
        calm = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
        reach = np.pad(calm, rule.linger)
        windows = np.lib.stride_tricks.sliding_window_view(reach, 2 * rule.linger + 1)
        hidden[here] = windows.max(1)
    return hidden


def _hidden(glimpses: Sequence[Glimpse], rule: OcclusionRule) -> Array:
    some = _relative_colours(glimpses[:: max(1, len(glimpses) // NORM)])
    norm = np.median(some, axis=0)
    usual = np.median(np.abs(some - norm), axis=0)
    tolerance = np.maximum(0.2, 3.5 * usual.max(-1))
    changed, strayed = np.empty(len(glimpses)), np.empty(len(glimpses))
    for start in range(0, len(glimpses), NORM):
        part = slice(start, start + NORM)
        colours = _relative_colours(glimpses[part])
        distance = np.abs(colours - norm).max(-1)
        changed[part] = np.clip((distance - tolerance) / 0.25, 0, 1).mean((1, 2))
        strayed[part] = _strayed(colours, norm, usual)
    centre = float(np.median(strayed))
    spread = float(np.median(np.abs(strayed - centre)))
    limit = min(max(rule.stray_low, centre + 8 * spread), rule.stray_high)
    doubt = np.maximum(strayed - limit, changed - rule.changed) / rule.softness
    return np.asarray(np.clip(doubt, 0, 1), np.float64)


def _relative_colours(glimpses: Sequence[Glimpse]) -> Array:
    """Log colours ``[n, 24, 24, 3]`` of the lower face over the upper face's: without the light."""
    lower = np.array([glimpse.lower for glimpse in glimpses], np.float64)
    skin = np.array([np.median(glimpse.looks[SKIN], axis=0) for glimpse in glimpses], np.float64)
    # The offset keeps noise near black from counting as colour.
    return np.asarray(np.log(lower + 12) - np.log(skin + 12)[:, None, None], np.float64)


def _strayed(colours: Array, norm: Array, usual: Array) -> Array:
    """``[n]``: 1 - correlation with the norm, samples that always vary counting little."""
    weight = 1 / (usual + 0.06) ** 2
    one = colours - colours.mean((1, 2), keepdims=True)
    other = norm - norm.mean((0, 1), keepdims=True)
    product = (weight * one * other).sum((1, 2, 3))
    size = (weight * one * one).sum((1, 2, 3)) * (weight * other * other).sum()
    # Faces in the dark have no pattern to stray from, only noise: 3 % counts as equal.
    noise = 0.03**2 * weight.sum() * colours.shape[-1]
    return np.asarray(1 - (product + noise) / (np.sqrt(size) + noise), np.float64)
