from dataclasses import replace

import numpy as np

from relip import sample
from relip.faces.speaker import Choice
from relip.faces.track import FaceTrack
from relip.footage import Footage
from relip.media.probe import probe
from relip.mouth.style import WINDOW, at
from relip.speech.articulation import Articulation
from tests.bench_speech.mouth import LEAST, from_footage
from tests.mouths_made import babble, planted_mouths, swaying

RATE = 25


def footage_of(heard: Articulation, seen: Articulation) -> Footage:
    """A clip in which ``heard`` is heard while the mouth says ``seen``."""
    times = np.arange(int(len(seen.visemes) / 100 * RATE)) / RATE
    marks = swaying(planted_mouths(at(seen.visemes, times, WINDOW)))
    count = len(times)
    track = FaceTrack(1, marks, np.ones(count, np.float32), np.zeros(count, np.int32))
    return Footage(
        clip=replace(probe(sample.picture()), width=2000, height=2000),
        first=0,
        track=track,
        times=times,
        crops=np.arange(count),
        hidden=np.zeros(count, np.float32),
        own=heard,
        own_start=0.0,
        delay=0.0,
        choice=Choice(track, "only", 1.0, ""),
        people=1,
    )


def test_a_mouth_that_follows_its_sound_is_foretold() -> None:
    said = babble(120)
    found = from_footage("made", footage_of(said, said))

    assert found.correlation > 0.9
    assert 0.7 < found.amplitude < 1.3
    assert abs(found.delay) < 0.03


def test_a_mouth_that_says_something_else_is_not() -> None:
    heard, seen = babble(120), babble(120, seed=1)
    footage = footage_of(heard, seen)

    assert abs(from_footage("made", footage).correlation) < 0.4


def test_a_clip_too_short_says_so() -> None:
    said = babble(4)
    footage = footage_of(said, said)

    assert len(footage.times) < 2 * LEAST
    assert np.isnan(from_footage("made", footage).correlation)
    assert "too few" in from_footage("made", footage).note
