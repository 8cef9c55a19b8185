from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from blender_addon.relip.obstacles import (
    Facts,
    beyond,
    obstacle_of,
    sound_obstacle,
    unreadable,
)
from blender_addon.relip.strips import Footage

FINE = Facts("MOVIE", "take", "/a/take.mov", __file__)
CONTENT = Footage(1, 1, 101, 100, Fraction(25), 100)


def test_a_plain_movie_strip_has_none() -> None:
    assert obstacle_of(FINE, above=True) is None
    assert obstacle_of(replace(FINE, fed=("Cross",)), above=False) is None
    assert beyond(CONTENT, "take") is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "META"}, "compound"),
        ({"kind": "IMAGE"}, "images"),
        ({"kind": "SCENE"}, "scene"),
        ({"kind": "MOVIECLIP"}, "clip"),
        ({"kind": "TEXT"}, "title"),
        ({"path": "//take.mov", "file": None}, "unsaved"),
        ({"file": "/nowhere/take.mov"}, "offline"),
        ({"locked": True}, "locked"),
        ({"reverse": True}, "reversed"),
        ({"stereo": True}, "stereo"),
        ({"stream": 1}, "stream"),
        ({"fed": ("Speed",), "sped": ("Speed",)}, "retimed"),
        ({"fed": ("Cross",)}, "effects"),
    ],
)
def test_each_other_strip_is_refused_with_what_to_do(change: dict[str, object], code: str) -> None:
    found = obstacle_of(replace(FINE, **change), above=True)  # type: ignore[arg-type]

    assert found is not None
    assert found.code == code
    assert "take" in found.message
    assert found.remedy


@pytest.mark.parametrize("handles", [{"left": 0}, {"right": 102}])
def test_a_strip_that_stands_still_at_its_ends_is_refused(handles: dict[str, int]) -> None:
    found = beyond(replace(CONTENT, **handles), "take")  # type: ignore[arg-type]

    assert found is not None
    assert found.code == "beyond"


def test_a_file_that_cannot_be_read_is_named() -> None:
    assert Path(__file__).name in unreadable(FINE).message


@pytest.mark.parametrize(
    ("path", "file", "packed", "code"),
    [
        ("//dub.wav", None, False, "unsaved"),
        ("/a/dub.wav", "/a/dub.wav", False, "offline"),
        ("/a/dub.wav", __file__, True, "packed"),
    ],
)
def test_sound_that_is_in_no_file_is_refused(
    path: str, file: str | None, packed: bool, code: str
) -> None:
    found = sound_obstacle("dub", path, file, packed)

    assert found is not None
    assert found.code == code
    assert sound_obstacle("dub", __file__, __file__, False) is None
