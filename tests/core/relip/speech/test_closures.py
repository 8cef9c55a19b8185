from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.speech.articulation import SpeechEvent
from relip.speech.closures import CLOSURES, insist, pick_events, settle

NOTHING = np.zeros(200, np.float32)


def bump(*centres: int, height: float = 1.0) -> NDArray[np.float32]:
    at = np.arange(200)
    bumps = [height * np.clip(1 - ((at - centre) / 5) ** 2, 0, 1) for centre in centres]
    evidence: NDArray[np.float32] = np.max(bumps, axis=0).astype(np.float32)
    return evidence


def test_a_closure_lies_where_the_evidence_does() -> None:
    (event,) = pick_events(bump(50), bump(50), CLOSURES)
    assert event.centre == pytest.approx(0.505)
    assert event.end - event.start == pytest.approx(0.07)
    assert event.confidence == pytest.approx(1)


def test_both_networks_are_surer_than_one() -> None:
    both = pick_events(bump(50), bump(50), CLOSURES)[0].confidence
    assert pick_events(bump(50), NOTHING, CLOSURES)[0].confidence < both
    assert pick_events(NOTHING, bump(50), CLOSURES) == ()


def test_two_closures_with_an_opening_between_are_two() -> None:
    assert len(pick_events(bump(50, 62), NOTHING, CLOSURES)) == 2


def test_a_dent_in_one_closure_does_not_make_two() -> None:
    evidence = bump(50, 54)
    assert len(pick_events(evidence, evidence, CLOSURES)) == 1


@pytest.mark.parametrize("row", [0, 199])
def test_a_closure_at_the_very_edge_is_found(row: int) -> None:
    (event,) = pick_events(bump(row), bump(row), CLOSURES)
    assert 0 <= event.start < event.end <= 2


def test_of_two_rivals_the_surer_stays() -> None:
    closure, dental = SpeechEvent(1, 1.1, 0.9), SpeechEvent(1.02, 1.1, 0.6)
    assert settle((closure,), (dental,)) == ((closure,), ())


def test_insisting_keeps_distributions() -> None:
    visemes = np.full((200, 10), 0.1, np.float32)
    sure = insist(visemes, (SpeechEvent(0.5, 0.6, 0.8),), 1)
    np.testing.assert_allclose(sure.sum(axis=1), 1, atol=1e-5)
    assert sure[55, 1] > 0.9
    np.testing.assert_array_equal(sure[:50], visemes[:50])
