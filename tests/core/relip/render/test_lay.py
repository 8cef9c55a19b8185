from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.media.colour import to_rgb
from relip.media.formats import sample_format
from relip.media.frame import Box, Colour, Frame, Plane
from relip.render.lay import lay, lay_patch

FORMATS = [
    *(f"yuv{grid}p{bits}" for grid in (420, 422, 444) for bits in ("", "10le", "12le")),
    *("yuva444p10le", "yuva420p", "gbrp", "gbrap", "gbrp10le", "gbrap12le"),
    *("gray", "gray10le", "yuv411p", "yuv440p"),
]
COLOURS = [
    Colour(1, 1, 1, False, 0),
    Colour(1, 1, 6, True, 2),
    Colour(9, 16, 9, False, 3),
]


def picture(name: str, width: int, height: int, colour: Colour) -> Frame:
    """Noise at full swing, with every code value possible."""
    fmt = sample_format(name)
    noise = np.random.default_rng(7)
    planes: list[Plane] = []
    for number in range({"gray": 1}.get(fmt.model, 3) + fmt.alpha):
        chroma = fmt.model == "yuv" and number in (1, 2)
        sx, sy = (fmt.chroma_x, fmt.chroma_y) if chroma else (1, 1)
        size = (-(-height // sy), -(-width // sx))
        values = noise.integers(0, 1 << fmt.bits, size)
        plane: Plane = values.astype(np.uint8) if fmt.bits == 8 else values.astype(np.uint16)
        plane.flags.writeable = False
        planes.append(plane)
    box = Box(0, 0, width, height)
    return Frame(
        3, 3, Fraction(1, 25), Fraction(3, 25), fmt, colour, width, height, tuple(planes), box
    )


def soft_disc(side: int) -> NDArray[np.float32]:
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    disc: NDArray[np.float32] = np.clip(side / 2.5 - np.hypot(x, y), 0, 4).astype(np.float32) / 4
    return disc


def alpha_on(frame: Frame, alpha: NDArray[np.float32], x0: int, y0: int) -> NDArray[np.float32]:
    pad = 64
    canvas = np.zeros((frame.height + 2 * pad, frame.width + 2 * pad), np.float32)
    canvas[y0 + pad : y0 + pad + alpha.shape[0], x0 + pad : x0 + pad + alpha.shape[1]] = alpha
    return canvas[pad:-pad, pad:-pad]


def stands_for(alpha: NDArray[np.float32], sx: int, sy: int) -> NDArray[np.bool_]:
    """Chroma samples whose luma block holds alpha."""
    height, width = alpha.shape
    rows, columns = np.nonzero(alpha > 0)
    out = np.zeros((-(-height // sy), -(-width // sx)), bool)
    out[rows // sy, columns // sx] = True
    return out


@pytest.mark.parametrize("colour", COLOURS, ids=["709", "601-full-centre", "2020-topleft"])
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("x0", "y0"), [(13, 9), (-7, -5), (61, 33)])
def test_samples_outside_alpha_are_untouched(name: str, colour: Colour, x0: int, y0: int) -> None:
    frame = picture(name, 83, 57, colour)
    alpha = soft_disc(30)
    rgb = np.random.default_rng(1).random((30, 30, 3)).astype(np.float32)
    rgb[alpha == 0] = np.nan  # nothing out there may be looked at
    laid = lay(frame, rgb, alpha, x0, y0)
    where = alpha_on(frame, alpha, x0, y0)
    changed = 0
    for number, (before, after) in enumerate(zip(frame.planes, laid.planes, strict=True)):
        assert before.dtype == after.dtype and before.shape == after.shape
        covered = stands_for(where, *frame.steps(number))
        np.testing.assert_array_equal(before[~covered], after[~covered])
        changed += int((before != after).sum())
        if frame.format.alpha and number == 3:
            assert after is before
    assert changed > 50


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_patch_shows_its_own_colour(name: str) -> None:
    frame = picture(name, 64, 48, Colour(1, 1, 1))
    rgb = np.full((48, 64, 3), (0.7, 0.4, 0.3), np.float32)
    shown = to_rgb(lay(frame, rgb, np.ones((48, 64), np.float32), 0, 0))
    expected = rgb @ np.array([0.2126, 0.7152, 0.0722])
    if frame.format.model == "gray":
        np.testing.assert_allclose(shown[..., 0], expected, atol=1 / 200)
    else:
        np.testing.assert_allclose(shown, rgb, atol=1.2 / 2 ** (frame.format.bits - 1))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_picture_laid_over_itself_stays_as_it_is(name: str, colour: Colour) -> None:
    frame = picture(name, 48, 40, colour)
    if frame.format.chroma_x == 4:
        pytest.skip("four-fold chroma is low-passed in two steps, near but not exact")
    laid = lay(frame, to_rgb(frame), np.ones((40, 48), np.float32), 0, 0)
    for number, (before, after) in enumerate(zip(frame.planes, laid.planes, strict=True)):
        steps = frame.steps(number)
        # At the picture's edge the filter mirrors what is not there.
        inner = (slice(2, -2), slice(2, -2)) if steps != (1, 1) else (slice(None), slice(None))
        np.testing.assert_array_equal(before[inner], after[inner])


def test_no_alpha_gives_the_frame_itself() -> None:
    frame = picture("yuv420p", 32, 32, Colour())
    empty = np.zeros((8, 8), np.float32)
    assert lay(frame, np.zeros((8, 8, 3), np.float32), empty, 4, 4) is frame
    assert lay(frame, np.zeros((8, 8, 3), np.float32), empty + 1, 40, 40) is frame


def test_half_alpha_is_half_way() -> None:
    frame = picture("yuv444p12le", 32, 32, Colour(1, 1, 1))
    rgb = np.full((32, 32, 3), 0.5, np.float32)
    laid = lay(frame, rgb, np.full((32, 32), 0.5, np.float32), 0, 0)
    middle = (to_rgb(frame) + rgb) / 2
    np.testing.assert_allclose(to_rgb(laid), middle, atol=0.002)


def test_a_nan_under_alpha_is_refused() -> None:
    frame = picture("yuv420p", 32, 32, Colour())
    rgb = np.full((8, 8, 3), np.nan, np.float32)
    with pytest.raises(ValueError, match="finite"):
        lay(frame, rgb, np.ones((8, 8), np.float32), 4, 4)


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p10le", "gbrp", "yuv444p12le"])
def test_a_patch_laid_over_the_original_is_the_result(name: str) -> None:
    colour = Colour(1, 1, 1)
    frame = picture(name, 96, 80, colour)
    # A real picture: chroma noise beyond what the grid holds would not come back.
    soft: list[Plane] = []
    for plane in frame.planes:
        blurred = cv2.GaussianBlur(plane, (0, 0), 3)
        wide = plane.dtype == np.uint16
        soft.append(blurred.astype(np.uint16) if wide else blurred.astype(np.uint8))
    frame = replace(frame, planes=tuple(soft))
    alpha = soft_disc(40)
    rgb = np.full((40, 40, 3), (0.6, 0.3, 0.3), np.float32)
    fmt = sample_format("yuva444p10le")
    patch = lay_patch(frame, rgb, alpha, 20, 20, fmt, colour)
    matte = (patch.planes[3].astype(np.float32) / 1023)[..., None]
    composed = to_rgb(patch) * matte + to_rgb(frame) * (1 - matte)
    difference = np.abs(composed - to_rgb(lay(frame, rgb, alpha, 20, 20)))
    # Where the frame's chroma is coarse, the soft edge's colour cannot be as fine as the patch's.
    assert difference.mean() < 0.002 and difference.max() < 0.06
    np.testing.assert_array_equal(patch.planes[3] > 0, alpha_on(frame, alpha, 20, 20) > 1 / 2046)


def test_a_patch_without_alpha_is_transparent() -> None:
    frame = picture("yuv420p", 64, 48, Colour())
    fmt = sample_format("yuva444p10le")
    none = np.zeros((0, 0), np.float32)
    patch = lay_patch(frame, np.zeros((0, 0, 3), np.float32), none, 0, 0, fmt, Colour(1, 1, 1))
    assert not patch.planes[3].any()
    assert (patch.planes[0] == 64).all() and (patch.planes[1] == 512).all()
