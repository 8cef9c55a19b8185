"""A result on a track of its own: the edit beneath is not touched."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import HostError
from tests.resolve_scripts.fake_resolve import Studio, Traits
from tests.resolve_scripts.stage import Bench, choice, host_of, make_picture

ABOVE = choice("above")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_picture(tmp_path / "take_03.mov")


def test_the_result_lies_over_the_shot_without_sound(clip: Path, tmp_path: Path) -> None:
    studio = Studio(traits=Traits(unsticky=set()))
    item = studio.video(clip, at=48, in_=30, frames=48, sound=1)
    item.properties.update({"ZoomX": 1.25, "Pan": -40.0, "FlipX": True})
    item.grade, item.nodes = "warm", 4
    studio.playhead(50)
    host = host_of(studio)
    made = Bench(tmp_path).made(host.selection().shots[0], score="4 of 5")

    placed = host.place(made, ABOVE)

    track = studio.track(2)
    (result,) = track.items
    assert track.name == "RELIP v001"
    assert placed.where == "on track RELIP v001, over take_03.mov"
    assert placed.notes == ()
    assert [int(x) for x in (result.start, result.frames, result.source)] == [86448, 48, 12]
    assert result.media is not None
    assert result.media.path == made.output
    assert {key: result.properties[key] for key in ("ZoomX", "Pan", "FlipX")} == {
        "ZoomX": 1.25,
        "Pan": -40.0,
        "FlipX": True,
    }
    assert result.grade == "warm"
    ((frame, mark),) = result.marks.items()
    assert (frame, mark.color, mark.name) == (12, "Yellow", "relip 4 of 5")
    assert (item.takes, item.marks, item.enabled) == ([], {}, True)
    assert len(studio.timeline.tracks["audio"][0].items) == 1


def test_a_batch_fills_one_track_and_a_second_version_the_next(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    items = [studio.video(clip, at=at, in_=20, frames=40) for at in (0, 40, 100)]
    host, bench = host_of(studio), Bench(tmp_path)
    studio.select(*items)

    for shot in host.selection().shots:
        host.place(bench.made(shot), ABOVE)
    studio.select(items[1])
    host.place(bench.made(host.selection().shots[0]), ABOVE)

    names = [track.name for track in studio.timeline.tracks["video"]]
    assert names == ["Video 1", "RELIP v001", "RELIP v002"]
    assert [item.start - 86400 for item in studio.track(2).items] == [0, 40, 100]
    assert [item.start - 86400 for item in studio.track(3).items] == [40]


@pytest.mark.parametrize("state", ["locked", "disabled", "not topmost"])
def test_a_track_that_cannot_show_the_result_is_not_used(
    clip: Path, tmp_path: Path, state: str
) -> None:
    studio = Studio()
    studio.video(clip, in_=20, frames=40)
    studio.track(2).name = "RELIP v001"
    studio.track(2).locked = state == "locked"
    studio.track(2).enabled = state != "disabled"
    if state == "not topmost":
        studio.track(3)
    host = host_of(studio)

    host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)

    top = studio.timeline.tracks["video"][-1]
    assert top.name == "RELIP v002"
    assert len(top.items) == 1


def test_mixed_rates_cover_every_frame_of_the_shot(tmp_path: Path) -> None:
    clip = make_picture(tmp_path / "a.mov", rate=Fraction(25), timecode=None)
    for frames in (46, 47, 48):
        studio = Studio()
        studio.video(clip, in_=25, frames=frames)
        host = host_of(studio)

        host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)

        (result,) = studio.track(2).items
        assert result.frames == frames


def test_what_the_result_hides_and_lacks_is_told(clip: Path, tmp_path: Path) -> None:
    studio = Studio(traits=Traits(unsticky=set()))
    item = studio.video(clip, at=24, in_=20, frames=48)
    item.properties["Opacity"] = 50.0
    studio.insert("transition", at=66, frames=12, track=1, name="Cross Dissolve")
    studio.insert("title", at=30, frames=24, track=2, name="Lower Third")
    studio.insert("title", at=100, frames=24, track=2, name="Somewhere Else")
    studio.playhead(80)
    studio.select(item)
    host = host_of(studio)

    placed = host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)

    notes = "\n".join(placed.notes)
    assert "Lower Third on V2 is under the result now" in notes
    assert "Cross Dissolve at the shot's edge is not on the result" in notes
    assert "Opacity 50.0" in notes
    assert len(placed.notes) == 3


def test_a_result_for_a_part_of_the_shot_covers_that_part(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, at=24, in_=20, frames=48)
    host, bench = host_of(studio), Bench(tmp_path, handles=0)
    studio.select(item)
    made = bench.made(host.selection().shots[0])
    item.source, item.frames = Fraction(10), Fraction(70)

    placed = host.place(made, ABOVE)

    (result,) = studio.track(2).items
    assert [int(x) for x in (result.start - 86400, result.frames)] == [34, 48]
    assert any("48 of the shot's 70 frames" in note for note in placed.notes)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("page", ["edit", "fairlight", "color"])
def test_reverting_takes_the_result_and_its_empty_track_off(
    clip: Path, tmp_path: Path, late: bool, page: str
) -> None:
    """On the Fairlight page nothing can be deleted, and the first try may fail."""
    studio = Studio(traits=Traits(delete_answers_late=late))
    items = [studio.video(clip, at=at, in_=20, frames=40) for at in (0, 40)]
    studio.select(*items)
    host, bench = host_of(studio), Bench(tmp_path)
    placed = [host.place(bench.made(shot), ABOVE) for shot in host.selection().shots]
    studio.page = page

    assert host.revert(placed[0]) == ()
    assert [item.start - 86400 for item in studio.track(2).items] == [40]
    assert host.revert(placed[1]) == ()
    assert len(studio.timeline.tracks["video"]) == 1
    assert [item.takes for item in items] == [[], []]
    assert studio.page == page
    assert host.revert(placed[1]) == (f"{placed[1].where}: it is not there any more",)


def test_reverting_on_another_timeline_does_nothing(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    studio.video(clip, in_=20, frames=40)
    host = host_of(studio)
    placed = host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)
    studio.add_timeline("Reel 2", "24", "01:00:00:00")

    with pytest.raises(HostError, match="another timeline; open that one"):
        host.revert(placed)


def test_a_result_is_there_while_it_lies_over_its_shot(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, at=48, in_=20, frames=40)
    studio.select(item)
    host = host_of(studio)
    placed = host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)
    assert host.is_there(placed)

    item.start += 24
    assert not host_of(studio).is_there(placed), "only the shot was moved"
    studio.track(2).items[0].start += 24
    assert host_of(studio).is_there(placed), "both were"


def test_the_project_is_saved_and_looked_at_again(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    studio.video(clip, in_=20, frames=40)
    host = host_of(studio)
    host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)
    studio.track(2).items[0].doomed = True

    (note,) = host.settle()

    assert "it is gone after saving" in note
    assert studio.project.unsaved == 0


def test_a_project_without_a_name_is_not_saved(clip: Path, tmp_path: Path) -> None:
    studio = Studio(project="Untitled Project", traits=Traits(headless=True))
    studio.video(clip, in_=20, frames=40)
    host = host_of(studio)
    host.place(Bench(tmp_path).made(host.selection().shots[0]), ABOVE)

    assert host.settle() == ()
    assert studio.count("SaveProject") == 0
