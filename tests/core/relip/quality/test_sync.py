from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from relip.mouth.shape import Array
from relip.quality import articulation, sync
from relip.quality.card import Point
from relip.quality.evidence import Evidence
from relip.quality.performance import Performance
from relip.speech.lag import Lag
from tests.core.relip.quality.evidence_made import (
    STEP,
    dubbed,
    measure,
    mouthing,
    opening,
    seen,
    states,
    untouched,
)
from tests.mouths_made import turned

N = len(dubbed().times)


def judged(evidence: Evidence, missing: int = 0) -> Point:
    return sync.point(evidence, sync.timing(evidence), articulation.moves(evidence), missing)


def lost(point: Point) -> set[str]:
    return {key for key, state in states(point).items() if state == "lost"}


def later(frames: float) -> Evidence:
    """The dub with its mouth that many frames late."""
    made = dubbed()
    return mouthing(made, opening(made.heard, made.seconds - frames * STEP))


def test_a_flawless_dub_and_the_clip_itself_earn_the_point() -> None:
    for made in (dubbed(), untouched()):
        assert judged(made).state == "earned"


@pytest.mark.parametrize("frames", [-4, -2, 2, 4])
def test_a_mouth_that_is_early_or_late_costs_the_point(frames: int) -> None:
    found = judged(later(frames))

    assert lost(found) == {"lag"}
    assert measure(found, "lag").value == pytest.approx(frames, abs=0.3)
    assert {moment.why for moment in found.moments} == {"out of time"}


def test_half_a_frame_is_within_what_anybody_sees() -> None:
    assert judged(later(0.4)).state == "earned"


def test_the_doubt_of_the_measurement_is_allowed_on_top_but_never_more_than_a_frame() -> None:
    made = dubbed()
    doubts = [0.0, 0.2, 0.5, 3.0]

    allowed = [sync.tolerance(made, Lag(0, frames * STEP, 1, 1)) for frames in doubts]

    assert allowed == pytest.approx([0.6, 0.84, 1.0, 1.0])


def test_lateness_that_is_no_more_than_doubt_is_not_taken_off_the_closures() -> None:
    made = dubbed()

    def late(frames: float, confidence: float = 1.0, slip: float = np.nan) -> float:
        heard = Lag(frames * STEP, 0.1 * STEP, confidence, 1)
        return sync.late(made, sync.Timing(heard, slip, 0))

    assert late(0.5) == 0
    assert late(2.0) == pytest.approx(2)
    assert late(2.0, confidence=0.3) == 0
    assert late(0.0, slip=-3.0) == -3
    assert late(2.0, slip=0.25) == pytest.approx(2)


def test_another_s_words_do_not_follow_what_is_heard() -> None:
    made = dubbed()
    noise = np.convolve(np.random.default_rng(7).normal(size=N), np.ones(4), "same")
    other = mouthing(made, 0.05 + 0.02 * noise)

    found = judged(other)

    assert "follows" in lost(found)
    assert measure(found, "lag").state == "open", "how late it is nobody can tell"


def test_a_mouth_that_hardly_moves_is_not_judged_for_its_timing() -> None:
    made = dubbed()

    found = judged(mouthing(made, made.after() * 0.1))

    assert not {"follows", "lag", "slip"} & lost(found)
    assert "Articulation" in measure(found, "follows").note


def test_little_speech_says_nothing_about_its_timing() -> None:
    made = dubbed()
    inside = np.cumsum(made.voiced()) <= 30

    found = judged(replace(made, inside=inside))

    assert measure(found, "follows").state == "open"
    assert measure(found, "follows").note == "only 1.2 s of speech"


@pytest.mark.parametrize("by", [-9.25, -1, 0, 0.25, 0.5, 3, 12.75])
def test_how_far_two_mouths_are_apart_is_found_to_a_quarter_of_a_frame(by: float) -> None:
    assert sync.shift(*apart(by)) == pytest.approx(by, abs=0.126)


def apart(by: float) -> tuple[Array, Array]:
    made = dubbed()
    said = opening(made.heard, made.seconds)
    return said, 0.01 + opening(made.heard, made.seconds - by * STEP)


def test_two_mouths_are_held_against_each_other_where_both_are_seen() -> None:
    before, after = apart(2)
    before[60:70] = np.nan
    after[:20] = after[100:130] = np.nan

    assert sync.shift(before, after) == pytest.approx(2, abs=0.26)


def test_two_mouths_that_hardly_meet_are_not_held_against_each_other() -> None:
    before, after = apart(2)
    after[15:] = np.nan

    assert sync.shift(before, after) == 0


def test_two_mouths_can_be_sought_far_apart() -> None:
    assert sync.shift(*apart(22), around=22.5) == pytest.approx(22, abs=0.126)


