"""The questions whose answers are written down nowhere, each asked on the scratch project.

Every answer is a dict of plain values; which of them decides what is for who reads them.
"""

from __future__ import annotations

import hashlib
import os
import time
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Tuple

from relip_contract.readings import Answer, named, span, told
from relip_contract.stage import BY_HAND, RATE, SOUND, Stage
from relip_contract.take_questions import (
    take_keeps,
    take_of_other_media,
    take_on_retimed,
    take_with_sound,
    undo,
)

if TYPE_CHECKING:
    from fusionscript import RenderSettings

RENDER_SECONDS = 120
LOOK = 0.1
"""Seconds between looks at a render."""
SAMPLE_RATE = 48000


def selection(stage: Stage) -> Answer:
    """6. What ``Timeline.GetSelectedClips`` gives, and in which order."""
    timeline = stage.timeline("question 6")
    if "GetSelectedClips" not in dir(timeline):
        return {"there": False}
    stage.place(timeline)
    stage.place(timeline, at=48, film="loud.mov")
    ask = timeline.GetSelectedClips  # type: ignore[attr-defined]  # newer than the stub
    answers: Answer = {"there": True, "right after placing": named(ask())}
    if stage.ask is None:
        return {**answers, "by hand": BY_HAND}
    stage.resolve.OpenPage("edit")
    for request in (
        "Deselect everything in the timeline (click an empty spot).",
        "Select the second clip, then the first as well (Ctrl or Cmd), with their sound.",
        "Select only the sound of the first clip (Alt or Option).",
    ):
        stage.ask(request + " Then press Enter here.")
        answers[request] = named(ask())
    return answers


def under_playhead(stage: Stage) -> Answer:
    """7. ``GetCurrentVideoItem`` when the top track, or the top item, is disabled."""
    timeline = stage.timeline("question 7")
    timeline.AddTrack("video")  # type: ignore[call-overload]  # a video track has no subtype
    stage.resolve.OpenPage("edit")
    below, above = stage.place(timeline), stage.place(timeline, "silent.mov", track=2)
    names = {str(below.GetUniqueId()): "below", str(above.GetUniqueId()): "above"}

    def shown() -> str:
        item = timeline.GetCurrentVideoItem()
        return names.get(str(item.GetUniqueId()), "another") if item is not None else "none"

    moved = timeline.SetCurrentTimecode(str(timeline.GetStartTimecode())[:-2] + "05")
    answers: Answer = {"SetCurrentTimecode": moved, "both enabled": shown()}
    timeline.SetTrackEnable("video", 2, False)
    answers["track disabled"] = shown()
    timeline.SetTrackEnable("video", 2, True)
    above.SetClipEnabled(False)
    answers["item disabled"] = shown()
    return answers


def import_again(stage: Stage) -> Answer:
    """8. ``ImportMedia`` of what the pool has already."""
    path = str(stage.films / SOUND)
    first = stage.pool.ImportMedia([path])
    count = len(stage.clips())
    again = stage.pool.ImportMedia([path])
    rate = first[0].GetClipProperty("FPS") if first else None
    return {
        "first": len(first or []),
        "again": None if again is None else len(again),
        "same": bool(first and again and first[0].GetUniqueId() == again[0].GetUniqueId()),
        "more in the pool": len(stage.clips()) - count,
        "FPS of a WAV": rate,
    }


def marks(stage: Stage) -> Answer:
    """9. Whether the out mark belongs to the range, on the timeline and when rendering."""
    timeline = stage.timeline("question 9")
    stage.place(timeline)
    answers: Answer = {}
    if "SetMarkInOut" in dir(timeline):
        answers["SetMarkInOut"] = timeline.SetMarkInOut(12, 23, "all")
        answers["GetMarkInOut"] = timeline.GetMarkInOut()
    start = int(timeline.GetStartFrame())
    folder = stage.films / "rendered"
    folder.mkdir()
    settings: RenderSettings = {  # type: ignore[typeddict-item]  # the rest is the preset's
        "SelectAllFrames": False,
        "MarkIn": start + 12,
        "MarkOut": start + 23,
        "TargetDir": str(folder),
        "CustomName": "marks",
        "ExportVideo": False,
        "ExportAudio": True,
        "AudioSampleRate": SAMPLE_RATE,
    }
    project = stage.project
    stage.resolve.OpenPage("deliver")
    answers["LoadRenderPreset"] = project.LoadRenderPreset("Audio Only")
    answers["SetRenderSettings"] = project.SetRenderSettings(settings)
    job = project.AddRenderJob()
    answers["AddRenderJob"] = bool(job)
    if not job:
        return answers
    answers["StartRendering"] = project.StartRendering([job], False)
    end = time.monotonic() + RENDER_SECONDS
    while project.IsRenderingInProgress() and time.monotonic() < end:
        time.sleep(LOOK)
    answers["status"] = dict(project.GetRenderJobStatus(job) or {})
    files = sorted(folder.iterdir())
    answers["files"] = [file.name for file in files]
    if files and files[0].suffix.lower() == ".wav":
        with wave.open(str(files[0]), "rb") as sound:
            seconds = sound.getnframes() / sound.getframerate()
        answers["frames from 12 to 23"] = seconds * RATE
    project.DeleteRenderJob(job)
    return answers


