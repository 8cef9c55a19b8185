import re
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from relip_host.choice import Choice
from relip_host.host import Made, Shot
from relip_host.jobs import Cut, cut
from relip_job.errors import JobError
from relip_plugin.timeline.read import read_timeline
from tests.plugin.relip_plugin.timeline.reel_made import exact


def rate(base: int, ntsc: bool) -> str:
    return f"<rate><timebase>{base}</timebase><ntsc>{'TRUE' if ntsc else 'FALSE'}</ntsc></rate>"


RATE = rate(24, True)


def file(path: object, file_rate: str = RATE, frames: int = 500, name: str = "file-1") -> str:
    return (
        f'<file id="{name}"><name>cam.mov</name><pathurl>file://localhost{path}</pathurl>'
        f"{file_rate}<duration>{frames}</duration><timecode>{file_rate}<string>01:00:00:00</string>"
        "<frame>86400</frame><displayformat>NDF</displayformat></timecode>"
        "<media><video/><audio/></media></file>"
    )


def clip(
    picture: str,
    start: int = 0,
    end: int = 20,
    first: int = 10,
    stop: int | None = None,
    more: str = "",
    clip_rate: str = RATE,
) -> str:
    stop = first + end - start if stop is None else stop
    return (
        f"<clipitem><name>shot</name><duration>500</duration>{clip_rate}<enabled>TRUE</enabled>"
        f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{stop}</out>"
        f"{picture}{more}</clipitem>"
    )


def xmeml(inside: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE xmeml><xmeml version="4">{inside}</xmeml>'
    )


def sequence(video: str, audio: str = "", sequence_rate: str = RATE, name: str = "reel") -> str:
    return (
        f'<sequence id="s"><uuid>1f4c</uuid><name>{name}</name><duration>99</duration>'
        f"{sequence_rate}<timecode>{sequence_rate}<frame>107892</frame>"
        "<displayformat>DF</displayformat></timecode><media><video><format/>"
        f"<track>{video}</track></video><audio><track>{audio}</track></audio></media></sequence>"
    )


def written(folder: Path, text: str) -> Path:
    path = folder / "reel.xml"
    path.write_text(text)
    return path


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "cam.mov"
    path.touch()
    return path


def the_shot(folder: Path, video: str, sequence_rate: str = RATE) -> Shot:
    text = xmeml(sequence(video, sequence_rate=sequence_rate))
    (shot,) = read_timeline(written(folder, text)).shots()
    return shot


def result(shot: Shot, folder: Path) -> Made:
    planned = cut(shot, Choice(handles=5))
    assert isinstance(planned, Cut)
    path = folder / "cam_relip_v001.mov"
    path.touch()
    return Made("j", shot, str(path), "", planned.begins, planned.frames)


def test_ntsc_is_told_by_a_flag(tmp_path: Path, media: Path) -> None:
    text = xmeml(sequence(clip(file(media)), sequence_rate=rate(30, True)))
    timeline = read_timeline(written(tmp_path, text)).timeline

    assert (timeline.rate, timeline.start, timeline.drop) == (Fraction(30000, 1001), 107892, True)


def test_a_sequence_is_found_in_a_project(tmp_path: Path, media: Path) -> None:
    inside = f"<project><children><bin><children>{sequence(clip(file(media)))}</children></bin>"
    document = read_timeline(written(tmp_path, xmeml(inside + "</children></project>")))

    assert document.timeline.name == "reel"
    assert len(document.shots()) == 1


def test_several_sequences_are_refused_by_name(tmp_path: Path) -> None:
    text = xmeml(sequence("", name="one") + sequence("", name="two"))

    with pytest.raises(JobError, match=r"2 timelines \(one, two\)"):
        read_timeline(written(tmp_path, text))


@pytest.mark.parametrize("counted_in_clip_rate", [True, False])
def test_in_counts_at_the_rate_at_which_it_lasts_as_long(
    tmp_path: Path, media: Path, counted_in_clip_rate: bool
) -> None:
    # 480 frames at 24 are 500 at 25: 48 frames from the second second on.
    film, tv = rate(24, False), rate(25, False)
    picture = file(media, film, 480)
    if counted_in_clip_rate:
        one = clip(picture, 0, 50, 24, 72, clip_rate=film)
    else:
        one = clip(picture, 0, 50, 25, 75, clip_rate=film)
    shot = the_shot(tmp_path, one, tv)

    assert (shot.source, shot.end, shot.source_rate, shot.speed) == exact(1, 2, 24, 1)


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("second", range(3, 60, 7))
def test_other_rates_keep_every_picture_at_its_time(
    tmp_path: Path, media: Path, second: int, in_place: bool
) -> None:
    picture = file(media, rate(24, False), 480)
    text = xmeml(sequence(clip(picture, 0, 33, second), sequence_rate=rate(25, False)))
    path = written(tmp_path, text)
    document = read_timeline(path)
    (shot,) = document.shots()
    made = result(shot, tmp_path)

    path.write_bytes(document.with_results([made], "new", in_place))

    over = read_timeline(path).shots()[-1]
    assert over.source + made.first == shot.source


def test_results_between_frames_of_the_timeline_are_refused(tmp_path: Path, media: Path) -> None:
    picture = file(media, rate(24, False), 480)
    text = xmeml(sequence(clip(picture, 0, 33, 40), sequence_rate=rate(25, False)))
    document = read_timeline(written(tmp_path, text))
    (shot,) = document.shots()

    with pytest.raises(JobError, match="between two frames"):
        document.with_results([Made("j", shot, "/r.mov", "", Fraction(1, 24), 400)], "new")


