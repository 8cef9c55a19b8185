"""The fake's items: where they lie, what they show, and takes."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from tests.resolve_scripts.fake_resolve import Linked, Studio, Traits
from tests.resolve_scripts.fake_resolve.clock import frame_of, rate_of, timecode_of
from tests.resolve_scripts.film_made import film, first, opened, shot


@pytest.mark.parametrize(
    ("rate", "start"),
    [
        ("24", 86400),
        ("23.976", 86400),
        ("25", 90000),
        ("29.97", 108000),
        ("29.97 DF", 107892),
        ("60", 216000),
    ],
)
def test_frames_are_absolute_and_ends_exclusive(rate: str, start: int) -> None:
    studio = Studio(rate=rate)
    shot(studio, at=10)
    timeline, item = opened(studio)[1], first(studio)

    assert timeline.GetStartFrame() == start
    assert timeline.GetStartTimecode() == ("01:00:00;00" if "DF" in rate else "01:00:00:00")
    assert (item.GetStart(), item.GetEnd(), item.GetDuration()) == (start + 10, start + 58, 48)


@pytest.mark.parametrize("text", ["00:00:59;29", "00:01:00;02", "00:10:00;00", "23:59:59;29"])
def test_drop_frame_timecodes_come_back(text: str) -> None:
    rate, drop = rate_of("29.97 DF")

    assert drop
    assert timecode_of(frame_of(text, rate), rate, drop) == text


def test_some_timelines_begin_at_nought() -> None:
    studio = Studio(start_tc="00:00:00:00")
    shot(studio)

    assert first(studio).GetStart() == 0


def test_a_plain_item_shows_its_media_frame_by_frame() -> None:
    studio = Studio(rate="23.976")
    studio.video(film(studio, start=86400 * 10), in_=12, frames=72)
    item = first(studio)

    assert item.GetLeftOffset() == item.GetSourceStartFrame() == 12
    assert item.GetSourceEndFrame() == 84
    assert item.GetRightOffset() == 240 - 84
    # Seconds count from the origin of the timecode.
    assert item.GetSourceStartTime() == pytest.approx((864000 + 12) * 1001 / 24000)
    assert item.GetSourceEndTime() - item.GetSourceStartTime() == pytest.approx(72 * 1001 / 24000)


def test_hours_may_count_as_their_label_says() -> None:
    studio = Studio(rate="23.976", traits=Traits(label_seconds=True))
    shot(studio).media = film(studio, start=86400)

    assert first(studio).GetSourceStartTime() == 3600.0


def test_with_mixed_rates_the_last_source_frame_is_inclusive() -> None:
    studio = Studio(rate="24")
    studio.video(film(studio, 500, rate=Fraction(25)), in_=50, frames=48)
    item = first(studio)

    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (50, 99)
    assert item.GetLeftOffset() == 50


def test_what_is_retimed_counts_its_offsets_on_the_timeline() -> None:
    studio = Studio()
    studio.video(film(studio), in_=40, frames=24, speed=2)
    item = first(studio)

    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (40, 88)
    assert item.GetLeftOffset() == 20
    assert item.GetProperty("Speed") is None


def test_played_backwards_the_source_starts_after_its_end() -> None:
    studio = Studio()
    studio.video(film(studio), in_=40, frames=24, speed=-1)
    item = first(studio)

    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (64, 40)


def test_items_of_imported_timelines_do_not_know_their_source() -> None:
    studio = Studio()
    shot(studio, in_=40, from_xmeml=True)
    item = first(studio)

    assert (item.GetSourceStartFrame(), item.GetSourceEndFrame()) == (0, 0)
    assert item.GetSourceStartTime() == 0.0


def test_the_first_source_frame_can_be_off_by_one() -> None:
    studio = Studio(traits=Traits(source_off_by=-1))
    shot(studio, in_=40)

    assert first(studio).GetSourceStartFrame() == 39


def test_sound_may_begin_between_frames() -> None:
    studio = Studio(rate="24")
    line = film(studio, kind="Audio", channels=1, tracks=((1,),), rate=Fraction(24))
    studio.audio(line, at=Fraction(21, 2), in_samples=1000, frames=Fraction(81, 4))
    item = opened(studio)[1].GetItemListInTrack("audio", 1)[0]

    assert item.GetStart() == 86410
    assert item.GetStart(True) == 86410.5
    assert item.GetDuration(True) == 20.25
    assert item.GetLeftOffset(True) == 0.5
    assert item.GetSourceStartTime() == pytest.approx(1000 / 48000)


def test_channels_are_told_in_json_with_linked_files() -> None:
    studio = Studio()
    linked = (Linked("/sound/boom.wav", 8, -100),)
    clip = film(studio, kind="Video + Audio", channels=2, tracks=((1, 2),))
    studio.audio(clip, frames=24, channels=(4,), linked=linked)
    item = opened(studio)[1].GetItemListInTrack("audio", 1)[0]

    mapping = json.loads(item.GetSourceAudioChannelMapping())
    assert mapping["embedded_audio_channels"] == 2
    assert mapping["linked_audio"]["1"] == {
        "channels": 8,
        "offset": -100,
        "path": "/sound/boom.wav",
    }
    assert mapping["track_mapping"]["1"] == {"channel_idx": [4], "mute": False, "type": "Mono"}


def test_picture_and_sound_of_a_clip_are_linked() -> None:
    studio = Studio()
    shot(studio, sound=2)
    item = first(studio)
    (heard,) = item.GetLinkedItems()

    assert heard.GetTrackTypeAndIndex() == ["audio", 2]
    assert opened(studio)[1].SetClipsLinked([item, heard], False) is True
    assert item.GetLinkedItems() == []


def test_titles_and_transitions_are_items_without_media() -> None:
    studio = Studio()
    shot(studio)
    studio.insert("transition", at=40, frames=16)
    studio.insert("title", at=48, frames=24)
    clip, transition, title = opened(studio)[1].GetItemListInTrack("video", 1)

    assert clip.GetMediaPoolItem() is not None
    assert transition.GetMediaPoolItem() is None
    assert transition.GetProperty() == {}
    assert title.GetMediaPoolItem() is None
    assert title.GetProperty("ZoomX") == 1.0


def test_colours_are_those_of_clips_and_titles_only_say_yes() -> None:
    studio = Studio()
    clip = shot(studio)
    title = studio.insert("title", at=48)
    shown = opened(studio)[1].GetItemListInTrack("video", 1)

    assert shown[0].SetClipColor("Cyan") is False  # a marker's colour
    assert shown[0].SetClipColor("Chocolate") is True
    assert shown[1].SetClipColor("Chocolate") is True
    assert (clip.colour, title.colour) == ("Chocolate", "")


def test_properties_are_clipped_to_their_range() -> None:
    studio = Studio()
    shot(studio)
    item = first(studio)

    assert item.SetProperty("Opacity", 250) is True
    assert item.GetProperty("Opacity") == 100.0
    assert item.SetProperty("Speed", 2) is False
    assert item.SetProperty("FlipX", True) is True
    assert item.GetProperty()["FlipX"] is True
    with pytest.raises(TypeError):
        item.SetProperty("Pan", Fraction(1, 2))


def take(studio: Studio, frames: int = 100) -> Any:
    """Another clip, as a script gets it."""
    media = film(studio, frames)
    pool = opened(studio)[0].GetMediaPool()
    (clip,) = [c for c in pool.GetRootFolder().GetClipList() if c.GetUniqueId() == media.uid]
    return clip


def test_a_take_without_extents_is_refused_and_yet_counts() -> None:
    studio = Studio()
    shot(studio)
    item = first(studio)

    assert item.GetTakesCount() == item.GetSelectedTakeIndex() == 0
    assert item.AddTake(take(studio)) is False
    assert item.GetTakesCount() == 1


def test_the_original_becomes_the_first_take_and_selecting_swaps_the_media() -> None:
    studio = Studio()
    state = shot(studio, in_=20)
    item, new = first(studio), take(studio)

    assert item.AddTake(new, 8.0, 56.0) is True
    assert (item.GetTakesCount(), item.GetSelectedTakeIndex()) == (2, 1)
    original = item.GetTakeByIndex(1)
    assert (original["startFrame"], original["endFrame"]) == (20, 68)
    assert item.SelectTakeByIndex(2) is True
    assert item.GetMediaPoolItem().GetUniqueId() == new.GetUniqueId()
    assert item.GetLeftOffset() == 8
    assert (item.GetStart(), item.GetDuration()) == (86400, 48)
    assert item.SelectTakeByIndex(0) is False
    assert item.SelectTakeByIndex(3) is False
    assert item.DeleteTakeByIndex(2) is False  # it is shown
    assert item.SelectTakeByIndex(1) is True
    assert item.DeleteTakeByIndex(2) is True
    assert len(state.takes) == 1


def test_extents_beyond_the_media_are_cut_in_silence() -> None:
    studio = Studio()
    shot(studio)
    item = first(studio)

    assert item.AddTake(take(studio, 30), 0, 48) is True
    assert item.GetTakeByIndex(2)["endFrame"] == 30


def test_finalising_loses_the_other_takes() -> None:
    studio = Studio()
    state = shot(studio)
    item = first(studio)

    assert item.FinalizeTake() is False
    item.AddTake(take(studio), 0, 48)
    assert item.FinalizeTake() is True
    assert state.takes == []


def test_item_markers_count_on_the_source() -> None:
    studio = Studio()
    shot(studio, in_=100)
    item = first(studio)

    assert item.AddMarker(130, "Blue", "relip", "", 1, "relip:1") is True
    assert item.AddMarker(130.0, "Red", "other", "", 1) is False  # one per frame
    assert item.AddMarker(131, "Orange", "", "", 1) is False  # a clip's colour
    assert item.AddMarker(240, "Blue", "", "", 1) is False  # beyond the media
    assert item.GetMarkers() == {
        130.0: {
            "color": "Blue",
            "duration": 1.0,
            "note": "",
            "name": "relip",
            "customData": "relip:1",
        }
    }
    assert list(item.GetMarkerByCustomData("relip:1")) == [130.0]
    assert item.DeleteMarkerByCustomData("relip:1") is True
    assert item.DeleteMarkerByCustomData("relip:1") is False


def test_grades_are_copied_within_the_open_timeline_only() -> None:
    studio = Studio()
    shot(studio, grade="warm", nodes=3)
    target = shot(studio, track=2)
    timeline = opened(studio)[1]
    above = timeline.GetItemListInTrack("video", 2)[0]
    item = first(studio)

    assert item.CopyGrades([above]) is True
    assert (target.grade, target.nodes) == ("warm", 3)
    assert above.GetNodeGraph().GetNumNodes() == 3
    timeline.DuplicateTimeline("copy")
    assert item.CopyGrades([above]) is False


def test_nested_clips_have_no_file_but_a_kind() -> None:
    studio = Studio()
    studio.nested("Compound")
    media = first(studio).GetMediaPoolItem()

    assert media.GetClipProperty("Type") == "Compound"
    assert media.GetClipProperty("File Path") == ""
