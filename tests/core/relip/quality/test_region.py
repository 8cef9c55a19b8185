from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.colour import from_rgb, to_rgb
from relip.media.formats import sample_format
from relip.media.frame import Box, Colour, Frame, Plane
from relip.mouth.shape import CHIN, LIPS_OUTER
from relip.quality.region import RegionGauge, Regions, allowed_region, filled, gradient, under
from relip.render.face import outline
from relip.render.lay import lay
from tests.faces_made import RATE, portrait
from tests.mouths_made import SCALE, portrait_landmarks

LIMITED = Colour(1, 1, 1, False, 1)
Marks = NDArray[np.float32]
SIDE = 288
BOX = Box(0, 0, SIDE, SIDE)
EYE = 60
"""About the px between the portrait's eyes."""


@pytest.fixture(scope="module")
def marks() -> Marks:
    found = portrait_landmarks() / np.float32(SCALE)
    found[:, :2] -= np.float32((SCALE - 1) / 2 / SCALE)
    return found


def native(pixels: str = "yuv444p", colour: Colour = LIMITED) -> Frame:
    """The portrait as a clip holds it."""
    fmt = sample_format(pixels)
    planes: list[Plane] = []
    wide = replace(fmt, chroma_x=1, chroma_y=1)
    rgb = np.asarray(portrait() / 255, np.float32)
    for number, value in enumerate(from_rgb(rgb, wide, colour, SIDE)):
        if fmt.model == "yuv" and number in (1, 2):
            value = value[:: fmt.chroma_y, :: fmt.chroma_x]
        whole = np.clip(np.rint(value), 0, 2**fmt.bits - 1)
        planes.append(whole.astype(np.uint8) if fmt.bits == 8 else whole.astype(np.uint16))
    return Frame(0, 0, 1 / RATE, 0 / RATE, fmt, colour, SIDE, SIDE, tuple(planes), BOX)


def with_plane(frame: Frame, number: int, row: int, column: int, value: int = 7) -> Frame:
    """The frame with one sample changed."""
    planes = list(frame.planes)
    planes[number] = planes[number].copy()
    planes[number][row, column] ^= value
    return replace(frame, planes=tuple(planes))


def compared(original: Frame, result: Frame, marks: Marks | None) -> Regions:
    gauge = RegionGauge()
    gauge.take(original, result, marks)
    return gauge.regions()


