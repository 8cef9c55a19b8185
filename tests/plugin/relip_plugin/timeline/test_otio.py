import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.host import Made, Shot
from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate
from relip_plugin.timeline.json_places import deepest, members
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.reel_made import item, otio_range, otio_time


def clip(path: object, start: float = 86410, frames: float = 20, **more: Any) -> dict[str, Any]:
    return {
        **item("Clip.2", "shot", otio_range(start, frames)),
        "media_references": {
            "PROXY": {**reference("/proxy.mov"), "available_range": otio_range(0, 9)},
            "DEFAULT_MEDIA": reference(path),
        },
        "active_media_reference_key": "DEFAULT_MEDIA",
        **more,
    }


def reference(path: object) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {"kept": 1},
        "name": "",
        "available_range": otio_range(86400, 500),
        "available_image_bounds": None,
        "target_url": str(path),
    }


def warp(scalar: float, schema: str = "LinearTimeWarp.1") -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": "",
        "effect_name": "",
        "time_scalar": scalar,
    }


def gap(frames: float) -> dict[str, Any]:
    return item("Gap.1", "", otio_range(0, frames))


def transition() -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Transition.1",
        "metadata": {},
        "name": "",
        "transition_type": "SMPTE_Dissolve",
        "in_offset": otio_time(5),
        "out_offset": otio_time(5),
    }


def written(folder: Path, *children: dict[str, Any], kind: str = "Video", more: Any = ()) -> Path:
    track = {**item("Track.1", "V", None), "children": list(children), "kind": kind}
    timeline = {
        "OTIO_SCHEMA": "Timeline.1",
        "metadata": {"other program": {"deep": [1, {"OTIO": "x"}]}},
        "name": "reel",
        "global_start_time": otio_time(86400),
        "tracks": {**item("Stack.1", "tracks", None), "children": [track, *more]},
    }
    path = folder / "reel.otio"
    path.write_text(json.dumps(timeline))
    return path


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "cam.mov"
    path.touch()
    return path


def the_shot(folder: Path, *children: dict[str, Any]) -> Shot:
    (shot,) = read_timeline(written(folder, *children)).shots()
    return shot