@pytest.mark.parametrize("frames", [-1.0, 1.0, 5.0])
def test_against_the_original_s_own_words_a_single_frame_is_told(frames: float) -> None:
    made = untouched()
    late = mouthing(made, np.interp(np.arange(N) - frames, np.arange(N), made.before()))

    found = judged(late)

    assert measure(found, "slip").value == pytest.approx(frames, abs=0.26)
    assert "slip" in lost(found)


@pytest.mark.parametrize("seconds", [0.2, -0.2, 0.9])
def test_a_line_placed_later_than_the_same_words_wants_its_mouth_later(seconds: float) -> None:
    made = untouched()
    frames = seconds / STEP
    moved = np.interp(np.arange(N) - frames, np.arange(N), made.before())
    right = replace(mouthing(made, moved), same=seconds)
    left = replace(made, same=seconds)

    assert sync.timing(right).slip == pytest.approx(0, abs=0.26)
    farthest = np.clip(-frames, -sync.FARTHEST, sync.FARTHEST)
    assert sync.timing(left).slip == pytest.approx(farthest, abs=0.26)


def test_other_words_than_the_original_s_are_not_held_against_it() -> None:
    assert np.isnan(sync.timing(dubbed()).slip)
    assert measure(judged(dubbed()), "slip").state == "open"


@pytest.mark.parametrize("frames", [-2, -1, 1, 2])
def test_a_picture_that_is_late_as_a_whole_is_told_by_the_head(frames: int) -> None:
    made = untouched()
    late = seen(made, lambda result: shifted(result, frames))

    assert sync.picture_late(made) == 0
    assert sync.picture_late(late) == frames
    assert "picture" in lost(judged(late))


def shifted(performance_: Performance, frames: int) -> Performance:
    """The same performance, every frame shown that many frames later."""
    rows = performance_.rows + frames
    made = replace(performance_, rows=rows)
    return made.only((rows >= dubbed().first) & (rows < dubbed().first + N))


def test_a_head_that_is_held_still_tells_nothing_about_the_picture() -> None:
    made = untouched()
    landmarks = np.repeat(made.original.landmarks[:1], N, 0)
    landmarks += np.random.default_rng(0).normal(0, 0.1, landmarks.shape).astype(np.float32)
    still = replace(made.original, landmarks=landmarks)

    assert sync.picture_late(replace(made, original=still, result=shifted(still, 1))) == 0


def test_frames_that_are_missing_cost_the_point() -> None:
    found = judged(dubbed(), missing=2)

    assert lost(found) == {"missing"}
    assert measure(found, "missing").shown == "2"


def test_flicker_of_the_mouth_costs_the_point_and_is_found() -> None:
    made = dubbed()
    flutter = made.result.flutter * 1.1
    flutter[80:100] *= 5

    found = judged(replace(made, result=replace(made.result, flutter=flutter)))

    assert lost(found) == {"flicker"}
    first = found.moments[0]
    assert (first.why, first.first, first.stop) == (
        "the mouth flickers",
        made.first + 80,
        made.first + 100,
    )


def test_a_mouth_that_opens_wide_may_flicker_as_much_as_this_person_s_does_then() -> None:
    made = dubbed()
    # Flutter grows with the gap here, in both.
    wide = made.result.gaps > 0.05

    found = judged(replace(made, result=made.result.only(wide)))

    assert measure(found, "flicker").value == pytest.approx(1, abs=0.1)


def test_a_head_that_is_held_still_while_the_original_s_moves_costs_the_point() -> None:
    made = dubbed()
    held = np.repeat(made.result.rotations[:1], N, 0)

    found = judged(replace(made, result=replace(made.result, rotations=held)))

    assert lost(found) == {"head"}
    assert measure(found, "head").value == 0


def test_a_head_that_is_still_in_the_original_says_nothing() -> None:
    made = dubbed()
    still = np.tile(turned(3), (N, 1, 1))

    found = judged(replace(made, original=replace(made.original, rotations=still)))

    assert measure(found, "head").state == "open"


def test_blinks_that_are_gone_cost_the_point() -> None:
    made = dubbed()
    assert sync.blinks(made.original.lids).sum() >= 9
    faces = made.result.faces.copy()
    shut = sync.blinks(made.result.lids)
    faces[shut] = faces[np.flatnonzero(~shut)[0]]

    found = judged(replace(made, result=replace(made.result, faces=faces)))

    assert "blinks" in lost(found)
    assert measure(found, "blinks").value == 0
    assert measure(judged(made), "blinks").value == 1


def test_a_person_who_never_blinks_loses_no_blinks() -> None:
    made = dubbed()
    faces = made.original.faces.copy()
    shut = sync.blinks(made.original.lids)
    faces[shut] = faces[np.flatnonzero(~shut)[0]]

    found = judged(replace(made, original=replace(made.original, faces=faces)))

    assert measure(found, "blinks").state == "open"


def test_a_few_frames_say_nothing_about_what_needs_more() -> None:
    found = judged(replace(dubbed(), inside=np.arange(N) < 6))

    assert {key for key, state in states(found).items() if state == "open"} >= {
        "follows",
        "flicker",
        "head",
        "blinks",
    }
