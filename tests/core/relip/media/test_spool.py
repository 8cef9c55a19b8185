from __future__ import annotations

import errno
import tempfile
from pathlib import Path

import numpy as np
import pytest

from relip.media.frame import Box
from relip.media.spool import Spool
from relip_job.errors import OutputError
from tests.media_made import made_frame

KINDS = ["yuv420p", "yuv422p10le", "yuv444p12le", "gbrp", "gray10le", "yuva444p10le"]


@pytest.mark.parametrize("pixels", KINDS)
def test_what_is_put_aside_comes_back(pixels: str) -> None:
    frame = made_frame(pixels, (37, 22))
    with Spool() as spool:
        back = spool.get(spool.put(frame))
    for before, after in zip(frame.planes, back.planes, strict=True):
        assert after.dtype == before.dtype
        np.testing.assert_array_equal(after, before)
    assert (back.index, back.time, back.box, back.format) == (
        frame.index,
        frame.time,
        frame.box,
        frame.format,
    )


def test_any_order_will_do() -> None:
    frames = [made_frame(pixels, (40 + number, 20)) for number, pixels in enumerate(KINDS)]
    with Spool() as spool:
        numbers = [spool.put(frame) for frame in frames]
        for number in [*reversed(numbers), *numbers]:
            back = spool.get(number)
            assert back.width == 40 + number
            np.testing.assert_array_equal(back.planes[0], frames[number].planes[0])
        # Reading must not make the next one overwrite what is there.
        spool.get(0)
        late = spool.put(frames[0])
        np.testing.assert_array_equal(spool.get(3).planes[0], frames[3].planes[0])
        np.testing.assert_array_equal(spool.get(late).planes[0], frames[0].planes[0])


def test_parts_of_frames_keep_their_place() -> None:
    crop = made_frame("yuv420p", (64, 48)).crop(Box(10, 8, 31, 33))
    with Spool() as spool:
        back = spool.get(spool.put(crop))
    assert back.box == crop.box == Box(10, 8, 32, 34)
    assert [plane.shape for plane in back.planes] == [(26, 22), (13, 11), (13, 11)]


def test_planes_that_are_views_are_put_aside_whole() -> None:
    frame = made_frame("gray", (40, 30))
    view = type(frame)(**{**vars(frame), "planes": (frame.planes[0][::-1, ::2],)})
    with Spool() as spool:
        np.testing.assert_array_equal(spool.get(spool.put(view)).planes[0], view.planes[0])


def test_the_disk_is_free_again_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Spool() as spool:
        number = spool.put(made_frame("yuv420p", (64, 48)))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        spool.get(number)


def test_the_disk_is_free_again_after_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), Spool() as spool:
        spool.put(made_frame("yuv420p", (64, 48)))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_no_scratch_folder_is_an_error_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="TMPDIR"):
        Spool()


def test_a_full_disk_is_an_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    class FullDisk:
        def seek(self, place: int) -> int:
            return place

        def write(self, content: memoryview) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with Spool() as spool:
        monkeypatch.setattr(spool, "_file", FullDisk())
        with pytest.raises(OutputError, match=r"No space left.*make room"):
            spool.put(made_frame("gray", (8, 8)))
        monkeypatch.undo()
