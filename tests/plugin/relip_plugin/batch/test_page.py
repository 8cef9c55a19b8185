"""The table at the end, for people and for programs, of a batch that was half done."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import Obstacle, Shot
from relip_job import Failed, Notice, ResyncJob, Voice, Voiced
from relip_plugin.batch import outcome
from relip_plugin.batch.page import as_page
from relip_plugin.batch.plan import Line, Take
from relip_plugin.batch.result import Result
from relip_plugin.batch.table import as_csv, as_json, as_text
from relip_plugin.cache.results import Known
from tests import chromium

F = Fraction
SHOT = Shot("v1", "A01 <take> 3", 1, F(0), F(2), "/m/a.mov")
TAKE = Take(SHOT, ResyncJob("/m/a.mov", "x.wav", others=(Voice("y.wav"),)), F(0), 50)
KNOWN = Known(
    "/r/a_relip_v001.mov",
    "/r/a.json",
    "",
    50,
    50,
    "3 of 5",
    ("4 of 5", "3 of 5"),
    (Notice("covered", "the mouth is covered", voice=1), Notice("speaker", "person 2", voice=2)),
    (Voiced(1, 1, 2, "number", 1.0), Voiced(2, 2, 2, "size", 0.31)),
    9.0,
)
MISSING = Obstacle("offline", "the file is not at /m/b.mov", "relink it")


def results() -> tuple[Result, ...]:
    """Two mouths in a shot; two files missing, a line with no shot and one with nobody in it."""
    waiting = [
        Result(Line(1, "Anna 1", "01:00:00:00", "1", SHOT, TAKE, 1)),
        Result(Line(2, "Ben 1", "01:00:01:00", shot=SHOT, take=TAKE, voice=2)),
        Result(Line(3, "Anna 2", "01:00:02:00", obstacle=MISSING)),
        Result(Line(4, "Anna 3", "01:00:03:00", obstacle=MISSING)),
        Result(Line(5, "=1+1", "01:00:04:00", obstacle=Obstacle("no-shot", "no shot", "add one"))),
    ]
    alone = replace(TAKE, job=ResyncJob("/m/c.mov", "x.wav"))
    nobody = Result(Line(6, "Cleo", "01:00:05:00", shot=SHOT, take=alone))
    return (
        *(outcome.done(one, KNOWN, "made") for one in waiting[:2]),
        *(outcome.begun(one) for one in waiting[2:]),
        outcome.failed(nobody, Failed("FaceError", "no face is seen", "choose another shot")),
    )


def test_every_line_has_a_state_and_a_mouth_of_its_own() -> None:
    states = ["made", "made", "failed", "failed", "skipped", "skipped"]
    assert [one.state for one in results()] == states
    assert [one.speaker for one in results()][:3] == ["1", "2 of 2, by size, 31 %", "automatic"]
    assert [one.score for one in results()][:2] == ["4 of 5", "3 of 5"]


@pytest.mark.parametrize(
    ("voiced", "told"),
    [
        (Voiced(1, 1, 1, "only", 1.0), "1 of 1"),
        (Voiced(1, 2, 2, "only", 1.0), "2 of 2, the only one left"),
        (Voiced(1, 2, 3, "sound", 0.714), "2 of 3, by sound, 71 %"),
        (Voiced(1, 2, 3, "number", 1.0), "2 of 3"),  # of the whole run, not of a cast
        (None, "automatic"),
    ],
)
def test_a_speaker_is_told_as_the_choice_was_made(voiced: Voiced | None, told: str) -> None:
    line = Line(1, "Anna 1", "", shot=SHOT, take=TAKE)

    assert Result(line, voiced=voiced).speaker == told
    assert Result(replace(line, speaker="640,360@2s"), voiced=voiced).speaker == "640,360@2s"


def test_an_engine_that_does_not_say_whose_mouth_it_was_is_not_believed() -> None:
    silent = replace(KNOWN, voiced=KNOWN.voiced[:1])
    waiting = Result(Line(2, "Ben 1", "", shot=SHOT, take=TAKE, voice=2))

    assert outcome.done(waiting, silent, "made").state == "failed"


def test_a_reason_is_told_once_with_all_its_lines_and_its_remedy() -> None:
    told = as_text(results(), 61).splitlines()

    at = told.index("failed: lines 3, 4: the file is not at /m/b.mov")
    assert told[at + 1] == "  what to do: relink it"
    assert told[at + 2].startswith("skipped: line 5 (01:00:04:00, =1+1)")
    assert told[-1] == "2 made, 2 skipped, 2 failed in 1:01"
    (note,) = [line for line in told if "--speakers" in line]
    assert note.startswith("note: line 2 (01:00:01:00, Ben 1): relip chose person 2 of 2")
    assert not any("person 2" in line and "note" in line for line in told if line != note)


def test_programs_read_who_was_chosen_and_how() -> None:
    page = json.loads(as_json(results(), 1))["lines"]

    assert page[1]["mouth"] == {
        "voice": 2,
        "person": 2,
        "people": 2,
        "how": "size",
        "confidence": 0.31,
    }
    assert page[2]["mouth"] is None
    rows = list(csv.DictReader(as_csv(results()).splitlines()))
    assert rows[1]["speaker"] == "2 of 2, by size, 31 %"
    assert rows[4]["name"] == "'=1+1"


@pytest.mark.skipif(chromium.found() is None, reason="no Chromium")
def test_the_page_shows_what_is_not_done_first_and_hides_what_nobody_asks_for(
    tmp_path: Path,
) -> None:
    path = tmp_path / "r.html"
    path.write_text(as_page("reel <3>.otio", results(), 61), encoding="utf-8")
    program = chromium.found()
    assert program is not None
    shown = "[...document.querySelectorAll('tbody tr')].filter(r => r.offsetHeight).length"

    with chromium.Page(program) as page:
        page.look(1280)
        page.open(path)
        (failed, skipped) = page.run("[...document.querySelectorAll('ul')].map(l => l.innerText)")
        assert "Lines 3 (01:00:02:00), 4 (01:00:03:00): Anna 2, Anna 3" in failed
        assert "Relink it." in failed
        assert "No face is seen. Choose another shot." in skipped
        counts = []
        for choice in ("all", "missing", "look"):
            page.run(f"document.getElementById('show-{choice}').click()")
            counts.append(page.run(shown))
        assert counts == [6, 4, 2]
        assert page.run("document.querySelectorAll('.doubt').length") == 1
        assert page.run("document.body.innerText.includes('A01 <take> 3')")
        assert not [event for event in page.events if event[0] == "Log.entryAdded"]
