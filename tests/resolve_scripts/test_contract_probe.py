"""The contract probe, asked of the fake: it finds what is so, and leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest

import contract_probe
from contract_probe import probe
from relip_contract import media, questions
from relip_contract.media import Film, write_film
from tests.resolve_scripts.fake_resolve import Studio, Traits
from tests.resolve_scripts.film_made import opened, shot


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "WIDTH", 48)
    monkeypatch.setattr(media, "HEIGHT", 8)
    monkeypatch.setattr(questions, "LOOK", 0)


def probed(studio: Studio, out: Path, **given: Any) -> dict[str, Any]:
    found = probe(studio.resolve, out, **{"saved": True, **given})
    return dict(json.loads(json.dumps(found)))


def answers(found: dict[str, Any]) -> dict[int, Any]:
    return {int(number): entry.get("answer") for number, entry in found["answers"].items()}


def untouched(studio: Studio, name: str = "Film") -> bool:
    """Whether the editor's project is as it was, and open, and nothing else is left."""
    touched = [call.name for call in studio.calls if call.project == name and call.writes]
    return not touched and not studio.lost[name] and [p.name for p in studio.projects] == [name]


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"])
def test_every_question_is_answered_and_nothing_is_left(version: str, tmp_path: Path) -> None:
    studio = Studio(version=version)
    shot(studio)
    studio.page = "color"
    found = probed(studio, tmp_path)

    assert [entry for entry in found["answers"].values() if "error" in entry] == []
    assert list(answers(found)) == list(range(1, 16))
    assert found["left"] == {"project": True, "scratch": "deleted", "page": True}
    assert untouched(studio)
    assert studio.page == "color"
    assert [path.name for path in tmp_path.iterdir()] == ["real.otio"]


@pytest.mark.parametrize("otherwise", [False, True])
def test_answers_follow_what_is_so(otherwise: bool, tmp_path: Path) -> None:
    traits = Traits(
        mark_out_inclusive=not otherwise,
        duplicate_switches=not otherwise,
        take_keeps_selection=not otherwise,
        empty_selection=None if otherwise else [],
    )
    found = answers(probed(Studio(traits=traits), tmp_path))

    assert found[1]["selected by AddTake"] == (2 if otherwise else 1)
    assert found[1]["before"]["grade"] == found[1]["after"]["grade"]
    assert found[6]["right after placing"] == ("None" if otherwise else [])
    assert found[9]["frames from 12 to 23"] == (11 if otherwise else 12)
    assert found[11]["current"] == "question 11" + ("" if otherwise else " copy")


def test_the_answers_say_what_the_fake_does(tmp_path: Path) -> None:
    found = answers(probed(Studio(), tmp_path))

    assert found[1]["grade can be told"] is True
    assert found[2]["2.0"]["before"]["left"] == 6.0
    assert found[2]["-1.0"]["before"]["first"] > found[2]["-1.0"]["before"]["last"]
    assert found[3]["without extents"]["AddTake"] is False
    assert len(found[3]["without extents"]["takes"]) == 1
    assert found[3]["short.mov 0-48"]["takes"][1]["endFrame"] == 24
    assert found[7] == {
        "SetCurrentTimecode": True,
        "both enabled": "above",
        "track disabled": "below",
        "item disabled": "above",
    }
    assert (found[8]["first"], found[8]["again"]) == (1, 0)
    assert found[10]["on something"]["returned"][0]["frames"] is None
    assert found[12]["item"]["second"] is False
    assert found[13]["Data Level"]["held"] is True
    assert found[13]["Input Color Space"]["held"] is False
    assert "GetSelectedClips" in found[14]["methods"]["Timeline"]
    assert found[15]["file"] == "real.otio"


def test_somebody_at_the_keyboard_is_asked(tmp_path: Path) -> None:
    studio = Studio()
    asked: list[str] = []

    def ask(request: str) -> str:
        asked.append(request)
        studio.timeline.selected = list(studio.timeline.items())
        return "done"

    found = answers(probed(studio, tmp_path, ask=ask))

    assert len(asked) == 4
    assert found[5]["before"] == {"takes": 2, "markers": 1}
    second = asked[2].removesuffix(" Then press Enter here.")
    assert [kind for kind, _, _ in found[6][second]] == ["video", "video", "audio", "audio"]


@pytest.mark.parametrize(
    ("studio", "given", "why"),
    [
        (Studio(), {"saved": False}, "--my-project-is-saved"),
        (Studio(edition="free", version="20.0"), {}, "Studio"),
        (Studio(version="18.5"), {}, "19.0"),
    ],
)
def test_it_does_not_begin_where_it_may_do_harm(
    studio: Studio, given: dict[str, bool], why: str, tmp_path: Path
) -> None:
    found = probed(studio, tmp_path, **given)

    assert why in found["refused"]
    assert found["answers"] == {}
    assert not [call for call in studio.calls if call.writes]
    assert list(tmp_path.iterdir()) == []


