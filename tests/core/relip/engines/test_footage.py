from __future__ import annotations

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from relip.engines.base import Engine, Task
from relip.engines.footage import (
    EASE,
    LEAST,
    FootageEngine,
    Report,
    closings,
    eased,
    heard_in,
    start,
)
from relip.footage import Footage
from relip.media.colour import to_rgb
from relip.mouth.plan import Trajectory
from relip.render.lay import lay
from relip.speech.articulation import Articulation
from relip_job.errors import FaceError
from tests.core.relip.sample_followed import FIRST, Followed
from tests.mouths_made import line_of

Array = NDArray[np.float64]
SPEECH = line_of(
    ("SIL", 0.4),
    ("OPEN", 0.3),
    ("PBM", 0.08),
    ("ROUND", 0.3),
    ("FV", 0.1),
    ("SPREAD", 0.3),
    ("PBM", 0.06),
    ("OPEN", 0.2),
    ("SIL", 0.6),
)


def rows_of(start: int, stop: int, count: int = 60) -> NDArray[np.bool_]:
    row = np.arange(count)
    return np.asarray((row >= start) & (row < stop))


def performed(
    followed: Followed,
    wanted: NDArray[np.bool_],
    footage: Footage | None = None,
    dub: Articulation = SPEECH,
    strength: float = 1.0,
) -> tuple[FootageEngine, Report]:
    footage = footage or followed.footage
    engine = FootageEngine([footage], followed.spool)
    return engine, engine.perform(wanted, dub, np.arange(60) / 25, strength)


@pytest.fixture(scope="module")
def whole(followed: Followed) -> tuple[FootageEngine, Report]:
    """The line over all rows."""
    return performed(followed, rows_of(0, 60))


def test_every_wanted_frame_is_drawn(
    followed: Followed, whole: tuple[FootageEngine, Report]
) -> None:
    engine, report = whole
    assert report.drawn == 60
    for frame in followed.frames[::7]:
        patch = engine.draw(frame)
        assert patch is not None
        assert np.isfinite(patch.rgb).all()
        assert 0 <= patch.alpha.min() <= patch.alpha.max() <= 1 + 1e-6


def test_frames_without_a_plan_are_left_as_they_are(followed: Followed) -> None:
    engine, report = performed(followed, rows_of(20, 30))
    assert report.drawn == 10
    drawn = [engine.draw(frame) is not None for frame in followed.frames]
    assert drawn == rows_of(20, 30).tolist()
    assert engine.draw(replace(followed.frames[25], index=5000)) is None


def test_before_the_plan_nothing_is_drawn(followed: Followed) -> None:
    engine = FootageEngine([followed.footage], followed.spool)
    assert engine.draw(followed.frames[20]) is None


def test_hidden_mouths_stay_the_original(followed: Followed) -> None:
    hidden = followed.footage.hidden.copy()
    hidden[30:34] = 1
    footage = replace(followed.footage, hidden=hidden)
    engine, report = performed(followed, rows_of(10, 50), footage)
    assert report.drawn == 36
    drawn = [engine.draw(frame) is not None for frame in followed.frames]
    assert drawn == (rows_of(10, 30) | rows_of(34, 50)).tolist()


def test_lips_are_closed_where_the_line_closes_them(
    whole: tuple[FootageEngine, Report],
) -> None:
    engine, report = whole
    assert report.closures == len(SPEECH.closures) == 2
    shapes = np.stack([engine._drawings[FIRST + row].shape for row in range(60)])
    gaps = engine.shapes.gaps(shapes)
    seconds = np.arange(60) / 25
    closed = engine.shapes.gaps(engine.style.closed).max() + 1e-6
    for event in SPEECH.closures:
        assert gaps[np.abs(seconds - event.centre) <= 1 / 25].min() <= closed
    assert gaps.max() > closed + 0.2 * np.ptp(engine.library.gaps)


