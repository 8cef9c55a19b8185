from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from relip.media.clip import Clip
from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_job.errors import JobError
from relip_plugin.batch.cast import Cast, read_cast
from relip_plugin.batch.linked import Files, Linked, linked
from relip_plugin.batch.plan import Line, plan
from tests.plugin.relip_plugin.batch.clips_made import files

F = Fraction
PLAIN = Choice(handles=0)


class Seconds:
    """Writes record time as seconds; an item's role is in its name."""

    def when(self, record: Fraction) -> str:
        return f"{float(record):g}s"

    def role(self, item: DubItem) -> str:
        return item.name.partition(" ")[0]

    def lips(self, shot: Shot, spoken: Sequence[DubItem]) -> tuple[Fraction, Fraction]:
        return shot.start, shot.end

    def linked(self, shot: Shot, clip: Clip) -> Linked | Obstacle:
        return linked(shot, clip)


def shot(name: str, start: int, end: int, media: str | None = "/take.mov") -> Shot:
    return Shot(name, name, 1, F(start), F(end), media, F(100 + start), F(25), 10_000)


def item(name: str, start: Fraction | int, end: Fraction | int, track: int = 1) -> DubItem:
    return DubItem(name, track, F(start), F(end), "/dub.wav", F(0))


def planned(
    shots: list[Shot], items: list[DubItem], cast: Cast | None = None, there: Files | None = None
) -> list[Line]:
    return plan(Seconds(), shots, items, PLAIN, cast or Cast(), there or files())


def test_a_line_across_a_cut_becomes_a_job_in_each_shot() -> None:
    lines = planned([shot("a", 0, 2), shot("b", 2, 4)], [item("anna 1", 1, 3)])

    assert [(line.number, line.when, line.shot and line.shot.id) for line in lines] == [
        (1, "1s", "a"),
        (2, "2s", "b"),
    ]
    assert [line.take and line.take.frames for line in lines] == [50, 50]
    assert all(line.take is not None and line.take.job.output is None for line in lines)


def test_lines_in_one_shot_by_one_mouth_are_one_job() -> None:
    lines = planned([shot("a", 0, 4)], [item("one", 0, 1), item("two", 2, 3)])

    (line,) = lines
    assert line.name == "one, two"
    assert line.take is not None
    assert [part.at for part in line.take.job.speech if not isinstance(part, str)] == [100, 102]


def test_two_people_in_a_shot_are_two_lines_of_one_job() -> None:
    cast = Cast({"anna": "1", "ben": "2"})
    slow = replace(shot("a", 0, 4), speed=F(1, 2))

    lines = planned([slow], [item("anna 1", 0, 2), item("ben 1", 1, 3)], cast)

    assert [(line.speaker, line.voice) for line in lines] == [("1", 1), ("2", 2)]
    first, second = lines
    assert first.take is not None
    assert first.take is second.take
    job = first.take.job
    (other,) = job.others
    assert (job.speaker.number, other.speaker.number) == (1, 2)
    assert not isinstance(job.speech, str)
    assert not isinstance(other.speech, str)
    assert [part.at for part in (*job.speech, *other.speech)] == [200, 201]
    assert job.ranges == other.ranges


def test_a_voice_that_cannot_be_heard_leaves_the_others_of_its_shot_alone() -> None:
    cast = Cast({"anna": "1", "ben": "2", "cleo": "3"})
    gone = replace(item("anna 1", 0, 2), media=None)

    lines = planned([shot("a", 0, 4)], [gone, item("ben 1", 1, 3), item("cleo 1", 2, 3)], cast)

    assert [line.obstacle and line.obstacle.code for line in lines] == ["offline", None, None]
    assert [line.take and line.voice for line in lines] == [None, 1, 2]


