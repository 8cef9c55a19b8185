import cv2
import numpy as np
import pytest

from relip.media.colour import from_rgb, to_rgb, to_rgb8
from relip.media.formats import sample_format
from relip.media.frame import Box, Colour, Frame, SampleFormat
from tests.media_made import made_frame

LAYOUTS = [
    *(f"yuv{grid}p{bits}" for grid in (420, 422, 444) for bits in ("", "10le", "12le")),
    *("yuva444p10le", "gbrp", "gbrap12le", "yuv440p"),
]
MATRICES = {"709": 1, "601": 6, "240M": 7, "2020": 9, "YCgCo": 8, "identity": 0}


def flat(fmt: SampleFormat, codes: tuple[int, ...], colour: Colour) -> Frame:
    """A picture of one colour, by its code values."""
    frame = made_frame(fmt.name, (64, 48), colour)
    planes = []
    for plane, code in zip(frame.planes, codes, strict=True):
        plane[...] = code
        planes.append(plane)
    return Frame(**{**vars(frame), "planes": tuple(planes)})


@pytest.mark.parametrize(
    ("name", "colour", "codes", "rgb"),
    [
        # Colour bars of SMPTE RP 219 (75 %) in BT.709, ten bits.
        ("yuv422p10le", Colour(1, 1, 1), (721, 512, 512), (0.75, 0.75, 0.75)),
        ("yuv422p10le", Colour(1, 1, 1), (674, 176, 543), (0.75, 0.75, 0.0)),
        ("yuv422p10le", Colour(1, 1, 1), (581, 589, 176), (0.0, 0.75, 0.75)),
        ("yuv422p10le", Colour(1, 1, 1), (251, 771, 817), (0.75, 0.0, 0.75)),
        ("yuv422p10le", Colour(1, 1, 1), (204, 435, 848), (0.75, 0.0, 0.0)),
        # BT.601 in eight bits, after ITU-R BT.801.
        ("yuv420p", Colour(6, 6, 6), (65, 100, 212), (0.75, 0.0, 0.0)),
        ("yuv420p", Colour(6, 6, 6), (112, 72, 58), (0.0, 0.75, 0.0)),
        # JPEG's full range: pure red.
        ("yuv444p", Colour(1, 1, 6, True), (76, 85, 255), (1.0, 0.0, 0.0)),
        # BT.2020, ten bits: 100 % green.
        ("yuv444p10le", Colour(9, 16, 9), (658, 189, 100), (0.0, 1.0, 0.0)),
        ("gbrp", Colour(1, 1, 0, True), (255, 51, 102), (0.4, 1.0, 0.2)),
        ("gray", Colour(1, 1, 1), (235,), (1.0, 1.0, 1.0)),
        # Whiter than white is kept.
        ("yuv420p", Colour(1, 1, 1), (254, 128, 128), (1.0868, 1.0868, 1.0868)),
    ],
)
def test_known_codes_are_known_colours(
    name: str, colour: Colour, codes: tuple[int, ...], rgb: tuple[float, float, float]
) -> None:
    frame = flat(sample_format(name), codes, colour)
    step = 2.5 / 2 ** sample_format(name).bits
    np.testing.assert_allclose(to_rgb(frame)[20, 20], rgb, atol=step)
    eight = np.clip(np.array(rgb) * 255, 0, 255)
    np.testing.assert_allclose(to_rgb8(frame)[20, 20], eight, atol=2.5)


@pytest.mark.parametrize("siting", range(7))
@pytest.mark.parametrize("matrix", list(MATRICES.values()), ids=list(MATRICES))
@pytest.mark.parametrize("name", LAYOUTS)
def test_there_and_back_changes_nothing(name: str, matrix: int, siting: int) -> None:
    colour = Colour(1, 1, matrix, siting % 2 == 1, siting)
    frame = made_frame(name, (64, 48), colour)
    planes = from_rgb(to_rgb(frame), frame.format, colour, frame.height)
    for back, plane in zip(planes, frame.planes, strict=False):
        inner = (slice(2, -2), slice(2, -2))
        np.testing.assert_allclose(back[inner], plane[inner], atol=0.02)


BOXES = [Box(0, 0, 64, 48), Box(7, 5, 40, 33), Box(16, 8, 48, 40), Box(63, 47, 64, 48)]


@pytest.mark.parametrize("box", BOXES, ids=str)
@pytest.mark.parametrize("siting", [1, 2, 3])
@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "yuv444p", "gbrp", "gray"])
def test_a_region_is_the_same_as_in_the_whole(name: str, siting: int, box: Box) -> None:
    frame = made_frame(name, (64, 48), Colour(1, 1, 1, False, siting))
    part = (slice(box.y0, box.y1), slice(box.x0, box.x1))
    np.testing.assert_allclose(to_rgb(frame, box), to_rgb(frame)[part], atol=1e-5)
    np.testing.assert_allclose(
        to_rgb8(frame, box).astype(int), to_rgb8(frame)[part].astype(int), atol=1
    )
    inside = frame.crop(Box(0, 0, 56, 48))
    if box.x1 <= 50:
        np.testing.assert_allclose(to_rgb(inside, box), to_rgb(frame)[part], atol=1e-5)


def test_chroma_is_put_where_its_siting_says() -> None:
    # One bright chroma column; its centre of gravity tells where it lies.
    found = {}
    for siting in (1, 2):
        frame = flat(sample_format("yuv420p"), (126, 128, 128), Colour(1, 1, 1, False, siting))
        frame.planes[2][:, 10] = 200
        red = to_rgb(frame)[20, :, 0] - to_rgb(frame)[20, 0, 0]
        found[siting] = float((red * np.arange(64)).sum() / red.sum())
    assert found[1] == pytest.approx(20.0, abs=0.01)
    assert found[2] == pytest.approx(20.5, abs=0.01)


def test_what_is_unspecified_follows_the_size() -> None:
    small = flat(sample_format("yuv444p"), (81, 90, 240), Colour())
    assert to_rgb(small)[0, 0, 0] == pytest.approx(1.0, abs=0.01)
    assert to_rgb(Frame(**{**vars(small), "height": 1080}))[0, 0, 0] > 1.05


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "gbrp12le", "gray10le"])
@pytest.mark.parametrize("scale", [0.5, 1 / 3, 0.2])
def test_small_pictures_are_averages(name: str, scale: float) -> None:
    frame = made_frame(name, (240, 120))
    small = to_rgb8(frame, scale=scale)
    assert small.shape == (round(120 * scale), round(240 * scale), 3)
    size = (small.shape[1], small.shape[0])
    exact = cv2.resize(to_rgb(frame).clip(0, 1) * 255, size, interpolation=cv2.INTER_AREA)
    assert np.abs(exact - small).mean() < 3


def test_a_box_outside_the_frame_is_a_mistake() -> None:
    frame = made_frame("yuv420p", (64, 48))
    for box in (Box(-1, 0, 8, 8), Box(60, 0, 70, 8), Box(8, 8, 8, 20)):
        with pytest.raises(ValueError, match="reaches out"):
            to_rgb(frame, box)