def test_in_silence_the_mouth_and_its_picture_are_still(
    whole: tuple[FootageEngine, Report],
) -> None:
    engine, _ = whole
    silent = [engine._drawings[FIRST + row] for row in range(50, 60)]
    still = np.stack([each.shape for each in silent])
    assert np.ptp(still, axis=0).max() < 1e-9
    assert len({each.sources for each in silent[3:]}) == 1


def test_shares_of_a_dissolve_sum_to_1(whole: tuple[FootageEngine, Report]) -> None:
    engine, report = whole
    several = 0
    for row in range(60):
        sources = engine._drawings[FIRST + row].sources
        assert sum(share for _, share in sources) == pytest.approx(1)
        assert all(share > 0 for _, share in sources)
        assert all(0 <= at < len(engine.library) for at, _ in sources)
        several += len(sources) > 1
    assert several >= report.jumps


def test_the_original_eases_into_the_new_mouth_and_back(followed: Followed) -> None:
    engine, _ = performed(followed, rows_of(20, 40))
    amount = [engine._drawings[FIRST + row].amount for row in range(20, 40)]
    assert amount[:EASE] == sorted(amount[:EASE])
    assert amount[-EASE:] == sorted(amount[-EASE:], reverse=True)
    assert 0 < amount[0] < 1
    assert 0 < amount[-1] < 1
    assert set(amount[EASE:-EASE]) == {1.0}
    first, middle = engine.draw(followed.frames[20]), engine.draw(followed.frames[30])
    assert first is not None
    assert middle is not None
    assert first.alpha.max() < middle.alpha.max()


def test_at_a_cut_there_is_nothing_to_ease_from(followed: Followed) -> None:
    shots = (np.arange(60) >= 20).astype(np.int32)
    footage = replace(followed.footage, track=replace(followed.footage.track, shots=shots))
    engine, _ = performed(followed, rows_of(20, 40), footage)
    assert engine._drawings[FIRST + 20].amount == 1
    assert engine._drawings[FIRST + 39].amount < 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 39), st.integers(1, 40), st.integers(0, 40))
def test_ramps_are_only_where_the_original_goes_on(start: int, length: int, cut: int) -> None:
    stop = min(start + length, 40)
    shots = (np.arange(40) >= cut).astype(np.int32)
    if start < cut < stop:
        return
    amount = eased(np.arange(start, stop), rows_of(start, stop, 40), shots)
    assert len(amount) == stop - start
    assert amount.min() > 0
    assert amount.max() <= 1
    before, after = start not in (0, cut), stop not in (40, cut)
    if stop - start >= EASE or not (before or after):
        assert (amount[0] < 1) == (before or (after and stop - start == EASE))
        assert (amount[-1] < 1) == (after or (before and stop - start == EASE))
    assert (amount[EASE : len(amount) - EASE] == 1).all()


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_strength_0_keeps_the_mouth_at_rest(followed: Followed, strength: float) -> None:
    engine, _ = performed(followed, rows_of(0, 60), strength=strength)
    shapes = np.stack([engine._drawings[FIRST + row].shape for row in range(60)])
    gaps = engine.shapes.gaps(shapes)
    rest = float(engine.shapes.gaps(engine.style.rest[None])[0])
    if strength == 0:
        closed = float(engine.shapes.gaps(engine.style.closed).max())
        assert gaps.max() <= max(rest, closed) + 1e-6
    else:
        assert gaps.max() > rest + 0.2 * np.ptp(engine.library.gaps)


def test_rows_that_may_not_serve_are_not_in_the_library(followed: Followed) -> None:
    allowed = rows_of(0, 30)
    engine = FootageEngine([followed.footage], followed.spool, allowed)
    assert len(engine.library) == 30
    engine.perform(rows_of(40, 60), SPEECH, np.arange(60) / 25)
    patch = engine.draw(followed.frames[50])
    assert patch is not None


def test_further_clips_are_library_too(followed: Followed) -> None:
    allowed = np.zeros(60, bool)
    engine = FootageEngine([followed.footage, followed.footage], followed.spool, allowed)
    assert len(engine.library) == 60
    report = engine.perform(rows_of(10, 40), SPEECH, np.arange(60) / 25)
    assert report.drawn == 30
    assert engine.draw(followed.frames[25]) is not None


