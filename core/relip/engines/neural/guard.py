"""What a drawn mouth must do whatever its network makes of the line.

Networks of this kind keep lips moving in silence and leave them apart on p, b and m: their
authors' measures do not ask for either. Here silence is the person's own resting mouth, a closure
is closed, whether the network closed it or not, and on f and v the lip comes up to the teeth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from relip.mouth.plan import Trajectory, presence, stillness, toward
from relip.mouth.shape import Array, smoothstep
from relip.mouth.style import SpeakingStyle
from relip.speech.articulation import VISEMES, Articulation

TOUCHING: Final = 0.006
"""Eye distances by which gaps of lips that touch differ."""
PARTED: Final = 0.03
"""Eye distances beyond a closed mouth's gap at which lips that should meet are plainly apart."""
BITE: Final = 0.85
"""How much of f and v is the person's own, as in :mod:`relip.mouth.plan`."""


@dataclass(frozen=True, eq=False)
class Guarded:
    """A drawn line as it may be shown.

    Attributes
    ----------
    path : the mouths' shapes.
    own : ``[t]`` 0 to 1, how much of the picture must come from the person's footage.
    missed : ``[t]`` bool, frames in which lips should have met and did not.
    """

    path: Trajectory
    own: Array
    missed: np.ndarray[tuple[int], np.dtype[np.bool_]]


def guarded(
    style: SpeakingStyle, drawn: Array, dub: Articulation, seconds: Array, strength: float = 1.0
) -> Guarded:
    """Shapes ``[t, k]`` as drawn, closed where lips must meet, at rest where nobody speaks."""
    bitten = style.visemes[VISEMES.index("FV")]
    far = style.gap(drawn) - style.gap(bitten[None]) - TOUCHING
    bite = BITE * presence(dub.dentals, seconds) * smoothstep(far / PARTED)
    shapes = drawn + (bitten - drawn) * bite[:, None]
    shapes = style.rest + (shapes - style.rest) * strength
    closing = presence(dub.closures, seconds)
    shut = toward(shapes, closed_mouths(style, drawn))
    apart = smoothstep((style.gap(shapes) - style.gap(shut) - TOUCHING) / PARTED)
    shapes = shapes * (1 - closing[:, None]) + shut * closing[:, None]
    still = stillness(dub, seconds) * (1 - closing)
    shapes = shapes * (1 - still[:, None]) + style.rest * still[:, None]
    path = Trajectory(shapes, closing, still)
    own = np.maximum(np.maximum(still, bite), closing * apart)
    return Guarded(path, own, (closing > 0.5) & (apart > 0.5))


def closed_mouths(style: SpeakingStyle, drawn: Array) -> Array:
    """Shapes ``[c, k]`` with lips together: the person's own, or drawn ones where they are not."""
    gaps = style.gap(drawn)
    candidates = np.vstack([style.closed, drawn[gaps <= np.quantile(gaps, 0.04)]])
    opened = style.gap(candidates)
    tight = max(float(style.gap(style.closed).min()), float(opened.min()))
    return np.asarray(candidates[opened <= min(tight, float(opened.min()) + TOUCHING) + TOUCHING])
