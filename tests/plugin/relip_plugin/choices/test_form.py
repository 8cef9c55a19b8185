from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.choice import Choice
from relip_models.store import Installed, Kept, Store
from relip_plugin.choices.form import FormError, choice_of
from relip_plugin.choices.view import nudge_of, view_of
from tests.plugin.relip_plugin.choices.offers_made import FILM, RAMP, offer, shot

FORM: dict[str, Any] = {
    "tracks": [2],
    "place": "in-place",
    "marks_only": False,
    "handles": "12",
    "engine": "footage",
    "provider": "auto",
    "strength": "1",
    "nudge": "0",
    "nudge_unit": "ms",
    "codec": "match",
    "score": False,
    "speaker": "",
    "speakers": {},
    "folder": "",
    "workers": "",
    "reuse": True,
    "backup": False,
}


def test_an_untouched_form_is_the_default_choice() -> None:
    assert choice_of(FORM, offer()) == Choice(tracks=(2,))


def test_everything_that_can_be_chosen_arrives(tmp_path: Path) -> None:
    form = {
        "tracks": [2, 1],
        "place": "above",
        "marks_only": True,
        "handles": "0",
        "engine": "footage",
        "provider": "directml",
        "strength": "1.25",
        "nudge": "-1",
        "nudge_unit": "frames",
        "codec": "prores",
        "score": True,
        "speaker": "3",
        "speakers": {"1": " 640, 360@2s", "2": ""},
        "folder": f' "{tmp_path}" ',
        "workers": "3",
        "reuse": False,
        "backup": True,
    }

    chosen = choice_of(form, offer(marks=(Fraction(1), Fraction(2))))

    assert chosen == Choice(
        tracks=(1, 2),
        place="above",
        marks_only=True,
        handles=0,
        strength=1.25,
        nudge=Fraction(-1001, 24000),
        codec="prores",
        score=True,
        speaker=3,
        speakers={1: "640,360@2s"},
        folder=str(tmp_path),
        backup=True,
        workers=3,
        reuse=False,
        provider="directml",
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tracks", [], "choose the track with the dub"),
        ("tracks", [7], "tracks of this timeline"),
        ("tracks", "2", "tracks of this timeline"),
        ("place", "over there", "choose in-place, above"),
        ("marks_only", True, "set an in and an out mark"),
        ("handles", "1.5", "whole number of frames, 0 to 1000"),
        ("handles", "-1", "whole number"),
        ("handles", "1e9", "write a number"),
        ("engine", "magic", "choose footage"),
        ("provider", "abacus", "choose auto"),
        ("strength", "2", "from 0 to 1.5"),
        ("strength", "nan", "write a number"),
        ("strength", float("inf"), "write a number"),
        ("strength", True, "write a number"),
        ("nudge", "soon", "write a number"),
        ("nudge", "1e999999999", "write a number"),
        ("nudge", "10001", "no nudge"),
        ("nudge_unit", "hours", "milliseconds or in frames"),
        ("codec", "vhs", "choose match"),
        ("speaker", "0", "1 to 99"),
        ("speakers", {"2": "anna"}, "write a number from 1 to 99"),
        ("speakers", {"2": 0}, "write a number from 1 to 99"),
        ("speakers", {"7": "1"}, "tracks of this timeline"),
        ("speakers", "2=1", "tracks of this timeline"),
        ("folder", "Results", "whole path"),
        ("folder", "/there/is/no/such/folder", "no such folder"),
        ("folder", "~nobody-of-this-name/x", "no such folder"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(field: str, value: object, said: str) -> None:
    with pytest.raises(FormError) as caught:
        choice_of({**FORM, field: value}, offer())

    (where, sentence), *others = caught.value.wrong.items()
    assert where == field.removesuffix("_unit")
    assert said in sentence
    assert others == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(FormError) as caught:
        choice_of({}, offer(shots=(shot(0, "ramp.mov", RAMP),)))

    assert {"tracks", "place", "handles", "engine", "strength", "codec", "shots"} <= set(
        caught.value.wrong
    )


def test_an_engine_without_its_networks_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with pytest.raises(FormError) as caught:
        choice_of({**FORM, "engine": "wav2lip"}, offer())
    assert "relip models add wav2lip FILE" in caught.value.wrong["engine"]

    kept = Kept("generator", "net.onnx", "", 0, 0, "own", "")
    there = Installed("wav2lip", tmp_path, (kept,), "2026")
    monkeypatch.setattr(Store, "newest", lambda store, engine: there)
    assert choice_of({**FORM, "engine": "wav2lip"}, offer()).engine == "wav2lip"


@given(st.integers(-200, 200), st.sampled_from(["ms", "frames"]))
def test_a_nudge_is_remembered_as_it_was_typed(number: int, unit: str) -> None:
    asked = {**FORM, "nudge": str(number), "nudge_unit": unit}
    nudge = choice_of(asked, offer()).nudge

    text, again = nudge_of(nudge, FILM)

    typed = {**FORM, "nudge": text, "nudge_unit": again}
    assert choice_of(typed, offer()).nudge == nudge


def test_a_remembered_choice_is_filled_in_as_it_was() -> None:
    choice = Choice(
        tracks=(1,),
        place="above",
        handles=3,
        strength=0.8,
        nudge=Fraction(-1, 50),
        speaker=11,
        speakers={2: "3"},
    )

    form = view_of(offer(choice=choice))["form"]

    assert isinstance(form, dict)
    assert choice_of(form, offer()) == choice


def test_tracks_and_marks_that_are_gone_are_not_filled_in() -> None:
    form = view_of(offer(choice=Choice((2, 9), marks_only=True, speakers={2: "1", 9: "2"})))["form"]

    assert isinstance(form, dict)
    assert form["tracks"] == [2]
    assert form["speakers"] == {"2": "1"}
    assert form["marks_only"] is False
