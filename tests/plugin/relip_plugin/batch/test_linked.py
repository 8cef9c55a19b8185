"""What a timeline says of a file against what the file is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from relip_host.host import Obstacle, Shot
from relip_job.errors import MissingMedia
from relip_plugin.batch.linked import Files, Linked, linked
from tests.plugin.relip_plugin.batch.clips_made import clip

F = Fraction
FILM, NTSC = F(24), F(24000, 1001)
SHOT = Shot("v1", "take 3", 1, F(0), F(2), "/take.mov", F(10), F(25), 1000, 90_000)


def told(found: Linked | Obstacle) -> str:
    return found.code if isinstance(found, Obstacle) else "linked"


def test_a_file_is_looked_at_once_even_if_it_cannot_be_read() -> None:
    looks: list[str] = []

    def look(path: str) -> object:
        looks.append(path)
        raise MissingMedia("no file", "relink it")

    files = Files(look)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(MissingMedia):
            files.clip("/a.mov")
    assert looks == ["/a.mov"]


def test_a_shot_of_its_own_file_is_believed_and_its_file_about_its_length() -> None:
    found = linked(SHOT, clip(frames=1001, timecode="01:00:00:00"))

    assert isinstance(found, Linked)
    assert found.placed == found.played == replace(SHOT, source_frames=1001)
    assert found.notes == ()


def test_a_file_that_begins_elsewhere_and_has_another_length_is_another_one() -> None:
    found = linked(SHOT, clip(frames=500, timecode="01:00:10:00"))

    assert isinstance(found, Obstacle)
    assert found.code == "another-file"
    assert "01:00:10:00" in found.message
    assert found.remedy


@pytest.mark.parametrize(
    ("frames", "timecode", "notes"),
    [
        (1000, "02:00:00:00", 0),  # its timecode was set by hand: the same file
        (1500, "01:00:00:00", 0),  # longer at its end
        (1500, None, 1),  # nobody can tell at which end
        (600, None, 1),
    ],
)
def test_a_file_of_another_length_is_told_of_where_nothing_else_shows_it(
    frames: int, timecode: str | None, notes: int
) -> None:
    found = linked(SHOT, clip(frames=frames, timecode=timecode))

    assert isinstance(found, Linked)
    assert len(found.notes) == notes
    assert found.played.source == SHOT.source


def test_a_file_without_a_steady_rate_is_refused() -> None:
    assert told(linked(SHOT, clip(frames=1000, steady=False))) == "variable"


def test_a_timeline_that_counts_files_in_its_own_frames_is_believed_about_seconds() -> None:
    counted = replace(SHOT, source_rate=F(25), source_frames=1000, source_start=0)
    film = clip(rate=FILM, frames=960)

    found = linked(counted, film, F(25))

    assert isinstance(found, Linked)
    assert found.placed == found.played
    assert (found.played.source_rate, found.played.source_frames) == (FILM, 960)
    assert found.played.source == counted.source
    assert told(linked(counted, film)) == "rate"


def test_a_short_clip_is_counted_by_what_fits_better() -> None:
    """Of 48 frames at 24 and 50 at 25 both could be meant by little more than a frame."""
    short = replace(SHOT, source=F(0), source_rate=FILM, source_frames=48, source_start=0)

    assert told(linked(short, clip(frames=50), FILM)) == "linked"
    assert told(linked(replace(short, source_frames=50), clip(frames=50), FILM)) == "conformed"


def test_24_for_23976_counts_frames_and_is_told_of() -> None:
    counted = replace(SHOT, source_rate=FILM, source_frames=2400, source_start=86400)

    found = linked(counted, clip(rate=NTSC, frames=2400, timecode="01:00:00:00"), FILM)

    assert isinstance(found, Linked)
    assert found.placed == counted
    played = found.played
    assert played.source * NTSC == counted.source * FILM  # the same frame
    length = counted.end - counted.start
    assert (played.source + length * played.speed) * NTSC == (counted.source + length) * FILM
    assert "23.976" in found.notes[0]


def test_a_rate_of_another_file_is_an_obstacle_with_both_rates() -> None:
    found = linked(SHOT, clip(rate=F(30), frames=777))

    assert isinstance(found, Obstacle)
    assert "25 frames per second, but it runs at 30" in found.message
    assert "export" in found.remedy


def test_without_a_length_only_what_is_the_same_frame_anyway_is_believed() -> None:
    near = replace(SHOT, source=F(1), source_rate=FILM, source_frames=0)
    far = replace(near, source=F(600))

    assert told(linked(near, clip(rate=NTSC))) == "linked"
    assert told(linked(far, clip(rate=NTSC, frames=20_000))) == "rate"
