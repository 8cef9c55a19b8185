from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Dict, Optional, Tuple  # noqa: UP035 as the host side writes them

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.choice import Choice
from relip_host.host import Obstacle, Placed, Shot
from relip_host.journal import Entry
from relip_host.plain import from_plain, to_plain

SHOTS = st.builds(
    Shot,
    id=st.text(),
    name=st.text(),
    track=st.integers(),
    start=st.fractions(),
    end=st.fractions(),
    media=st.none() | st.text(),
    source=st.fractions(),
    obstacle=st.none() | st.builds(Obstacle, st.text(), st.text()),
)
ENTRIES = st.builds(
    Entry,
    job=st.text(),
    shot=SHOTS,
    first=st.fractions(),
    notes=st.lists(st.text()).map(tuple),
    placed=st.none()
    | st.builds(Placed, st.text(), st.text(), st.dictionaries(st.text(), st.text())),
)


@given(ENTRIES)
def test_what_goes_through_json_comes_back(entry: Entry) -> None:
    assert from_plain(Entry, json.loads(json.dumps(to_plain(entry)))) == entry


def test_names_of_another_version_are_left_out_and_missing_ones_are_the_default() -> None:
    found = from_plain(Choice, {"tracks": [3], "strength": 1, "colour_of_the_sky": "blue"})

    assert found == Choice((3,), strength=1.0)
    assert isinstance(found.strength, float)


@dataclass(frozen=True)
class Odd:
    time: Fraction
    many: Tuple[int, ...] = ()  # noqa: UP006 as above
    words: Dict[str, str] = field(default_factory=dict)  # noqa: UP006
    perhaps: Optional[Odd] = None  # noqa: UP045


@pytest.mark.parametrize(
    "found",
    [
        None,
        [],
        {},
        {"time": "1/0"},
        {"time": "soon"},
        {"time": None},
        {"time": []},
        {"time": "1", "many": 3},
        {"time": "1", "many": ["x"]},
        {"time": "1", "words": []},
        {"time": "1", "words": {"a": 1}},
        {"time": "1", "perhaps": {"time": {}}},
    ],
)
def test_what_does_not_read_like_one_is_refused(found: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_plain(Odd, found)
