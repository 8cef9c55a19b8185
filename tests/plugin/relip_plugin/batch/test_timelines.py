"""A whole reel through ``relip batch``, in every format, with an engine that draws nothing."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip.media.clip import Clip
from relip_host.choice import Choice
from relip_host.executor import LocalExecutor
from relip_job.errors import JobError
from relip_job.timecode import Timecode
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.plan import plan
from relip_plugin.batch.scene import scene_of
from relip_plugin.cli import main
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_host.stub_runs import stub
from tests.plugin.relip_plugin.batch.clips_made import clip
from tests.plugin.relip_plugin.timeline.reel_made import (
    CAMERA_FRAMES,
    CAMERA_STARTS,
    FORMATS,
    RATE,
    START,
    Format,
    Reel,
    reel,
)

CAST = """\
[speakers]
A1 = 1
A2 = 2
"""


@pytest.fixture
def made_reel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reel:
    def local(engine: object, workers: int | None = None) -> LocalExecutor:
        return LocalExecutor(stub(), workers)

    monkeypatch.setattr("relip_plugin.batch.command.LocalExecutor", local)
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("STUB_RATE", str(RATE))

    def look(path: str) -> Clip:
        start = CAMERA_STARTS[int(Path(path).stem[-1])]
        return clip(path, RATE, CAMERA_FRAMES, str(Timecode(start, RATE)))

    monkeypatch.setattr("relip_plugin.batch.linked.probe", look)
    (tmp_path / "cast.toml").write_text(CAST)
    return reel(tmp_path)


def frames(record: Fraction) -> int:
    count = record * RATE
    assert count.denominator == 1
    return int(count)


@pytest.mark.parametrize("format_", FORMATS)
def test_every_line_of_a_reel_belongs_to_the_shots_it_is_heard_over(
    format_: Format, made_reel: Reel
) -> None:
    document = read_timeline(made_reel.write(format_))
    scene = scene_of(document, "A1,A2", (), None)

    lines = plan(scene, scene.shots, scene.items, Choice(), Cast({"A1": "1", "A2": "2"}))

    planned = {(line.shot.name, line.speaker) for line in lines if line.shot and line.take}
    heard = set()
    for speaker, spoken in enumerate(made_reel.lines, 1):
        for piece in spoken:
            over = {
                shot.name: min(piece.at + piece.frames, shot.at + shot.frames)
                - max(piece.at, shot.at)
                for shot in made_reel.shots
            }
            most = max(over.values())
            # An instant is 0.2 s, 4.8 frames; the most there is of a line always counts.
            heard |= {
                (name, str(speaker))
                for name, count in over.items()
                if count > 0 and (count >= 5 or count == most)
            }
    assert planned == heard
    assert [line for line in lines if line.take is None] == []
    for line in lines:
        assert line.shot is not None
        hours, minutes, seconds, rest = (int(part) for part in line.when.split(":"))
        number = ((hours * 60 + minutes) * 60 + seconds) * 24 + rest
        pieces = made_reel.lines[int(line.speaker) - 1]
        begins = {frames(line.shot.start) + START, *(piece.at + START for piece in pieces)}
        assert number in begins


def test_a_reel_comes_back_with_every_shot_on_its_frame_and_once(
    made_reel: Reel, capsys: pytest.CaptureFixture[str]
) -> None:
    path = made_reel.write("fcpxml")
    folder, output = made_reel.folder, made_reel.folder / "reel de.fcpxml"
    words = ["batch", str(path), "--dialogue-role", "dub", "-o", str(output), "--workers", "2"]
    words += ["--speakers", str(folder / "cast.toml"), "--report", str(folder / "r.html")]
    before = path.read_bytes()

    assert main(words) == 0

    told = capsys.readouterr().out
    assert "failed" not in told
    assert "(timeline reel de, 20 new shots)" in told
    assert path.read_bytes() == before
    document, again = read_timeline(path), read_timeline(output)
    assert again.timeline.name == "reel de"
    assert again.shots(1) == document.shots(1)
    for old, new in zip(document.shots(1), again.shots(2), strict=True):
        assert (new.start, new.end) == (old.start, old.end)
        assert new.media is not None
        assert Path(new.media).is_file()
        # The same frame of the camera: 0 frames off.
        assert new.source_start + new.source * RATE == old.source_start + old.source * RATE

    first = output.read_bytes()
    assert main(words) == 0
    assert " made" not in capsys.readouterr().out.splitlines()[-2]
    assert output.read_bytes() == first


def test_two_tracks_without_a_cast_are_told_of(made_reel: Reel) -> None:
    scene = scene_of(read_timeline(made_reel.write("otio")), "Audio 1, 2", (), "V1")

    lines = plan(scene, scene.shots, scene.items, Choice(), Cast())

    assert len({line.take for line in lines}) == 20
    assert len(lines) > 20
    assert all("A1 and A2" in line.notes[0] for line in lines if line.voice > 1)


@pytest.mark.parametrize(
    ("dialogue", "roles", "picture"),
    [("A9", (), None), (None, ("dub.fr",), None), (None, (), None), ("A1", (), "V7")],
)
def test_tracks_that_are_not_there_are_refused_with_those_that_are(
    made_reel: Reel, dialogue: str | None, roles: tuple[str, ...], picture: str | None
) -> None:
    document = read_timeline(made_reel.write("fcpxml"))

    with pytest.raises(JobError) as refused:
        scene_of(document, dialogue, roles, picture)
    assert refused.value.remedy


@pytest.mark.usefixtures("capsys")
def test_the_timeline_itself_is_never_the_output(made_reel: Reel) -> None:
    path = made_reel.write("otio")
    before = path.read_bytes()

    for output in (path, made_reel.folder / "reel.xml", made_reel.folder / "none" / "reel.otio"):
        assert main(["batch", str(path), "--dialogue", "A1", "-o", str(output)]) == 2
    assert path.read_bytes() == before


def test_without_a_name_the_new_timeline_lies_beside_the_old_one(made_reel: Reel) -> None:
    path = made_reel.write("fcp7")
    words = ["batch", str(path), "--dialogue", "A1", "--in-place"]

    assert main(words) == 0
    assert main(words) == 0

    found = [one.name for one in made_reel.folder.glob("reel_relip_v*")]
    assert found == ["reel_relip_v001.xml"]


def test_a_timeline_that_an_editor_has_changed_is_not_written_over(made_reel: Reel) -> None:
    path, output = made_reel.write("otio"), made_reel.folder / "de.otio"
    words = ["batch", str(path), "--dialogue", "A1", "-o", str(output)]
    assert main(words) == 0
    output.write_bytes(output.read_bytes() + b"\n")
    changed = output.read_bytes()

    assert main(words) == 2

    assert output.read_bytes() == changed