def test_too_few_mouths_are_refused_with_a_remedy(followed: Followed) -> None:
    hidden = np.ones(60, np.float32)
    hidden[: LEAST - 1] = 0
    footage = replace(followed.footage, hidden=hidden)
    with pytest.raises(FaceError, match=f"{LEAST - 1} frames.*--library"):
        FootageEngine([footage], followed.spool)


def test_the_fewest_mouths_allowed_are_enough(followed: Followed) -> None:
    hidden = np.ones(60, np.float32)
    hidden[20 : 20 + LEAST] = 0
    footage = replace(followed.footage, hidden=hidden)
    engine, report = performed(followed, rows_of(0, 60), footage)
    assert report.drawn == report.library == LEAST
    assert engine.draw(followed.frames[22]) is not None


def test_a_clip_without_sound_is_performed_too(followed: Followed) -> None:
    footage = replace(followed.footage, own=None)
    assert not heard_in(footage).known.any()
    engine, report = performed(followed, rows_of(0, 60), footage)
    assert report.explained == 0
    assert engine.draw(followed.frames[30]) is not None


def test_what_is_heard_is_as_long_as_what_is_seen(followed: Followed) -> None:
    hidden = followed.footage.hidden.copy()
    hidden[30:34] = 1
    footage = replace(followed.footage, hidden=hidden)
    own = heard_in(footage)
    assert len(own.heard) == len(own.known) == 56
    late = heard_in(replace(footage, own_start=1000.0))
    assert not late.known.any()


def test_the_report_is_of_this_persons_mouth(whole: tuple[FootageEngine, Report]) -> None:
    engine, report = whole
    assert report.library == 60
    assert report.tightest < report.widest
    assert report.widest <= engine.style.gaps.max()
    assert 0 <= report.jumps < 30


def test_the_same_plan_is_drawn_the_same_twice(
    followed: Followed, whole: tuple[FootageEngine, Report]
) -> None:
    again, _ = performed(followed, rows_of(0, 60))
    for row in (12, 31):
        first, second = whole[0].draw(followed.frames[row]), again.draw(followed.frames[row])
        assert first is not None
        assert second is not None
        np.testing.assert_array_equal(first.rgb, second.rgb)
        np.testing.assert_array_equal(first.alpha, second.alpha)


def test_pictures_outside_the_lower_face_are_untouched(
    followed: Followed, whole: tuple[FootageEngine, Report]
) -> None:
    frame = followed.frames[20]
    patch = whole[0].draw(frame)
    assert patch is not None
    laid = lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
    eyes = followed.footage.track.landmarks[20, [33, 263], 1].max()
    before, after = to_rgb(frame), to_rgb(laid)
    np.testing.assert_array_equal(before[: int(eyes)], after[: int(eyes)])
    assert np.abs(after - before).max() > 0.05


def test_a_task_gives_the_engine_with_its_line_planned(
    followed: Followed, whole: tuple[FootageEngine, Report]
) -> None:
    task = Task(
        [followed.footage],
        followed.spool,
        rows_of(0, 60),
        np.arange(60) / 25,
        SPEECH,
        np.zeros(16000, np.float32),
    )
    work = start(task)
    assert next(work) == 0
    with pytest.raises(StopIteration) as finished:
        next(work)
    engine: Engine = finished.value.value

    assert engine.page == asdict(whole[1])
    assert engine.notices == ()
    assert engine.draw(followed.frames[12]) is not None


def test_what_more_footage_would_mend_is_told(followed: Followed) -> None:
    hidden = followed.footage.hidden.copy()
    hidden[20:] = 1
    engine, report = performed(followed, rows_of(0, 20), replace(followed.footage, hidden=hidden))
    assert report.library == 20
    assert "short-library" in [notice.code for notice in engine.notices]


def test_closures_are_counted_once_each() -> None:
    closing = np.array([1, 1, 0, 0.2, 0.9, 0, 0, 1.0])
    path = Trajectory(np.zeros((8, 2)), closing, np.zeros(8))
    assert closings(path) == 3
