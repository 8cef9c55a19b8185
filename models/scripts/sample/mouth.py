"""Which shape the sample's mouth takes at each moment of its line.

The shapes are set by eye on the portrait; lengths are pixels of the portrait, whose mouth is
42 px wide in its smile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.sample.speak import Phone


@dataclass(frozen=True)
class MouthShape:
    """Lips and jaw, in the mouth's own frame: origin between the corners of the smile, y down.

    Attributes
    ----------
    half_width : from the middle to a corner.
    corner : height of the corners.
    line : height of the middle of the closed lips' line.
    above, below : how far the lips' inner edges lie from that line, in the middle.
    upper, lower : thickness of the lips in the middle.
    jaw : how far the chin has dropped.
    """

    half_width: float
    corner: float
    line: float
    above: float
    below: float
    upper: float
    lower: float
    jaw: float


REST: Final = MouthShape(18.2, 2.6, 5.6, 0.0, 0.0, 3.9, 5.6, 0.0)
CLOSED: Final = MouthShape(17.6, 3.0, 5.6, 0.0, 0.0, 3.3, 4.9, 0.3)
TEETH_ON_LIP: Final = MouthShape(18.3, 2.6, 5.4, 1.3, 1.5, 3.4, 4.4, 0.8)
OPEN: Final = MouthShape(16.6, 5.6, 6.0, 1.2, 9.6, 3.8, 5.4, 8.6)
MID: Final = MouthShape(17.4, 4.2, 5.8, 1.1, 5.0, 3.7, 5.4, 4.4)
SPREAD: Final = MouthShape(19.8, 1.7, 5.2, 1.4, 2.8, 3.4, 5.2, 1.8)
ROUND: Final = MouthShape(11.8, 6.0, 7.0, 1.3, 2.8, 5.0, 6.6, 2.8)
ROUND_OPEN: Final = MouthShape(13.2, 6.0, 6.6, 1.5, 7.0, 4.6, 6.1, 6.4)
NARROW: Final = MouthShape(18.3, 2.6, 5.6, 1.0, 2.0, 3.7, 5.3, 1.1)
HUSH: Final = MouthShape(14.6, 4.6, 6.0, 1.7, 2.4, 4.5, 6.1, 1.8)
BACK: Final = MouthShape(17.8, 3.0, 5.6, 1.0, 3.4, 3.8, 5.4, 2.8)

# By the first letter of eSpeak's IPA that is named here; longest names first.
OF_PHONE: Final[dict[str, tuple[MouthShape, ...]]] = {
    "aɪ": (OPEN, SPREAD),
    "aʊ": (OPEN, ROUND),
    "eɪ": (MID, SPREAD),
    "oʊ": (ROUND_OPEN, ROUND),
    "ɔːɹ": (ROUND_OPEN, HUSH),
    "ɔ": (ROUND_OPEN,),
    "ɑ": (OPEN,),
    "æ": (OPEN,),
    "p": (CLOSED,),
    "b": (CLOSED,),
    "m": (CLOSED,),
    "f": (TEETH_ON_LIP,),
    "v": (TEETH_ON_LIP,),
    "w": (ROUND,),
    "u": (ROUND,),
    "ʊ": (ROUND,),
    "ʃ": (HUSH,),
    "ɹ": (HUSH,),
    "i": (SPREAD,),
    "ɪ": (SPREAD,),
    "ə": (MID,),
    "ɐ": (MID,),
    "ɛ": (MID,),
    "ɜ": (MID,),
    "ɚ": (MID,),
    "ʌ": (MID,),
    "k": (BACK,),
    "ɡ": (BACK,),
    "h": (BACK,),
}
RATE: Final = 200  # rows per second
SPREAD_OF_INFLUENCE: Final = 0.042  # s; a shape begins to show about 80 ms before its phone
LIPS_PART_IN: Final = 0.055  # s, from closed to free
SHUTTER: Final = 0.02  # s to either side of a frame


def shapes_of(name: str) -> tuple[MouthShape, ...]:
    """The shapes a phone goes through; tongue sounds not named above are nearly closed."""
    if not name:
        return (REST,)
    found = [OF_PHONE[start] for start in OF_PHONE if name.startswith(start)]
    return found[0] if found else (NARROW,)


def trajectory(
    phones: Sequence[Phone], seconds: float, frame_times: NDArray[np.float64]
) -> list[MouthShape]:
    """One shape per frame.

    Shapes blend into each other, except that teeth lie on the lip for the whole of f and v, and
    lips are closed for the whole of p, b and m: a frame during whose exposure they touch shows
    them touching.
    """
    times = (np.arange(round(seconds * RATE)) + 0.5) / RATE
    rows = np.tile(np.array(astuple(REST)), (len(times), 1))
    parted, unbitten = np.ones(len(times)), np.ones(len(times))
    for phone in phones:
        shapes = shapes_of(phone.name)
        within = (times >= phone.start) & (times < phone.end)
        part = (times[within] - phone.start) / (phone.end - phone.start) * len(shapes)
        rows[within] = np.array([astuple(shape) for shape in shapes])[part.astype(int)]
        away = np.maximum(phone.start - times, times - phone.end)
        ramp = np.clip(away / LIPS_PART_IN, 0, 1)
        ramp = ramp * ramp * (3 - 2 * ramp)
        if shapes[0] is CLOSED:
            parted = np.minimum(parted, ramp)
        elif shapes[0] is TEETH_ON_LIP:
            unbitten = np.minimum(unbitten, ramp)
    reach = np.arange(-40, 41) / RATE
    kernel = np.exp(-0.5 * (reach / SPREAD_OF_INFLUENCE) ** 2)
    kernel /= kernel.sum()
    padded = np.pad(rows, ((40, 40), (0, 0)), "edge")
    smooth = np.stack([np.convolve(column, kernel, "valid") for column in padded.T], 1)
    bitten = 1 - unbitten[:, None]
    smooth += bitten * (np.array(astuple(TEETH_ON_LIP)) - smooth)
    found = []
    for moment in frame_times:
        exposed = np.abs(times - moment) <= SHUTTER
        nearest = int(np.argmin(np.abs(times - moment)))
        half_width, corner, line, above, below, upper, lower, jaw = smooth[nearest]
        gate = float(parted[exposed].min())
        # The jaw follows the lips only in part: it need not close for them to touch.
        found.append(
            MouthShape(
                half_width,
                corner,
                line,
                above * gate,
                below * gate,
                upper,
                lower,
                jaw * (0.35 + 0.65 * gate),
            )
        )
    return found