def remap(**values: str) -> str:
    parameters = "".join(
        f"<parameter><parameterid>{key}</parameterid><value>{value}</value></parameter>"
        for key, value in values.items()
    )
    return f"<filter><effect><effectid>timeremap</effectid>{parameters}</effect></filter>"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"more": remap(speed="50", reverse="FALSE")}, "retimed"),
        ({"more": remap(speed="100", reverse="TRUE")}, "retimed"),
        ({"more": remap(speed="100", variablespeed="1")}, "retimed"),
        ({"more": remap(speed="100", variablespeed="0", reverse="FALSE")}, None),
        ({"stop": 40}, "retimed"),
        ({"more": "<stillframe>TRUE</stillframe>"}, "frozen"),
        ({"more": "<sequence><name>inner</name></sequence>"}, "compound"),
        ({"more": "<multiclip/>"}, "multicam"),
    ],
)
def test_what_cannot_be_taken_has_an_obstacle(
    tmp_path: Path, media: Path, change: dict[str, str], code: str | None
) -> None:
    picture = "" if code in ("compound", "multicam") else file(media)
    obstacle = the_shot(tmp_path, clip(picture, **change)).obstacle  # type: ignore[arg-type]

    assert (obstacle and obstacle.code) == code


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        ('<file id="gone"/>', "offline"),
        ("", "offline"),
        (file("/gone/cam.mov"), "offline"),
        (file("/gone/title.png"), "still"),
    ],
)
def test_files_that_are_not_there_are_obstacles(tmp_path: Path, picture: str, code: str) -> None:
    obstacle = the_shot(tmp_path, clip(picture)).obstacle

    assert obstacle is not None
    assert obstacle.code == code


def test_edges_in_a_transition_are_those_of_the_transition(tmp_path: Path, media: Path) -> None:
    dissolve = "<transitionitem><start>15</start><end>25</end></transitionitem>"
    first = clip(file(media), 0, 25).replace("<end>25</end>", "<end>-1</end>")
    second = clip('<file id="file-1"/>', 15, 40).replace("<start>15</start>", "<start>-1</start>")
    text = xmeml(sequence(first + dissolve + second))
    shots = read_timeline(written(tmp_path, text)).shots()

    assert [(shot.start * 24000 / 1001, shot.end * 24000 / 1001) for shot in shots] == [
        exact(0, 25),
        exact(15, 40),
    ]
    assert [shot.obstacle and shot.obstacle.code for shot in shots] == ["transition"] * 2


def test_disabled_items_are_left_out(tmp_path: Path, media: Path) -> None:
    off = clip(file(media)).replace("TRUE</enabled>", "FALSE</enabled>")
    text = xmeml(sequence(off + clip('<file id="file-1"/>', 20, 40), off))
    document = read_timeline(written(tmp_path, text))

    assert [shot.id for shot in document.shots()] == ["V1/2"]
    assert document.dub_items((1,)) == ()


def test_a_swapped_file_is_told_of_where_it_is_still_used(tmp_path: Path, media: Path) -> None:
    ticks = "<masterclipid>m</masterclipid><pproTicksIn>108459351000</pproTicksIn>"
    channel = "<sourcetrack><mediatype>audio</mediatype><trackindex>2</trackindex></sourcetrack>"
    named = '<file id="file-1"/>'
    text = xmeml(
        sequence(clip(file(media), more=ticks) + clip(named, 20, 40), clip(named, more=channel))
    )
    path = written(tmp_path, text)
    document = read_timeline(path)
    first, second = document.shots()

    path.write_bytes(document.with_results([result(first, tmp_path)], "new", in_place=True))
    again = read_timeline(path)

    assert [Path(str(shot.media)).name for shot in again.shots()] == [
        "cam_relip_v001.mov",
        "cam.mov",
    ]
    assert again.shots()[1] == second
    assert again.dub_items((1,)) == document.dub_items((1,))
    assert again.dub_items((1,))[0].channels == (2,)
    page = path.read_text()
    assert page.count(file(media)) == 1
    assert "masterclipid" not in page
    moved = int(re.findall(r"pproTicksIn>(\d+)<", page)[0])
    assert moved == 108459351000 - 5 * 254016000000 * 1001 // 24000


def test_all_uses_may_be_swapped(tmp_path: Path, media: Path) -> None:
    text = xmeml(sequence(clip(file(media)) + clip('<file id="file-1"/>', 20, 40)))
    path = written(tmp_path, text)
    document = read_timeline(path)
    made = [result(shot, tmp_path) for shot in document.shots()]

    path.write_bytes(document.with_results(made, "new", in_place=True))

    assert str(media) not in path.read_text()
    assert all(shot.obstacle is None for shot in read_timeline(path).shots())


def test_a_result_looks_as_its_shot_does(tmp_path: Path, media: Path) -> None:
    motion = "<filter><effect><effectid>basic</effectid></effect></filter>"
    link = "<link><linkclipref>a</linkclipref></link><marker/>"
    path = written(tmp_path, xmeml(sequence(clip(file(media), more=motion + link))))
    document = read_timeline(path)

    path.write_bytes(document.with_results([result(document.shots()[0], tmp_path)], "a & b"))

    root = ElementTree.parse(path).getroot()
    (over,) = root.findall("sequence/media/video/track")[1].findall("clipitem")
    assert over.find("filter/effect/effectid") is not None
    assert over.find("link") is None
    assert over.find("marker") is None
    assert over.findtext("file/timecode/frame") == str(86400 + 5)
    assert over.findtext("file/timecode/string") == "01:00:00:05"
    assert root.findtext("sequence/name") == "a & b"
    assert root.findtext("sequence/uuid") != "1f4c"
    children = [child.tag for child in root.findall("sequence/media/video")[0]]
    assert children == ["format", "track", "track"]  # what Resolve refuses to read without
