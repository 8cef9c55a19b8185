"""A Resolve that lies, or refuses, on each write call in turn: relip notices every time."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from relip_host.host import HostError, Placed
from relip_resolve.host import ResolveHost
from tests.resolve_scripts.fake_resolve import ItemState, Studio, Traits
from tests.resolve_scripts.stage import Bench, choice, host_of, make_picture

UNTOLD = {"SaveProject", "ExportLUT"}
"""Whether a project was really saved is nothing a script can see; a LUT is only looked at."""

ENOUGH = {"SetClipProperty", "SetThirdPartyMetadata", "AddMarker", "SetProperty", "CopyGrades"}
ENOUGH |= {"DeleteMarkerByCustomData", "DeleteTakeByIndex", "DeleteTrack", "SetCurrentFolder"}
"""Without these the result is still where it belongs: a note says what is missing."""


Act = Callable[[ResolveHost, Bench], Placed]


def staged(folder: Path) -> tuple[Studio, ItemState]:
    """A shot with a transform, a grade and an input LUT, on the Colour page."""
    studio = Studio(traits=Traits(unsticky=set()))
    clip = make_picture(folder / "take_03.mov")
    media = studio.media(clip, properties={"Data Level": "Full"})
    item = studio.video(media, at=48, in_=30, frames=48)
    item.properties["ZoomX"] = 1.5
    item.grade, item.nodes = "warm", 3
    studio.select(item)
    studio.page = "color"
    return studio, item


def in_place(host: ResolveHost, bench: Bench) -> Placed:
    return host.place(bench.made(host.selection().shots[0]), choice(backup=True))


def above(host: ResolveHost, bench: Bench) -> Placed:
    return host.place(bench.made(host.selection().shots[0]), choice("above", backup=True))


def writes_of(act: Act, folder: Path) -> list[str]:
    """Names of all writes of placing and of reverting, in order."""
    studio, _ = staged(folder)
    host = host_of(studio)
    placed = act(host, Bench(folder))
    host.settle()
    host.revert(placed)
    return [name.split(".")[1] for name in studio.writes]


PLACING: dict[Act, str] = {
    in_place: "OpenPage DuplicateTimeline SetCurrentTimeline AddSubFolder SetCurrentFolder "
    "ImportMedia SetClipProperty SetThirdPartyMetadata AddTake SelectTakeByIndex AddMarker",
    above: "OpenPage DuplicateTimeline SetCurrentTimeline AddSubFolder SetCurrentFolder "
    "ImportMedia SetClipProperty SetThirdPartyMetadata AddTrack SetTrackName AppendToTimeline "
    "SetProperty CopyGrades AddMarker",
}
REVERTING: dict[Act, str] = {
    in_place: "DeleteMarkerByCustomData SelectTakeByIndex DeleteTakeByIndex OpenPage",
    above: "DeleteClips DeleteTrack OpenPage",
}


@pytest.mark.parametrize("act", list(PLACING))
def test_these_are_all_the_writes_there_are(tmp_path: Path, act: Act) -> None:
    known = {*PLACING[act].split(), *REVERTING[act].split()}

    assert set(writes_of(act, tmp_path)) - UNTOLD == known


@pytest.mark.parametrize("how", ["lies", "refuses"])
@pytest.mark.parametrize(
    ("act", "call"), [(act, call) for act, calls in PLACING.items() for call in calls.split()]
)
def test_every_lie_is_noticed_while_placing(tmp_path: Path, act: Act, call: str, how: str) -> None:
    studio, item = staged(tmp_path)
    host, bench = host_of(studio), Bench(tmp_path)
    footage, timeline = item.media, studio.timeline
    (studio.lie_on if how == "lies" else studio.refuse_on)(call)
    made = bench.made(host.selection().shots[0])
    wanted = choice("in-place" if act is in_place else "above", backup=True)

    said = re.compile(f"Resolve (said that|refused) {call}")
    if call in ENOUGH:
        placed = host.place(made, wanted)
        assert any(said.search(note) for note in placed.notes), placed.notes
    else:
        with pytest.raises(HostError, match=said):
            host.place(made, wanted)
        assert item.media is footage
        assert item.take in (0, 1)
        assert all(not track.items for track in timeline.tracks["video"][1:])

    studio.honest()
    if call == "SetCurrentTimeline":
        studio.project.current = timeline
    host.place(made, wanted)
    shown = item if act is in_place else studio.timeline.tracks["video"][-1].items[0]
    assert shown.media is not None
    assert shown.media.path == made.output
    assert len(timeline.tracks["video"]) == (1 if act is in_place else 2)
    assert len(item.takes) == (2 if act is in_place else 0)


@pytest.mark.parametrize("how", ["lies", "refuses"])
@pytest.mark.parametrize(
    ("act", "call"), [(act, call) for act, calls in REVERTING.items() for call in calls.split()]
)
def test_every_lie_is_noticed_while_reverting(
    tmp_path: Path, act: Act, call: str, how: str
) -> None:
    studio, item = staged(tmp_path)
    host = host_of(studio)
    footage = item.media
    placed = act(host, Bench(tmp_path))
    (studio.lie_on if how == "lies" else studio.refuse_on)(call)

    said = re.compile(f"Resolve (said that|refused) {call}")
    if call in ENOUGH:
        notes = host.revert(placed)
        assert any(said.search(note) for note in notes), notes
        assert item.media is footage
    else:
        with pytest.raises(HostError, match=said):
            host.revert(placed)

    studio.honest()
    host.revert(placed)
    assert item.media is footage
    assert not any(track.items for track in studio.timeline.tracks["video"][1:])


def test_a_take_that_shows_other_frames_is_taken_off_again(tmp_path: Path) -> None:
    """Resolve cuts extents that the file does not have."""
    studio, item = staged(tmp_path)
    host = host_of(studio)
    made = Bench(tmp_path).made(host.selection().shots[0])
    short = studio.media(made.output)
    short.frames = 40
    short.properties["Frames"] = str(made.frames)

    with pytest.raises(HostError, match="the take shows frames 12 to 40 of the result"):
        host.place(made, choice())

    assert item.media is not None
    assert item.media.path.endswith("take_03.mov")
    assert len(item.takes) == 1


def test_a_file_that_resolve_reads_otherwise_is_not_placed(tmp_path: Path) -> None:
    studio, item = staged(tmp_path)
    host = host_of(studio)
    made = Bench(tmp_path).made(host.selection().shots[0])
    studio.media(made.output).frames -= 1

    with pytest.raises(HostError, match=r"it reads 71 frames in .* and relip wrote 72"):
        host.place(made, choice())

    assert item.takes == []


def test_a_save_that_is_refused_is_told(tmp_path: Path) -> None:
    studio, _ = staged(tmp_path)
    host = host_of(studio)
    in_place(host, Bench(tmp_path))
    studio.refuse_on("SaveProject")

    assert host.settle() == ("Resolve refused SaveProject: save the project yourself",)


@pytest.mark.parametrize("nth", [5, 40, 80, 120, 130])
def test_a_resolve_that_closes_in_between_is_an_error_with_a_sentence(
    tmp_path: Path, nth: int
) -> None:
    studio, _ = staged(tmp_path)
    host = host_of(studio)
    made = Bench(tmp_path).made(host.selection().shots[0])
    perform, calls = studio.perform, 0

    def closing(*call: object) -> object:
        nonlocal calls
        calls += 1
        if calls == nth:
            studio.close()
        return perform(*call)  # type: ignore[arg-type]

    studio.perform = closing  # type: ignore[assignment]

    with pytest.raises(HostError, match=r"Resolve was closed meanwhile; .* Apply Finished"):
        host.place(made, choice("above"))
    closed = calls >= nth

    studio.perform = perform  # type: ignore[method-assign]
    studio.reopen()
    again = host_of(studio)
    again.place(made, choice("above"))
    assert closed
    assert len(studio.track(2).items) == 1
    assert len(studio.track(2).items[0].marks) == 1
