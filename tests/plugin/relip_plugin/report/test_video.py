from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from relip import sample
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.quality.card import Assessment, LineCard, Moment
from relip_plugin.report.filmstrip import COLUMNS, Tiles, frames_of, scenes
from relip_plugin.report.video import LONGEST, MOST_BYTES, cut, left_out
from tests.assessments_made import assessment


@pytest.fixture
def clip() -> Clip:
    return probe(sample.picture())


def long(clip: Clip, seconds: int) -> Clip:
    return replace(clip, pts=np.arange(seconds * 25, dtype=np.int64), time_base=Fraction(1, 25))


def lines(made: Assessment, *spans: tuple[int, int]) -> Assessment:
    card = made.card
    return replace(made, lines=tuple(LineCard(*span, "", "", card) for span in spans))


def test_lines_that_are_near_play_as_one(clip: Clip) -> None:
    made = lines(assessment(), (25, 50), (60, 90), (150, 170))

    framing = cut(made, clip, [])

    assert [(one.first, one.stop) for one in framing.spans] == [(13, 102), (138, 182)]
    assert [one.at for one in framing.spans] == [0, Fraction(89, 25)]
    assert framing.at(clip, 140) == Fraction(89 + 2, 25)
    assert framing.whole
    assert left_out(framing, made.lines) == ""


def test_of_a_long_clip_the_worst_is_played(clip: Clip) -> None:
    clip = long(clip, 600)
    made = lines(assessment(), (0, 15_000))
    worst = [Moment(at, at + 2, "late") for at in (9000, 1000, 14_990)]

    framing = cut(made, clip, worst)

    assert [one.first for one in framing.spans] == [962, 8962, 14_952]
    assert framing.spans[-1].stop == 15_000
    assert framing.length <= LONGEST
    assert left_out(framing, made.lines).startswith("The clip shows the worst moments: ")


def test_of_a_long_clip_without_fault_a_part_is_played(clip: Clip) -> None:
    made = lines(assessment(()), (0, 15_000))

    framing = cut(made, long(clip, 600), [])

    assert framing.length == LONGEST
    assert left_out(framing, made.lines) == "The clip shows a part: 60 seconds of the lines."


@pytest.mark.parametrize("frames", [10, 250, 1500])
def test_the_video_stays_small(frames: int, clip: Clip) -> None:
    framing = cut(lines(assessment(), (0, frames)), long(clip, frames // 25 + 1), [])

    assert framing.length * (framing.most_bits + 128_000) / 8 <= MOST_BYTES


def test_a_face_that_is_small_in_the_picture_is_shown_closer(clip: Clip) -> None:
    made = assessment()
    wide = replace(clip, width=1920, height=1080)

    framing = cut(made, wide, [])

    assert framing.closer
    x0, y0, x1, y1 = made.timeline.mouths[0]
    assert framing.box.x0 < x0 < x1 < framing.box.x1
    assert framing.box.y0 < y0 < y1 < framing.box.y1
    assert framing.box.width < 500


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_sideways_footage_stands_upright(rotation: int, clip: Clip) -> None:
    tall = replace(clip, width=512, height=384, rotation=rotation)

    framing = cut(assessment(), tall, [])
    tiles = Tiles(tall, assessment().timeline, frozenset({30}))

    upright = rotation % 180 == 0
    assert (framing.size[0] > framing.size[1]) == upright
    assert not any(side % 2 for side in framing.size)
    assert tiles.size[0] > tiles.size[1]


def test_a_mouth_at_the_edge_keeps_its_size_in_the_strip(clip: Clip) -> None:
    timeline = assessment().timeline
    corner = np.tile(np.asarray([-10, 500, 66, 530], np.float32), (80, 1))
    middle = Tiles(clip, timeline, frozenset({30})).box(30)

    edge = Tiles(clip, replace(timeline, mouths=corner), frozenset({30})).box(30)

    assert (edge.width, edge.height) == (middle.width, middle.height)
    assert (edge.x0, edge.y1) == (0, 512)


def test_a_short_moment_is_shown_with_its_neighbours(clip: Clip) -> None:
    first = scenes(assessment(), clip)[0]

    assert first.frames == (42, 43, 44, 45, 46)
    assert first.worst == 44


def test_a_long_moment_is_shown_from_end_to_end(clip: Clip) -> None:
    long_one = next(scene for scene in scenes(assessment(), clip) if scene.why == "the jaw hangs")

    assert (long_one.frames[0], long_one.frames[-1]) == (60, 74)
    assert len(long_one.frames) == COLUMNS


def test_moments_at_the_ends_of_the_clip_stay_in_it(clip: Clip) -> None:
    made = assessment()
    ends = (Moment(0, 1, "a"), Moment(198, 199, "b"), Moment(300, 400, "c"))
    lost = tuple(
        replace(point, moments=ends if point.moments else ()) for point in made.card.points
    )

    found = scenes(replace(made, card=replace(made.card, points=lost)), clip)

    assert {scene.frames for scene in found} == {tuple(range(5)), tuple(range(194, 199))}


def test_where_nothing_is_lost_telling_moments_are_shown(clip: Clip) -> None:
    made = assessment(())

    found = scenes(made, clip)

    assert frames_of(made.card) == []
    assert [scene.why for scene in found] == [
        "lips closed on p, b or m",
        "lower lip on the teeth on f or v",
        "the widest opening",
    ]
    assert {scene.point for scene in found} == {None}
