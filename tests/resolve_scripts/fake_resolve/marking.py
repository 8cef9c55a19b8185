"""Markers, flags and colours: what three kinds of things take in the same way."""

from __future__ import annotations

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.state import Mark, Marked
from tests.resolve_scripts.fake_resolve.tables import CLIP_COLOURS, MARKER_COLOURS


def shown(mark: Mark) -> dict[str, object]:
    """A marker as scripts read it."""
    return {
        "color": mark.color,
        "duration": mark.duration,
        "note": mark.note,
        "name": mark.name,
        "customData": mark.custom,
    }


class Markers(Proxy):
    """Markers; one per frame, keyed by floats."""

    _state: Marked

    def _marker_range(self) -> tuple[float, float]:
        """Frames that can be marked, end exclusive."""
        raise NotImplementedError

    @write()
    def AddMarker(
        self,
        frameId: float,
        color: str,
        name: str,
        note: str,
        duration: float,
        customData: str | None = None,
    ) -> bool:
        first, end = self._marker_range()
        marks = self._state.marks
        if color not in MARKER_COLOURS or duration < 1 or not first <= frameId < end:
            return False
        if float(frameId) in marks:
            return False
        marks[float(frameId)] = Mark(color, name, note, float(duration), customData or "")
        return True

    @call(refusal={})
    def GetMarkers(self) -> dict[float, dict[str, object]]:
        return {frame: shown(mark) for frame, mark in sorted(self._state.marks.items())}

    @call(refusal={})
    def GetMarkerByCustomData(self, customData: str) -> dict[float, dict[str, object]]:
        frame = self._frame_with(customData)
        return {} if frame is None else {frame: shown(self._state.marks[frame])}

    @write()
    def UpdateMarkerCustomData(self, frameId: float, customData: str) -> bool:
        old = self._state.marks.get(float(frameId))
        if old is None:
            return False
        self._state.marks[float(frameId)] = Mark(
            old.color, old.name, old.note, old.duration, customData
        )
        return True

    @call(refusal="")
    def GetMarkerCustomData(self, frameId: float) -> str:
        mark = self._state.marks.get(float(frameId))
        return mark.custom if mark else ""

    @write()
    def DeleteMarkersByColor(self, color: str) -> bool:
        marks = self._state.marks
        frames = [frame for frame, mark in marks.items() if color in ("All", mark.color)]
        for frame in frames:
            del marks[frame]
        return bool(frames)

    @write()
    def DeleteMarkerAtFrame(self, frameNum: float) -> bool:
        return self._state.marks.pop(float(frameNum), None) is not None

    @write()
    def DeleteMarkerByCustomData(self, customData: str) -> bool:
        frame = self._frame_with(customData)
        return frame is not None and self._state.marks.pop(frame, None) is not None

    def _frame_with(self, custom: str) -> float | None:
        """Of the first marker with this custom data."""
        marks = sorted(self._state.marks.items())
        return next((frame for frame, mark in marks if mark.custom == custom), None)


class Colours(Proxy):
    """Flags and the colour of a clip."""

    _state: Marked

    @write()
    def AddFlag(self, color: str) -> bool:
        if color not in MARKER_COLOURS or color in self._state.flags:
            return False
        self._state.flags.append(color)
        return True

    @call(refusal=[])
    def GetFlagList(self) -> list[str]:
        return list(self._state.flags)

    @write()
    def ClearFlags(self, color: str) -> bool:
        flags = self._state.flags
        flags[:] = [flag for flag in flags if color not in ("All", flag)]
        return True

    @call(refusal="")
    def GetClipColor(self) -> str:
        return self._state.colour

    @write()
    def SetClipColor(self, colorName: str) -> bool:
        if colorName not in CLIP_COLOURS:
            return False
        if self._stores_colour():
            self._state.colour = colorName
        return True

    @write()
    def ClearClipColor(self) -> bool:
        self._state.colour = ""
        return True

    def _stores_colour(self) -> bool:
        """Titles say that they are coloured, and are not."""
        return True
