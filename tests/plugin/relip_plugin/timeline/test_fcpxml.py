from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from relip_host.choice import Choice
from relip_host.host import Made, Shot
from relip_host.jobs import Cut, cut
from relip_job.errors import JobError
from relip_plugin.timeline.fcpxml_clock import time, time_text
from relip_plugin.timeline.model import Document
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.reel_made import exact

CLIP = 'asset-clip ref="cam" offset="3600s" name="shot" start="3604s" duration="2s"'


def document(spine: str, media: object, more: str = "", version: str = "1.10") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="{version}">
  <resources>
    <format id="r1" frameDuration="100/2500s"/>
    <format id="r2" name="FFVideoFormatRateUndefined"/>
    <format id="r3" name="FFVideoFormat1080p2398"/>
    <asset id="cam" start="3600s" duration="20s" hasVideo="1" hasAudio="1" format="r1">
      <media-rep kind="original-media" src="file://{media}"/>
    </asset>
    <asset id="bare" start="0s" duration="20s" hasVideo="1" format="r1" src="file://{media}"/>
    <asset id="film" start="0s" duration="20s" hasVideo="1" format="r3" src="file://{media}"/>
    <asset id="still" start="0s" duration="0s" hasVideo="1" format="r2" src="file://{media}"/>
    <asset id="wav" start="0s" duration="20s" hasAudio="1" src="file://{media}"/>
    {more}
  </resources>
  <project name="reel" uid="A-B">
    <sequence format="r1" tcStart="3600s" tcFormat="NDF"><spine>{spine}</spine></sequence>
  </project>
