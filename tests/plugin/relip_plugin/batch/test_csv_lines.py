"""Rows of a table that belong together."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from relip_host.choice import Choice
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.csv_lines import read_lines
from relip_plugin.batch.linked import Files
from relip_plugin.batch.plan import Line, plan
from tests.plugin.relip_plugin.batch.clips_made import files

F = Fraction


def planned(folder: Path, *rows: str, there: Files | None = None) -> list[Line]:
    (folder / "line.wav").touch()
    path = folder / "lines.csv"
    path.write_text("\n".join(["picture,in,out,speech,speaker", *rows]))
    found = there or files()
    cast = Cast({"ben": "2"})
    lines = read_lines(path, found, cast)
    faces = Cast({**cast.speakers, **lines.faces.speakers})
    return plan(lines, lines.shots, lines.items, Choice(handles=0), faces, found)


def test_two_speakers_over_each_other_are_one_take_each_in_their_own_row(tmp_path: Path) -> None:
    first, second = planned(tmp_path, "a.mov,2s,5s,line.wav,1", "a.mov,4s,8s,line.wav,ben")

    assert first.take is not None
    assert first.take is second.take
    job = first.take.job
    (other,) = job.others
    assert (job.speaker.number, other.speaker.number) == (1, 2)
    assert [(one.start, one.end) for one in (*job.ranges, *other.ranges)] == [
        (F(2), F(5)),
        (F(4), F(8)),
    ]
    assert job.cut is not None
    assert (job.cut.start, job.cut.end, first.take.frames) == (F(2), F(8), 150)
    assert not isinstance(job.speech, str)
    assert not isinstance(other.speech, str)
    assert [part.at for part in (*job.speech, *other.speech)] == [2, 4]
    assert [line.when for line in (first, second)] == ["00:00:02:00", "00:00:04:00"]


def test_other_rows_are_results_of_their_own(tmp_path: Path) -> None:
    """The same speaker or nobody named: another try at the same line, mostly."""
    lines = planned(
        tmp_path,
        "a.mov,2s,5s,line.wav,1",
        "a.mov,2s,5s,line.wav,1",
        "a.mov,2s,5s,line.wav,",
        "a.mov,5s,6s,line.wav,2",
        "b.mov,2s,5s,line.wav,2",
    )

    assert len({line.take for line in lines}) == 5


def test_rows_of_people_whose_faces_nobody_tells_are_not_said_with_one_mouth(
    tmp_path: Path,
) -> None:
    lines = planned(
        tmp_path,
        "a.mov,2s,5s,line.wav,anna",
        "a.mov,2s,5s,line.wav,carl",
        "a.mov,2s,5s,line.wav,ben",
        "a.mov,2s,5s,line.wav,1",
    )
    takes = [line.take for line in lines]

    assert len(set(takes)) == 3
    assert takes[2] is takes[3]
    assert all(take is not None and len(take.job.speech) == 1 for take in takes)


def test_a_clip_without_a_steady_rate_is_taken_frame_by_frame(tmp_path: Path) -> None:
    (line,) = planned(tmp_path, "a.mov,0s,2s,line.wav,", there=files(steady=False))

    assert line.take is not None
    assert line.take.frames == 50
