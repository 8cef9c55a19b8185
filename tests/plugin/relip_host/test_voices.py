"""Two people who speak in a shot, through a host and an engine that draws nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.fake_host import FakeHost
from relip_host.finished import apply_finished
from relip_host.host import DubItem, HostError, Obstacle, Shot
from relip_host.journal import Journal, runs
from relip_host.page import Row
from relip_host.resync import resync_selection
from relip_host.voices import split, spoken_in
from tests.plugin.relip_host.stub_runs import finish, states, stub

F = Fraction
CHOICE = Choice((3, 4), workers=1, handles=0)
ITEMS = {3: (F(0), F(3, 2)), 4: (F(1, 2), F(2))}


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """A shot of two seconds; on A3 and A4 somebody speaks for a second and a half each."""
    for name in ("two.mov", "anna.wav", "ben.wav"):
        (tmp_path / name).touch()
    shot = Shot("v1", "two", 1, F(0), F(2), str(tmp_path / "two.mov"), F(4), F(25), 1000)
    items = [
        DubItem(name, track, *ITEMS[track], str(tmp_path / f"{name}.wav"))
        for name, track in (("anna", 3), ("ben", 4))
    ]
    return FakeHost([shot], items)


def run(host: FakeHost, folder: Path, choice: Choice = CHOICE) -> Row:
    (row,) = finish(resync_selection(host, choice, stub(), folder / "state")).rows
    return row


def asked(folder: Path) -> dict[str, Any]:
    journal = next(runs(folder / "state"))
    assert isinstance(journal, Journal)
    (entry,) = journal.record.entries
    job: dict[str, Any] = json.loads(journal.path(entry.job, ".job.json").read_text())
    return job


def spans(job: dict[str, Any]) -> list[list[tuple[F, F]]]:
    return [
        [(F(one["start"]), F(one["end"])) for one in voice["ranges"]]
        for voice in (job, *job["others"])
    ]


def paths(voice: dict[str, Any]) -> list[str]:
    return [Path(part["path"]).name for part in voice["speech"]]


def test_tracks_that_speak_at_once_have_a_mouth_each(host: FakeHost, tmp_path: Path) -> None:
    row = run(host, tmp_path)

    job = asked(tmp_path)
    (other,) = job["others"]
    assert (paths(job), paths(other)) == (["anna.wav"], ["ben.wav"])
    assert spans(job) == [[(F(4), F(11, 2) + F(1, 50))], [(F(4) + F(12, 25), F(6))]]
    assert row.state == "placed"
    told = "whose lips move with the clip's sound, 71 % sure"
    assert row.mouth == f"A3: person 1 of 3, {told}; A4: person 2 of 3, {told}"
    assert row.notes == (
        "A3 and A4 speak at once, with a mouth each: say whose mouth each track has",
        "the mouth is covered",
        "A3: mouth 1 is covered",
        "A4: mouth 2 is covered",
    )


def test_who_is_named_has_their_mouth_in_all_of_the_shot(host: FakeHost, tmp_path: Path) -> None:
    row = run(host, tmp_path, replace(CHOICE, speakers={3: "2", 4: "640,360@5s"}))

    job = asked(tmp_path)
    assert job["speaker"]["number"] == 2
    assert job["others"][0]["speaker"]["point"] == [640, 360, "5"]
    assert spans(job) == [[(F(4), F(6))]] * 2
    assert row.mouth.startswith("A3: person 2; A4: ")
    assert not any("speak at once" in note for note in row.notes)


def test_one_face_for_two_tracks_is_one_voice(host: FakeHost, tmp_path: Path) -> None:
    row = run(host, tmp_path, replace(CHOICE, speakers={3: "2", 4: "2"}))

    job = asked(tmp_path)
    assert (paths(job), job["others"]) == (["anna.wav", "ben.wav"], [])
    assert (row.state, row.mouth) == ("placed", "")


def test_one_mouth_that_was_asked_for_says_it_all(host: FakeHost, tmp_path: Path) -> None:
    run(host, tmp_path, replace(CHOICE, speaker=2))

    job = asked(tmp_path)
    assert (job["speaker"]["number"], job["others"]) == (2, [])


def test_tracks_that_take_turns_are_one_voice_and_that_is_told(
    host: FakeHost, tmp_path: Path
) -> None:
    host.items[1] = replace(host.items[1], start=F(3, 2))

    row = run(host, tmp_path)

    assert asked(tmp_path)["others"] == []
    assert "A3 and A4 speak in this shot, with one mouth" in row.notes[0]


@pytest.mark.parametrize("name", ["fake", "blender"])
def test_a_voice_that_is_left_out_costs_the_other_nothing(
    name: str, host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_LEFT_OUT", "2")
    host.name = name

    row = run(host, tmp_path, replace(CHOICE, speakers={3: "1", 4: "2"}))

    called = {"fake": "A", "blender": "channel "}[name]
    assert (row.state, row.mouth) == ("placed", f"{called}3: person 1")
    left_out = "its mouth is left as it is: voice 2 has nobody; name another"
    assert f"{called}4: {left_out}" in row.notes


def test_a_shot_whose_voices_are_all_left_out_fails(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_LEFT_OUT", "1,2")

    row = run(host, tmp_path)

    assert (row.state, row.message, row.remedy) == ("failed", "nobody is seen", "choose another")


def test_only_the_tracks_of_a_voice_are_mixed_by_the_host(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixed: list[tuple[tuple[int, ...], F, F]] = []
    render = host.render_dub

    def watched(tracks: tuple[int, ...], start: F, end: F, folder: str) -> str:
        mixed.append((tracks, start, end))
        return render(tracks, start, end, folder)

    monkeypatch.setattr(host, "render_dub", watched)
    host.items[1] = replace(host.items[1], obstacle=Obstacle("compound", "it is a compound"))

    row = run(host, tmp_path)

    assert mixed == [((4,), F(1, 2), F(2))]
    assert [paths(voice) for voice in (asked(tmp_path), *asked(tmp_path)["others"])] == [
        ["anna.wav"],
        ["dub.wav"],
    ]
    assert "it is a compound: fake mixed the dub" in row.notes


def test_a_voice_that_cannot_be_mixed_is_told_and_the_other_is_made(
    host: FakeHost, tmp_path: Path
) -> None:
    host.items[1] = replace(host.items[1], media=None)
    host.faults["render_dub"] = HostError("Deliver is busy", "wait for it")

    row = run(host, tmp_path)

    assert row.state == "placed"
    assert asked(tmp_path)["others"] == []
    (told,) = [note for note in row.notes if note.startswith("A4: ")]
    assert "Deliver is busy; wait for it" in told


def test_a_face_at_a_time_that_the_clip_does_not_have_is_told(
    host: FakeHost, tmp_path: Path
) -> None:
    row = run(host, tmp_path, replace(CHOICE, speakers={3: "1,2@99s", 4: "2"}))

    assert row.state == "placed"
    assert any("the time of 1,2@99s is not in the clip" in note for note in row.notes)
    assert row.mouth == ""


def test_voices_are_told_after_the_host_was_away_too(host: FakeHost, tmp_path: Path) -> None:
    steps = resync_selection(host, CHOICE, stub(), tmp_path / "state")
    host.faults["place"] = HostError("not now")
    outcome = finish(steps)
    assert states(outcome) == ["done"]
    host.faults.clear()

    (row,) = apply_finished(host, tmp_path / "state").rows

    assert row.state == "placed"
    assert row.mouth.startswith("A3: person 1 of 3")


def test_the_edge_of_a_neighbour_s_line_is_heard_and_has_no_mouth() -> None:
    span = F(0), F(2)
    anna, edge = DubItem("anna", 3, F(0), F(2), "a.wav"), DubItem("ben", 4, F(-1), F(1, 10), "b")

    spoken = spoken_in(span, (edge, anna))
    (said,) = split(span, spoken, (edge, anna), lambda item: "")

    assert spoken == (anna,)
    assert (said.items, said.near) == ((anna,), (edge,))
    assert spoken_in(span, (edge,)) == (edge,)
