"""Several people who speak in a shot, from the page to the job and what is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from relip_host.choice import Choice
from tests.resolve_scripts.installed import Editor, Install, install
from tests.resolve_scripts.stage import make_tone
from tests.resolve_scripts.test_menu import CLIP, staged


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.fixture
def relip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: Editor) -> Install:
    return install(tmp_path / "home", monkeypatch, editor)


def test_two_tracks_that_speak_at_once_have_the_mouths_that_were_chosen(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path)
    studio.audio(make_tone(tmp_path / "ben.wav"), at=110, frames=30, track=3)
    editor.choice = Choice(tracks=(2, 3), speakers={3: "2"})

    relip.run(studio, CLIP)

    (job,) = relip.jobs()
    (other,) = job["others"]
    assert (job["speaker"]["number"], other["speaker"]["number"]) == (None, 2)
    assert [Path(voice["speech"][0]["path"]).name for voice in (job, other)] == [
        "line.wav",
        "ben.wav",
    ]
    assert item.take == 2

    editor.choice = None
    relip.run(studio, CLIP)

    assert editor.offer is not None
    assert editor.offer.choice.speakers == {3: "2"}, "it is remembered"
