import json
from dataclasses import replace
from pathlib import Path

import pytest

from relip import sample
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.survey import Person, Survey
from relip_host.times import Clock, speaker
from relip_plugin.cli import main
from relip_plugin.people_report import lips_text, people_facts, people_lines, remarks
from tests.core.relip.pipeline_media import spoken, written
from tests.media_made import Recipe, make_clip

PERSON = Person(
    number=2,
    first=50,
    seen=120,
    usable=90,
    height=210.4,
    place=(250.0, 240.0),
    best=112,
    best_place=(262.4, 249.6),
    yaw=(-12.0, 31.0),
    widest=0.16,
    tightest=0.01,
    agreement=0.31,
    delay=-0.04,
)


@pytest.fixture(scope="module")
def clip() -> Clip:
    return probe(sample.picture())


def seen(*people: Person) -> Survey:
    return Survey(0, 199, people, (30, 99), 2, "sound", 0.4, "person 2, whose lips move")


def test_a_person_is_one_line_of_the_table(clip: Clip) -> None:
    lines = list(people_lines(clip, seen(replace(PERSON, number=1, agreement=None), PERSON)))

    assert (
        lines[3].split()
        == (
            "2 01:00:02:00 120 90 210 px -12 to +31 open, close 0.31 -40 ms 262,250@01:00:04:12"
        ).split()
    )
    assert "speaker   person 2, whose lips move (confidence 0.40)" in lines
    assert "cuts      01:00:01:05, 01:00:03:24" in lines
    assert not any(line.startswith("part") for line in lines)


def test_columns_stand_under_their_headings(clip: Clip) -> None:
    _, headings, *rows = list(people_lines(clip, seen(PERSON, replace(PERSON, seen=5))))[:4]

    for row in rows:
        assert row.index("01:00:02:00") == headings.index("from")
        assert row.index("open, close") == headings.index("lips")
        assert row.index("262,250@") == headings.index("largest at")


def test_where_a_person_is_largest_is_what_sync_takes_for_a_speaker(clip: Clip) -> None:
    page = json.loads(json.dumps(people_facts(clip, seen(PERSON))))

    (told,) = page["people"]
    assert speaker(told["point"], Clock.of(clip)).point == (262, 250, clip.time(112))


@pytest.mark.parametrize(
    ("changes", "lips", "remark"),
    [
        ({}, "open, close", ""),
        ({"widest": 0.02}, "hardly open", "hardly opens"),
        ({"tightest": 0.09}, "never meet", "p, b and m"),
        ({"usable": 0, "widest": None, "tightest": None}, "not seen", "nothing can be re-synced"),
        ({"usable": 20}, "open, close", "only 20 mouths"),
        ({"yaw": (-70.0, 3.0)}, "open, close", "three-quarter"),
    ],
)
def test_what_stands_in_the_way_is_said(changes: dict[str, object], lips: str, remark: str) -> None:
    person = replace(PERSON, **changes)  # type: ignore[arg-type]  # one table for all fields

    assert lips_text(person) == lips
    said = list(remarks(person))
    assert [remark in text for text in said] == ([True] if remark else [])


def test_probe_tells_who_is_seen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path / "take.mkv", spoken(20))

    assert main(["probe", str(path)]) == 0

    out, err = capsys.readouterr()
    assert "speaker   there is one face in the clip" in out
    assert "note      only 20 mouths of person 1 are known" in out
    assert err == ""


def test_probe_looks_where_sync_looks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "long.mkv"
    make_clip(path, Recipe(frames=100, rate=Recipe().rate / 25))

    assert main(["probe", str(path), "--range", "90s-92s"]) == 0
    assert "part      00:00:50:00 to 00:01:39:00" in capsys.readouterr().out

    main(["probe", str(path), "--json"])
    found = json.loads(capsys.readouterr().out)["survey"]
    assert (found["first"], found["stop"], found["people"]) == (0, 60, [])


def test_probe_refuses_a_range_outside_the_clip(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", str(sample.picture()), "--range", "5s-50s"]) == 2

    assert "leaves the clip" in capsys.readouterr().err


def test_probe_shows_progress_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "take.mkv", spoken(14))
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    assert main(["probe", str(path)]) == 0

    assert "following the face" in capsys.readouterr().err
