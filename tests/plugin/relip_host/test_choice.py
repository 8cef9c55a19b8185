import json
from fractions import Fraction

import pytest

from relip_host.choice import Choice, choice_from_json, choice_to_json


@pytest.mark.parametrize(
    "choice",
    [
        Choice(),
        Choice(
            tracks=(2, 3),
            nudge=Fraction(-1001, 24000),
            speaker=2,
            folder="/out",
            score=True,
            workers=2,
            speakers={3: "1", 2: "640,360@2s"},
        ),
    ],
)
def test_a_choice_survives_json(choice: Choice) -> None:
    assert choice_from_json(json.loads(json.dumps(choice_to_json(choice)))) == choice


def test_what_another_version_remembered_is_read_as_far_as_it_is_known() -> None:
    assert choice_from_json({"tracks": [1], "mood": "merry"}) == Choice(tracks=(1,))


@pytest.mark.parametrize(
    "found",
    [
        {"tracks": 3},
        {"tracks": ["x"]},
        {"nudge": "1/0"},
        {"workers": 0},
        {"workers": "2"},
        {"speakers": {"x": "1"}},
        {"speakers": 3},
    ],
)
def test_what_is_no_choice_is_refused(found: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        choice_from_json(found)
