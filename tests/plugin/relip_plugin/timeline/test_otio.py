from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relip_host.host import Shot
from relip_job.errors import JobError
from relip_plugin.timeline.exact import exact_rate
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.otio_made import (
    clip,
    gap,
    reference,
    transition,
    warp,
    written,
)
from tests.plugin.relip_plugin.timeline.reel_made import item, otio_range


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


def test_deep_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reel.otio"
    path.write_text('{"a":' * 250 + "1" + "}" * 250)

    with pytest.raises(JobError, match="deep"):
        read_timeline(path)
