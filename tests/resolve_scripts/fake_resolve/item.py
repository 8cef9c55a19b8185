"""``TimelineItem``: absolute frames, ends that are exclusive until they are not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.geometry import (
    left_offset,
    right_offset,
    source_end_frame,
    source_seconds,
    source_start_frame,
)
from tests.resolve_scripts.fake_resolve.mapping import mapping_json
from tests.resolve_scripts.fake_resolve.marking import Colours, Markers
from tests.resolve_scripts.fake_resolve.state import GraphState, ItemState
from tests.resolve_scripts.fake_resolve.tables import SWITCHES, TRANSFORM
from tests.resolve_scripts.fake_resolve.takes import Takes


class FakeTimelineItem(Takes, Markers, Colours, of=ItemState):
    """An item on a track of a timeline."""

    _state: ItemState

    def _marker_range(self) -> tuple[float, float]:
        """Markers count on the source: 0 is the head of the media, not of the item."""
        media = self._state.media
        return 0, media.frames if media else float(self._state.frames)

    def _stores_colour(self) -> bool:
        return self._state.kind == "clip"

    @call()
    def GetName(self) -> str:
        item = self._state
        return item.name or (item.media.name if item.media else item.kind.capitalize())

    @write(since="20.2")
    def SetName(self, name: str) -> bool:
        self._state.name = name
        return True

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call(bare_before="19.0")
    def GetStart(self, subframe_precision: bool = False) -> float:
        return _number(self._state.start, subframe_precision)

    @call(bare_before="19.0")
    def GetEnd(self, subframe_precision: bool = False) -> float:
        return _number(self._state.end, subframe_precision)

    @call(bare_before="19.0")
    def GetDuration(self, subframe_precision: bool = False) -> float:
        item = self._state
        if subframe_precision:
            return float(item.frames)
        return int(item.end) - int(item.start)

    @call(bare_before="19.0")
    def GetLeftOffset(self, subframe_precision: bool = False) -> float:
        return _number(left_offset(self._state), subframe_precision)

    @call(bare_before="19.0")
    def GetRightOffset(self, subframe_precision: bool = False) -> float:
        return _number(right_offset(self._state), subframe_precision)

    @call(since="19.0")
    def GetSourceStartFrame(self) -> int:
        return source_start_frame(self._state, self._world.traits)

    @call(since="19.0")
    def GetSourceEndFrame(self) -> int:
        return source_end_frame(self._state, self._world.traits)

    @call(since="19.0")
    def GetSourceStartTime(self) -> float:
        return self._source_time(self._state.source)

    @call(since="19.0")
    def GetSourceEndTime(self) -> float:
        return self._source_time(self._state.source_end)

    def _source_time(self, frame: Fraction) -> float:
        if self._state.from_xmeml:
            return 0.0
        return source_seconds(self._state, frame, self._world.traits)

    @call()
    def GetMediaPoolItem(self) -> Proxy | None:
        media = self._state.media
        return self._proxy(media) if media is not None and self._state.kind == "clip" else None

    @call(since="19.0", refusal=[])
    def GetLinkedItems(self) -> list[Proxy]:
        item = self._state
        others = item.track.timeline.items() if item.link else ()
        return [self._proxy(o) for o in others if o.link == item.link and o is not item]

    @call(since="19.0")
    def GetTrackTypeAndIndex(self) -> list[object]:
        track = self._state.track
        return [track.kind, track.timeline.tracks[track.kind].index(track) + 1]

    @call(since="19.0", refusal="")
    def GetSourceAudioChannelMapping(self) -> str:
        item, media = self._state, self._state.media
        if media is None or not (media.channels or media.linked):
            return ""
        tracks = (item.channels,) if item.channels else media.tracks
        return mapping_json(media.channels, media.linked, tracks, item.muted)

    @call()
    def GetProperty(self, propertyKey: str | None = None) -> object:
        """Transitions and sound have none."""
        item = self._state
        has = item.kind != "transition" and item.track.kind == "video"
        values: dict[str, object] = {}
        if has:
            values = {name: default for name, (default, _, _) in TRANSFORM.items()}
            values.update(SWITCHES)
            values.update(item.properties)
        return values.get(propertyKey) if propertyKey else values

    @write()
    def SetProperty(self, propertyKey: str, propertyValue: object) -> bool:
        """Values out of range are clipped, and that is called a success."""
        item = self._state
        if type(propertyValue) not in (bool, int, float, str):
            raise TypeError(f"SetProperty(): a number, not {type(propertyValue).__name__}")
        if item.kind == "transition" or item.track.kind != "video":
            return False
        if propertyKey in SWITCHES and isinstance(propertyValue, bool | int):
            item.properties[propertyKey] = bool(propertyValue)
            return True
        if propertyKey not in TRANSFORM or type(propertyValue) not in (int, float):
            return False
        _, low, high = TRANSFORM[propertyKey]
        assert isinstance(propertyValue, int | float)
        item.properties[propertyKey] = min(high, max(low, propertyValue))
        return True

    @write()
    def SetClipEnabled(self, Bool: bool) -> bool:
        self._state.enabled = Bool
        return True

    @call()
    def GetClipEnabled(self) -> bool:
        return self._state.enabled

    @write()
    def CopyGrades(self, tgtTimelineItems: list[object]) -> bool:
        """Only within the timeline that is open."""
        targets = self._all_given(tgtTimelineItems, ItemState)
        current = self._project.current if self._project else None
        if not targets or any(t.track.timeline is not current for t in [*targets, self._state]):
            return False
        for target in targets:
            target.grade, target.nodes = self._state.grade, self._state.nodes
        return True

    @write()
    def SetCDL(self, cdlMap: dict[str, object]) -> bool:
        """Values are strings, the node's number too."""
        if not all(isinstance(value, str) for value in cdlMap.values()):
            return False
        self._state.grade = " ".join(f"{key}={value}" for key, value in sorted(cdlMap.items()))
        return True

    @write(since="19.0")
    def ExportLUT(self, exportType: object, path: str) -> bool:
        """The item's grade; only with the constants of the live ``resolve``."""
        if exportType != self._world.constants["EXPORT_LUT_17PTCUBE"]:
            return False
        Path(path).write_text(f"# {self._state.grade}\nLUT_3D_SIZE 17\n", encoding="utf-8")
        return True

    @call(since="19.0")
    def GetNodeGraph(self, layerIdx: int | None = None) -> Proxy:
        return self._proxy(GraphState(item=self._state))

    @call(refusal=0)
    def GetNumNodes(self) -> int:
        return self._state.nodes

    @call(refusal=0)
    def GetFusionCompCount(self) -> int:
        return self._state.comps

    @call(refusal=[])
    def GetFusionCompNameList(self) -> list[str]:
        return [f"Composition {number}" for number in range(1, self._state.comps + 1)]

    @write()
    def UpdateSidecar(self) -> bool:
        """Only BRAW and R3D have one."""
        return False

    @call(since="20.1", refusal={})
    def GetVoiceIsolationState(self) -> dict[str, object]:
        return {"isEnabled": self._state.isolated, "amount": 100 * self._state.isolated}

    @write(studio=True)
    def SmartReframe(self) -> bool:
        return True

    @write(studio=True)
    def CreateMagicMask(self, mode: str) -> bool:
        return mode in ("F", "B", "BI")


class FakeGraph(Proxy, of=GraphState):
    """The nodes of an item's grade."""

    _state: GraphState

    @call(refusal=0)
    def GetNumNodes(self) -> int:
        return self._state.item.nodes


def _number(value: Fraction, precise: bool) -> float:
    return float(value) if precise else int(value // 1)