def test_an_unnamed_project_with_work_in_it_is_not_left(tmp_path: Path) -> None:
    studio = Studio(project="Untitled Project")

    assert "no name yet" in probed(studio, tmp_path)["refused"]
    assert untouched(studio, "Untitled Project")


def test_a_project_that_could_not_be_opened_again_is_not_left(tmp_path: Path) -> None:
    studio = Studio()
    studio.refuse_on("GetProjectListInCurrentFolder")

    assert "Project Manager" in probed(studio, tmp_path)["refused"]


def test_a_resolve_that_got_stuck_is_told_from_one_that_works(tmp_path: Path) -> None:
    studio = Studio()
    studio.wedged = True

    assert "restart" in probed(studio, tmp_path)["refused"]


def test_no_lie_reaches_the_editors_project(tmp_path: Path) -> None:
    honest = Studio()
    probed(honest, tmp_path / "honest")
    writes = honest.writes
    assert {"ProjectManager.CreateProject", "TimelineItem.AddTake"} <= set(writes)

    for number, name in enumerate(writes):
        studio = Studio()
        studio.lie_on(name)
        found = probed(studio, tmp_path / str(number))
        touched = [call.name for call in studio.calls if call.project == "Film" and call.writes]
        assert touched == [], name
        if name == "ProjectManager.CreateProject":
            assert "not open" in found["refused"]
        elif name == "ProjectManager.LoadProject":
            assert found["left"]["project"] is False
        elif name == "ProjectManager.DeleteProject":
            assert found["left"]["scratch"].startswith("relip contract probe")
        else:
            assert untouched(studio), name


@pytest.mark.parametrize("call", ["AddTake", "CreateEmptyTimeline", "AddRenderJob"])
def test_resolve_may_go_away_meanwhile(call: str, tmp_path: Path) -> None:
    studio = Studio()
    studio.close_on(call, nth=1)
    found = probed(studio, tmp_path)

    assert len(found["answers"]) == 15
    assert found["left"]["project"] is False
    assert not [c for c in studio.calls if c.project == "Film" and c.writes]


def test_another_project_opened_meanwhile_is_left_alone(tmp_path: Path) -> None:
    studio = Studio()

    def ask(request: str) -> str:
        studio.resolve.GetProjectManager().LoadProject("Film")
        return "oops"

    found = probed(studio, tmp_path, ask=ask)

    assert not [call for call in studio.calls if call.project == "Film" and call.writes]
    assert "not open any more" in found["answers"]["15"]["error"]
    assert found["left"]["scratch"] == "deleted"


def test_it_prints_one_json_and_keeps_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio()
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    (tmp_path / "README.txt").write_text("Last Updated: 24 July 2026\n")
    arguments = ["--my-project-is-saved", "--out", str(tmp_path / "out")]
    with studio.outside():
        assert contract_probe.main(arguments) == 0

    found = json.loads(capsys.readouterr().out)
    assert found == json.loads((tmp_path / "out" / "contract.json").read_text())
    readme = found["answers"]["14"]["answer"]["README"]
    assert readme["updated"] == ["Last Updated: 24 July 2026"]


def test_without_a_resolve_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio()
    studio.external = False
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    with studio.outside():
        assert contract_probe.main(["--out", str(tmp_path / "out")]) == 1

    assert "external scripting" in json.loads(capsys.readouterr().out)["refused"]


@pytest.mark.parametrize(
    "film", [Film(12, 24, 86400, sound=True), Film(5, 25, 90000), Film(1, 24, 0)]
)
def test_its_films_are_read_by_others(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "film.mov"
    write_film(path, film)

    with av.open(str(path)) as container:
        picture = container.streams.video[0]
        assert picture.average_rate == film.rate
        assert picture.frames == film.frames
        hours = film.start // (3600 * film.rate)
        assert picture.metadata["timecode"] == f"{hours:02d}:00:00:00"
        assert len(container.streams.audio) == film.sound
        if film.sound:
            assert container.streams.audio[0].duration == film.frames * 2000
        grey = [frame.to_ndarray(format="gray")[4, 24] for frame in container.decode(picture)]
    assert len(grey) == film.frames
    assert grey == sorted(set(grey))


def test_the_project_is_only_read_before_the_scratch_project_is_open(tmp_path: Path) -> None:
    studio = Studio()
    probed(studio, tmp_path)
    name = next(call.name for call in studio.calls if call.writes)

    assert name == "ProjectManager.CreateProject"
    assert opened(studio)[0].GetName() == "Film"
