from pathlib import Path

import numpy as np
import pytest

from relip.speech.articulation import Articulation
from relip_job.errors import SpeechError
from tests.bench_speech import systems
from tests.bench_speech.degraded import degraded
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.measure import row, tasks
from tests.bench_speech.systems import OURS, TRANSCRIPT, spelt, with_transcript
from tests.bench_speech.utterances import Said, Samples, folders


def only_english(heard: Articulation, samples: Samples, text: str, language: str) -> Articulation:
    if language != "en":
        raise SpeechError("it departs", "give the right text")
    return heard


def test_a_transcript_that_is_refused_is_counted_and_the_sound_heard_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems, "aligned", only_english)
    (source,) = folders(labelled_line(tmp_path))[0].sources
    samples, _ = source.read()
    right, wrong = (with_transcript(samples, Said("Maybe.", tag)) for tag in ("en", "de"))

    assert (right.refused, wrong.refused) == (False, True)
    assert np.array_equal(right.rows, wrong.rows)


def test_what_is_said_in_no_known_language_cannot_be_spelt() -> None:
    assert not spelt(None)
    assert not spelt(Said("Maybe.", "nobody's"))


def test_sets_without_text_are_not_aligned(tmp_path: Path) -> None:
    sets = folders(labelled_line(tmp_path))
    heard, unheard = map(row, tasks((OURS, TRANSCRIPT), ("clean",), sets))

    assert heard.score.utterances == 1
    assert unheard.score.utterances == 0
    assert unheard.note


def test_degraded_rows_are_heard_degraded(tmp_path: Path) -> None:
    sets = folders(labelled_line(tmp_path))
    samples, _ = sets[0].sources[0].read()
    (noisy,) = map(row, tasks((OURS,), ("noise",), sets))
    told = systems.ours(degraded(samples, "noise", 0), None)

    assert noisy.score.closures.reported == len(told.closures)
