from __future__ import annotations

import json

import pytest

from relip_plugin.hearing import as_text, clock, facts
from tests.hearings_made import NOISY, hearing


def test_a_program_gets_one_object_in_seconds() -> None:
    found = json.loads(json.dumps(facts(hearing(4.0, NOISY)), allow_nan=False))

    assert list(found) == ["file", "seconds", "closures", "fv", "visemes", "voice", "warnings"]
    assert (found["file"], found["seconds"]) == ("a.wav", 4.0)
    assert found["closures"][1] == {"start": 0.7, "end": 0.77, "confidence": 0.91}
    assert found["fv"][0] == {"start": 0.2, "end": 0.28, "confidence": 0.8}
    assert found["voice"] == [{"start": 0.0, "end": 3.0}]
    assert found["warnings"][0]["kind"] == "noise"
    assert set(found["warnings"][0]) == {"kind", "start", "end", "message", "remedy"}


def test_visemes_follow_each_other_without_gaps() -> None:
    stretches = hearing(4.0).visemes()

    assert [one.viseme for one in stretches[:3]] == ["PBM", "FV", "ROUND"]
    assert stretches[0].start == 0
    assert [one.start for one in stretches[1:]] == [one.end for one in stretches[:-1]]
    assert (stretches[-1].viseme, stretches[-1].end) == ("SIL", 4.0)


def test_an_editor_reads_counts_times_and_remedies() -> None:
    lines = as_text(hearing(4.0, NOISY)).splitlines()

    assert "length    0:04.000" in lines
    assert "speech    0:03.000 (75% of it)" in lines
    assert "closures  4, 1 of them unsure (p, b, m: lips closed)" in lines
    assert "0:00.700    70   91%  p b m" in lines
    assert "0:00.200    80   80%  f v" in lines
    assert lines[-2].startswith("warning (0:00.000 to 0:02.000): noise")
    assert lines[-1] == "  what helps: take a cleaner recording"


def test_a_long_list_is_left_to_programs() -> None:
    assert "p b m" not in as_text(hearing(60.0))


@pytest.mark.parametrize(
    ("seconds", "says"), [(4.48, "0:04.480"), (59.9996, "1:00.000"), (3604.5, "1:00:04.500")]
)
def test_times_are_written_as_clocks(seconds: float, says: str) -> None:
    assert clock(seconds) == says
