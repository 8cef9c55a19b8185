import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.host import Timeline, Track
from relip_plugin.choices.view import length, rate_of, timecode, view_of
from tests.plugin.relip_plugin.choices.offers_made import FILM, RAMP, offer, shot


def view(**named: Any) -> Any:
    return json.loads(json.dumps(view_of(offer(**named))))


def test_shots_carry_the_timelines_timecode() -> None:
    first, second = view()["shots"]

    assert (first["track"], first["start"], first["end"]) == ("V1", "01:00:09:23", "01:00:12:11")
    assert first["length"] == "02:12"
    assert second["name"] == "two_shot.mov"


def test_a_frame_is_named_by_the_time_it_begins_at() -> None:
    timeline = Timeline("t", "t", FILM, 86400)

    for frame in (0, 1, 1000, 143_999):
        assert timecode(timeline, frame / FILM) == str(
            timecode(timeline, frame / FILM + Fraction(1, 10_000))
        )
    assert timecode(timeline, 24 / FILM) == "01:00:01:00"


def test_drop_frame_timelines_count_like_their_clock() -> None:
    timeline = Timeline("t", "t", Fraction(30000, 1001), 107892, drop=True)

    assert timecode(timeline, Fraction(60)) == "01:00:59;28"
    assert rate_of(timeline) == "29.97 fps drop-frame"


@pytest.mark.parametrize(
    ("seconds", "said"), [("0.48", "00:12"), ("61", "01:01:00"), ("3600.04", "01:00:00:01")]
)
def test_lengths_are_short(seconds: str, said: str) -> None:
    assert length(Timeline("t", "t", Fraction(25)), Fraction(seconds)) == said


def test_an_obstacle_comes_in_its_sentence() -> None:
    (told,) = view(shots=(shot(0, "ramp.mov", RAMP),))["shots"]

    assert told["obstacle"] == {
        "message": "this clip runs at 150 % speed",
        "remedy": "set it to 100 % first",
    }


def test_tracks_say_how_much_is_on_them() -> None:
    tracks = (Track(2, "Dub DE", 3), Track(4, "Audio 4", 0, enabled=False))

    assert view(tracks=tracks)["tracks"] == [
        {"number": 2, "label": "A2", "name": "Dub DE", "items": 3, "enabled": True},
        {"number": 4, "label": "A4", "name": "", "items": 0, "enabled": False},
    ]


def test_one_shot_is_called_by_its_name() -> None:
    assert view(shots=(shot(0, "anna_cu.mov"),))["title"] == "Re-sync anna_cu.mov"
    assert view()["title"] == "Re-sync 2 shots"


def test_each_host_hears_its_own_words() -> None:
    assert view()["host"]["in_place"] == "A new take"
    assert view(host="blender")["host"]["in_place"] == "The same strip"
    assert view(host="something new")["shots"][0]["track"] == "track 1"


def test_marks_are_named_or_absent() -> None:
    assert view()["marks"] is None
    assert view(marks=(Fraction(0), 24 / FILM))["marks"] == ["01:00:00:00", "01:00:01:00"]


def test_a_folder_of_the_host_comes_back_unchanged() -> None:
    asked = replace(offer().choice, folder="/results")

    assert view(choice=asked)["form"]["folder"] == "/results"


def test_engines_that_draw_with_networks_say_what_their_licence_means() -> None:
    told = view(choice=Choice(engine="wav2lip", provider="cuda"))
    assert [name for name, _ in told["engines"]] == ["footage", "wav2lip", "musetalk"]
    assert "may not be sold" in told["licences"]["wav2lip"]
    assert "footage" not in told["licences"]
    assert told["providers"][0][0] == "auto"
    assert (told["form"]["engine"], told["form"]["provider"]) == ("wav2lip", "cuda")
