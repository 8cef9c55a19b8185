"""The dub read from the chosen tracks: where in which file, on which channels, or why not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import DubItem
from relip_resolve.channels import ALL, Source, sources
from tests.resolve_scripts.fake_resolve import Linked, MediaState, Studio
from tests.resolve_scripts.stage import host_of, make_picture, make_tone

HOUR = Fraction(3600)


def heard(studio: Studio, *tracks: int) -> tuple[DubItem, ...]:
    return host_of(studio).dub_items(tracks or (2,), Fraction(0), HOUR)


def with_sound(studio: Studio, clip: Path) -> MediaState:
    """The movie, as Resolve knows it when it has stereo sound."""
    return studio.media(clip, kind="Video + Audio", channels=2, tracks=((1, 2),))


@pytest.fixture
def line(tmp_path: Path) -> Path:
    return make_tone(tmp_path / "line.wav")


def test_three_items_with_gaps_on_two_tracks_come_in_record_order(line: Path) -> None:
    studio = Studio()
    studio.audio(line, at=10, in_=5, frames=20, track=2)
    studio.audio(line, at=60, frames=24, track=2)
    studio.audio(line, at=35, in_=48, frames=12, track=3)
    studio.audio(line, at=0, track=1)

    items = heard(studio, 3, 2)

    assert [(item.track, item.start, item.end, item.source) for item in items] == [
        (2, Fraction(10, 24), Fraction(30, 24), Fraction(5, 24)),
        (3, Fraction(35, 24), Fraction(47, 24), Fraction(2)),
        (2, Fraction(60, 24), Fraction(84, 24), Fraction(0)),
    ]
    assert {item.media for item in items} == {str(line)}
    assert not any(item.obstacle for item in items)


def test_only_what_overlaps_the_range_is_heard(line: Path) -> None:
    studio = Studio()
    for at in (0, 24, 48):
        studio.audio(line, at=at, frames=24, track=2)

    items = host_of(studio).dub_items((2,), Fraction(1), Fraction(2))

    assert [item.start for item in items] == [1]


@pytest.mark.parametrize("rate", ["23.976", "24", "25", "29.97 DF"])
def test_sound_begins_and_ends_inside_frames(line: Path, rate: str) -> None:
    """To well within a sample: 1/48000 s."""
    studio = Studio(rate=rate)
    fps = studio.timeline.rate
    studio.audio(line, at=Fraction(101, 10), in_samples=12345, frames=Fraction(205, 10), track=2)

    (item,) = heard(studio)

    assert abs(item.start - Fraction(101, 10) / fps) < Fraction(1, 480000)
    assert abs(item.end - Fraction(306, 10) / fps) < Fraction(1, 480000)
    assert abs(item.source - Fraction(12345, 48000)) < Fraction(1, 480000)


def test_a_line_imported_at_another_rate_keeps_its_place(line: Path) -> None:
    """Resolve gives sound the project's rate at import, for good."""
    studio = Studio(rate="25")
    media = studio.media(line)
    media.rate = Fraction(24)
    studio.audio(media, at=50, in_=36, frames=50, track=2)

    (item,) = heard(studio)

    assert item.obstacle is None
    assert item.source == Fraction(36, 24)


def test_the_timecode_of_a_file_moves_nothing(line: Path) -> None:
    studio = Studio(rate="23.976")
    studio.audio(studio.media(line, start_tc="10:00:00:00"), at=24, in_=12, frames=24, track=2)

    (item,) = heard(studio)

    assert item.source == 12 / Fraction(24000, 1001)


def test_the_sound_of_a_movie_is_read_from_the_movie(tmp_path: Path) -> None:
    clip = make_picture(tmp_path / "a.mov")
    studio = Studio()
    studio.video(with_sound(studio, clip), in_=12, frames=48, sound=2)

    (item,) = heard(studio)

    assert (item.media, item.source, item.channels) == (str(clip), Fraction(1, 2), (1, 2))


def test_channels_of_the_items_own_file_are_chosen(tmp_path: Path) -> None:
    studio = Studio()
    studio.audio(make_tone(tmp_path / "two.wav", channels=2), channels=(2,), track=2)

    (item,) = heard(studio)

    assert item.channels == (2,)


@pytest.mark.parametrize(
    ("offset", "source", "start"),
    [
        (-4800, Fraction(6, 10), Fraction(1)),
        (0, Fraction(1, 2), Fraction(1)),
        (24000, Fraction(0), Fraction(1)),
        (48000, Fraction(0), Fraction(3, 2)),
    ],
)
def test_linked_sound_is_moved_by_its_offset_in_samples(
    tmp_path: Path, offset: int, source: Fraction, start: Fraction
) -> None:
    clip = make_picture(tmp_path / "a.mov")
    boom = make_tone(tmp_path / "boom.wav", channels=2)
    studio = Studio()
    links = (Linked(str(boom), 2, offset),)
    media = with_sound(studio, clip)
    studio.audio(media, at=24, in_=12, frames=48, linked=links, channels=(4,), track=2)

    (item,) = heard(studio)

    assert item.obstacle is None
    assert (item.media, item.channels) == (str(boom), (2,))
    assert (item.source, item.start) == (source, start)
    assert item.end == 3


