import math
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.faces.follow import Follower
from relip.faces.occlusion import mouth_hidden
from relip.faces.texture import Glimpse
from tests.faces_made import (
    RATE,
    Picture,
    backdrop,
    frames_of,
    placed,
    placing,
    portrait,
)

MOUTH = (143, 150)
SKIN = (214, 160, 134)


def microphone(picture: Picture) -> Picture:
    covered = picture.copy()
    cv2.circle(covered, MOUTH, 24, (28, 28, 30), -1)
    cv2.circle(covered, (MOUTH[0] - 7, MOUTH[1] - 8), 6, (95, 95, 100), -1)
    return covered


def hand(picture: Picture) -> Picture:
    """Four fingers in the colour of the face's own skin."""
    covered = picture.copy()
    for finger in range(4):
        y = MOUTH[1] - 18 + 12 * finger
        cv2.ellipse(covered, (MOUTH[0], y), (34, 6), 0, 0, 360, SKIN, -1)
        cv2.ellipse(covered, (MOUTH[0], y + 6), (34, 1), 0, 0, 360, (150, 100, 85), -1)
    return covered


def glimpses_of(pictures: list[Picture]) -> list[Glimpse | None]:
    """Of the portraits, moving about under a light that changes."""
    behind = backdrop(270, 360)
    follower = Follower(RATE)
    scene = []
    for i, picture in enumerate(pictures):
        place = placing(180 + 10 * math.sin(i / 3), 130, 1.1, 5 * math.sin(i / 4))
        lit = placed(behind, picture, place) * (0.85 + 0.15 * math.sin(i / 7))
        scene.append(lit.astype(np.uint8))
    for frame in frames_of(scene):
        follower.take(frame)
    follower.flush()
    assert len(follower.tracks()) == 1
    return follower.glimpses(1)


def one_shot(count: int) -> NDArray[np.int32]:
    return np.zeros(count, np.int32)


def test_a_mouth_in_plain_sight_is_not_hidden() -> None:
    assert mouth_hidden(glimpses_of([portrait()] * 20), one_shot(20)).max() < 0.1


@pytest.mark.parametrize("cover", [microphone, hand])
def test_what_covers_the_mouth_is_noticed(cover: object) -> None:
    assert callable(cover)
    pictures = [cover(portrait()) if 12 <= i < 20 else portrait() for i in range(30)]
    hidden = mouth_hidden(glimpses_of(pictures), one_shot(30))
    assert hidden[12:20].min() > 0.9
    # A little longer than it is there, never shorter.
    assert hidden[:9].max() < 0.1
    assert hidden[23:].max() < 0.1


def test_a_beard_is_no_cover() -> None:
    bearded = portrait()
    cv2.ellipse(bearded, (143, 168), (32, 16), 0, 0, 180, (60, 42, 30), -1)
    cv2.ellipse(bearded, (143, 139), (16, 3), 0, 0, 360, (60, 42, 30), -1)
    assert mouth_hidden(glimpses_of([bearded] * 20), one_shot(20)).max() < 0.1


def test_where_nobody_is_seen_the_mouth_is_hidden() -> None:
    glimpse = Glimpse(np.full((24, 24, 3), 90, np.uint8), np.full((498, 3), 90, np.uint8))
    hidden = mouth_hidden([None, glimpse, None], one_shot(3))
    assert hidden.tolist() == [1.0, 0.0, 1.0]


def test_every_shot_has_its_own_norm() -> None:
    day, night = np.full((24, 24, 3), 180, np.uint8), np.full((24, 24, 3), 60, np.uint8)
    looks = np.full((498, 3), 120, np.uint8)
    clip = [Glimpse(day, looks)] * 8 + [Glimpse(night, looks)] * 6
    assert mouth_hidden(clip, np.repeat([0, 1], [8, 6]).astype(np.int32)).max() == 0
    assert mouth_hidden(clip, one_shot(14))[9:].max() == 1


@pytest.mark.parametrize("clip", ["podium_1080p.mp4", "address_512.mp4", "glasses_524.mp4"])
def test_real_speech_hides_nothing(clip: str) -> None:
    clips = os.environ.get("RELIP_CLIPS")
    if not clips:
        pytest.skip("RELIP_CLIPS does not name a folder of real clips")
    from relip.media.probe import probe
    from relip.media.reader import read_frames

    follower = Follower(RATE)
    for frame in read_frames(probe(Path(clips) / clip), 0, 60):
        follower.take(frame)
    follower.flush()
    (track,) = follower.tracks()
    assert mouth_hidden(follower.glimpses(1), track.shots).max() < 0.5
