from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from relip.drawing import with_mouths
from relip.media.colour import to_rgb
from relip.media.frame import Box, Frame
from relip.render.lay import lay
from relip.render.patch import MouthPatch, together
from relip_job.events import Notice
from tests.faces_made import frame_of

GREY = np.full((64, 96, 3), 120, np.uint8)


@dataclass
class Painter:
    """An engine that paints a square, and around it shows the picture as it finds it."""

    square: Box
    matte: Box
    level: float
    notices: tuple[Notice, ...] = ()
    page: dict[str, object] = field(default_factory=dict)

    def draw(self, frame: Frame) -> MouthPatch | None:
        """The matte's part of the frame, with the square in it."""
        matte, square = self.matte, self.square
        rgb = to_rgb(frame, matte)
        rgb[
            square.y0 - matte.y0 : square.y1 - matte.y0, square.x0 - matte.x0 : square.x1 - matte.x0
        ] = self.level
        alpha = np.ones((matte.height, matte.width), np.float32)
        return MouthPatch(rgb, alpha, matte.x0, matte.y0)


class Idle(Painter):
    """An engine with nothing to draw in this frame."""

    def draw(self, frame: Frame) -> MouthPatch | None:
        """None."""
        return None


LEFT = Painter(Box(10, 20, 40, 44), Box(4, 10, 70, 60), 0.9)
RIGHT = Painter(Box(50, 20, 80, 44), Box(20, 10, 90, 60), 0.1)


def test_neighbours_whose_mattes_overlap_do_not_erase_each_other() -> None:
    frame = frame_of(GREY)
    for engines in ([LEFT, RIGHT], [RIGHT, LEFT]):
        made, patches = with_mouths(frame, engines)
        shown = to_rgb(made)

        assert len(patches) == 2
        for engine in engines:
            square = engine.square
            part = shown[square.y0 : square.y1, square.x0 : square.x1]
            assert np.abs(part - engine.level).max() < 0.01


def test_a_frame_without_a_mouth_is_the_frame_itself() -> None:
    frame = frame_of(GREY)
    made, patches = with_mouths(frame, [Idle(LEFT.square, LEFT.matte, 0)])
    assert made is frame
    assert patches == []


def test_patches_together_are_what_they_are_one_after_the_other() -> None:
    frame = frame_of(GREY)
    _, patches = with_mouths(frame, [LEFT, RIGHT])
    for patch in patches:
        ramp = np.linspace(0, 1, patch.alpha.shape[1], dtype=np.float32)
        patch.alpha[:] *= ramp
    after = frame
    for patch in patches:
        after = lay(after, patch.rgb, patch.alpha, patch.x0, patch.y0)
    one = together(patches)
    at_once = lay(frame, one.rgb, one.alpha, one.x0, one.y0)

    assert np.abs(to_rgb(at_once) - to_rgb(after)).max() < 1.5 / 255
    assert (one.x0, one.y0, one.alpha.shape) == (4, 10, (50, 86))


def test_what_lies_where_a_patch_has_no_alpha_does_not_count() -> None:
    rgb = np.full((4, 4, 3), np.nan, np.float32)
    alpha = np.zeros((4, 4), np.float32)
    rgb[1:3, 1:3], alpha[1:3, 1:3] = 0.5, 1
    one = together([MouthPatch(rgb, alpha, 0, 0), MouthPatch(rgb, alpha, 6, 2)])

    assert np.isfinite(one.rgb).all()
    assert one.alpha.sum() == 8
    assert (one.rgb[one.alpha > 0] == 0.5).all()


def test_no_patches_are_a_transparent_one() -> None:
    nothing = together([])
    assert nothing.alpha.shape == nothing.rgb.shape[:2]
    assert nothing.alpha.max() == 0
