"""The fake's bridge: proxies, versions, editions, lies, and Resolve going away."""

from __future__ import annotations

import threading
from fractions import Fraction
from pathlib import Path

import pytest

from tests.resolve_scripts.fake_resolve import Hang, Studio, Traits
from tests.resolve_scripts.fake_resolve.world import Edition
from tests.resolve_scripts.film_made import film, first, opened, shot


def test_every_name_seems_to_exist_and_dir_tells_the_truth() -> None:
    studio = Studio()
    timeline = opened(studio)[1]

    assert hasattr(timeline, "GetTimelineByName")
    assert timeline.GetTimelineByName is None
    assert "GetTimelineByName" not in dir(timeline)
    assert "GetItemListInTrack" in dir(timeline)


def test_each_call_makes_another_object_and_the_id_stays() -> None:
    studio = Studio()
    shot(studio)
    one, other = first(studio), first(studio)

    assert one is not other
    assert one != other
    assert one.GetUniqueId() == other.GetUniqueId()


@pytest.mark.parametrize(
    ("method", "of", "since"),
    [
        ("DeleteClips", "timeline", "18.5"),
        ("GetSourceStartFrame", "item", "19.0"),
        ("GetLinkedItems", "item", "19.0"),
        ("GetMarkInOut", "timeline", "19.1"),
        ("ReplaceClipPreserveSubClip", "media", "20.0"),
        ("SetName", "item", "20.2"),
        ("GetSelectedClips", "timeline", "21.0.4"),
    ],
)
@pytest.mark.parametrize("version", ["18.1", "18.5", "19.0", "19.1", "20.0", "21.0.3", "21.1"])
def test_methods_appear_with_their_version(version: str, method: str, of: str, since: str) -> None:
    studio = Studio(version=version)
    shot(studio)
    item = first(studio)
    thing = {"timeline": opened(studio)[1], "item": item, "media": item.GetMediaPoolItem()}[of]
    there = tuple(map(int, version.split("."))) >= tuple(map(int, since.split(".")))

    assert (method in dir(thing)) == there
    assert (getattr(thing, method) is not None) == there


def test_before_19_there_is_no_argument_for_parts_of_frames() -> None:
    old, new = Studio(version="18.5"), Studio(version="19.0")
    shot(old)
    shot(new)

    assert first(old).GetStart() == 86400
    with pytest.raises(TypeError, match="no arguments"):
        first(old).GetStart(False)
    assert first(new).GetStart(True) == 86400.0


@pytest.mark.parametrize("stranger", [Fraction(1), Path("a"), None, "1", True])
def test_only_plain_values_cross_the_bridge(stranger: object) -> None:
    studio = Studio()
    with pytest.raises(TypeError):
        opened(studio)[1].GetItemListInTrack("video", stranger)


def test_arguments_have_no_names() -> None:
    with pytest.raises(TypeError):
        opened(Studio())[1].GetItemListInTrack(trackType="video", index=1)


def test_the_version_is_a_list_and_the_edition_is_in_the_name() -> None:
    resolve = Studio(version="20.0").resolve

    assert resolve.GetVersion() == [20, 0, 0, 5, ""]
    assert resolve.GetVersionString() == "20.0.0.5"
    assert resolve.GetProductName() == "DaVinci Resolve Studio"
    assert Studio(edition="free").resolve.GetProductName() == "DaVinci Resolve"


@pytest.mark.parametrize(
    ("edition", "version", "outside", "menu"),
    [
        ("studio", "21.1", True, True),
        ("free", "21.0.4", False, True),
        ("free", "21.1", False, False),
    ],
)
def test_editions_let_scripts_in_or_not(
    edition: Edition, version: str, outside: bool, menu: bool
) -> None:
    studio = Studio(version=version, edition=edition)

    assert (studio.scriptapp("Resolve") is not None) == outside
    if menu:
        assert "__file__" not in studio.menu_globals()
    else:
        with pytest.raises(RuntimeError, match="no Python"):
            studio.menu_globals()


def test_outside_scripts_find_the_module_only_meanwhile() -> None:
    with Studio().outside():
        import DaVinciResolveScript  # type: ignore[import-not-found]  # only in Resolve

        assert DaVinciResolveScript.scriptapp("Resolve").GetCurrentPage() == "edit"
    with pytest.raises(ImportError):
        import DaVinciResolveScript


def test_external_scripting_can_be_off() -> None:
    studio = Studio()
    studio.external = False

    assert studio.scriptapp("Resolve") is None


