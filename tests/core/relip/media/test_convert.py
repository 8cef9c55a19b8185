import dataclasses

import numpy as np
import pytest

from relip.media.colour import to_rgb
from relip.media.convert import convert
from relip.media.formats import sample_format
from relip.media.frame import Colour, Frame, Plane, SampleFormat
from tests.media_made import BT709, made_frame

FULL = Colour(1, 1, 1, True, 0)


def converted(frame: Frame, fmt: SampleFormat, colour: Colour) -> Frame:
    """The frame in another layout, in planes of its own."""
    whole = (frame.height, frame.width)
    chroma = (-(-frame.height // fmt.chroma_y), -(-frame.width // fmt.chroma_x))
    count = {"gray": 1}.get(fmt.model, 3) + fmt.alpha
    planes: list[Plane] = []
    for number in range(count):
        shape = chroma if number in (1, 2) else whole
        dirty = np.full(shape, 77)
        planes.append(dirty.astype(np.uint8) if fmt.bits <= 8 else dirty.astype(np.uint16))
    convert(frame, fmt, colour, planes)
    return dataclasses.replace(frame, format=fmt, colour=colour, planes=tuple(planes))


@pytest.mark.parametrize(
    ("name", "to"),
    [
        ("yuv420p", "yuv422p10le"),
        ("yuv420p", "yuv420p12le"),
        ("yuv422p", "yuv422p10le"),
        ("yuv422p10le", "yuv444p12le"),
        ("yuv420p10le", "yuva444p10le"),
        ("yuv411p", "yuv422p10le"),
    ],
)
def test_more_depth_is_a_shift(name: str, to: str) -> None:
    frame, fmt = made_frame(name, (64, 48)), sample_format(to)
    raised = converted(frame, fmt, BT709)
    shift = fmt.bits - frame.format.bits
    assert raised.format == fmt
    expected = frame.planes[0].astype(int) << shift
    np.testing.assert_array_equal(raised.planes[0], expected)
    for number in range(len(raised.planes)):
        sx, sy = raised.steps(number)
        assert raised.planes[number].shape == (-(-48 // sy), -(-64 // sx))
    if (fmt.chroma_x, fmt.chroma_y) == (frame.format.chroma_x, frame.format.chroma_y):
        np.testing.assert_array_equal(raised.planes[1], frame.planes[1].astype(int) << shift)


@pytest.mark.parametrize("siting", range(7))
@pytest.mark.parametrize(
    ("name", "to", "colour"),
    [
        ("yuv420p", "yuv422p10le", BT709),
        ("yuv420p", "yuv444p10le", BT709),
        ("yuv444p", "yuv444p10le", BT709),
        ("gbrp", "yuv444p12le", BT709),
        ("gbrap10le", "yuva444p12le", BT709),
        ("gray", "yuv422p10le", BT709),
        ("gbrp", "gbrp10le", FULL),
    ],
)
def test_the_picture_looks_the_same(name: str, to: str, colour: Colour, siting: int) -> None:
    full = name.startswith("gb")
    frame = made_frame(name, (64, 48), Colour(1, 1, 0 if full else 1, full, siting))
    other = converted(frame, sample_format(to), colour)
    difference = np.abs(to_rgb(other) - to_rgb(frame))
    assert difference.mean() < 0.005
    assert np.quantile(difference, 0.99) < 0.04


def test_full_range_becomes_limited_without_losing_levels() -> None:
    frame = made_frame("yuv444p", (64, 48), FULL)
    limited = converted(frame, sample_format("yuv444p10le"), BT709)
    np.testing.assert_allclose(to_rgb(limited), to_rgb(frame), atol=0.004)
    levels = {int(code) for code in np.unique(frame.planes[0])}
    assert len(np.unique(limited.planes[0])) == len(levels)


def test_alpha_is_kept_made_or_dropped() -> None:
    with_alpha = made_frame("yuva420p", (64, 48))
    kept = converted(with_alpha, sample_format("yuva444p10le"), BT709).planes[3]
    np.testing.assert_allclose(kept / 1023, with_alpha.planes[3] / 255, atol=1 / 1023)
    opaque = converted(made_frame("yuv420p", (64, 48)), sample_format("yuva444p10le"), BT709)
    assert (opaque.planes[3] == 1023).all()
    assert len(converted(with_alpha, sample_format("yuv420p10le"), BT709).planes) == 3


def test_the_same_layout_is_copied() -> None:
    frame = made_frame("yuv422p10le", (64, 48))
    same = converted(frame, frame.format, BT709)
    for plane, original in zip(same.planes, frame.planes, strict=True):
        np.testing.assert_array_equal(plane, original)


@pytest.mark.parametrize("siting", range(7))
@pytest.mark.parametrize("bits", ["", "10le"])
def test_chroma_between_samples_is_their_weighted_mean(bits: str, siting: int) -> None:
    colour = Colour(1, 1, 1, False, siting)
    frame = made_frame(f"yuv420p{bits}", (64, 48), colour)
    fmt = sample_format("yuv422p10le")
    plane = frame.planes[1].astype(float) * (4 if not bits else 1)
    down = (0.5 if siting in (0, 1, 2) else 1.0 if siting in (5, 6) else 0.0) / 2
    at = np.clip(np.arange(48) / 2 - down, 0, 23)
    low = np.minimum(at.astype(int), 22)
    share = (at - low)[:, None]
    expected = np.rint(plane[low] * (1 - share) + plane[low + 1] * share)
    np.testing.assert_array_equal(converted(frame, fmt, colour).planes[1], expected)


def test_coarser_chroma_is_refused() -> None:
    with pytest.raises(ValueError, match="coarser"):
        converted(made_frame("yuv444p", (64, 48)), sample_format("yuv420p10le"), BT709)
