"""The ladder: selected, coloured, marked, under the playhead; and what is really meant."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.host import HostError
from tests.resolve_scripts.fake_resolve import Studio, Traits
from tests.resolve_scripts.stage import Bench, choice, host_of, make_picture

EVERY = ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_picture(tmp_path / "take_03.mov")


@pytest.mark.parametrize("version", EVERY)
def test_the_first_rung_that_holds_is_used_and_named(clip: Path, version: str) -> None:
    studio = Studio(version=version)
    chosen, brown, marked, here = (studio.video(clip, at=n * 48, frames=48) for n in range(4))
    studio.playhead(3 * 48 + 5)
    can_select = version in ("21.0.4", "21.1")
    can_mark = version != "19.0"

    def found() -> tuple[list[str], str]:
        selection = host_of(studio).selection()
        return [shot.id for shot in selection.shots], selection.how

    assert found() == ([here.uid], "1 clip under the playhead")
    studio.mark(2 * 48 + 1, 2 * 48 + 20)
    expected = ([marked.uid], "1 clip between the in and out marks")
    assert found() == (expected if can_mark else ([here.uid], "1 clip under the playhead"))
    brown.colour = "Chocolate"
    assert found() == ([brown.uid], "1 clip with clip colour Chocolate")
    studio.select(chosen)
    expected = ([chosen.uid], "1 clip selected in the timeline")
    assert found() == (expected if can_select else ([brown.uid], found()[1]))


def test_sound_that_is_selected_with_the_picture_is_left_out(clip: Path) -> None:
    studio = Studio()
    shot = studio.video(clip, at=0, frames=48, sound=1)
    studio.select(studio.timeline.tracks["audio"][0].items[0], shot)

    assert [found.id for found in host_of(studio).selection().shots] == [shot.uid]


def test_no_selection_may_also_be_none(clip: Path) -> None:
    studio = Studio(traits=Traits(empty_selection=None))
    studio.video(clip, frames=48)

    assert host_of(studio).selection().how == "1 clip under the playhead"


def test_several_shots_come_in_record_order(clip: Path) -> None:
    studio = Studio()
    items = [studio.video(clip, at=at, frames=24) for at in (100, 0, 50)]
    studio.select(*items)

    found = host_of(studio).selection()

    assert [shot.start for shot in found.shots] == [0, Fraction(50, 24), Fraction(100, 24)]
    assert found.how == "3 clips selected in the timeline"


def test_nothing_to_be_found_says_the_four_ways() -> None:
    with pytest.raises(HostError, match=r"select one .*Chocolate.*marks.*playhead"):
        host_of(Studio()).selection()


def test_the_playhead_finds_the_picture_that_is_seen(clip: Path) -> None:
    studio = Studio()
    below = studio.video(clip, frames=48)
    above = studio.video(clip, frames=48, track=2)
    studio.playhead(10)

    assert [shot.id for shot in host_of(studio).selection().shots] == [above.uid]
    studio.track(2).enabled = False
    assert [shot.id for shot in host_of(studio).selection().shots] == [below.uid]


def test_marks_reach_as_far_as_the_out_marks_frame(clip: Path) -> None:
    studio = Studio()
    studio.video(clip, frames=24)
    last = studio.video(clip, at=24, frames=24)
    studio.mark(24, 24)

    assert host_of(studio).marks() == (Fraction(1), Fraction(25, 24))
    assert [shot.id for shot in host_of(studio).selection().shots] == [last.uid]


@pytest.mark.parametrize("marks", [(None, 30), (12, None), (None, None)])
def test_half_a_pair_of_marks_is_none(clip: Path, marks: tuple[int | None, int | None]) -> None:
    studio = Studio()
    studio.video(clip, frames=24)
    studio.mark(*marks)

    assert host_of(studio).marks() is None


def test_footage_hidden_by_other_footage_is_not_between_marks(clip: Path) -> None:
    studio = Studio()
    hidden = studio.video(clip, frames=48)
    part = studio.video(clip, at=48, frames=48)
    over = studio.video(clip, at=0, frames=60, track=2)
    title = studio.insert("title", at=0, frames=96, track=3)
    studio.mark(0, 95)

    found = {shot.id for shot in host_of(studio).selection().shots}

    assert found == {part.uid, over.uid}
    assert hidden.uid not in found
    assert title.uid not in found


def test_a_result_above_means_the_shot_beneath(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, in_=20, frames=48)
    host = host_of(studio)
    host.place(Bench(tmp_path).made(host.selection().shots[0]), choice("above"))
    assert studio.track(2).items

    (shot,) = host.selection().shots

    assert (shot.id, shot.media) == (item.uid, str(clip))


def test_a_result_that_is_a_take_means_the_footage_of_its_take(clip: Path, tmp_path: Path) -> None:
    studio = Studio()
    item = studio.video(clip, in_=20, frames=48)
    host = host_of(studio)
    before = host.selection().shots[0]
    host.place(Bench(tmp_path).made(before), choice())
    assert item.media is not None
    assert item.media.path != str(clip)

    (shot,) = host.selection().shots

    assert shot == before


def test_every_shot_over_the_dub_is_found(clip: Path) -> None:
    studio = Studio()
    shots = [studio.video(clip, at=at, frames=48) for at in (0, 48, 96, 144)]
    tone = studio.media("line.wav", kind="Audio", rate=Fraction(24), frames=500)
    studio.audio(tone, at=10, frames=20, track=2)
    studio.audio(tone, at=100, frames=60, track=3)
    host = host_of(studio)

    found = host.shots_under((2, 3))

    assert [shot.id for shot in found.shots] == [shots[0].uid, shots[2].uid, shots[3].uid]
    assert found.how == "3 clips over the dub on A2, A3"
    assert [shot.id for shot in host.shots_under((2,)).shots] == [shots[0].uid]
    with pytest.raises(HostError, match="no shot lies over the dub on A1"):
        host.shots_under((1,))


def test_a_line_belongs_to_what_is_seen_and_not_to_the_edge_of_its_neighbour(clip: Path) -> None:
    studio = Studio()
    first, second = (studio.video(clip, at=at, frames=48) for at in (0, 48))
    over = studio.video(clip, at=10, frames=20, track=2)
    studio.insert("title", at=0, frames=96, track=3)
    tone = studio.media("line.wav", kind="Audio", rate=Fraction(24), frames=500)
    studio.audio(tone, at=32, frames=20, track=2)
    studio.audio(tone, at=12, frames=10, track=3)
    studio.audio(tone, at=200, frames=10, track=4)
    host = host_of(studio)

    assert [shot.id for shot in host.shots_under((2,)).shots] == [first.uid]
    assert [shot.id for shot in host.shots_under((3,)).shots] == [over.uid]
    assert second.uid not in [shot.id for shot in host.shots_under((2, 3)).shots]
    assert host.shots_under((2, 4)).how.endswith("; no shot lies over line.wav")
