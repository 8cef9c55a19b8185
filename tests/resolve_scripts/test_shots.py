"""Items of the timeline as shots: where in their file they are, or why they are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import Shot
from tests.resolve_scripts.fake_resolve import ItemState, Studio, Traits
from tests.resolve_scripts.stage import host_of, make_picture


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_picture(tmp_path / "take_03.mov")


def shot_of(studio: Studio, item: ItemState) -> Shot:
    studio.select(item)
    (shot,) = host_of(studio).selection().shots
    return shot


@pytest.mark.parametrize("version", ["21.0.4", "21.1"])
@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_plain_shot_knows_its_file_and_place(clip: Path, version: str, off: int) -> None:
    studio = Studio(version=version, traits=Traits(source_off_by=off, localised=off > 0))
    item = studio.video(clip, at=48, in_=12, frames=72, sound=1)

    shot = shot_of(studio, item)

    assert shot.obstacle is None
    assert shot.id == item.uid
    assert shot.media == str(clip)
    assert (shot.start, shot.end) == (Fraction(2), Fraction(5))
    assert shot.source == Fraction(12, 24)
    assert (shot.source_rate, shot.source_frames) == (Fraction(24), 120)
    assert shot.source_start == 10 * 3600 * 24


def test_a_23_976_timeline_at_one_o_clock_counts_exactly(tmp_path: Path) -> None:
    rate = Fraction(24000, 1001)
    clip = make_picture(tmp_path / "a.mov", rate=rate, timecode="01:00:00:00")
    studio = Studio(rate="23.976", traits=Traits(rates_as_numbers=True))
    item = studio.video(clip, at=1000, in_=7, frames=48)

    shot = shot_of(studio, item)

    assert host_of(studio).timeline().rate == rate
    assert host_of(studio).timeline().start == 86400
    assert (shot.start, shot.end) == (1000 / rate, 1048 / rate)
    assert (shot.source, shot.source_rate, shot.source_start) == (7 / rate, rate, 86400)


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_a_25_fps_clip_in_a_24_fps_timeline_plays_in_real_time(tmp_path: Path, off: int) -> None:
    clip = make_picture(tmp_path / "a.mov", rate=Fraction(25), timecode=None)
    studio = Studio(rate="24", traits=Traits(source_off_by=off))
    item = studio.video(clip, at=24, in_=25, frames=48)

    shot = shot_of(studio, item)

    assert shot.obstacle is None
    assert (shot.start, shot.end) == (Fraction(1), Fraction(3))
    assert (shot.source, shot.source_rate) == (Fraction(1), Fraction(25))


def test_a_drop_frame_timeline_counts_exactly(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    clip = make_picture(tmp_path / "a.mov", rate=rate, timecode="01:00:00;00")
    studio = Studio(rate="29.97 DF", traits=Traits(drop_shown=False))
    item = studio.video(clip, at=1800, in_=30, frames=60)

    shot = shot_of(studio, item)

    assert host_of(studio).timeline().drop
    assert shot.start == 1800 / rate
    assert (shot.source, shot.source_start) == (30 / rate, 107892)


def test_a_shot_with_a_proxy_is_read_from_its_original(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, frames=48)
    assert item.media is not None
    item.media.proxy = str(make_picture(tmp_path / "proxy.mov", size=(32, 24)))
    studio.select(item)

    found = host_of(studio).selection()

    assert found.shots[0].media == str(clip)
    assert found.how == "1 clip selected in the timeline; 1 shown as proxy, the original is used"


Build = Callable[[Studio, Path], ItemState]


def with_proxy_only(studio: Studio, clip: Path) -> ItemState:
    lost = studio.media(
        clip.with_name("lost.mov"), rate=Fraction(24), frames=120, proxy=str(clip), online=False
    )
    return studio.video(lost, frames=48)


REFUSED: dict[str, tuple[Build, str]] = {
    "retimed": (
        lambda s, c: s.video(c, frames=48, in_=4, speed=0.5),
        "50 % speed.*Render in Place",
    ),
    "reversed": (lambda s, c: s.video(c, frames=48, speed=-1), "plays backwards.*Render in Place"),
    "still frame": (lambda s, c: s.video(c, in_=40, frames=48, speed=0), "0 % speed"),
    "unknown": (
        lambda s, c: s.video(c, in_=9, frames=48, from_xmeml=True),
        "does not say which part.*media pool",
    ),
    "compound": (lambda s, c: s.nested("Compound", frames=48), "compound clip.*decompose"),
    "timeline": (lambda s, c: s.nested("Timeline", frames=48), "nested timeline"),
    "multicam": (lambda s, c: s.nested("Multicam", frames=48), "multicam clip.*flatten"),
    "fusion": (lambda s, c: s.video(c, frames=48, comps=1), "Fusion composition.*Render in Place"),
    "title": (lambda s, c: s.insert("title"), "a title, a generator or a Fusion composition"),
    "generator": (lambda s, c: s.insert("generator"), "not footage"),
    "fusion clip": (lambda s, c: s.insert("fusion"), "not footage"),
    "transition": (lambda s, c: s.insert("transition"), "a transition.*the shot beside it"),
    "offline": (
        lambda s, c: s.video(
            s.media(c.with_name("lost.mov"), rate=Fraction(24), frames=120), frames=48
        ),
        "offline.*lost.mov.*relink",
    ),
    "proxy": (with_proxy_only, "only the proxy of .* relink the original"),
    "still": (lambda s, c: s.video(s.media(c, kind="Still"), frames=48), "still picture"),
    "sequence": (
        lambda s, c: s.video(
            s.media(c.with_name("a.[0001-0048].exr"), rate=Fraction(24), frames=48), frames=48
        ),
        "a sequence of images; render it as a movie",
    ),
    "subclip": (
        lambda s, c: s.video(s.media(c, properties={"Start": "33"}), frames=48),
        "a subclip.*the clip it was made from",
    ),
}


@pytest.mark.parametrize("localised", [False, True])
@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_resynced_says_why_and_what_to_do(
    clip: Path, case: str, localised: bool
) -> None:
    build, sentence = REFUSED[case]
    studio = Studio(traits=Traits(localised=localised and case != "still"))
    if case == "unknown":
        studio.refuse_on("Export")

    shot = shot_of(studio, build(studio, clip))

    assert shot.obstacle is not None
    assert shot.media is None
    assert shot.name in shot.obstacle.message
    said = f"{shot.obstacle.message}; {shot.obstacle.remedy}"
    assert re.search(sentence, said), said


@pytest.mark.parametrize("rate", ["23.976", "24", "25"])
def test_a_shot_that_does_not_say_where_it_is_is_looked_up_in_an_export(
    clip: Path, rate: str
) -> None:
    """As on timelines that came from a Final Cut Pro 7 XML."""
    studio = Studio(rate=rate)
    studio.video(clip, at=0, in_=3, frames=20, from_xmeml=True)
    studio.insert("title", at=30, frames=10, track=1)
    item = studio.video(clip, at=50, in_=48, frames=24, from_xmeml=True)

    shot = shot_of(studio, item)

    assert shot.obstacle is None
    assert (shot.source, shot.media) == (Fraction(2), str(clip))


@pytest.mark.parametrize(("speed", "code"), [(0.5, "retimed"), (-1, "reversed"), (0, "retimed")])
def test_an_export_tells_of_retimes(clip: Path, speed: float, code: str) -> None:
    studio = Studio()
    item = studio.video(clip, in_=40, frames=24, speed=speed, from_xmeml=True)

    shot = shot_of(studio, item)

    assert shot.obstacle is not None
    assert shot.obstacle.code == code


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"tracks": {"children": [{"kind": 1}]}}'])
def test_an_export_of_another_make_is_not_believed(
    clip: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    studio = Studio()
    monkeypatch.setattr(
        "tests.resolve_scripts.fake_resolve.timeline.export",
        lambda timeline, path, kind: bool(path.write_text(content)),
    )

    shot = shot_of(studio, studio.video(clip, in_=40, frames=24, from_xmeml=True))

    assert shot.obstacle is not None
    assert shot.obstacle.code == "unknown"


def test_a_retime_of_a_few_percent_is_seen_in_a_short_shot(clip: Path) -> None:
    studio = Studio()
    item = studio.video(clip, in_=60, frames=20, speed=Fraction(104, 100))

    shot = shot_of(studio, item)

    assert shot.obstacle is not None
    assert shot.obstacle.code == "retimed"


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"])
def test_nothing_is_changed_by_looking(clip: Path, version: str) -> None:
    studio = Studio(version=version)
    item = studio.video(clip, frames=48, sound=1)
    item.colour = "Chocolate"
    host = host_of(studio)

    host.selection()
    host.tracks()
    host.marks()
    host.dub_items((1,), Fraction(0), Fraction(2))

    assert studio.writes == []
