from pathlib import Path

import numpy as np
import pytest

from relip.speech.articulation import Articulation
from relip_job.errors import SpeechError
from tests.bench_speech import systems
from tests.bench_speech.conditions import delivered
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.measure import row, tasks
from tests.bench_speech.systems import (
    NOTHING_TOLD,
    OURS,
    PHONES,
    TRANSCRIPT,
    Told,
    unspelt,
    with_transcript,
)
from tests.bench_speech.utterances import Label, Said, Samples, folders


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
    right, wrong = (with_transcript(samples, Told(Said("Maybe.", tag))) for tag in ("en", "de"))

    assert (right.refused, wrong.refused) == (False, True)
    assert np.array_equal(right.rows, wrong.rows)


def test_what_is_said_in_no_known_language_cannot_be_spelt() -> None:
    assert "--texts" in unspelt(None)
    assert "no nobody's" in unspelt(Said("Maybe.", "nobody's"))
    assert "without its language" in unspelt(Said("Maybe.", ""))
    assert not unspelt(Said("Maybe.", "en"))


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
    told = systems.ours(delivered(samples, "noise", 0).samples, NOTHING_TOLD)

    assert noisy.score.closures.reported == len(told.closures)


def test_hurried_rows_are_scored_where_their_sounds_are(tmp_path: Path) -> None:
    sets = folders(labelled_line(tmp_path))
    (hurried,) = map(row, tasks((OURS,), ("fast",), sets))

    assert hurried.score.closures.recall >= 0.7
    assert hurried.score.seconds == pytest.approx(len(sets[0].sources[0].read()[0]) / 21_600, 0.01)


def test_the_phones_of_labels_come_in_groups_without_marks_and_halves() -> None:
    said = [
        ("sil", 0),
        ("m", 1),
        ("a\u026a", 4),
        ("a\u026a", 6),
        ("(en)", -1),
        ("s#", 7),
        ("sil", 0),
    ]
    said += [("t", 7), ("t", 7), ("PT", -1)]
    labels = tuple(
        Label(k / 10, k / 10 + 0.1, viseme, phone) for k, (phone, viseme) in enumerate(said)
    )

    assert Told(None, labels).phones() == (("m", "a", "ɪ", "s"), ("t", "t"))


def test_true_phones_are_aligned_where_no_text_is_given(tmp_path: Path) -> None:
    sets = folders(labelled_line(tmp_path))
    heard, aligned = map(row, tasks((OURS, PHONES), ("clean",), sets))

    assert aligned.score.closures.reported == aligned.score.closures.there
    assert aligned.score.closures.recall >= heard.score.closures.recall
