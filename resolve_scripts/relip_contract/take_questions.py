"""The questions about takes: what stays with an item, and what they make of other media."""

from __future__ import annotations

import json
from typing import Tuple

from relip_contract.otio import retimed
from relip_contract.readings import Answer, grade, look, sounds, span, takes
from relip_contract.stage import BY_HAND, Stage


def take_keeps(stage: Stage) -> Answer:
    """1. Grade, transform and linked sound after ``AddTake`` and ``SelectTakeByIndex``."""
    timeline = stage.timeline("question 1")
    item = stage.place(timeline)
    neutral = grade(stage, item, "neutral")
    answers: Answer = {
        "SetProperty": item.SetProperty("ZoomX", 1.5),
        "SetCDL": item.SetCDL(
            {
                "NodeIndex": "1",  # type: ignore[typeddict-item]  # the README has a string
                "Slope": "1.3 1.0 0.8",
                "Offset": "0.0 0.0 0.0",
                "Power": "1.0 1.0 1.0",
                "Saturation": "1.0",
            }
        ),
    }
    before = look(stage, item, "before")
    answers["AddTake"] = item.AddTake(stage.media("silent.mov"), 12, 60)
    answers["selected by AddTake"] = item.GetSelectedTakeIndex()
    answers["SelectTakeByIndex"] = item.SelectTakeByIndex(2)
    after = look(stage, item, "after")
    answers["grade can be told"] = before["grade"] != neutral
    return {**answers, "before": before, "after": after}


def take_on_retimed(stage: Stage) -> Answer:
    """2. ``AddTake`` on items that are retimed; they come from OTIO, nothing else retimes."""
    answers: Answer = {}
    shot = stage.media("shot.mov")
    for speed in (2.0, -1.0):
        path = stage.films / "retimed.otio"
        written = retimed(str(shot.GetClipProperty("File Path")), speed)
        path.write_text(json.dumps(written), encoding="utf-8")
        name = f"question 2 at {speed}"
        timeline = stage.pool.ImportTimelineFromFile(
            str(path),
            {  # type: ignore[typeddict-item]  # the rest can be left out
                "timelineName": name,
                "importSourceClips": True,
                "sourceClipsPath": str(stage.films),
            },
        )
        if timeline is None or not timeline.GetName():
            answers[str(speed)] = "Resolve did not take the OTIO"
            continue
        stage.project.SetCurrentTimeline(timeline)
        item = (timeline.GetItemListInTrack("video", 1) or [None])[0]  # type: ignore[list-item]
        if item is None:
            answers[str(speed)] = "the timeline is empty"
            continue
        before = span(item)
        added = item.AddTake(stage.media("silent.mov"), 12, 36)
        chosen = item.SelectTakeByIndex(2)
        answers[str(speed)] = {
            "before": before,
            "AddTake": added,
            "SelectTakeByIndex": chosen,
            "takes": takes(item),
            "after": span(item),
        }
    return answers


def take_of_other_media(stage: Stage) -> Answer:
    """3. ``AddTake`` with another timecode, another rate, or less than the extents ask for."""
    answers: Answer = {}
    cases: Tuple[Tuple[str, int, int], ...] = (
        ("silent.mov", 12, 60),
        ("elsewhere.mov", 12, 60),
        ("faster.mov", 12, 60),
        ("short.mov", 0, 48),
        ("silent.mov", 0, 24),
    )
    for number, (film, start, end) in enumerate(cases):
        item = stage.place(stage.timeline(f"question 3.{number}"))
        added = item.AddTake(stage.media(film), start, end)
        chosen = item.SelectTakeByIndex(2)
        answers[f"{film} {start}-{end}"] = {
            "AddTake": added,
            "SelectTakeByIndex": chosen,
            "takes": takes(item),
            "after": span(item),
        }
    item = stage.place(stage.timeline("question 3 without extents"))
    added = item.AddTake(stage.media("silent.mov"))  # type: ignore[call-arg]  # that is the question
    answers["without extents"] = {"AddTake": added, "takes": takes(item)}
    return answers


def take_with_sound(stage: Stage) -> Answer:
    """4. What a take's own sound does to the sound on the timeline."""
    answers: Answer = {}
    for film in ("silent.mov", "loud.mov"):
        timeline = stage.timeline("question 4 " + film)
        item = stage.place(timeline)
        before = sounds(timeline)
        item.AddTake(stage.media(film), 12, 60)
        item.SelectTakeByIndex(2)
        answers[film] = {"before": before, "after": sounds(timeline)}
    return answers


def undo(stage: Stage) -> Answer:
    """5. Whether Ctrl+Z takes back what a script did."""
    if stage.ask is None:
        return {"by hand": BY_HAND}
    stage.resolve.OpenPage("edit")
    timeline = stage.timeline("question 5")
    item = stage.place(timeline)
    item.AddTake(stage.media("silent.mov"), 12, 60)
    item.AddMarker(12, "Blue", "probe", "", 1, "probe")
    before = {"takes": item.GetTakesCount(), "markers": len(item.GetMarkers() or {})}
    said = stage.ask("In Resolve, press Ctrl+Z (Cmd+Z) once. Then press Enter here.")
    items = timeline.GetItemListInTrack("video", 1) or []
    after = [{"takes": i.GetTakesCount(), "markers": len(i.GetMarkers() or {})} for i in items]
    return {"before": before, "after": after, "said": said}
