from __future__ import annotations

import numpy as np
import pytest

from relip.speech.alignment import Alignment, Evidence, Place, Stray
from relip.speech.departure import first_departure, refuse_departures
from relip.speech.spelling import Word
from relip_job.errors import SpeechError

TEXT = "alpha bravo delta gamma kappa"
LENGTH = 10
"""Rows of each phone; every word has five."""


def words(text: str = TEXT) -> list[Word]:
    return [Word(word, 0, (tuple(word),)) for word in text.split()]


def placed(
    left_out: tuple[int, ...] = (), unheard: str = "", strays: tuple[Stray, ...] = ()
) -> Alignment:
    """Words one after the other, those left out take no time; ``unheard`` phones are not named."""
    places = []
    at = 0
    for number, word in enumerate(words()):
        at = max([at, *(stray.stop for stray in strays if stray.before == number)])
        for phone in word.text if number not in left_out else "":
            places.append(Place(number, phone, at, at + LENGTH, phone not in unheard))
            at += LENGTH
    return Alignment(tuple(places), strays, left_out)


def heard(phones: int = 0) -> Evidence:
    """Evidence that names so many phones, two rows each, in the second that begins with row 50."""
    named = np.zeros((400, 2), np.float32)
    named[50 : 50 + 100, 0] = phones * 2 / 100
    return Evidence(named, {}, np.zeros((400, 10), np.float32))


def test_a_text_that_is_said_does_not_depart() -> None:
    assert first_departure(words(), placed(), heard()) is None
    refuse_departures(words(), placed(), heard())


def test_slips_apart_from_each_other_are_forgiven() -> None:
    assert first_departure(words(), placed(unheard="lm"), heard()) is None


def test_a_word_that_is_not_said_is_a_departure() -> None:
    found = first_departure(words(), placed(left_out=(2,)), heard())

    assert found is not None
    assert (found.first, found.stop, found.unsaid, found.unwritten) == (2, 3, 5, 0)
    assert found.start == pytest.approx(1.0)


def test_sound_that_is_not_written_is_a_departure() -> None:
    found = first_departure(words(), placed(strays=(Stray(1, 50, 150),)), heard(6))

    assert found is not None
    assert (found.first, found.unsaid) == (1, 0)
    assert found.unwritten == pytest.approx(6, rel=0.01)
    assert (found.start, found.end) == (0.5, 1.5)


def test_a_short_sound_that_is_not_written_is_forgiven() -> None:
    assert first_departure(words(), placed(strays=(Stray(1, 50, 150),)), heard(3)) is None


def test_phones_that_nobody_heard_are_a_departure_like_words_left_out() -> None:
    # bravo and delta are placed somewhere, but only their a was named.
    found = first_departure(words(), placed(unheard="brvodelt"), heard())

    assert found is not None
    assert (found.first, found.stop) == (1, 3)


@pytest.mark.parametrize(
    ("alignment", "phones", "told"),
    [
        (placed(left_out=(3,)), 0, "at 0:01.5, after “…bravo delta”, the transcript has “gamma”, "
         "which is not said; correct it there"),
        (placed(left_out=(0,)), 0, "at 0:00.0, at the start of the transcript, the transcript has"),
        (placed(strays=(Stray(1, 50, 150),)), 9, "0:00.5 to 0:01.5, after “alpha”, something is "
         "said that the transcript lacks; correct it there"),
        (placed(left_out=(1,), strays=(Stray(1, 50, 150),)), 5,
         "at 0:00.5, after “alpha”, something else is said than “bravo”"),
        (placed(left_out=(1, 2, 3)), 0, "“bravo delta gamma”, which is not said; give the text of "
         "this sound and its language"),
        (placed(left_out=(0, 1, 2, 3, 4)), 0, "“alpha bravo delta gamma…”"),
    ],
)  # fmt: skip
def test_the_complaint_tells_where_and_what(alignment: Alignment, phones: int, told: str) -> None:
    with pytest.raises(SpeechError) as refused:
        refuse_departures(words(), alignment, heard(phones))
    assert told in str(refused.value)
