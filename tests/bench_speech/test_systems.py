from pathlib import Path

import numpy as np
import pytest

from tests.bench_speech import systems
from tests.bench_speech.candidates import NotInstalled
from tests.bench_speech.degraded import degraded
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.measure import row, tasks
from tests.bench_speech.systems import OURS, TRANSCRIPT, aligned
from tests.bench_speech.utterances import Said, folders

ALIGNER = """
from relip.speech.visemes import listen
from relip_job.errors import SpeechError

def align(samples, text, language):
    if language != "en":
        raise SpeechError("it departs", "give the right text")
    return listen(samples)
"""


@pytest.fixture
def aligner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "made_aligner.py").write_text(ALIGNER, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(systems, "_ALIGNER", "made_aligner")


@pytest.mark.usefixtures("aligner")
def test_a_transcript_that_is_refused_is_counted_and_the_sound_heard_without_it(
    tmp_path: Path,
) -> None:
    (source,) = folders(labelled_line(tmp_path / "sets"))[0].sources
    samples, _ = source.read()
    right, wrong = (aligned()(samples, Said("Maybe.", language)) for language in ("en", "de"))

    assert (right.refused, wrong.refused) == (False, True)
    assert np.array_equal(right.rows, wrong.rows)


def test_an_engine_without_alignment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systems, "_ALIGNER", "there_is_no_such_module")

    with pytest.raises(NotInstalled, match="no transcript"):
        aligned()


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
