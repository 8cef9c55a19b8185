# ruff: noqa: RUF001  IPA letters look like others, that is what they are
from __future__ import annotations

import pytest

from relip.speech.articulation import VISEMES
from relip.speech.phones import _viseme, tokens


@pytest.mark.parametrize(
    ("token", "viseme"),
    [("pʰ", "PBM"), ("ɓ", "PBM"), ("ɱ", "FV"), ("oʊ", "ROUND"), ("aɪ", "OPEN"), ("t͡ɕʰ", "SH"),
     ("tʰ", "TEETH"), ("ŋ", "BACK"), ("ju", "SPREAD")],
)  # fmt: skip
def test_a_phone_is_what_its_first_letter_does(token: str, viseme: str) -> None:
    assert VISEMES[_viseme(token)] == viseme


@pytest.mark.parametrize("token", ["<blank>", "<wb>", " ", "ː", "˥", "β"])
def test_marks_say_nothing_about_lips(token: str) -> None:
    assert _viseme(token) == -1


def test_the_networks_tokens_are_all_there() -> None:
    names = tokens()
    assert len(names) == 191
    assert names[-1] == "<blank>"
    known = {_viseme(token) for token in names}
    assert known == {-1, *range(1, len(VISEMES))}
