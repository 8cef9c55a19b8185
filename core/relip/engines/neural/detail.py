"""Detail that a network cannot draw, from the person's own footage.

A face drawn at 96 samples has no pores and no gaps between teeth. The footage has them: a real
mouth of this person, chosen for its look and moved to where the drawn lips are, gives what is
finer than the network draws; what is coarser stays the network's, and so does all light.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.frame import Box
from relip.mouth.shape import LIPS_INNER, LOWER_INNER, POINTS, UPPER_INNER, Array
from relip.render import blend, warp
from relip.render.face import FaceArtist, MouthSource, around, outline

TEETH: Final = 1.5
"""How much coarser detail may be between the lips: a tooth is some samples wide."""
ALIKE: Final = 0.35
"""Gap between the lips, relative to the larger of two, by which mouths differ too much to share
teeth."""
OPEN: Final = 0.03
"""Gap in lip widths below which a mouth shows no teeth."""


@dataclass(frozen=True, eq=False)
class DrawnMouth:
    """A drawn mouth at the size of its picture.

    ``picture`` float32 ``[h, w, 3]`` RGB inside ``box``; ``face`` ``[468, 3]`` px, its landmarks;
    ``softness`` px, standard deviation of the blur it was drawn with.
    """

    picture: blend.Picture
    box: Box
    face: Array
    softness: float


def detailed(mouth: DrawnMouth, source: MouthSource, artist: FaceArtist) -> blend.Picture:
    """The drawn mouth with the source's detail, ``[h, w, 3]``; where it has none, as it was."""
    here = artist.mesh(mouth.face, outline(mouth.face))
    near = artist.triangles[artist.near(here, mouth.box)]
    taken = source.landmarks[:POINTS].astype(float)
    there = artist.mesh(taken, outline(taken))
    field = warp.where_from(here, there, near, mouth.box, artist.depths(mouth.face), squeeze=0.15)
    crop = around(there[near].reshape(-1, 2), 8).within(source.frame.box)
    if crop.empty:
        return mouth.picture
    own = warp.fetch(to_rgb(source.frame, crop), (crop.x0, crop.y0), mouth.box, field)
    seen = cv2.erode(cv2.morphologyEx(field.seen, cv2.MORPH_CLOSE, blend.disc(1)), blend.disc(2))
    inside = warp.fill(mouth.face[LIPS_INNER, :2], mouth.box)
    skin = np.asarray(seen * (1 - inside), np.float32)
    between = np.asarray(seen * inside * np.float32(alike(mouth.face, taken)), np.float32)
    fine = mouth.picture + _finer(own, mouth.picture, mouth.softness) * skin[..., None]
    teeth = _finer(own, mouth.picture, TEETH * mouth.softness) * between[..., None]
    return np.asarray(fine + teeth, np.float32)


def alike(face: Array, other: Array) -> float:
    """How alike what shows between the lips of two faces ``[468, 3]`` must be, 0 to 1."""
    gaps = [
        float(
            np.linalg.norm(each[LOWER_INNER] - each[UPPER_INNER], axis=1).mean()
            / max(float(np.linalg.norm(each[61] - each[291])), 1e-6)
        )
        for each in (face, other)
    ]
    apart = abs(gaps[0] - gaps[1]) / max(*gaps, OPEN)
    return float(np.exp(-((apart / ALIKE) ** 2)))


def _finer(own: blend.Picture, drawn: blend.Picture, sigma: float) -> NDArray[np.float32]:
    """What makes ``drawn`` as fine as ``own`` beyond a blur of ``sigma`` px, in drawn light."""
    coarse, low = blend.blurred(own, sigma), blend.blurred(drawn, sigma)
    light = np.clip((low + np.float32(0.02)) / (coarse + np.float32(0.02)), 0.5, 2)
    return np.asarray((own - coarse) * light - (drawn - low), np.float32)
