"""Timelines whose rates are not those of their files, from the document to the new document."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.choice import Choice
from relip_host.host import Made
from relip_job.timecode import Timecode
from relip_plugin.batch.cast import Cast
from relip_plugin.batch.linked import Files
from relip_plugin.batch.plan import Take, plan
from relip_plugin.batch.scene import scene_of
from relip_plugin.timeline.model import Document
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.batch.clips_made import files
from tests.plugin.relip_plugin.timeline.otio_made import clip, gap, reference, written
from tests.plugin.relip_plugin.timeline.reel_made import item, otio_range

F = Fraction
NTSC = F(24000, 1001)
CLIP = (86410, 20)
"""Its first frame on the timecode of its file, which begins at 86400, and how many it shows."""


def document(folder: Path, rate: float, frames: int) -> Document:
    """A shot of a file that is said to run at a rate, after a gap, and a line over it."""
    for name in ("cam.mov", "line.wav"):
        (folder / name).touch()
    start, length = CLIP
    shot = clip(folder / "cam.mov") | {"source_range": otio_range(start, length, rate)}
    told = shot["media_references"]["DEFAULT_MEDIA"]
    told["available_range"] = otio_range(86400, frames, rate)
    line = clip(folder / "line.wav") | {"source_range": otio_range(0, 100, rate)}
    line["media_references"] = {
        "DEFAULT_MEDIA": reference(folder / "line.wav")
        | {"available_range": otio_range(0, 500, rate)}
    }
    sound = {**item("Track.1", "A", None), "children": [line], "kind": "Audio"}
    path = written(folder, gap(24), shot, more=[sound])
    page = json.loads(path.read_text())
    page["global_start_time"]["rate"] = rate
    path.write_text(json.dumps(page))
    return read_timeline(path)


def the_take(found: Document, there: Files) -> tuple[Take, tuple[str, ...]]:
    scene = scene_of(found, "A1", (), None)
    (line,) = plan(scene, scene.shots, scene.items, Choice(handles=3), Cast(), there)
    assert line.take is not None, line.obstacle
    return line.take, line.notes


def placed(found: Document, take: Take, folder: Path, origin: str) -> Document:
    """The document with the take, whose file carries a timecode."""
    path = folder / "cam_relip_v001.mov"
    path.touch()
    sidecar = folder / "cam.json"
    sidecar.write_text(json.dumps({"written": {"timecode": origin}}))
    made = Made("1", take.shot, str(path), str(sidecar), take.first, take.frames)
    (folder / "new.otio").write_bytes(found.with_results([made], "new"))
    return read_timeline(folder / "new.otio")


def test_24_for_23976_places_the_same_frames(tmp_path: Path) -> None:
    found = document(tmp_path, 24, 500)
    take, notes = the_take(found, files(rate=NTSC, frames=500, timecode="01:00:00:00"))

    assert len(notes) == 1
    assert take.job.cut is not None
    # Frames 10 to 30 of the file, with handles: on the file's own clock for the engine.
    assert (take.job.cut.start * NTSC, take.job.cut.end * NTSC) == (F(7), F(33))
    assert take.job.speed == F(24) / NTSC
    new = placed(found, take, tmp_path, str(Timecode(86407, NTSC)))

    old, again = new.shots(1)[0], new.shots(2)[0]
    assert (again.start, again.end) == (old.start, old.end)
    # Three frames into a result that begins at frame 7.
    assert (again.source * again.source_rate, again.source_start) == (F(3), 86407)


def test_a_file_counted_in_the_timelines_frames_is_cut_in_its_own(tmp_path: Path) -> None:
    found = document(tmp_path, 25, 500)
    take, notes = the_take(found, files(rate=F(50), frames=1000, timecode="01:00:00:00"))

    assert notes == ()
    assert take.job.cut is not None
    assert (take.job.cut.start * 50, take.job.cut.end * 50) == (F(17), F(63))
    assert take.job.speed == 1
    new = placed(found, take, tmp_path, str(Timecode(180_000 + 17, F(50))))

    old, again = new.shots(1)[0], new.shots(2)[0]
    assert (again.start, again.end) == (old.start, old.end)
    assert again.source == F(3, 50)


@pytest.mark.parametrize(
    ("rate", "there", "code"),
    [
        (25, files(rate=F(24), frames=500), "conformed"),
        (25, files(rate=F(30), frames=777), "rate"),
        (25, files(rate=F(25), frames=500, steady=False), "variable"),
        (24, files(rate=F(24), frames=900, timecode="02:00:00:00"), "another-file"),
    ],
)
def test_what_nobody_can_tell_for_sure_is_refused(
    tmp_path: Path, rate: float, there: Files, code: str
) -> None:
    found = document(tmp_path, rate, 500)
    scene = scene_of(found, "A1", (), None)

    (line,) = plan(scene, scene.shots, scene.items, Choice(), Cast(), there)

    assert line.obstacle is not None
    assert line.obstacle.code == code
    assert line.obstacle.remedy