@pytest.mark.parametrize(
    ("written_rate", "exact"),
    [
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (23.976023976023978, Fraction(24000, 1001)),
        (29.97, Fraction(30000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (24, Fraction(24)),
        (25.0, Fraction(25)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_rates_are_exact(written_rate: float, exact: Fraction) -> None:
    assert exact_rate(written_rate) == exact


@pytest.mark.parametrize("rate", [0.0, -24.0, float("nan"), float("inf")])
def test_rates_that_are_none_are_refused(rate: float) -> None:
    with pytest.raises(JobError):
        exact_rate(rate)


def test_source_time_counts_from_the_timecode_of_the_file(tmp_path: Path, media: Path) -> None:
    shot = the_shot(tmp_path, gap(10), clip(media))

    assert shot.source * shot.source_rate == 10
    assert (shot.source_start, shot.source_frames) == (86400, 500)
    assert shot.start * shot.source_rate == 10


def test_half_frames_stay_halves(tmp_path: Path, media: Path) -> None:
    assert the_shot(tmp_path, clip(media, 86410.5)).source * Fraction(24000, 1001) == Fraction(
        21, 2
    )


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
    assert (shot.source, (shot.end - shot.start) * shot.source_rate) == (0, 500)
    made = result(shot, tmp_path)

    path.write_bytes(document.with_results([made], "new", in_place=True))

    (again,) = read_timeline(path).shots()
    assert (again.start, again.end, again.source) == (shot.start, shot.end, 0)


@pytest.mark.parametrize(
    ("scalar", "speed", "code"),
    [
        (1.0, Fraction(1), None),
        (1.25, Fraction(5, 4), None),
        (-1.0, None, "reversed"),
        (0.0, None, "frozen"),
    ],
)
def test_constant_retimes_have_a_speed(
    tmp_path: Path, media: Path, scalar: float, speed: Fraction | None, code: str | None
) -> None:
    shot = the_shot(tmp_path, clip(media, effects=[warp(scalar)]))

    if code is None:
        assert (shot.speed, shot.obstacle) == (speed, None)
    else:
        assert shot.obstacle is not None
        assert shot.obstacle.code == code


def test_a_retime_travels_with_the_result(tmp_path: Path, media: Path) -> None:
    path = written(tmp_path, clip(media, effects=[warp(1.25)]))
    document = read_timeline(path)
    (shot,) = document.shots()
    made = result(shot, tmp_path)

    path.write_bytes(document.with_results([made], "new"))

    over = read_timeline(path).shots(2)[0]
    assert (over.speed, over.source + made.first) == (shot.speed, shot.source)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"effects": [warp(1.5), warp(1, "TimeEffect.1")]}, "retimed"),
        ({"media_references": {"DEFAULT_MEDIA": {"OTIO_SCHEMA": "MissingReference.1"}}}, "offline"),
        (
            {
                "media_references": {
                    "DEFAULT_MEDIA": {
                        "OTIO_SCHEMA": "GeneratorReference.1",
                        "generator_kind": "bars",
                        "parameters": {},
                    }
                }
            },
            "title",
        ),
        ({"media_references": {"DEFAULT_MEDIA": reference("/gone/cam.mov")}}, "offline"),
        ({"media_references": {"DEFAULT_MEDIA": reference("/gone/title.png")}}, "still"),
    ],
)
def test_what_cannot_be_taken_has_an_obstacle(
    tmp_path: Path, media: Path, change: dict[str, Any], code: str
) -> None:
    obstacle = the_shot(tmp_path, clip(media) | change).obstacle

    assert obstacle is not None
    assert obstacle.code == code
    assert obstacle.remedy


def test_a_compound_has_an_obstacle(tmp_path: Path, media: Path) -> None:
    inner = {**item("Stack.1", "comp", otio_range(0, 20)), "children": [clip(media)]}
    first, second = read_timeline(written(tmp_path, inner, clip(media))).shots()

    assert first.obstacle is not None
    assert first.obstacle.code == "compound"
    assert second.obstacle is None
    assert second.start == first.end


def test_transitions_take_no_time_and_hinder_their_neighbours(tmp_path: Path, media: Path) -> None:
    path = written(tmp_path, clip(media), transition(), clip(media), clip(media))
    first, second, third = read_timeline(path).shots()

    assert [shot.obstacle and shot.obstacle.code for shot in (first, second, third)] == [
        "transition",
        "transition",
        None,
    ]
    assert third.start * third.source_rate == 40


def test_disabled_items_are_left_out_and_take_their_time(tmp_path: Path, media: Path) -> None:
    shot = the_shot(tmp_path, clip(media, enabled=False), clip(media))

    assert shot.start * shot.source_rate == 20


def test_files_are_found_by_url_and_beside_the_document(tmp_path: Path) -> None:
    path = tmp_path / "cam é#1.mov"
    path.touch()

    for written_as in (path, path.as_uri(), path.name, "cam%20%C3%A9%231.mov"):
        assert the_shot(tmp_path, clip(written_as)).media == str(path)


def test_channels_of_sound(tmp_path: Path, media: Path) -> None:
    def channels(*pairs: tuple[int, int]) -> Any:
        told = [{"Source Channel ID": one, "Source Track ID": track} for track, one in pairs]
        sound = clip(media, metadata={"Resolve_OTIO": {"Channels": told}})
        (line,) = read_timeline(written(tmp_path, sound, kind="Audio")).dub_items((1,))
        return line.obstacle.code if line.obstacle else line.channels

    assert channels((0, 0), (0, 1)) == (1, 2)
    assert channels((3, 0)) == (4,)
    assert channels((1, 1)) == "channels"
    assert channels() == ()


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
        assert (over.source_start, over.source * over.source_rate) == (0, 12)


@pytest.mark.parametrize("frames", [5, 12])
def test_results_that_lack_frames_are_refused(tmp_path: Path, media: Path, frames: int) -> None:
    document = read_timeline(written(tmp_path, clip(media)))
    (shot,) = document.shots()

    with pytest.raises(JobError, match="does not hold"):
        document.with_results([Made("j", shot, "/r.mov", "", shot.source, frames)], "new")
    with pytest.raises(JobError, match="two results"):
        document.with_results([result(shot, tmp_path)] * 2, "new")


def test_deep_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reel.otio"
    path.write_text('{"a":' * 250 + "1" + "}" * 250)

    with pytest.raises(JobError, match="deep"):
        read_timeline(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
)


@given(
    value=st.dictionaries(st.text("abc", max_size=3), json_values, max_size=4),
    indent=st.sampled_from([None, 2]),
)
def test_values_are_found_where_they_are(value: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(value, indent=indent)

    assert {one.key: json.loads(text[one.start : one.stop]) for one in members(text, 0)} == value
    listed = json.dumps(list(value.values()), indent=indent)
    assert [json.loads(listed[one.start : one.stop]) for one in members(listed, 0)] == list(
        value.values()
    )
    assert deepest(text) >= 1


def marker() -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Marker.2",
        "metadata": {},
        "name": "m",
        "color": "RED",
        "marked_range": otio_range(86410, 1),
        "comment": "",
    }


def result(shot: Shot, folder: Path, first: int | None = None) -> Made:
    begin = round(shot.source * shot.source_rate) if first is None else first
    end = shot.source + (shot.end - shot.start) * shot.speed
    frames = -(-end * shot.source_rate // 1) - begin
    path = folder / f"{shot.id.replace('/', '_')}_relip_v001.mov"
    path.touch()
    return Made("j", shot, str(path), "", begin / shot.source_rate, int(frames))
