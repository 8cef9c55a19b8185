"""The tracks of a ``Timeline``, counted from 1, and what lies on them."""

from __future__ import annotations

from itertools import count

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.state import ItemState, TimelineState, TrackKind

_links = count(1)


def new_link() -> int:
    """A number that items which belong together share."""
    return next(_links)


class Tracks(Proxy):
    """Tracks of a timeline."""

    _state: TimelineState

    @call(refusal=0)
    def GetTrackCount(self, trackType: str) -> int:
        kind = _kind(trackType)
        return len(self._state.tracks.get(kind, [])) if kind else 0

    @write()
    def AddTrack(self, trackType: str, subTrackType: object = None) -> bool:
        """On top, or where the options say; which number it got is not said."""
        kind = _kind(trackType)
        if kind is None:
            return False
        index, subtype = 0, subTrackType
        if isinstance(subTrackType, dict):
            index = subTrackType.get("index", 0)
            subtype = subTrackType.get("audioType", subTrackType.get("audiotype"))
        if kind == "audio":
            self._state.add_track(kind, index, str(subtype or "mono"))
        else:
            self._state.add_track(kind, index)
        return True

    @write()
    def DeleteTrack(self, trackType: str, trackIndex: int) -> bool:
        track = self._state.track(trackType, trackIndex)
        if track is None or track.locked:
            return False
        for item in list(track.items):
            track.remove(item)
        self._state.tracks[track.kind].remove(track)
        return True

    @call(since="19.0", refusal="")
    def GetTrackSubType(self, trackType: str, trackIndex: int) -> str:
        track = self._state.track(trackType, trackIndex)
        return track.subtype if track else ""

    @call(refusal="")
    def GetTrackName(self, trackType: str, trackIndex: int) -> str:
        track = self._state.track(trackType, trackIndex)
        return track.name if track else ""

    @write()
    def SetTrackName(self, trackType: str, trackIndex: int, name: str) -> bool:
        track = self._state.track(trackType, trackIndex)
        if track is None:
            return False
        track.name = name
        return True

    @write(since="18.5")
    def SetTrackEnable(self, trackType: str, trackIndex: int, Bool: bool) -> bool:
        track = self._state.track(trackType, trackIndex)
        if track is None:
            return False
        track.enabled = Bool
        return True

    @call(since="18.5", refusal=False)
    def GetIsTrackEnabled(self, trackType: str, trackIndex: int) -> bool:
        track = self._state.track(trackType, trackIndex)
        return track is not None and track.enabled

    @write(since="18.5")
    def SetTrackLock(self, trackType: str, trackIndex: int, Bool: bool) -> bool:
        track = self._state.track(trackType, trackIndex)
        if track is None:
            return False
        track.locked = Bool
        return True

    @call(since="18.5", refusal=False)
    def GetIsTrackLocked(self, trackType: str, trackIndex: int) -> bool:
        track = self._state.track(trackType, trackIndex)
        return track is not None and track.locked

    @call(since="20.1", refusal={})
    def GetVoiceIsolationState(self, trackIndex: int) -> dict[str, object]:
        track = self._state.track("audio", trackIndex)
        on = track is not None and track.isolated
        return {"isEnabled": on, "amount": 100 * on}

    @call(refusal=[])
    def GetItemListInTrack(self, trackType: str, index: int) -> list[Proxy]:
        """In time order, transitions and titles among them."""
        track = self._state.track(trackType, index)
        return [self._proxy(item) for item in track.items] if track else []

    @write(since="18.5", pages=("media", "cut", "edit", "fusion", "color", "deliver"))
    def DeleteClips(self, timelineItems: list[object], Bool: bool = False) -> bool:
        """Exactly these; sound they are linked to stays. Does nothing on the Fairlight page."""
        items = self._all_given(timelineItems, ItemState)
        if not items or any(i.track.timeline is not self._state for i in items):
            return False
        if any(item.track.locked for item in items):
            return False
        late = "".join(item.uid for item in items)
        if self._world.traits.delete_answers_late and late not in self._world.late:
            self._world.late.add(late)
            return False
        for item in items:
            item.track.remove(item)
            for other in item.track.items if Bool else ():
                other.start -= item.frames if other.start >= item.end else 0
        return True

    @write(since="18.5")
    def SetClipsLinked(self, timelineItems: list[object], Bool: bool) -> bool:
        items = self._all_given(timelineItems, ItemState)
        if not items:
            return False
        link = new_link() if Bool else 0
        for item in items:
            item.link = link
        return True


def _kind(text: str) -> TrackKind | None:
    kinds: tuple[TrackKind, ...] = ("video", "audio", "subtitle")
    return next((kind for kind in kinds if kind == text), None)
