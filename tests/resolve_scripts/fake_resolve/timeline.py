"""``Timeline``: absolute frames for items, relative ones for marks and markers."""

from __future__ import annotations

from pathlib import Path

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.clock import frame_of, rate_text, timecode_of
from tests.resolve_scripts.fake_resolve.copying import duplicate
from tests.resolve_scripts.fake_resolve.export import export
from tests.resolve_scripts.fake_resolve.marking import Markers
from tests.resolve_scripts.fake_resolve.state import ItemState, TimelineState
from tests.resolve_scripts.fake_resolve.tables import TIMECODE_PAGES
from tests.resolve_scripts.fake_resolve.tracks import Tracks


class FakeTimeline(Tracks, Markers, of=TimelineState):
    """A timeline."""

    _state: TimelineState

    def _marker_range(self) -> tuple[float, float]:
        return 0, self._state.end - self._state.start

    @call()
    def GetName(self) -> str:
        return self._state.name

    @write()
    def SetName(self, timelineName: str) -> bool:
        assert self._project is not None
        if any(timeline.name == timelineName for timeline in self._project.timelines):
            return False
        self._state.name = timelineName
        return True

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call()
    def GetStartFrame(self) -> int:
        return self._state.start

    @call()
    def GetEndFrame(self) -> int:
        return self._state.end

    @call()
    def GetStartTimecode(self) -> str:
        return timecode_of(self._state.start, self._state.rate, self._state.drop)

    @call(refusal="")
    def GetCurrentTimecode(self) -> str:
        if self._world.page not in TIMECODE_PAGES:
            return ""
        return timecode_of(self._state.playhead, self._state.rate, self._state.drop)

    @write(pages=TIMECODE_PAGES)
    def SetCurrentTimecode(self, timecode: str) -> bool:
        try:
            frame = frame_of(timecode, self._state.rate)
        except ValueError:
            return False
        if frame < self._state.start:
            return False
        self._state.playhead = frame
        return True

    @call(refusal="")
    def GetSetting(self, settingName: str = "") -> object:
        timeline, traits = self._state, self._world.traits
        rate = rate_text(timeline.rate) + (" DF" if timeline.drop and traits.drop_shown else "")
        shown = round(float(timeline.rate), 3) if traits.rates_as_numbers else rate
        values: dict[str, object] = {
            "timelineResolutionWidth": "1920",
            "timelineResolutionHeight": "1080",
            **timeline.settings,
            "timelineFrameRate": shown,
            "timelineDropFrameTimecode": "1" if timeline.drop else "0",
        }
        return values.get(settingName, "") if settingName else values

    @write()
    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        if settingName in ("timelineFrameRate", "timelineDropFrameTimecode"):
            return False
        self._state.settings[settingName] = settingValue
        return True

    @call(since="19.1", refusal={})
    def GetMarkInOut(self) -> dict[str, dict[str, int]]:
        """Relative to the timeline's start; what is not set is left out."""
        marks = {}
        for kind, pair in self._state.marked.items():
            ends = zip(("in", "out"), pair, strict=True)
            marks[kind] = {name: frame for name, frame in ends if frame is not None}
        return {kind: pair for kind, pair in marks.items() if pair}

    @write(since="19.1")
    def SetMarkInOut(self, mark_in: int, mark_out: int, which: str = "all") -> bool:
        if not 0 <= mark_in <= mark_out or which not in ("video", "audio", "all"):
            return False
        for kind in ("video", "audio") if which == "all" else (which,):
            self._state.marked[kind] = mark_in, mark_out
        return True

    @write(since="19.1")
    def ClearMarkInOut(self, which: str = "all") -> bool:
        for kind in ("video", "audio") if which == "all" else (which,):
            self._state.marked.pop(kind, None)
        return True

    @call(since="21.0.4", refusal=[])
    def GetSelectedClips(self) -> list[Proxy] | None:
        if not self._state.selected:
            empty = self._world.traits.empty_selection
            return None if empty is None else []
        return [self._proxy(item) for item in self._state.selected if not item.gone]

    @call()
    def GetCurrentVideoItem(self) -> Proxy | None:
        """The topmost under the playhead on a track that is enabled."""
        at = self._state.playhead
        for track in reversed(self._state.tracks.get("video", [])):
            for item in track.items if track.enabled else ():
                if item.start <= at < item.end and item.kind != "transition":
                    return self._proxy(item)
        return None

    @call(writes=True, lie=lambda proxy: proxy._ghost(TimelineState))
    def DuplicateTimeline(self, timelineName: str | None = None) -> Proxy | None:
        project = self._project
        assert project is not None
        name = timelineName or self._state.name + " copy"
        if any(timeline.name == name for timeline in project.timelines):
            return None
        made = duplicate(self._state, name)
        project.timelines.append(made)
        if made.media is not None:
            project.pool.root.clips.append(made.media)
        if self._world.traits.duplicate_switches:
            project.current = made
        return self._proxy(made)

    @write()
    def Export(self, fileName: str, exportType: object, exportSubtype: object = None) -> bool:
        """Only with the constants of the live ``resolve``; names and numbers of old do nothing."""
        names = {value: name for name, value in self._world.constants.items()}
        if type(exportType) is not float or exportType not in names:
            return False
        return export(self._state, Path(fileName), names[exportType].removeprefix("EXPORT_"))

    @call(since="19.1")
    def GetMediaPoolItem(self) -> Proxy | None:
        media = self._state.media
        return self._proxy(media) if media is not None else None

    @write(studio=True)
    def CreateSubtitlesFromAudio(self, autoCaptionSettings: object = None) -> bool:
        return True

    @write(studio=True)
    def DetectSceneCuts(self) -> bool:
        return True

    def _item(self, thing: object) -> ItemState | None:
        """What an argument stands for, if it lies on this timeline."""
        item = self._given(thing, ItemState)
        return item if item is not None and item.track.timeline is self._state else None
