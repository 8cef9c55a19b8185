"""The take selector of an item: what was there first is take 1."""

from __future__ import annotations

from fractions import Fraction

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.state import ItemState, MediaState, Take


class Takes(Proxy):
    """Takes, numbered from 1."""

    _state: ItemState

    @write()
    def AddTake(
        self, mediaPoolItem: object, startFrame: float | None = None, endFrame: float | None = None
    ) -> bool:
        """False without extents, though a take selector has then opened.

        Extents that the media does not have are silently cut to what it has.
        """
        item = self._state
        media = self._given(mediaPoolItem, MediaState)
        if media is None or item.media is None or item.kind != "clip" or item.track.locked:
            return False
        if not item.takes:
            ends = sorted((item.source, item.source_end))
            item.takes.append(Take(item.media, float(ends[0]), float(ends[1])))
            item.take = 1
        if startFrame is None or endFrame is None:
            return False
        start, end = max(0, startFrame), min(media.frames, endFrame)
        if start >= end:
            return False
        item.takes.append(Take(media, start, end))
        if not self._world.traits.take_keeps_selection:
            self._select(len(item.takes))
        return True

    @call(refusal=0)
    def GetTakesCount(self) -> int:
        return len(self._state.takes)

    @call(refusal=0)
    def GetSelectedTakeIndex(self) -> int:
        return self._state.take

    @call(refusal={})
    def GetTakeByIndex(self, idx: int) -> dict[str, object]:
        if not 1 <= idx <= len(self._state.takes):
            return {}
        take = self._state.takes[idx - 1]
        frames = {"startFrame": int(take.start), "endFrame": int(take.end)}
        return {**frames, "mediaPoolItem": self._proxy(take.media)}

    @write()
    def SelectTakeByIndex(self, idx: int) -> bool:
        if not 1 <= idx <= len(self._state.takes) or self._state.track.locked:
            return False
        self._select(idx)
        return True

    @write()
    def DeleteTakeByIndex(self, idx: int) -> bool:
        """Not of the take that is shown."""
        item = self._state
        if not 1 <= idx <= len(item.takes) or idx == item.take:
            return False
        del item.takes[idx - 1]
        item.take -= idx < item.take
        return True

    @write()
    def FinalizeTake(self) -> bool:
        """The other takes are lost."""
        had = bool(self._state.takes)
        self._state.takes.clear()
        self._state.take = 0
        return had

    def _select(self, number: int) -> None:
        """The item stays where it is and as long as it is."""
        item, take = self._state, self._state.takes[number - 1]
        item.take, item.media = number, take.media
        item.source = Fraction(take.end if item.speed < 0 else take.start)