def test_a_studio_call_on_the_free_edition_blocks_everything_after_it() -> None:
    studio = Studio(edition="free", version="21.0.3")
    shot(studio)
    item = first(studio)

    assert item.SmartReframe() is False
    assert studio.modal
    assert item.GetStart() is None
    assert item.SetClipColor("Lime") is False
    studio.modal = ""
    assert item.GetStart() == 86400


def test_asking_the_free_edition_for_windows_opens_the_same_dialog() -> None:
    studio = Studio(edition="free", version="21.0.3")

    assert studio.menu_globals()["fusion"].UIManager is None
    assert studio.modal


@pytest.mark.parametrize("name", ["SetClipColor", "TimelineItem.SetClipColor"])
def test_a_lie_says_yes_and_does_nothing(name: str) -> None:
    studio = Studio()
    item = shot(studio)
    studio.lie_on(name, times=1)

    assert first(studio).SetClipColor("Lime") is True
    assert item.colour == ""
    assert studio.writes == []
    assert first(studio).SetClipColor("Lime") is True
    assert item.colour == "Lime"
    assert studio.writes == ["TimelineItem.SetClipColor"]


def test_lies_about_objects_return_dead_ones() -> None:
    studio = Studio()
    media = film(studio)
    project, timeline = opened(studio)
    for name in ("AppendToTimeline", "DuplicateTimeline", "AddRenderJob"):
        studio.lie_on(name)
    pool = project.GetMediaPool()
    clip = pool.GetRootFolder().GetClipList()[1]

    (placed,) = pool.AppendToTimeline([{"mediaPoolItem": clip, "startFrame": 0, "endFrame": 4}])
    assert placed.GetDuration() is None
    assert placed.GetUniqueId() == ""
    assert timeline.DuplicateTimeline("copy").GetName() is None
    studio.page = "deliver"
    assert project.GetRenderJobStatus(project.AddRenderJob()) == {}
    assert not list(studio.timeline.items()), media.name


def test_a_refusal_is_the_failure_value() -> None:
    studio = Studio()
    shot(studio)
    studio.refuse_on("SetClipColor")
    studio.refuse_on("DuplicateTimeline")

    assert first(studio).SetClipColor("Lime") is False
    assert opened(studio)[1].DuplicateTimeline("copy") is None
    studio.honest()
    assert first(studio).SetClipColor("Lime") is True


def test_when_resolve_quits_every_object_is_dead_for_good() -> None:
    studio = Studio()
    shot(studio)
    item = first(studio)
    studio.close_on("SetClipColor", nth=2)

    assert item.SetClipColor("Lime") is True
    assert item.SetClipColor("Blue") is None
    assert item.GetStart() is None
    assert studio.scriptapp("Resolve") is None
    studio.reopen()
    assert item.GetStart() is None
    assert first(studio).GetClipColor() == "Lime"


def test_items_that_were_deleted_answer_nothing() -> None:
    studio = Studio()
    shot(studio)
    item = first(studio)
    timeline = opened(studio)[1]

    assert timeline.DeleteClips([item], False) is True
    assert item.GetStart() is None
    assert item.GetUniqueId() == ""
    assert timeline.DeleteClips([item], False) is False


def test_objects_of_another_project_are_dead() -> None:
    studio = Studio()
    manager = studio.resolve.GetProjectManager()
    project, timeline = opened(studio)

    assert manager.CreateProject("Scratch").GetName() == "Scratch"
    assert project.GetName() is None
    assert timeline.GetName() is None
    assert manager.DeleteProject("Scratch") is False
    assert manager.LoadProject("Film").GetTimelineCount() == 1
    assert manager.DeleteProject("Scratch") is True


def test_leaving_a_project_loses_what_was_not_saved() -> None:
    studio = Studio()
    opened(studio)[1].AddTrack("video")
    manager = studio.resolve.GetProjectManager()

    manager.CreateProject("Scratch")
    assert studio.lost == {"Film": 1}


def test_an_untitled_project_cannot_be_saved() -> None:
    assert Studio(project="Untitled Project").resolve.GetProjectManager().SaveProject() is False
    headless = Studio(project="Untitled Project", traits=Traits(headless=True))
    with pytest.raises(Hang):
        headless.resolve.GetProjectManager().SaveProject()


def test_a_second_thread_is_caught() -> None:
    studio = Studio()
    resolve = studio.resolve
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            resolve.GetCurrentPage()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert caught


def test_scripts_from_the_menu_have_no_file(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text("page = resolve.GetCurrentPage()\nknown = '__file__' in globals()\n")

    names = Studio().run_from_menu(script)
    assert names["page"] == "edit"
    assert names["known"] is False
