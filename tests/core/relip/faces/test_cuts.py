import os
from pathlib import Path

import numpy as np
import pytest

from relip.faces.cuts import CutFinder
from relip.media.frame import Frame
from tests.faces_made import Picture, backdrop, frame_of, frames_of, placed, placing, portrait


def cuts(frames: list[Frame]) -> list[int]:
    finder = CutFinder()
    told = [answer for frame in frames for answer in finder.take(frame)]
    told += finder.flush()
    assert len(told) == len(frames)
    return [position for position, cut in enumerate(told) if cut]


def shot(seed: int, count: int, x: float = 150.0, step: float = 1.0) -> list[Picture]:
    behind, face = backdrop(180, 320, seed), portrait()
    return [placed(behind, face, placing(x + step * i, 90, 0.6)) for i in range(count)]


def test_a_cut_is_the_first_frame_of_the_new_shot() -> None:
    assert cuts(frames_of(shot(1, 12) + shot(2, 9, x=80) + shot(3, 10))) == [12, 21]


def test_one_shot_has_no_cut() -> None:
    assert cuts(frames_of(shot(1, 30))) == []


def test_a_flash_is_no_cut() -> None:
    pictures = shot(1, 20)
    for i in (9, 10):
        pictures[i] = np.clip(pictures[i].astype(int) * 2 + 90, 0, 255).astype(np.uint8)
    assert cuts(frames_of(pictures)) == []


def test_a_change_of_exposure_is_no_cut() -> None:
    pictures = shot(1, 20)
    darker = [(picture * 0.5).astype(np.uint8) for picture in pictures[10:]]
    assert cuts(frames_of(pictures[:10] + darker)) == []


def test_a_fast_pan_is_no_cut() -> None:
    wide = backdrop(180, 3000, 4)
    starts = np.concatenate([np.zeros(8), np.cumsum(np.linspace(10, 70, 14))]).astype(int)
    assert cuts(frames_of([wide[:, x : x + 320] for x in starts])) == []


def test_two_cuts_close_together_are_both_found() -> None:
    assert cuts(frames_of(shot(1, 12) + shot(2, 3) + shot(3, 12))) == [12, 15]


def test_a_cut_right_after_the_first_frame_is_found() -> None:
    assert cuts(frames_of(shot(1, 1) + shot(2, 12))) == [1]


def test_an_answer_is_two_frames_late() -> None:
    finder = CutFinder()
    assert [len(finder.take(frame)) for frame in frames_of(shot(1, 4))] == [0, 0, 1, 1]
    assert finder.flush() == [False, False]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_very_short_clips_have_no_cut(count: int) -> None:
    assert cuts(frames_of(shot(1, count))) == []


def test_a_black_picture_is_measured_too() -> None:
    black = np.zeros((90, 160, 3), np.uint8)
    assert cuts([frame_of(black, i) for i in range(6)]) == []


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        ("crowd_640.mp4", [20, 82, 211]),
        ("tears_0003_1080p24.mov", [54]),
        ("podium_1080p.mp4", []),
        ("address_512.mp4", []),
    ],
)
def test_cuts_of_real_clips(clip: str, expected: list[int]) -> None:
    clips = os.environ.get("RELIP_CLIPS")
    if not clips:
        pytest.skip("RELIP_CLIPS does not name a folder of real clips")
    from relip.media.probe import probe
    from relip.media.reader import read_frames

    assert cuts(list(read_frames(probe(Path(clips) / clip)))) == expected
