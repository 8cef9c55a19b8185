"""The fake's timelines and media pool: tracks, marks, imports, what is dropped in silence."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media_made import Recipe, make_clip, make_sound
from tests.resolve_scripts.fake_resolve import Studio, Traits
from tests.resolve_scripts.film_made import film, first, opened, shot

PRORES = Recipe(encoder="prores_ks", pixels="yuv422p10le")


def pooled(studio: Studio) -> tuple[Any, Any]:
    """The media pool and its newest clip, as a script gets them."""
    pool = opened(studio)[0].GetMediaPool()
    return pool, pool.GetRootFolder().GetClipList()[-1]


def append(studio: Studio, **wanted: Any) -> list[Any]:
    pool, clip = pooled(studio)
    info = {"mediaPoolItem": clip, "startFrame": 0, "endFrame": 24, "trackIndex": 1, **wanted}
    return list(pool.AppendToTimeline([info]))


def test_what_is_appended_ends_before_its_end_frame() -> None:
    studio = Studio()
    film(studio)
    (item,) = append(studio, startFrame=10, endFrame=34, mediaType=1, recordFrame=86410)

    assert (item.GetStart(), item.GetDuration(), item.GetLeftOffset()) == (86410, 24, 10)


def test_mixed_rates_lose_a_frame() -> None:
    studio = Studio(rate="24")
    film(studio, rate=Fraction(25))
    (item,) = append(studio, endFrame=49, mediaType=1, recordFrame=86400)

    assert item.GetDuration() == 47  # 47.04


def test_what_overlaps_is_dropped_and_a_dead_item_returned() -> None:
    studio = Studio()
    shot(studio, frames=48)
    (item,) = append(studio, recordFrame=86440, mediaType=1)

    assert item.GetDuration() is None
    assert item.GetUniqueId() == ""
    assert len(list(studio.timeline.items())) == 1


def test_what_a_failed_call_placed_vanishes_on_saving() -> None:
    studio = Studio()
    shot(studio, frames=48)
    pool, clip = pooled(studio)
    fits = {"mediaPoolItem": clip, "startFrame": 0, "endFrame": 24, "mediaType": 1}
    placed, dropped = pool.AppendToTimeline(
        [{**fits, "recordFrame": 86500}, {**fits, "recordFrame": 86410}]
    )

    assert (placed.GetDuration(), dropped.GetDuration()) == (24, None)
    assert studio.resolve.GetProjectManager().SaveProject() is True
    assert placed.GetDuration() is None


@pytest.mark.parametrize("where", [{"trackIndex": 5}, {"recordFrame": 0}])
def test_there_is_no_appending_to_nowhere(where: dict[str, int]) -> None:
    studio = Studio()
    film(studio)

    items = append(studio, mediaType=1, **where)
    assert not [item for item in items if item.GetDuration() is not None]


def test_locked_tracks_take_nothing() -> None:
    studio = Studio()
    shot(studio)
    timeline = opened(studio)[1]

    assert timeline.SetTrackLock("video", 1, True) is True
    assert append(studio, recordFrame=86500, mediaType=1)[0].GetDuration() is None
    assert timeline.DeleteClips([first(studio)], False) is False


def test_a_clip_brings_its_sound_unless_told_otherwise() -> None:
    studio = Studio()
    film(studio, kind="Video + Audio", channels=2, tracks=((1, 2),))

    assert len(append(studio)) == 2
    assert len(append(studio, mediaType=1)) == 1


def test_numbers_of_other_kinds_do_not_cross() -> None:
    studio = Studio()
    film(studio)
    with pytest.raises(TypeError, match="startFrame"):
        append(studio, startFrame=Fraction(1))


def test_tracks_count_from_one_and_new_ones_go_on_top() -> None:
    studio = Studio()
    timeline = opened(studio)[1]

    assert timeline.AddTrack("video") is True
    assert timeline.AddTrack("audio", "stereo") is True
    assert timeline.GetTrackCount("video") == 2
    assert timeline.SetTrackName("video", 2, "RELIP v001") is True
    assert timeline.AddTrack("video", {"index": 1}) is True
    assert timeline.GetTrackName("video", 3) == "RELIP v001"
    assert timeline.GetTrackSubType("audio", 2) == "stereo"
    assert timeline.SetTrackName("video", 0, "x") is False
    assert timeline.AddTrack("picture") is False
    assert timeline.DeleteTrack("video", 3) is True
    assert timeline.GetTrackCount("video") == 2


def test_the_fairlight_page_deletes_nothing() -> None:
    studio = Studio()
    shot(studio)
    timeline = opened(studio)[1]

    assert studio.resolve.OpenPage("fairlight") is True
    assert timeline.DeleteClips([first(studio)], False) is False
    assert studio.resolve.OpenPage("edit") is True
    assert timeline.DeleteClips([first(studio)], False) is True


def test_deleting_can_work_the_second_time_only() -> None:
    studio = Studio(traits=Traits(delete_answers_late=True))
    shot(studio)
    timeline = opened(studio)[1]

    assert timeline.DeleteClips([first(studio)], False) is False
    assert timeline.DeleteClips([first(studio)], False) is True


def test_marks_are_relative_and_left_out_when_not_set() -> None:
    studio = Studio()
    timeline = opened(studio)[1]

    assert timeline.GetMarkInOut() == {}
    studio.mark(12, None)
    assert timeline.GetMarkInOut()["video"] == {"in": 12}
    assert timeline.SetMarkInOut(0, 99, "all") is True
    assert timeline.GetMarkInOut()["audio"] == {"in": 0, "out": 99}
    assert timeline.ClearMarkInOut("all") is True
    assert timeline.GetMarkInOut() == {}


def test_timeline_markers_are_relative_and_one_per_frame() -> None:
    studio = Studio()
    shot(studio, at=0, frames=48)
    timeline = opened(studio)[1]

    assert timeline.AddMarker(0, "Blue", "", "", 1, "x") is True
    assert timeline.AddMarker(0, "Red", "", "", 1, "y") is False
    assert timeline.AddMarker(86400, "Red", "", "", 1, "y") is False


def test_the_playhead_is_known_on_some_pages() -> None:
    studio = Studio()
    shot(studio, at=0)
    top = shot(studio, at=0, track=2)
    timeline = opened(studio)[1]

    assert timeline.GetCurrentTimecode() == "01:00:00:00"
    assert timeline.GetCurrentVideoItem().GetUniqueId() == top.uid
    timeline.SetTrackEnable("video", 2, False)
    assert timeline.GetCurrentVideoItem().GetUniqueId() != top.uid
    assert timeline.SetCurrentTimecode("00:59:59:23") is False
    assert timeline.SetCurrentTimecode("01:00:10:00") is True
    assert timeline.GetCurrentVideoItem() is None
    studio.resolve.OpenPage("media")
    assert timeline.GetCurrentTimecode() == ""


def test_the_selection_holds_picture_and_sound() -> None:
    studio = Studio()
    item = shot(studio, sound=1)
    timeline = opened(studio)[1]

    assert timeline.GetSelectedClips() == []
    studio.traits.empty_selection = None
    assert timeline.GetSelectedClips() is None
    studio.select(item, *studio.timeline.items("audio"))
    assert [i.GetTrackTypeAndIndex()[0] for i in timeline.GetSelectedClips()] == ["video", "audio"]


def test_a_duplicate_has_other_items_and_is_opened() -> None:
    studio = Studio()
    shot(studio)
    project, timeline = opened(studio)
    item = first(studio)
    copy = timeline.DuplicateTimeline("before relip")

    assert project.GetCurrentTimeline().GetName() == copy.GetName() == "before relip"
    assert first(studio).GetUniqueId() != item.GetUniqueId()
    assert timeline.DuplicateTimeline("before relip") is None
    assert project.SetCurrentTimeline(timeline) is True
    assert first(studio).GetUniqueId() == item.GetUniqueId()
    assert project.GetTimelineByIndex(0) is None
    assert project.GetTimelineByIndex(2).GetName() == "before relip"


@pytest.mark.parametrize(
    ("traits", "shown"),
    [(Traits(), "29.97 DF"), (Traits(drop_shown=False), "29.97")],
)
def test_rates_are_strings_or_numbers(traits: Traits, shown: str) -> None:
    studio = Studio(rate="29.97 DF", traits=traits)
    project, timeline = opened(studio)

    assert timeline.GetSetting("timelineFrameRate") == shown
    assert project.GetSetting("timelineFrameRate") == shown
    studio.traits.rates_as_numbers = True
    assert timeline.GetSetting("timelineFrameRate") == 29.97
    assert project.SetSetting("timelineFrameRate", "25") is False


def test_exports_need_the_constants_of_the_live_object(tmp_path: Path) -> None:
    studio = Studio()
    shot(studio)
    studio.video(film(studio), at=60, frames=24, speed=-2)
    resolve, timeline = studio.resolve, opened(studio)[1]
    path = tmp_path / "film.otio"

    assert timeline.Export(str(path), "EXPORT_OTIO", "EXPORT_NONE") is False
    assert timeline.Export(str(path), resolve.EXPORT_OTIO, resolve.EXPORT_NONE) is True
    tracks = json.loads(path.read_text())["tracks"]["children"]
    _, gap, clip = tracks[0]["children"]
    assert gap["source_range"]["duration"]["value"] == 12
    assert clip["effects"][0]["time_scalar"] == -2
    assert timeline.Export(str(tmp_path / "film.edl"), resolve.EXPORT_EDL, None) is True
    assert "M2" in (tmp_path / "film.edl").read_text()
    bundle = tmp_path / "film.fcpxml"
    assert timeline.Export(str(bundle), resolve.EXPORT_FCPXML_1_10, None) is True
    assert (bundle / "Info.fcpxml").is_file()


def test_imports_land_in_the_open_folder_once(tmp_path: Path) -> None:
    path = tmp_path / "take.mov"
    made = replace(PRORES, rate=Fraction(24000, 1001), timecode="10:00:00:00", tone=440)
    make_clip(path, made)
    studio = Studio(rate="25")
    pool = opened(studio)[0].GetMediaPool()
    folder = pool.AddSubFolder(pool.GetRootFolder(), "relip")

    (media,) = pool.ImportMedia([str(path)])
    assert [clip.GetName() for clip in folder.GetClipList()] == ["take.mov"]
    assert pool.ImportMedia([str(path)]) == []
    assert pool.ImportMedia([str(tmp_path / "none.mov")]) == []
    with pytest.raises(TypeError):
        pool.ImportMedia([path])
    assert media.GetClipProperty("FPS") == 23.976
    assert media.GetClipProperty("Frames") == "6"
    assert media.GetClipProperty("Start TC") == "10:00:00:00"
    assert media.GetClipProperty("Audio Ch") == "2"
    assert media.GetClipProperty("Super Scale") == 1
    assert media.GetClipProperty("No Such") == ""
    assert media.GetClipProperty()["End"] == "5"


def test_sound_keeps_the_rate_of_the_project_it_was_imported_into(tmp_path: Path) -> None:
    make_sound(tmp_path / "line.wav", np.zeros((48000, 1), dtype=np.float32), 48000)
    studio = Studio(rate="25")

    (media,) = opened(studio)[0].GetMediaPool().ImportMedia([str(tmp_path / "line.wav")])
    assert media.GetClipProperty("FPS") == 25.0
    assert media.GetClipProperty("Type") == "Audio"


def test_some_properties_do_not_stick() -> None:
    studio = Studio()
    film(studio)
    media = pooled(studio)[1]

    assert media.SetClipProperty("Data Level", "Full") is True
    assert media.GetClipProperty("Data Level") == "Full"
    assert media.SetClipProperty("Data Level", "Loud") is False
    assert media.SetClipProperty("Input Color Space", "ARRI LogC3") is True
    assert media.GetClipProperty("Input Color Space") == "Rec.709 (Scene)"
    assert media.SetClipProperty("Frames", "1") is False
    assert media.SetClipProperty("Start TC", "02:00:00:00") is True
    assert media.GetClipProperty("Start TC") == "02:00:00:00"


def test_values_can_be_in_another_language() -> None:
    studio = Studio(traits=Traits(localised=True))
    film(studio, online=False)

    assert pooled(studio)[1].GetClipProperty("Online Status") == "Hors ligne"


def test_replacing_a_clip_changes_every_use(tmp_path: Path) -> None:
    make_clip(tmp_path / "new.mov", PRORES)
    studio = Studio()
    shot(studio)
    media = first(studio).GetMediaPoolItem()

    assert media.ReplaceClip(str(tmp_path / "new.mov")) is True
    assert first(studio).GetName() == "new.mov"


def test_third_party_metadata_is_kept() -> None:
    studio = Studio()
    film(studio)
    media = pooled(studio)[1]

    assert media.SetThirdPartyMetadata("relip", "job 1") is True
    assert media.GetThirdPartyMetadata("relip") == "job 1"
    assert media.SetThirdPartyMetadata({"a": "b"}) is True
    assert media.GetThirdPartyMetadata() == {"relip": "job 1", "a": "b"}


def test_otio_comes_back_with_its_retimes(tmp_path: Path) -> None:
    make_clip(tmp_path / "a.mov", replace(PRORES, frames=48, timecode="10:00:00:00"))
    studio = Studio(rate="25")
    studio.video(tmp_path / "a.mov", at=5, in_=4, frames=20, speed=2)
    project, timeline = opened(studio)
    path, none = str(tmp_path / "film.otio"), {"timelineName": "Timeline 1"}
    timeline.Export(path, studio.resolve.EXPORT_OTIO, None)

    assert project.GetMediaPool().ImportTimelineFromFile(path, none) is None
    again = project.GetMediaPool().ImportTimelineFromFile(path, {"timelineName": "again"})
    assert project.GetCurrentTimeline().GetUniqueId() == again.GetUniqueId()
    item = first(studio)
    assert (item.GetStart(), item.GetDuration()) == (90005, 20)
    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (4, 44)


def test_grades_can_be_read_from_their_lut(tmp_path: Path) -> None:
    studio = Studio()
    shot(studio)
    lut = studio.resolve.EXPORT_LUT_17PTCUBE
    paths = [str(tmp_path / name) for name in ("before.cube", "after.cube")]

    assert first(studio).ExportLUT(lut, paths[0]) is True
    assert first(studio).SetCDL({"NodeIndex": 1}) is False
    assert first(studio).SetCDL({"NodeIndex": "1", "Slope": "1.2 1 1"}) is True
    assert first(studio).ExportLUT(lut, paths[1]) is True
    assert Path(paths[0]).read_text() != Path(paths[1]).read_text()