def test_two_tracks_that_speak_at_once_have_a_mouth_each_even_if_nobody_is_named() -> None:
    first, second = planned([shot("a", 0, 4)], [item("x", 0, 2, 1), item("y", 1, 3, 2)])

    assert first.take is not None
    assert first.take is second.take
    job = first.take.job
    spans = [(one.start, one.end) for one in (*job.ranges, *job.others[0].ranges)]
    assert spans == [(F(100), F(102)), (F(101), F(103))]
    assert all("A1 and A2 speak at once" in line.notes[0] for line in (first, second))


@pytest.mark.parametrize("start", [F(2), F(17, 10)])
def test_tracks_that_take_turns_may_be_one_person(start: Fraction) -> None:
    (line,) = planned([shot("a", 0, 4)], [item("x", 0, 2, 1), item("y", start, 3, 2)])

    assert "with one mouth" in line.notes[0]
    assert line.take is not None
    assert line.take.job.others == ()


def test_who_only_reaches_into_a_shot_is_heard_by_their_own_mouth_alone() -> None:
    cast = Cast({"anna": "1", "ben": "2"})
    shots = [shot("a", 0, 4), shot("b", 4, 8)]

    lines = planned(shots, [item("anna 1", 0, 5), item("ben 1", 2, F(81, 20))], cast)

    assert [(line.speaker, line.shot and line.shot.id) for line in lines] == [
        ("1", "a"),
        ("2", "a"),
        ("1", "b"),
    ]
    last = lines[-1].take
    assert last is not None
    assert len(last.job.speech) == 1


def test_what_cannot_be_done_is_a_line_that_says_why() -> None:
    title = replace(shot("t", 4, 6), media=None, obstacle=Obstacle("title", "it is a title", "cut"))
    offline = replace(item("gone", 0, 1), media=None)

    lines = planned([shot("a", 0, 2), title], [offline, item("over", 4, 5), item("nowhere", 8, 9)])

    assert [line.obstacle and line.obstacle.code for line in lines] == [
        "offline",
        "title",
        "no-shot",
    ]
    assert all(line.take is None for line in lines)


def test_the_clip_then_the_item_then_the_role_then_the_track_name_a_face() -> None:
    one = item("anna 1", 0, 1, track=3)
    cast = Cast({"A3": "1", "anna": "2", "anna 1": "3"}, {"take.mov": {"A3": "4"}})

    assert cast.face(shot("a", 0, 2), one, "anna") == "4"
    assert cast.face(shot("a", 0, 2, "/b.mov"), one, "anna") == "3"
    assert cast.face(shot("a", 0, 2, "/b.mov"), item("x", 0, 1, track=3), "anna") == "2"
    assert cast.face(shot("a", 0, 2, "/b.mov"), item("x", 0, 1, track=3)) == "1"
    assert cast.face(shot("a", 0, 2, "/b.mov"), item("x", 0, 1, track=4)) == ""


def test_a_cast_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cast.toml"
    path.write_text('[speakers]\nA3 = 1\n"x.y" = "640,360@2s"\n[clips."t.mov"]\nA3 = 2\n')

    cast = read_cast(path)

    assert cast.speakers == {"A3": "1", "x.y": "640,360@2s"}
    assert cast.clips == {"t.mov": {"A3": "2"}}


@pytest.mark.parametrize(
    "text",
    ["", "A3 = 1", "[speakers]\nA3 = 0", "[speakers]\nA3 = true", "[[", "clips = 3", "speakers=1"],
)
def test_what_is_no_cast_is_refused_with_its_shape(tmp_path: Path, text: str) -> None:
    path = tmp_path / "cast.toml"
    path.write_text(text)

    with pytest.raises(JobError, match=r"write"):
        read_cast(path)


def test_a_speaker_that_makes_no_sense_is_told_of_its_line() -> None:
    (line,) = planned(
        [shot("a", 0, 4, "/none.mov")], [item("x", 0, 1)], Cast({"x": "1,2@3s"}), Files()
    )

    assert line.obstacle is not None
    assert line.obstacle.code == "MissingMedia"
