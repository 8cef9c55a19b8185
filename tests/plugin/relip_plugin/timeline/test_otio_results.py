import json
from dataclasses import replace
from pathlib import Path

import opentimelineio
import pytest

from relip_host.host import Made
from relip_job.errors import JobError
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.otio_made import (
    clip,
    gap,
    marker,
    reference,
    result,
    warp,
    written,
)
from tests.plugin.relip_plugin.timeline.reel_made import exact, item, otio_range


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "cam.mov"
    path.touch()
    return path


def test_a_clip_of_the_first_schema_is_read_and_stays_one(tmp_path: Path, media: Path) -> None:
    old = clip(media) | {"OTIO_SCHEMA": "Clip.1", "media_reference": reference(media)}
    del old["media_references"], old["active_media_reference_key"]
    path = written(tmp_path, old)
    document = read_timeline(path)
    made = result(document.shots()[0], tmp_path)

    for in_place in (False, True):
        path.write_bytes(document.with_results([made], "new", in_place))
        assert '"Clip.2"' not in path.read_text()
        assert read_timeline(path).shots()[-1].media == made.output


def test_a_clip_without_a_range_shows_all_of_its_file(tmp_path: Path, media: Path) -> None:
    path = written(tmp_path, clip(media) | {"source_range": None})
    document = read_timeline(path)
    (shot,) = document.shots()
    assert (shot.source, (shot.end - shot.start) * shot.source_rate) == exact(0, 500)
    made = result(shot, tmp_path)

    path.write_bytes(document.with_results([made], "new", in_place=True))

    (again,) = read_timeline(path).shots()
    assert (again.start, again.end, again.source) == (shot.start, shot.end, shot.source)


def test_a_retime_travels_with_the_result(tmp_path: Path, media: Path) -> None:
    path = written(tmp_path, clip(media, effects=[warp(1.25)]))
    document = read_timeline(path)
    (shot,) = document.shots()
    made = result(shot, tmp_path)

    path.write_bytes(document.with_results([made], "new"))

    over = read_timeline(path).shots(2)[0]
    assert (over.speed, over.source + made.first) == (shot.speed, shot.source)


def test_results_do_not_link_and_bring_no_markers(tmp_path: Path, media: Path) -> None:
    linked = clip(media, metadata={"Resolve_OTIO": {"Link Group ID": 3, "kept": 1}})
    path = written(tmp_path, linked | {"markers": [marker()]})
    document = read_timeline(path)

    path.write_bytes(document.with_results([result(document.shots()[0], tmp_path)], "new"))

    over = json.loads(path.read_text())["tracks"]["children"][1]["children"][0]
    assert over["metadata"] == {"Resolve_OTIO": {"kept": 1}}
    assert over["markers"] == []


def test_only_known_schemas_are_written(tmp_path: Path, media: Path) -> None:
    path = written(tmp_path, gap(3), clip(media))
    before = path.read_text()
    document = read_timeline(path)

    path.write_bytes(document.with_results([result(document.shots()[0], tmp_path)], "new"))

    assert "RELIP" not in before
    schemas = {part.split('"')[0] for part in path.read_text().split('"OTIO_SCHEMA": "')[1:]}
    assert schemas <= {
        *"Timeline.1 Stack.1 Track.1 Clip.2 Gap.1 ExternalReference.1".split(),
        *"TimeRange.1 RationalTime.1".split(),
    }
    timeline = opentimelineio.adapters.read_from_file(str(path))
    assert [track.kind for track in timeline.tracks] == ["Video", "Video"]


def test_results_go_under_the_sound_and_above_all_pictures(tmp_path: Path, media: Path) -> None:
    sound = {**item("Track.1", "A", None), "children": [clip(media)], "kind": "Audio"}
    over = {**item("Track.1", "RELIP v004", None), "children": [clip(media)], "kind": "Video"}
    path = written(tmp_path, clip(media), more=(over, sound))
    document = read_timeline(path)
    made = [result(shot, tmp_path) for shot in document.shots()]

    path.write_bytes(document.with_results(made, "new"))

    names = [track["name"] for track in json.loads(path.read_text())["tracks"]["children"]]
    assert names == ["V", "RELIP v004", "RELIP v005", "RELIP v005 (2)", "A"]


def test_a_file_without_timecode_begins_at_zero_again(tmp_path: Path, media: Path) -> None:
    bare = clip(media, 100) | {
        "media_references": {
            "DEFAULT_MEDIA": {**reference(media), "available_range": otio_range(0, 500)}
        }
    }
    path = written(tmp_path, bare)
    document = read_timeline(path)
    (shot,) = document.shots()
    made = result(shot, tmp_path, first=88)

    for in_place in (False, True):
        path.write_bytes(document.with_results([made], "new", in_place))
        over = read_timeline(path).shots()[-1]
        assert over.source_start == 0
        assert over.source * over.source_rate == 12


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize(
    ("code", "start"), [("00:00:03:16", 88), (None, 0), ("01:00:03:16", 86488), ("bad", 0)]
)
def test_the_sidecar_knows_where_a_result_begins(
    tmp_path: Path, media: Path, code: str | None, start: int, in_place: bool
) -> None:
    bare = clip(media, 100) | {
        "media_references": {
            "DEFAULT_MEDIA": {**reference(media), "available_range": otio_range(0, 500)}
        }
    }
    path = written(tmp_path, bare)
    document = read_timeline(path)
    (shot,) = document.shots()
    sidecar = tmp_path / "result.relip.json"
    sidecar.write_text(json.dumps({"written": {"timecode": code}}))
    made = replace(result(shot, tmp_path, first=88), sidecar=str(sidecar))

    path.write_bytes(document.with_results([made], "new", in_place))

    over = read_timeline(path).shots()[-1]
    assert over.source_start == start
    assert over.source + made.first == shot.source


@pytest.mark.parametrize("frames", [5, 12])
def test_results_that_lack_frames_are_refused(tmp_path: Path, media: Path, frames: int) -> None:
    document = read_timeline(written(tmp_path, clip(media)))
    (shot,) = document.shots()

    with pytest.raises(JobError, match="does not hold"):
        document.with_results([Made("j", shot, "/r.mov", "", shot.source, frames)], "new")
    with pytest.raises(JobError, match="two results"):
        document.with_results([result(shot, tmp_path)] * 2, "new")
