import sys
from pathlib import Path

import numpy as np
import pytest

from relip import sample
from relip.media.speech import read_speech
from tests.bench_speech import candidates
from tests.bench_speech.candidates import NotInstalled, named, spread
from tests.bench_speech.ipa import ARPABET, visemes_of
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.scoring import events, matched
from tests.bench_speech.utterances import folders


def test_phones_have_the_visemes_of_their_letters() -> None:
    assert visemes_of("pʰ") == (1,)
    assert visemes_of("t͡ʃ") == (8,)
    assert visemes_of("aɪ") == (4, 6)
    assert visemes_of("ɪ") == (6,)
    assert visemes_of("β") == ()
    assert all(visemes_of(phone) for phone in ARPABET.values())


def test_a_phone_is_named_at_the_middle_of_its_frames_less_the_lag() -> None:
    best = np.array([2, 0, 0, 2, 1, 2])

    assert named(best, [4, 1, -1]) == [(4 - 4.5, 4), (9 - 4.5, 1)]


def test_names_last_to_halfway_and_long_gaps_are_silent() -> None:
    rows = spread([(10, 4), (20, 1), (80, 5)], 100)

    assert rows[3] == 0
    assert set(rows[4:15]) == {4}
    assert set(rows[15:28]) == {1}
    assert set(rows[28:74]) == {0}
    assert set(rows[74:88]) == {5}
    assert set(rows[88:]) == {0}


def test_the_phone_network_alone_hears_most_closures_of_the_line(tmp_path: Path) -> None:
    (source,) = folders(labelled_line(tmp_path))[0].sources
    _, labels = source.read()
    heard = candidates.phone_spans()(read_speech(sample.line()).samples)

    assert matched(events(labels, 1), heard.closures).recall > 0.6


def test_what_is_not_installed_is_said_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hama", None)
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)

    with pytest.raises(NotInstalled, match="pip install hama"):
        candidates.hama()
    with pytest.raises(NotInstalled, match="pip install pocketsphinx"):
        candidates.pocketsphinx()