def lips_matte(marks: Marks, reach: float, soft: float) -> NDArray[np.float32]:
    """1 within ``reach`` px of the lips' hull, with an edge ``soft`` px wide."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(marks[LIPS_OUTER, :2]).astype(np.int32)), 1)
    away = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    return np.asarray(np.clip(1 - (away - reach) / soft, 0, 1), np.float32)


def laid(frame: Frame, gain: float, matte: NDArray[np.float32]) -> Frame:
    """The frame, lighter by ``gain`` under the matte."""
    return lay(frame, to_rgb(frame) * np.float32(gain), matte, 0, 0)


def test_an_untouched_frame_has_no_changed_part(marks: Marks) -> None:
    found = compared(native(), native(), marks)

    assert (found.area.item(), found.outside.item()) == (0, 0)
    assert (found.near.item(), found.far.item()) == (0, 0)
    assert np.isnan(found.ring).all()
    assert found.colour.tolist() == [[0, 0, 0]]


def test_the_region_reaches_from_the_nose_to_below_the_chin(marks: Marks) -> None:
    inside = filled(allowed_region(marks), BOX)

    left, top = marks[LIPS_OUTER, :2].min(0).astype(int)
    right, bottom = marks[LIPS_OUTER, :2].max(0).astype(int)
    assert inside[top:bottom, left:right].all()
    x, y = marks[CHIN, :2].astype(int)
    assert inside[y + 3, x]
    eyes = int(marks[[33, 263], 1].mean())
    assert not inside[: eyes - 2].any()
    assert not inside[y + EYE :].any()


def test_a_soft_edge_that_is_as_wide_on_a_small_face_is_inside_the_region(marks: Marks) -> None:
    small = marks / np.float32(4)

    below = allowed_region(small)[:, 1].max() - outline(small.astype(float))[:, 1].max()

    assert 14 < below < 18


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "gbrp"])
def test_every_sample_changed_outside_the_region_is_counted(pixels: str, marks: Marks) -> None:
    frame = native(pixels)
    result = frame
    expected = 0
    for number in range(3):
        sx, sy = frame.steps(number)
        for x, y in ((4, 4), (SIDE - 8, 8), (8, SIDE - 8)):
            result = with_plane(result, number, y // sy, x // sx)
            expected += 1

    assert compared(frame, result, marks).outside.item() == expected
    assert compared(frame, result, marks).far.item() > 0


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p"])
def test_samples_inside_the_region_may_change(pixels: str, marks: Marks) -> None:
    frame = native(pixels)
    result = laid(frame, 1.05, lips_matte(marks, 6, 6))

    assert (result.planes[0] != frame.planes[0]).sum() > 500
    assert (result.planes[1] != frame.planes[1]).any()
    assert compared(frame, result, marks).outside.item() == 0


@pytest.mark.parametrize(("pixels", "sx", "sy"), [("yuv420p", 2, 2), ("yuv422p", 2, 1)])
def test_chroma_may_change_where_one_of_its_luma_samples_may(
    pixels: str, sx: int, sy: int, marks: Marks
) -> None:
    frame = native(pixels)
    inside = filled(allowed_region(marks), BOX)
    blocks = inside.reshape(SIDE // sy, sy, SIDE // sx, sx)
    edge = np.argwhere(blocks.any((1, 3)) & ~blocks.all((1, 3)))
    beside = np.argwhere(~blocks.any((1, 3)))

    assert compared(frame, with_plane(frame, 1, *edge[5]), marks).outside.item() == 0
    assert compared(frame, with_plane(frame, 1, *beside[5]), marks).outside.item() == 1


def test_alpha_is_never_free() -> None:
    frame = native("yuv420p")
    alpha = replace(
        frame, format=sample_format("yuva420p"), planes=(*frame.planes, frame.planes[0])
    )
    free = np.zeros((SIDE, SIDE), bool)
    free[3, 5] = True

    assert np.argwhere(under(free, alpha, 0)).tolist() == [[3, 5]]
    assert np.argwhere(under(free, alpha, 1)).tolist() == [[1, 2]]
    assert not under(free, alpha, 3).any()


def test_without_a_face_nothing_may_change(marks: Marks) -> None:
    frame = native("yuv420p")
    x, y = marks[CHIN, :2].astype(int)

    found = compared(frame, with_plane(frame, 0, int(y), int(x)), None)

    assert (found.outside.item(), found.area.item()) == (1, 0)


def test_another_layout_cannot_be_counted_but_compared(marks: Marks) -> None:
    found = compared(native("yuv420p"), native("yuv422p10le"), marks)

    assert np.isnan(found.outside.item())
    assert max(found.near.item(), found.far.item()) < 0.3, "half a code value of eight bits"


@pytest.mark.parametrize("result", [native("gbrp"), native("yuv444p", replace(LIMITED, full=True))])
def test_samples_that_mean_something_else_are_compared_by_what_they_show(
    result: Frame, marks: Marks
) -> None:
    found = compared(native(), result, marks)

    assert max(found.near.item(), found.far.item()) < 1.5
    assert abs(found.near.item() - found.far.item()) < 0.1


def test_a_soft_blend_has_no_edge_and_a_hard_box_has(marks: Marks) -> None:
    frame = native()
    soft = compared(frame, laid(frame, 1.04, lips_matte(marks, 4, 14)), marks)
    box = np.zeros((SIDE, SIDE), np.float32)
    left, top = marks[LIPS_OUTER, :2].min(0).astype(int) - 8
    right, bottom = marks[LIPS_OUTER, :2].max(0).astype(int) + 8
    box[top:bottom, left:right] = 1
    hard = compared(frame, laid(frame, 1.1, box), marks)

    assert soft.area.item() > 0.1
    assert soft.ring[0, 1] / soft.ring[0, 0] < 1.05
    assert hard.ring[0, 1] / hard.ring[0, 0] > 1.15


def test_the_size_of_what_changed_is_told_in_squared_eye_distances(marks: Marks) -> None:
    frame = native()
    eye = float(np.linalg.norm(marks[33] - marks[263]))
    matte = lips_matte(marks, 8, 0.5)

    found = compared(frame, laid(frame, 1.2, matte), marks)

    assert found.area.item() == pytest.approx(float((matte > 0.5).sum()) / eye**2, rel=0.15)


def test_the_colour_of_the_skin_is_told_and_not_that_of_the_lips(marks: Marks) -> None:
    frame = native("gbrp", Colour(full=True))
    matte = lips_matte(marks, 30, 1)
    lips = lips_matte(marks, 2, 1)
    warm, redder = (
        to_rgb(frame) + np.array(change, np.float32) / np.float32(255)
        for change in ([4, 0, -4], [30, 0, 0])
    )

    skin = compared(frame, lay(frame, warm, matte, 0, 0), marks)
    painted = compared(frame, lay(frame, redder, lips, 0, 0), marks)

    assert skin.colour[0] == pytest.approx([4, 0, -4], abs=0.6)
    assert painted.colour[0] == pytest.approx([0, 0, 0], abs=0.6)
    assert painted.area.item() > 0.1
    assert np.isnan(compared(frame, frame, None).colour).all()


def test_the_noise_of_a_codec_is_no_change(marks: Marks) -> None:
    frame = native()
    noise = np.random.default_rng(0).normal(0, 2, (SIDE, SIDE))
    coded = np.clip(frame.planes[0] + noise, 0, 255).astype(np.uint8)
    result = replace(frame, planes=(coded, *frame.planes[1:]))

    found = compared(frame, result, marks)

    assert found.area.item() < 0.01
    assert found.near.item() == pytest.approx(found.far.item(), abs=0.1)
    assert found.outside.item() > 10000


def test_a_mouth_under_the_noise_of_a_codec_is_found(marks: Marks) -> None:
    frame = laid(native(), 1.15, lips_matte(marks, 8, 6))
    noise = np.random.default_rng(0).normal(0, 1.5, (SIDE, SIDE))
    coded = np.clip(frame.planes[0] + noise, 0, 255).astype(np.uint8)

    found = compared(native(), replace(frame, planes=(coded, *frame.planes[1:])), marks)

    assert found.area.item() > 0.1


def test_a_larger_picture_of_the_same_gives_the_same_numbers(marks: Marks) -> None:
    small = native("gbrp", Colour(full=True))

    def large(frame: Frame) -> Frame:
        planes = tuple(
            np.asarray(cv2.resize(plane, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC), np.uint8)
            for plane in frame.planes
        )
        box = Box(0, 0, 4 * SIDE, 4 * SIDE)
        return replace(frame, planes=planes, width=4 * SIDE, height=4 * SIDE, box=box)

    result = laid(small, 1.08, lips_matte(marks, 18, 2))
    four_times = 4 * marks + np.float32(1.5)
    one, other = compared(small, result, marks), compared(large(small), large(result), four_times)

    assert other.area.item() == pytest.approx(one.area.item(), rel=0.1)
    assert other.colour[0] == pytest.approx(one.colour[0], abs=1)


def test_a_slope_s_gradient_is_its_step_per_pixel() -> None:
    slope = np.tile(np.arange(40, dtype=np.float32)[None, :, None] * 2, (40, 1, 3))

    assert gradient(slope)[5:-5, 5:-5] == pytest.approx(2, rel=1e-3)


def test_a_face_half_out_of_the_picture_is_no_obstacle(marks: Marks) -> None:
    frame = native()
    away = marks - np.array([150, -120, 0], np.float32)

    found = compared(frame, laid(frame, 1.1, np.ones((SIDE, SIDE), np.float32)), away)

    assert np.isfinite(found.near.item())
    assert found.outside.item() > 0
