"""The four scripts of the menu, from a click to what is on the timeline, with a quick engine."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.choice import Choice
from tests.resolve_scripts.fake_resolve import ItemState, Studio, Traits
from tests.resolve_scripts.installed import SCRIPTS, STUB, Editor, Install, install
from tests.resolve_scripts.stage import make_picture, make_tone

CLIP, TIMELINE = "Re-sync Clip", "Re-sync Timeline"
APPLY, REVERT = "Apply Finished", "Revert Last Run"


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.fixture
def relip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: Editor) -> Install:
    return install(tmp_path / "home", monkeypatch, editor)


def staged(folder: Path, rate: str = "24", **known: object) -> tuple[Studio, ItemState]:
    """Two seconds of a clip at the timeline's fourth second, and their dub on A2."""
    studio = Studio(rate=rate, **known)  # type: ignore[arg-type]
    clip = make_picture(folder / "take_03.mov", rate=studio.timeline.rate, timecode=None)
    item = studio.video(clip, at=96, in_=30, frames=48, sound=1)
    studio.audio(make_tone(folder / "line.wav"), at=96, frames=48, track=2)
    studio.playhead(100)
    return studio, item


def shown(item: ItemState) -> str:
    assert item.media is not None
    return Path(item.media.path).name


def test_one_clip(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)

    relip.run(studio, CLIP)

    assert (item.take, shown(item)) == (2, "take_03_relip_v001.mov")
    assert (item.takes[1].start, item.takes[1].end) == (12, 60)
    ((_, mark),) = item.marks.items()
    assert (mark.name, mark.color) == ("relip 4 of 5", "Yellow")
    assert editor.offer is not None
    assert [track.number for track in editor.offer.tracks] == [1, 2]
    assert editor.over == "1 placed"
    said = capsys.readouterr().out
    assert "relip: DaVinci Resolve Studio 21.0.4, timeline Timeline 1" in said
    assert "relip: 1 clip under the playhead" in said
    assert "relip: placed: take 2 of take_03.mov on V1 (4 of 5)" in said
    assert studio.project.unsaved == 0


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"])
@pytest.mark.parametrize("edition", ["studio", "free"])
def test_every_version_and_edition_is_served_or_told(
    tmp_path: Path,
    relip: Install,
    capsys: pytest.CaptureFixture[str],
    version: str,
    edition: str,
) -> None:
    studio, item = staged(tmp_path, version=version, edition=edition)
    if (version, edition) == ("21.1", "free"):
        with pytest.raises(RuntimeError, match="lists no Python scripts"):
            relip.run(studio, CLIP)
        return

    relip.run(studio, CLIP)

    said = capsys.readouterr().out
    assert "1 placed" in said
    assert not studio.modal
    assert (item.take == 2) == (edition == "studio")
    assert bool(studio.timeline.tracks["video"][1:]) == (edition == "free")


