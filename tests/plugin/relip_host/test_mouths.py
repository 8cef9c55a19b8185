from __future__ import annotations

import pytest

from relip_host.mouths import doubt, mouths, notes, whose
from relip_job import Notice, Voiced

ANNA, BEN = Voiced(1, 1, 2, "number", 1.0), Voiced(2, 2, 2, "size", 0.31)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("size", "person 1 of 2, who is largest in the clip, 7 % sure"),
        ("sound", "person 1 of 2, whose lips move with the clip's sound, 7 % sure"),
        ("number", ""),
        ("point", ""),
        ("only", ""),
    ],
)
def test_a_mouth_is_told_where_relip_chose_it(how: str, said: str) -> None:
    assert whose(Voiced(1, 1, 2, how, 0.07)) == said


@pytest.mark.parametrize(
    ("how", "confidence", "doubted"),
    [
        ("sound", 0.2, True),
        ("sound", 0.3, False),
        ("size", 0.5, True),
        ("size", 0.9, False),
        ("number", 0.0, False),
        ("only", 0.0, False),
    ],
)
def test_only_what_relip_chose_itself_may_be_doubted(
    how: str, confidence: float, doubted: bool
) -> None:
    told = doubt(Voiced(1, 2, 3, how, confidence))

    assert bool(told) is doubted
    assert not doubted or "say whose mouth it is" in told


def test_of_several_voices_it_is_told_whose_mouth_each_has() -> None:
    told = "person 2 of 2, who is largest in the clip, 31 % sure"

    assert mouths((BEN, ANNA), ("A3", "A4")) == f"A3: person 1; A4: {told}"
    assert mouths((BEN,)) == told
    assert mouths((ANNA,)) == ""


def test_notes_name_the_voice_and_begin_with_what_is_doubtful() -> None:
    notices = (
        Notice("speaker", "person 2 is the largest", voice=2),
        Notice("covered", "the mouth is covered", voice=1),
        Notice("left-out", "nobody speaks", voice=3, remedy="choose another", reason="SpeechError"),
        Notice("slow", "the disk is slow"),
    )

    doubted, *others = notes((ANNA, BEN), notices, ("A3", "A4", "A5"))

    assert doubted.startswith("A4: relip chose person 2 of 2, as the largest")
    assert others == [
        "A3: the mouth is covered",
        "A5: its mouth is left as it is: nobody speaks; choose another",
        "the disk is slow",
    ]


def test_who_was_chosen_is_a_note_where_nothing_better_tells_it() -> None:
    assert notes((), (Notice("speaker", "person 2"),)) == ("person 2",)
