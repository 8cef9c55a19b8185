"""A result in place: a take with extents of its own, shown, marked, and taken off again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import HostError, Made
from relip_resolve.host import ResolveHost
from tests.resolve_scripts.fake_resolve import ItemState, Studio, Traits
from tests.resolve_scripts.fake_resolve.bridge import Proxy, Rules
from tests.resolve_scripts.stage import Bench, choice, host_of, make_picture


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_picture(tmp_path / "take_03.mov")


def shot_with_result(
    studio: Studio, clip: Path, folder: Path, **place: int
) -> tuple[ResolveHost, ItemState, Made]:
    item = studio.video(clip, **{"at": 48, "in_": 30, "frames": 48, **place})
    studio.select(item)
    host = host_of(studio)
    return host, item, Bench(folder).made(host.selection().shots[0])


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"])
@pytest.mark.parametrize("stays", [True, False])
def test_the_result_is_a_take_that_shows_the_same_frames(
    clip: Path, tmp_path: Path, version: str, stays: bool
) -> None:
    studio = Studio(version=version, traits=Traits(take_keeps_selection=stays))
    item = studio.video(clip, at=48, in_=30, frames=48)
    item.colour = "Chocolate"
    host = host_of(studio)
    made = Bench(tmp_path, handles=12).made(host.selection().shots[0])

    placed = host.place(made, choice())

    assert made.first == Fraction(18, 24)
    assert made.frames == 72
    assert item.take == 2
    assert [(take.start, take.end) for take in item.takes] == [(30, 78), (12, 60)]
    assert item.media is not None
    assert item.media.path == made.output
    assert (int(item.start), int(item.frames)) == (86400 + 48, 48)
    assert placed.where == "take 2 of take_03.mov on V1"
    assert "FinalizeTake" not in " ".join(studio.writes)


def test_a_shot_at_the_head_of_its_file_has_no_handle_there(clip: Path, tmp_path: Path) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path, in_=4, frames=100)

    host.place(made, choice())

    assert made.first == 0
    assert made.frames == 116
    assert (item.takes[1].start, item.takes[1].end) == (4, 104)


def test_mixed_rates_keep_the_shots_length(tmp_path: Path) -> None:
    clip = make_picture(tmp_path / "a.mov", rate=Fraction(25), timecode=None)
    host, item, made = shot_with_result(Studio(), clip, tmp_path, in_=25, frames=47)

    host.place(made, choice())

    assert made.first == Fraction(13, 25)
    assert (item.takes[1].start, item.takes[1].end) == (12, 61)  # 48.96 frames, rounded up
    assert item.frames == 47


def test_the_marker_carries_score_and_job_where_the_shot_begins(clip: Path, tmp_path: Path) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path)

    host.place(made, choice())

    ((frame, mark),) = item.marks.items()
    assert frame == 12
    assert (mark.name, mark.custom, mark.color) == ("relip 5 of 5", "relip:job1", "Green")
    assert "A2" in mark.note


def test_the_marker_makes_room_for_the_editors(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    host, item, made = shot_with_result(studio, clip, tmp_path)
    theirs = studio.resolve.GetProjectManager().GetCurrentProject().GetCurrentTimeline()
    theirs.GetItemListInTrack("video", 1)[0].AddMarker(12, "Red", "mine", "", 1)

    host.place(made, choice())

    assert sorted(item.marks) == [12, 13]


def test_the_result_lies_in_a_bin_of_its_own_and_the_editors_stays_open(
    clip: Path, tmp_path: Path
) -> None:
    studio = Studio()
    host, _, made = shot_with_result(studio, clip, tmp_path)
    pool = studio.project.pool

    host.place(made, choice())

    (relip,) = pool.root.folders
    assert (relip.name, relip.folders[0].name) == ("relip", "Timeline 1")
    assert [found.path for found in relip.folders[0].clips] == [made.output]
    assert pool.current is pool.root


def test_what_is_not_in_the_file_is_copied_and_read_back(clip: Path, tmp_path: Path) -> None:
    studio = Studio(traits=Traits(unsticky={"Input Color Space"}))
    host, item, made = shot_with_result(studio, clip, tmp_path)
    assert item.media is not None
    wanted = {"Data Level": "Full", "PAR": "Anamorphic", "Alpha mode": "Straight"}
    item.media.properties.update({**wanted, "Reel Name": "A007", "Input Color Space": "S-Log3"})

    placed = host.place(made, choice())

    found = item.media.properties
    assert {key: found.get(key) for key in wanted} == wanted
    assert found["Reel Name"] == "A007"
    (note,) = placed.notes
    assert "Input Color Space" in note
    assert "the footage S-Log3" in note


def test_a_file_that_is_in_the_pool_already_is_used(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    host, item, made = shot_with_result(studio, clip, tmp_path)
    media = studio.media(made.output)

    host.place(made, choice())

    assert item.media is media


def test_the_editors_page_is_open_again(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    host, _, made = shot_with_result(studio, clip, tmp_path)
    studio.page = "color"

    host.place(made, choice())

    assert studio.page == "color"


def test_twice_is_take_3_and_reverting_goes_back_one_by_one(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, at=48, in_=30, frames=48)
    host, bench = host_of(studio), Bench(tmp_path)
    studio.playhead(50)
    placed = [host.place(bench.made(host.selection().shots[0]), choice()) for _ in range(2)]
    assert (item.take, len(item.takes)) == (3, 3)
    assert [(take.start, take.end) for take in item.takes] == [(30, 78), (12, 60), (12, 60)]
    assert item.media is not None
    assert item.media.path.endswith("take_03_relip_v002.mov")

    assert host.revert(placed[1]) == ()
    assert (item.take, len(item.takes)) == (2, 2)
    assert item.media.path.endswith("take_03_relip_v001.mov")
    assert host.revert(placed[0]) == ()
    assert (item.take, len(item.takes)) == (1, 1)
    assert item.media.path == str(clip)
    assert item.source == 30
    assert item.marks == {}
    assert Path(placed[0].undo["output"]).exists()


def test_a_take_that_loses_transform_or_grade_is_mended_or_told(clip: Path, tmp_path: Path) -> None:
    """Nobody knows yet whether they stay with the item."""
    studio = Studio(traits=Traits(unsticky=set()))
    host, item, made = shot_with_result(studio, clip, tmp_path)
    item.properties["ZoomX"], item.nodes = 1.5, 4
    perform = studio.perform

    def losing(proxy: Proxy, rules: Rules, *arguments: object) -> object:
        answer = perform(proxy, rules, *arguments)
        if rules.function.__name__ == "SelectTakeByIndex":
            item.nodes = 1
            item.properties.clear()
        return answer

    studio.perform = losing  # type: ignore[method-assign]

    placed = host.place(made, choice())

    assert item.properties["ZoomX"] == 1.5
    (note,) = placed.notes
    assert "the take has 1 nodes of grade, the shot had 4" in note


def test_placing_once_more_adds_nothing(clip: Path, tmp_path: Path) -> None:
    """A run that ended between placing and noting it is applied again."""
    host, item, made = shot_with_result(Studio(), clip, tmp_path)

    host.place(made, choice())
    host.place(made, choice())

    assert (item.take, len(item.takes), len(item.marks)) == (2, 2, 1)


def test_a_shot_that_was_moved_or_trimmed_since_keeps_its_frames(
    clip: Path, tmp_path: Path
) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path)
    item.start += 100
    item.source, item.frames = item.source - 6, item.frames + 10

    host.place(made, choice())

    assert (item.takes[1].start, item.takes[1].end) == (6, 64)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": Fraction(1)}, "cannot be its take"),
        ({"frames": Fraction(70)}, "shorter than take_03.mov is now"),
        ({"source": Fraction(100), "frames": Fraction(10)}, "slipped to frames"),
        ({"speed": Fraction(2)}, "was changed since"),
    ],
)
def test_a_shot_that_shows_something_else_now_is_left_alone(
    clip: Path, tmp_path: Path, change: dict[str, Fraction], said: str
) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path)
    for name, value in change.items():
        setattr(item, name, value)

    with pytest.raises(HostError, match=said):
        host.place(made, choice())

    assert item.takes == []


def test_a_shot_on_another_timeline_is_not_looked_for_there(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    host, item, made = shot_with_result(studio, clip, tmp_path)
    studio.add_timeline("Reel 2", "24", "01:00:00:00")

    with pytest.raises(HostError, match="on the timeline Timeline 1, which is not open"):
        host.place(made, choice())

    assert item.takes == []


def test_a_shot_that_is_gone_is_said_to_be(clip: Path, tmp_path: Path) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path)
    item.track.remove(item)

    with pytest.raises(HostError, match=r"not on this timeline any more.*_relip_v001\.mov"):
        host.place(made, choice())


def test_names_that_did_not_last_are_found_by_place(clip: Path, tmp_path: Path) -> None:
    host, item, made = shot_with_result(Studio(), clip, tmp_path)
    item.uid = "another"

    placed = host.place(made, choice())
    item.uid = "a third"

    assert item.take == 2
    assert host.revert(placed) == ()
    assert item.take == 1


def test_the_free_edition_gets_a_track_instead_of_a_take(clip: Path, tmp_path: Path) -> None:
    studio = Studio(version="21.0.3", edition="free")
    item = studio.video(clip, in_=30, frames=48)
    host = host_of(studio)

    placed = host.place(Bench(tmp_path).made(host.selection().shots[0]), choice())

    assert item.takes == []
    assert studio.track(2).name == "RELIP v001"
    assert any("free edition" in note for note in placed.notes)
    assert not studio.modal


def test_a_backup_is_made_once_and_the_timeline_stays_open(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    items = [studio.video(clip, at=at, in_=30, frames=40) for at in (0, 40)]
    studio.select(*items)
    host, bench, timeline = host_of(studio), Bench(tmp_path), studio.timeline

    notes = [
        host.place(bench.made(shot), choice(backup=True)).notes for shot in host.selection().shots
    ]

    assert studio.timeline is timeline
    assert len(studio.project.timelines) == 2
    backup = studio.project.timelines[1]
    assert backup.name.startswith("Timeline 1 before relip ")
    assert [item.takes for item in backup.items("video")] == [[], []]
    assert [item.take for item in items] == [2, 2]
    assert backup.name in notes[0][0]
    assert notes[1] == ()