def test_sound_from_two_files_is_two_parts(tmp_path: Path) -> None:
    clip = make_picture(tmp_path / "a.mov")
    boom = make_tone(tmp_path / "boom.wav")
    studio = Studio()
    links = (Linked(str(boom), 1),)
    studio.audio(with_sound(studio, clip), frames=48, linked=links, channels=(1, 3), track=2)

    items = heard(studio)

    assert {(item.media, item.channels) for item in items} == {(str(clip), (1,)), (str(boom), (1,))}


def test_what_is_off_is_not_heard(line: Path) -> None:
    studio = Studio()
    studio.audio(line, frames=24, track=2, enabled=False)
    studio.audio(line, at=24, frames=24, track=2, muted=True)
    studio.track(2, "audio").items.append(
        studio.insert("transition", at=40, frames=8, track=1)  # a crossfade has no media
    )

    assert heard(studio) == ()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("retimed", "150 %"),
        ("reversed", "plays backwards"),
        ("unknown", "does not say which part"),
        ("compound", "nested timeline"),
        ("effects", "through voice isolation"),
        ("track effects", "through voice isolation"),
        ("offline", "is offline"),
        ("linked offline", "is offline"),
    ],
)
def test_sound_that_is_not_in_its_file_has_an_obstacle(
    tmp_path: Path, line: Path, code: str, said: str
) -> None:
    studio = Studio()
    if code == "retimed":
        studio.audio(line, at=24, in_=10, frames=48, speed=1.5, track=2)
    elif code == "reversed":
        studio.audio(line, at=24, in_=60, frames=48, speed=-1, track=2)
    elif code == "unknown":
        studio.refuse_on("Export")
        studio.audio(line, at=24, in_=10, frames=48, from_xmeml=True, track=2)
    elif code == "compound":
        studio.nested("Compound", at=24, frames=48, track=2, sort="audio")
    elif code == "effects":
        studio.audio(line, at=24, frames=48, track=2, isolated=True)
    elif code == "track effects":
        studio.audio(line, at=24, frames=48, track=2)
        studio.track(2, "audio").isolated = True
    elif code == "offline":
        gone = studio.media(tmp_path / "gone.wav", kind="Audio", rate=Fraction(24), frames=99)
        studio.audio(gone, at=24, frames=48, track=2)
    else:
        links = (Linked(str(tmp_path / "gone.wav"), 1),)
        studio.audio(line, at=24, frames=48, linked=links, channels=(2,), track=2)

    (item,) = heard(studio)

    assert item.obstacle is not None
    assert item.obstacle.code == code.split()[-1]
    assert said in item.obstacle.message
    assert (item.start, item.end) == (Fraction(1), Fraction(3))
    assert item.media is None


def test_a_line_that_does_not_say_where_it_is_is_looked_up_in_an_export(line: Path) -> None:
    studio = Studio(rate="25")
    media = studio.media(line)
    media.rate = Fraction(24)
    studio.audio(media, at=50, in_=36, frames=25, track=2, from_xmeml=True)

    (item,) = heard(studio)

    assert item.obstacle is None
    assert item.source == Fraction(3, 2)


def test_tracks_are_told_with_their_names(line: Path) -> None:
    studio = Studio()
    studio.audio(line, track=2)
    studio.track(2, "audio").name = "DUB de"
    studio.track(3, "audio").enabled = False

    tracks = host_of(studio).tracks()

    assert [(t.number, t.name, t.items, t.enabled) for t in tracks] == [
        (1, "Audio 1", 0, True),
        (2, "DUB de", 1, True),
        (3, "Audio 3", 0, False),
    ]


def test_channel_mappings_are_read_as_resolve_documents_them() -> None:
    mapping = """{"embedded_audio_channels": 2,
        "linked_audio": {"1": {"channels": 8, "offset": -100, "path": "/a/b.wav"}},
        "track_mapping": {"1": {"channel_idx": [1, 3], "mute": false, "type": "Stereo"}}}"""

    assert sources(mapping) == (Source((1,)), Source((1,), "/a/b.wav", -100))
    assert sources(mapping.replace("false", "true")) == ()


@pytest.mark.parametrize("mapping", ["", None, "no json", "[]", "{}", '{"track_mapping": {}}'])
def test_a_mapping_that_says_nothing_is_all_of_the_clips_sound(mapping: str | None) -> None:
    assert sources(mapping) == (ALL,)
