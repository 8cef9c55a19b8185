from __future__ import annotations

import json
from fractions import Fraction

import pytest

from relip_job import Hello, ResyncJob, SpeechPart, TimeRange, job_to_json
from relip_job.events import PROTOCOL, from_json, to_json

PART = SpeechPart("dub.wav", Fraction(1001, 24000), Fraction(-1, 2), Fraction(3), (2,), 0.5)


def test_a_job_is_one_line_of_json_with_exact_times() -> None:
    cut = TimeRange(Fraction(1, 3), Fraction(2))
    job = ResyncJob("take é.mov", (PART, SpeechPart("b.wav", Fraction(9))), cut=cut)

    line = job_to_json(job)

    page = json.loads(line)
    assert "\n" not in line
    assert page["cut"] == {"start": "1/3", "end": "2"}
    assert page["speech"][0] == {
        "path": "dub.wav",
        "at": "1001/24000",
        "start": "-1/2",
        "duration": "3",
        "channels": [2],
        "gain": 0.5,
    }
    assert page["speech"][1]["duration"] is None


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"duration": Fraction(0)}, "must last longer than 0 seconds"),
        ({"channels": (0,)}, "channels count from 1"),
        ({"channels": (2, 2)}, "a channel is named twice"),
        ({"gain": float("nan")}, "is no number"),
    ],
)
def test_a_part_that_makes_no_sense_is_refused(wrong: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        SpeechPart("dub.wav", Fraction(0), **wrong)  # type: ignore[arg-type]  # any one of them


def test_the_first_word_travels_like_every_event() -> None:
    hello = Hello(PROTOCOL, "1.2")

    line = to_json(hello)

    assert json.loads(line) == {"event": "hello", "protocol": 1, "version": "1.2"}
    assert from_json(line) == hello
