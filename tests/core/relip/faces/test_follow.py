import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip.faces.follow import Follower, SeenFrame
from relip.faces.track import FaceTrack
from relip.media.frame import Frame
from relip.media.turn import Turn
from tests.faces_made import (
    RATE,
    Picture,
    backdrop,
    frame_of,
    frames_of,
    placed,
    placing,
    portrait,
    somebody_else,
)


def followed(frames: list[Frame]) -> tuple[Follower, list[SeenFrame], tuple[FaceTrack, ...]]:
    follower = Follower(RATE)
    seen = [one for frame in frames for one in follower.take(frame)]
    seen += follower.flush()
    return follower, seen, follower.tracks()


def shot(face: Picture, count: int, seed: int = 1, x: float = 150.0) -> list[Picture]:
    behind = backdrop(270, 400, seed)
    return [placed(behind, face, placing(x + i, 130, 0.9)) for i in range(count)]


def with_open_mouth(picture: Picture, opening: float) -> Picture:
    """The portrait with everything below the lips moved down, and a dark gap between them."""
    rows, columns = np.mgrid[0:288, 0:288].astype(np.float32)
    width = np.clip(1 - ((columns - 143) / 22) ** 2, 0, 1)
    lower = np.clip((rows - 149) / 2, 0, 1) * np.clip((200 - rows) / 40, 0, 1)
    moved = cv2.remap(picture, columns, rows - opening * width * lower, cv2.INTER_LINEAR)
    gap = (rows > 149) & (rows < 149 + opening * width)
    moved[gap] = (40, 15, 15)
    return moved.astype(np.uint8)


@pytest.fixture(scope="module")
def moving() -> tuple[list[NDArray[np.float64]], Follower, list[SeenFrame]]:
    behind, face = backdrop(360, 480), portrait()
    places = [
        placing(240 + 40 * math.sin(i / 5), 180 + 14 * math.cos(i / 3), 1.2, 8 * math.sin(i / 6))
        for i in range(36)
    ]
    follower, seen, _ = followed(frames_of([placed(behind, face, place) for place in places]))
    return places, follower, seen


Moving = tuple[list[NDArray[np.float64]], Follower, list[SeenFrame]]


def test_every_frame_comes_back_once_and_in_order(moving: Moving) -> None:
    assert [one.frame.index for one in moving[2]] == list(range(36))


def test_a_moving_face_is_seen_in_every_frame(moving: Moving) -> None:
    (track,) = moving[1].tracks()
    assert track.number == 1
    assert track.seen.all()
    assert track.landmarks.shape == (36, 478, 3)
    assert (track.presence > 0.9).all()


def test_landmarks_stay_on_the_moving_head(moving: Moving) -> None:
    places, follower, _ = moving
    (track,) = follower.tracks()
    back = []
    for place, landmarks in zip(places, track.landmarks, strict=True):
        inverse = cv2.invertAffineTransform(place)
        back.append(landmarks[:, :2] @ inverse[:, :2].T + inverse[:, 2])
    on_head = np.array(back)
    eyes = np.linalg.norm(on_head[0, 33] - on_head[0, 263])
    trembling = np.diff(on_head[:, [33, 263, 168, 4, 105, 334]].mean(1), axis=0)
    assert np.sqrt((trembling**2).sum(1).mean()) < 0.004 * eyes
    assert np.linalg.norm(on_head - on_head.mean(0), axis=2).mean() < 0.015 * eyes


def test_frames_are_let_go_after_a_few(moving: Moving) -> None:
    follower = Follower(RATE)
    waiting = 0
    for frame in frames_of(shot(portrait(), 20)):
        waiting += 1 - len(follower.take(frame))
        assert waiting <= 6


def test_a_turned_clip_shows_the_same_person(moving: Moving) -> None:
    upright = moving[1].tracks()[0].landmarks[:8, :, :2]
    follower = Follower(RATE, 270)
    behind, turn = backdrop(360, 480), Turn(270, 360, 480)
    for index, place in enumerate(moving[0][:8]):
        picture = np.rot90(placed(behind, portrait(), place), -3)
        follower.take(frame_of(np.ascontiguousarray(picture), index))
    follower.flush()
    (track,) = follower.tracks()
    assert track.seen.all()
    # Away from the end, where what comes later steadies no more.
    apart = turn.shown(track.landmarks[:4, :, :2]) - upright[:4]
    assert np.median(np.abs(apart)) < 0.3


@pytest.mark.parametrize("degrees", [-90.0, 75.0])
def test_a_head_that_lies_is_followed_and_found_again(degrees: float) -> None:
    behind = backdrop(300, 400)
    pictures = [
        placed(behind, portrait(), placing(200 + i, 150, 0.9, degrees + i)) for i in range(40)
    ]
    pictures[12:14] = [behind] * 2
    _, _, tracks = followed(frames_of(pictures))
    assert len(tracks) == 1
    assert tracks[0].seen[:12].all()
    assert tracks[0].seen[24:].all()