def test_too_old_a_resolve_is_told_what_to_do(
    tmp_path: Path, relip: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, _ = staged(tmp_path, version="18.5")

    relip.run(studio, CLIP)

    assert "update to 19.0 or later; or export the timeline" in capsys.readouterr().out
    assert studio.writes == []


def test_a_dub_of_three_items_with_gaps_on_two_tracks(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path)
    line = tmp_path / "line.wav"
    studio.track(2, "audio").items.clear()
    studio.audio(line, at=Fraction(981, 10), in_=2, frames=10, track=2)
    studio.audio(line, at=115, in_=24, frames=6, track=3)
    studio.audio(line, at=130, in_samples=12345, frames=12, track=2)
    editor.choice = Choice(tracks=(2, 3))

    relip.run(studio, CLIP)

    (job,) = relip.jobs()
    parts = [
        (Fraction(p["at"]), Fraction(p["start"]), Fraction(p["duration"])) for p in job["speech"]
    ]
    begins = Fraction(30, 24) - 4  # source time where the timeline begins
    expected = [
        (begins + Fraction(981, 240), Fraction(2, 24), Fraction(10, 24)),
        (begins + Fraction(115, 24), Fraction(1), Fraction(6, 24)),
        (begins + Fraction(130, 24), Fraction(12345, 48000), Fraction(12, 24)),
    ]
    assert len(parts) == 3
    for part, wanted in zip(parts, expected, strict=True):
        assert all(abs(a - b) < Fraction(1, 480000) for a, b in zip(part, wanted, strict=True))
    assert item.take == 2


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97 DF", "50"])
def test_the_job_is_exact_at_every_rate(tmp_path: Path, relip: Install, rate: str) -> None:
    studio, item = staged(tmp_path, rate=rate)
    fps = studio.timeline.rate

    relip.run(studio, CLIP)

    (job,) = relip.jobs()
    assert (Fraction(job["cut"]["start"]), Fraction(job["cut"]["end"])) == (18 / fps, 90 / fps)
    (lips,) = job["ranges"]
    assert (Fraction(lips["start"]), Fraction(lips["end"])) == (30 / fps, 78 / fps)
    (part,) = job["speech"]
    assert (Fraction(part["at"]), Fraction(part["duration"])) == (30 / fps, 48 / fps)
    assert (item.takes[1].start, item.takes[1].end) == (12, 60)


@pytest.mark.parametrize("place", ["in-place", "above"])
def test_a_25_fps_clip_in_a_24_fps_timeline(
    tmp_path: Path, relip: Install, editor: Editor, place: str
) -> None:
    studio = Studio()
    clip = make_picture(tmp_path / "a.mov", rate=Fraction(25), timecode=None)
    item = studio.video(clip, at=24, in_=25, frames=47)
    studio.audio(make_tone(tmp_path / "line.wav"), at=24, frames=47, track=2)
    studio.playhead(30)
    editor.choice = Choice(tracks=(2,), place=place)

    relip.run(studio, CLIP)

    (job,) = relip.jobs()
    cut = Fraction(job["cut"]["start"]), Fraction(job["cut"]["end"])
    assert cut == (Fraction(13, 25), Fraction(25 + 49 + 12, 25))
    (part,) = job["speech"]
    assert (Fraction(part["at"]), Fraction(part["duration"])) == (Fraction(1), Fraction(47, 24))
    result = item if place == "in-place" else studio.track(2).items[0]
    assert [int(x) for x in (result.start, result.frames, result.source)] == [86424, 47, 12]
    assert shown(result) == "a_relip_v001.mov"


def test_a_whole_timeline(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)
    clip = tmp_path / "take_03.mov"
    second = studio.video(clip, at=144, in_=40, frames=48)
    studio.video(clip, at=200, frames=48)
    compound = studio.nested("Compound", at=300, frames=24)
    studio.audio(tmp_path / "line.wav", at=150, frames=24, track=2)
    studio.audio(tmp_path / "line.wav", at=300, frames=24, track=2)
    editor.choice = Choice(tracks=(2,), place="above", backup=True)

    relip.run(studio, TIMELINE)

    said = capsys.readouterr().out
    assert "3 clips over the dub on A2" in said
    assert "2 placed, 1 refused" in said
    assert "compound clip" in said
    assert [result.start - 86400 for result in studio.track(2).items] == [96, 144]
    assert (item.takes, second.takes, compound.takes) == ([], [], [])
    assert len(studio.project.timelines) == 2


@pytest.mark.parametrize("place", ["in-place", "above"])
def test_a_whole_timeline_again_is_only_what_has_changed(
    tmp_path: Path,
    relip: Install,
    editor: Editor,
    capsys: pytest.CaptureFixture[str],
    place: str,
) -> None:
    studio, item = staged(tmp_path)
    second = studio.video(tmp_path / "take_03.mov", at=144, in_=40, frames=48)
    line = studio.audio(tmp_path / "line.wav", at=170, frames=20, track=2)
    editor.choice = Choice(tracks=(2,), place=place)
    relip.run(studio, TIMELINE)
    results = [one.uid for track in studio.timeline.tracks["video"] for one in track.items]
    writes = len(studio.writes)
    capsys.readouterr()

    relip.run(studio, TIMELINE)

    said = capsys.readouterr().out
    assert said.count("placed (kept, nothing has changed): ") == 2
    assert "2 placed" in said
    assert results == [one.uid for track in studio.timeline.tracks["video"] for one in track.items]
    assert [call for call in studio.writes[writes:] if "Save" not in str(call)] == []
    line.start += 2
    relip.run(studio, TIMELINE)
    assert capsys.readouterr().out.count("(kept, nothing has changed)") == 1
    if place == "in-place":
        assert (len(item.takes), len(second.takes)) == (2, 3)


def test_what_cannot_be_read_is_mixed_by_resolve(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path)
    sound = str(make_tone(tmp_path / "mix.wav", channels=2))
    studio.nested("Compound", at=90, frames=60, track=3, sort="audio", sound=sound)
    studio.page = "color"
    editor.choice = Choice(tracks=(3,))

    relip.run(studio, CLIP)

    (job,) = relip.jobs()
    (part,) = job["speech"]
    assert "relip_dub_" in part["path"]
    assert item.take == 2
    assert studio.page == "color"
    assert [track.enabled for track in studio.timeline.tracks["audio"]] == [True] * 3


def test_what_cannot_be_mixed_either_is_refused_with_the_reason(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path, version="19.0")
    studio.nested("Compound", at=90, frames=60, track=3, sort="audio")
    editor.choice = Choice(tracks=(3,))

    relip.run(studio, CLIP)

    said = capsys.readouterr().out
    assert "nested timeline" in said
    assert "in and out marks" in said
    assert item.takes == []
    assert studio.writes == []


def test_cancelling_half_way_places_nothing(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)
    relip.engine(sys.executable, str(STUB), "slow")
    editor.cancel_at = "drawing, 5 %"

    relip.run(studio, CLIP)

    assert item.takes == []
    assert "1 cancelled" in capsys.readouterr().out
    assert not list(tmp_path.glob("*_relip_*"))


def test_closing_the_page_changes_nothing(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, _ = staged(tmp_path)
    editor.choice = None

    relip.run(studio, CLIP)

    assert "the page was closed" in capsys.readouterr().out
    assert studio.writes == []
    assert relip.jobs() == []


def test_what_was_finished_after_resolve_was_closed_is_applied(
    tmp_path: Path, relip: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)
    studio.close_on("ImportMedia")

    relip.run(studio, CLIP)

    assert item.takes == []
    assert "Resolve was closed meanwhile" in capsys.readouterr().out

    studio.reopen()
    relip.run(studio, APPLY)

    assert (item.take, shown(item)) == (2, "take_03_relip_v001.mov")
    assert "1 placed" in capsys.readouterr().out
    relip.run(studio, APPLY)
    assert len(item.takes) == 2
    assert "nothing is waiting" in capsys.readouterr().out


def test_twice_is_take_3_and_version_2_and_revert_goes_back(
    tmp_path: Path, relip: Install, editor: Editor, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)
    relip.run(studio, CLIP)
    editor.choice = Choice(tracks=(2,), reuse=False)
    relip.run(studio, CLIP)
    assert (item.take, len(item.takes), shown(item)) == (3, 3, "take_03_relip_v002.mov")

    relip.run(studio, REVERT)
    assert (item.take, shown(item)) == (2, "take_03_relip_v001.mov")
    relip.run(studio, REVERT)
    assert (item.take, shown(item), int(item.source)) == (1, "take_03.mov", 30)
    capsys.readouterr()
    relip.run(studio, REVERT)
    assert "no run of this project has anything on the timeline" in capsys.readouterr().out
    assert (tmp_path / "take_03_relip_v002.mov").exists()


def test_what_was_chosen_is_offered_again(tmp_path: Path, relip: Install, editor: Editor) -> None:
    studio, _ = staged(tmp_path)
    editor.choice = Choice(tracks=(2,), place="above", strength=0.8)
    relip.run(studio, CLIP)

    editor.choice = Choice(tracks=(2,), place="above", strength=0.9)
    relip.run(studio, CLIP)

    assert editor.offer is not None
    assert editor.offer.choice == Choice(tracks=(2,), place="above", strength=0.8)
    assert [track.name for track in studio.timeline.tracks["video"]] == [
        "Video 1",
        "RELIP v001",
        "RELIP v002",
    ]


def test_a_lie_is_told_on_the_console_and_applied_later(
    tmp_path: Path, relip: Install, capsys: pytest.CaptureFixture[str]
) -> None:
    studio, item = staged(tmp_path)
    studio.lie_on("AddTake")

    relip.run(studio, CLIP)

    said = capsys.readouterr().out
    assert "Resolve said that AddTake worked, but it did not" in said
    assert "Apply Finished places the result that is finished" in said
    studio.honest()
    relip.run(studio, APPLY)
    assert item.take == 2


@pytest.mark.parametrize("damage", ["missing", "garbage", "engine"])
def test_a_broken_installation_says_what_to_do(
    tmp_path: Path, relip: Install, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    studio, _ = staged(tmp_path)
    (settings,) = relip.home.rglob("settings.json")
    if damage == "missing":
        settings.unlink()
    elif damage == "garbage":
        settings.write_text("{", encoding="utf-8")
    else:
        relip.engine(str(tmp_path / "python"))

    relip.run(studio, CLIP)

    assert "relip install resolve" in capsys.readouterr().out
    assert studio.writes == []


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("relip - *.py")), ids=lambda path: path.stem)
def test_scripts_are_short(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) < 60


def test_what_is_installed_needs_nothing_else(relip: Install) -> None:
    """Neither relip's engine nor anything else that Resolve's Python may not have."""
    (settings,) = relip.home.rglob("settings.json")
    code = f"import sys; sys.path.insert(0, {str(settings.parent)!r}); import relip_resolve.menu"

    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


def test_a_localised_resolve_is_no_different(tmp_path: Path, relip: Install) -> None:
    studio, item = staged(tmp_path, traits=Traits(localised=True, job_language="ja"))

    relip.run(studio, CLIP)

    assert item.take == 2