def append_nowhere(stage: Stage) -> Answer:
    """10. ``AppendToTimeline`` onto a track that is not there, and onto something."""
    timeline = stage.timeline("question 10")
    stage.place(timeline)
    answers: Answer = {}
    for words, track, at in (("no such track", 3, 100), ("on something", 1, 24)):
        made = stage.pool.AppendToTimeline(
            [  # type: ignore[arg-type]  # the stub has the overload, but in the wrong order
                {
                    "mediaPoolItem": stage.media("silent.mov"),
                    "startFrame": 0,
                    "endFrame": 24,
                    "mediaType": 1,
                    "trackIndex": track,
                    "recordFrame": timeline.GetStartFrame() + at,
                }
            ]
        )
        answers[words] = {
            "returned": None if made is None else [span(item) for item in made],
            "tracks": timeline.GetTrackCount("video"),
            "items on the first": len(timeline.GetItemListInTrack("video", 1) or []),
        }
    return answers


def duplicating(stage: Stage) -> Answer:
    """11. Whether ``DuplicateTimeline`` opens the duplicate."""
    timeline = stage.timeline("question 11")
    made = timeline.DuplicateTimeline("question 11 copy")
    current = stage.project.GetCurrentTimeline()
    again = timeline.DuplicateTimeline("question 11 copy")
    return {
        "returned": made.GetName() if made is not None else None,
        "current": current.GetName() if current is not None else None,
        "same name again": again.GetName() if again is not None else None,
    }


def second_marker(stage: Stage) -> Answer:
    """12. A second marker on the same frame, and where an item's markers count from."""
    timeline = stage.timeline("question 12")
    item = stage.place(timeline)
    answers: Answer = {}
    for words, thing in (("timeline", timeline), ("item", item)):
        first = thing.AddMarker(20, "Blue", "one", "", 1, "one")
        second = thing.AddMarker(20, "Red", "two", "", 1, "two")
        answers[words] = {"first": first, "second": second, "markers": told(thing.GetMarkers())}
    answers["before the item's source"] = item.AddMarker(2, "Green", "", "", 1, "early")
    answers["beyond its media"] = item.AddMarker(500, "Green", "", "", 1, "late")
    return answers


def writable(stage: Stage) -> Answer:
    """13. Which properties of a clip can be written, as read back."""
    media = stage.media("silent.mov")
    answers: Answer = {}
    for key, value in (
        ("Input Color Space", "ARRI LogC3"),
        ("Input Gamma", "ARRI LogC3"),
        ("IDT", "ARRI Alexa"),
        ("Input LUT", ""),
        ("Data Level", "Full"),
        ("Alpha mode", "Straight"),
        ("PAR", "Anamorphic"),
        ("Reel Name", "A001"),
        ("Start TC", "02:00:00:00"),
        ("Clip Name", "probe"),
    ):
        before = media.GetClipProperty(key)
        said = media.SetClipProperty(key, value)
        after = media.GetClipProperty(key)
        answers[key] = {"before": before, "said": said, "after": after, "held": after == value}
    return answers


def documented(stage: Stage) -> Answer:
    """14. The methods there are, and the edition of the README beside them."""
    timeline = stage.timeline("question 14")
    item = stage.place(timeline)
    pool = stage.pool
    things = {
        "Resolve": stage.resolve,
        "Project": stage.project,
        "MediaPool": pool,
        "ProjectManager": stage.resolve.GetProjectManager(),
        "Folder": pool.GetRootFolder(),
        "MediaPoolItem": stage.media("shot.mov"),
        "Timeline": timeline,
        "TimelineItem": item,
    }
    answers: Answer = {
        "methods": {
            words: sorted(name for name in dir(thing) if not name.startswith("_"))
            for words, thing in things.items()
        }
    }
    readme = Path(os.environ.get("RESOLVE_SCRIPT_API", "")) / "README.txt"
    if os.environ.get("RESOLVE_SCRIPT_API") and readme.is_file():
        text = readme.read_text(encoding="utf-8", errors="replace")
        dated = [line.strip() for line in text.splitlines() if "ast updated" in line.lower()]
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        answers["README"] = {"updated": dated[:1], "sha256": digest}
    return answers


def real_otio(stage: Stage) -> Answer:
    """15. A timeline as Resolve writes it, kept beside the answers."""
    timeline = stage.timeline("question 15")
    stage.place(timeline)
    stage.place(timeline, at=60, film="faster.mov")
    path = stage.out / "real.otio"
    said = timeline.Export(str(path), stage.resolve.EXPORT_OTIO, stage.resolve.EXPORT_NONE)
    return {"Export": said, "file": path.name if path.is_file() else None}


QUESTIONS: Tuple[Callable[[Stage], Answer], ...] = (
    *(take_keeps, take_on_retimed, take_of_other_media, take_with_sound, undo),
    *(selection, under_playhead, import_again, marks, append_nowhere),
    *(duplicating, second_marker, writable, documented, real_otio),
)