def test_a_head_that_lies_hides_no_upright_newcomer() -> None:
    behind = backdrop(300, 500)
    pictures = [placed(behind, portrait(), placing(130, 150, 0.9, 90)) for _ in range(24)]
    for number in range(4, 24):
        pictures[number] = placed(pictures[number], somebody_else(), placing(380, 160, 0.9))
    _, _, tracks = followed(frames_of(pictures))
    assert len(tracks) == 2


def test_a_lip_closure_of_one_frame_survives() -> None:
    behind, face = backdrop(360, 400), portrait()
    pictures = []
    for i in range(16):
        opening = 0.0 if i == 8 else 14.0
        mouth = with_open_mouth(face, opening)
        pictures.append(placed(behind, mouth, placing(200 + 2 * i, 180, 1.4)))
    _, _, (track,) = followed(frames_of(pictures))
    gap = np.linalg.norm(track.landmarks[:, 13, :2] - track.landmarks[:, 14, :2], axis=1)
    assert gap[8] < 0.5 * np.median(gap)
    assert gap[[6, 7, 9, 10]].min() > 0.8 * np.median(gap)


def test_two_people_are_two_tracks() -> None:
    behind = backdrop(300, 640)
    pictures = []
    for i in range(12):
        both = placed(behind, portrait(), placing(150 + i, 150, 0.8))
        pictures.append(placed(both, somebody_else(), placing(480 - i, 170, 1.1)))
    follower, seen, tracks = followed(frames_of(pictures))
    assert [track.number for track in tracks] == [1, 2]
    assert all(track.seen.all() for track in tracks)
    assert all(len(one.faces) == 2 for one in seen)
    # Both are there from the start, so the larger one is the first.
    assert tracks[0].landmarks[0, :, 0].mean() > 300
    numbers = follower.numbers
    assert sorted(numbers.values()) == [1, 2]
    for name, landmarks in seen[5].faces.items():
        assert np.array_equal(tracks[numbers[name] - 1].landmarks[5], landmarks)


def test_a_person_is_known_again_after_a_cut_away() -> None:
    pictures = shot(portrait(), 12) + shot(somebody_else(), 12, 2) + shot(portrait(), 12, 1, 190)
    follower, seen, tracks = followed(frames_of(pictures))
    assert [one.shot for one in seen] == [0] * 12 + [1] * 12 + [2] * 12
    assert [track.number for track in tracks] == [1, 2]
    first, second = tracks
    assert first.seen.tolist() == [True] * 12 + [False] * 12 + [True] * 12
    assert second.seen.tolist() == [False] * 12 + [True] * 12 + [False] * 12
    assert np.isnan(first.landmarks[15]).all()
    assert first.shots.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    assert len(follower.numbers) == 3


def test_somebody_hidden_for_a_moment_is_the_same_person() -> None:
    pictures = shot(portrait(), 24)
    for i in range(10, 15):
        pictures[i] = backdrop(270, 400, 1)
    _, _, tracks = followed(frames_of(pictures))
    assert len(tracks) == 1
    assert not tracks[0].seen[10:15].any()
    assert tracks[0].seen[:10].all()
    assert tracks[0].seen[19:].all()


def test_a_newcomer_is_noticed_within_half_a_second() -> None:
    pictures = shot(portrait(), 30)
    guest = somebody_else()
    pictures = [
        placed(picture, guest, placing(330, 140, 0.7)) if i >= 8 else picture
        for i, picture in enumerate(pictures)
    ]
    _, _, tracks = followed(frames_of(pictures))
    assert len(tracks) == 2
    assert tracks[1].seen[8 + 13 :].all()


def test_a_clip_without_faces_has_no_tracks() -> None:
    _, seen, tracks = followed(frames_of([backdrop(180, 320)] * 8))
    assert tracks == ()
    assert [one.faces for one in seen] == [{}] * 8


def test_a_single_frame_is_enough_for_a_face() -> None:
    _, seen, tracks = followed(frames_of(shot(portrait(), 1)))
    assert len(seen) == len(tracks) == 1


def test_an_empty_clip_has_nothing() -> None:
    assert followed([])[1:] == ([], ())


def test_glimpses_are_there_where_the_face_is() -> None:
    follower, _, _ = followed(frames_of(shot(portrait(), 8) + [backdrop(270, 400, 5)] * 8))
    there = [glimpse is not None for glimpse in follower.glimpses(1)]
    assert there == [True] * 8 + [False] * 8