</fcpxml>"""


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "cam.mov"
    path.touch()
    return path


def read(media: Path, spine: str, **more: str) -> Document:
    path = media.parent / "reel.fcpxml"
    path.write_text(document(spine, media, **more))
    return read_timeline(path)


def the_shot(media: Path, spine: str) -> Shot:
    (shot,) = read(media, spine).shots()
    return shot


def again(media: Path, page: bytes) -> Document:
    path = media.parent / "new.fcpxml"
    path.write_bytes(page)
    return read_timeline(path)


def result(shot: Shot, folder: Path) -> Made:
    planned = cut(shot, Choice(handles=5))
    assert isinstance(planned, Cut)
    path = folder / "cam_relip_v001.mov"
    path.touch()
    return Made("j", shot, str(path), "", planned.begins, planned.frames)


def code(shot: Shot) -> str | None:
    return shot.obstacle.code if shot.obstacle else None


@pytest.mark.parametrize("text", ["0s", "3600s", "1001/24000s", "-5/2s"])
def test_times_are_exact(text: str) -> None:
    assert time_text(time(text)) == text


@pytest.mark.parametrize("text", ["", "1", "1/0s", "1e3s", "s", "one"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(JobError, match="no time"):
        time(text)


def test_start_counts_from_the_timecode_of_the_file(media: Path) -> None:
    shot = the_shot(media, f"<{CLIP}/>")

    assert (shot.start, shot.end, shot.source) == exact(0, 2, 4)
    assert (shot.source_start, shot.source_frames) == (90000, 500)
    assert shot.source_rate == 25


def test_a_clip_without_start_begins_with_its_file(media: Path) -> None:
    assert the_shot(media, '<asset-clip ref="cam" offset="3600s" duration="2s"/>').source == 0


def test_offsets_may_count_from_zero(media: Path) -> None:
    first = f"<{CLIP}/>".replace('"3600s"', '"0s"')
    second = f"<{CLIP}/>".replace('"3600s"', '"2s"')

    assert [shot.start for shot in read(media, first + second).shots()] == [0, 2]


def test_a_rate_may_be_told_by_its_name(media: Path) -> None:
    shot = the_shot(media, '<asset-clip ref="film" offset="3600s" duration="2s"/>')

    assert shot.source_rate == Fraction(24000, 1001)


def test_connected_clips_and_storylines_lie_in_lanes(media: Path) -> None:
    inside = (
        '<asset-clip ref="cam" lane="1" offset="3605s" start="3600s" duration="1s"/>'
        '<spine lane="2" offset="3604s">'
        '<asset-clip ref="cam" offset="0s" start="3600s" duration="1s"/><gap duration="1s"/>'
        '<asset-clip ref="cam" offset="2s" start="3610s" duration="1s"/></spine>'
    )
    found = read(media, f"<{CLIP}>{inside}</asset-clip>")

    assert [track.name for track in found.picture_tracks] == [
        "Primary storyline",
        "Lane 1",
        "Lane 2",
    ]
    assert [(shot.start, shot.source) for shot in found.shots(2)] == [exact(1, 0)]
    assert [(shot.start, shot.source) for shot in found.shots(3)] == [exact(0, 0), exact(2, 10)]
    made = [result(shot, media.parent) for shot in found.shots()]

    over = again(media, found.with_results(made, "new"))

    assert over.shots()[: len(made)] == found.shots()
    placed = [shot for shot in over.shots() if shot.track > 3]
    assert sorted((shot.start, shot.end) for shot in placed) == sorted(
        (shot.start, shot.end) for shot in found.shots()
    )
    assert {track.number for track in over.picture_tracks} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("inside", "speed", "source"),
    [
        ('<conform-rate scaleEnabled="0" srcFrameRate="24"/>', 1, 4),
        ('<conform-rate srcFrameRate="25"/>', 1, 4),
    ],
)
def test_conformed_rates_that_are_clear_are_taken(
    media: Path, inside: str, speed: int, source: int
) -> None:
    shot = the_shot(media, f"<{CLIP}>{inside}</asset-clip>")

    assert (shot.speed, shot.source) == exact(speed, source)
    assert shot.obstacle is None


def test_a_scaled_clip_is_taken_where_the_file_tells_its_clock(media: Path) -> None:
    # 24 frames a second played at 25: an hour of timecode is 3456 seconds of playing.
    inside = '<conform-rate srcFrameRate="24"/>'
    clip = CLIP.replace("3604s", "3460s")
    shot = the_shot(media, f"<{clip}>{inside}</asset-clip>")

    assert (shot.speed, shot.source) == (Fraction(25, 24), Fraction(25, 6))


def test_a_scaled_clip_that_may_mean_two_pictures_is_not_taken(media: Path) -> None:
    clip = 'asset-clip ref="bare" offset="3600s" start="4s" duration="2s"'

    assert code(the_shot(media, f'<{clip}><conform-rate srcFrameRate="24"/></asset-clip>')) == (
        "retimed"
    )


def retime(*points: tuple[str, str]) -> str:
    inside = "".join(f'<timept time="{when}" value="{what}"/>' for when, what in points)
    return f"<timeMap>{inside}</timeMap>"


@pytest.mark.parametrize(
    ("points", "speed", "source"),
    [
        ((("0s", "0s"), ("10s", "20s")), Fraction(2), Fraction(8)),
        ((("0s", "0s"), ("40s", "20s")), Fraction(1, 2), Fraction(2)),
        ((("0s", "0s"), ("5s", "10s"), ("10s", "20s")), Fraction(2), Fraction(8)),
    ],
)
def test_a_steady_retime_is_a_speed(
    media: Path, points: tuple[tuple[str, str], ...], speed: Fraction, source: Fraction
) -> None:
    clip = 'asset-clip ref="bare" offset="3600s" start="4s" duration="2s"'
    shot = the_shot(media, f"<{clip}>{retime(*points)}</asset-clip>")

    assert (shot.speed, shot.source, shot.obstacle) == (speed, source, None)


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ((("0s", "0s"), ("5s", "5s"), ("10s", "20s")), "retimed"),
        ((("0s", "20s"), ("20s", "0s")), "reversed"),
        ((("0s", "3s"), ("20s", "3s")), "frozen"),
        ((("0s", "0s"),), "retimed"),
        ((("0s", "0s"), ("10s", "200s")), "retimed"),  # beyond the file
    ],
)
def test_other_retimes_are_obstacles(
    media: Path, points: tuple[tuple[str, str], ...], expected: str
) -> None:
    clip = 'asset-clip ref="bare" offset="3600s" start="4s" duration="2s"'

    assert code(the_shot(media, f"<{clip}>{retime(*points)}</asset-clip>")) == expected


def test_a_retime_travels_with_the_result(media: Path) -> None:
    points = retime(("3600s", "3600s"), ("3610s", "3620s"))
    found = read(media, f"<{CLIP}>{points}</asset-clip>")
    (shot,) = found.shots()
    made = result(shot, media.parent)

    over = again(media, found.with_results([made], "new")).shots(2)[0]

    assert (shot.speed, shot.source) == exact(2, 8)
    assert (over.speed, over.source + made.first) == exact(2, 8)


@pytest.mark.parametrize(
    ("spine", "expected"),
    [
        ('<ref-clip ref="m" offset="3600s" duration="2s"/>', "compound"),
        ('<sync-clip offset="3600s" duration="2s"/>', "compound"),
        ('<mc-clip ref="m" offset="3600s" duration="2s"/>', "multicam"),
        ('<title ref="e" offset="3600s" duration="2s"/>', "title"),
        ('<video ref="e" offset="3600s" duration="2s"/>', "title"),
        ('<asset-clip ref="none" offset="3600s" duration="2s"/>', "offline"),
        ('<asset-clip ref="still" offset="3600s" duration="2s"/>', "still"),
        (f'<{CLIP}/><transition offset="3601s" duration="1s"/>', "transition"),
    ],
)
def test_what_cannot_be_taken_has_an_obstacle(media: Path, spine: str, expected: str) -> None:
    shot = the_shot(media, spine)

    assert code(shot) == expected
    assert shot.obstacle is not None
    assert shot.obstacle.remedy


def test_a_file_that_is_gone_is_an_obstacle(media: Path) -> None:
    media.unlink()

    assert code(the_shot(media, f"<{CLIP}/>")) == "offline"


def test_disabled_items_and_gaps_are_no_shots(media: Path) -> None:
    off = f'<{CLIP} enabled="0"/>'
    found = read(media, f'{off}<gap offset="3602s" duration="1s"/>')

    assert found.shots() == ()


def test_a_clip_holds_its_video_and_sound(media: Path) -> None:
    spine = (
        '<clip offset="3600s" name="old" start="4s" duration="2s">'
        '<video ref="cam" offset="0s" start="3600s" duration="20s">'
        '<audio ref="cam" lane="-1" offset="3600s" start="3600s" duration="20s" role="dub.fr"'
        ' srcCh="1, 2"/></video></clip>'
    )
    found = read(media, spine)
    (shot,) = found.shots()
    (line,) = found.dub_items(roles=["dub.fr"])

    assert (shot.source, shot.start, shot.end) == exact(4, 0, 2)
    assert (line.source, line.start) == exact(4, 0)
    assert line.channels == (1, 2)
    made = result(shot, media.parent)
    over = again(media, found.with_results([made], "new"))
    assert over.shots(2)[0].source + made.first == 4


def test_channels_have_roles_of_their_own(media: Path) -> None:
    channels = (
        '<audio-channel-source srcCh="1" role="dub.de"/>'
        '<audio-channel-source srcCh="2" role="music" enabled="0"/>'
        '<audio-channel-source srcCh="3, 4" role="dub.fr"/>'
    )
    found = read(media, f'<{CLIP} audioRole="dialogue">{channels}</asset-clip>')

    assert found.roles == ("dub.de", "dub.fr")
    assert [line.channels for line in found.dub_items(roles=["dub"])] == [(1,), (3, 4)]
    assert [line.role for line in found.dub_items(roles=["dub.fr"])] == ["dub.fr"]


def test_a_result_goes_before_what_the_format_has_behind_connected_clips(media: Path) -> None:
    inside = (
        '<note>n</note><adjust-transform scale="2 2"/><marker start="3604s" duration="1/25s"/>'
        '<audio-channel-source srcCh="1"/><filter-video ref="f"/>'
    )
    found = read(media, f"<{CLIP}>{inside}</asset-clip>")
    page = found.with_results([result(found.shots()[0], media.parent)], "new")

    root = ElementTree.fromstring(page)
    (clip,) = root.findall("project/sequence/spine/asset-clip")
    assert [child.tag for child in clip] == [
        *"note adjust-transform asset-clip marker audio-channel-source filter-video".split()
    ]
    over = clip[2]
    assert [child.tag for child in over] == ["adjust-transform", "filter-video"]
    assert (over.get("lane"), over.get("videoRole")) == ("1", "RELIP v001")
    project = root.find("project")
    assert project is not None
    assert project.get("name") == "new"
    assert project.get("uid") != "A-B"


@pytest.mark.parametrize("ref", ["cam", "bare"])
def test_assets_are_written_as_the_version_has_them(media: Path, ref: str) -> None:
    clip = f'<asset-clip ref="{ref}" offset="3600s" duration="2s"/>'
    found = read(media, clip)
    page = found.with_results([result(found.shots()[0], media.parent)], "new")

    (asset,) = (
        one for one in ElementTree.fromstring(page).iter("asset") if one.get("id") == "relip1"
    )
    assert (asset.find("media-rep") is not None) == (ref == "cam")
    assert (asset.get("src") is not None) == (ref == "bare")


def test_sound_is_not_lost_by_placing_in_place(media: Path) -> None:
    found = read(media, f"<{CLIP}/>")
    made = result(found.shots()[0], media.parent)
    with pytest.raises(JobError, match="sound"):
        found.with_results([made], "new", in_place=True)

    silent = read(media, f'<{CLIP} srcEnable="video"/>')
    over = again(media, silent.with_results([made], "new", in_place=True))
    assert over.shots()[0].source + made.first == silent.shots()[0].source


def test_a_bundle_is_read(media: Path) -> None:
    bundle = media.parent / "reel.fcpxmld"
    bundle.mkdir()
    (bundle / "Info.fcpxml").write_text(document(f"<{CLIP}/>", media))

    assert read_timeline(bundle).timeline.name == "reel"
