"""``Project``: timelines, settings, the Deliver page."""

from __future__ import annotations

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.clock import rate_of
from tests.resolve_scripts.fake_resolve.deliver import Deliver
from tests.resolve_scripts.fake_resolve.project_state import ProjectState
from tests.resolve_scripts.fake_resolve.state import TimelineState

DEFAULTS = {
    "timelineFrameRate": "24",
    "timelineStartTimecode": "01:00:00:00",
    "timelineResolutionWidth": "1920",
    "timelineResolutionHeight": "1080",
    "colorScienceMode": "davinciYRGB",
    "audioCaptureNumChannels": "2",
}


class FakeProject(Deliver, of=ProjectState):
    """A project, dead as soon as another one is opened."""

    _state: ProjectState

    @call()
    def GetName(self) -> str:
        return self._state.name

    @write()
    def SetName(self, projectName: str) -> bool:
        self._state.name = projectName
        return True

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call()
    def GetMediaPool(self) -> Proxy:
        return self._proxy(self._state.pool)

    @call(refusal=0)
    def GetTimelineCount(self) -> int:
        return len(self._state.timelines)

    @call()
    def GetTimelineByIndex(self, idx: int) -> Proxy | None:
        timelines = self._state.timelines
        return self._proxy(timelines[idx - 1]) if 1 <= idx <= len(timelines) else None

    @call()
    def GetCurrentTimeline(self) -> Proxy | None:
        current = self._state.current
        return self._proxy(current) if current is not None else None

    @write()
    def SetCurrentTimeline(self, timeline: object) -> bool:
        state = self._given(timeline, TimelineState)
        if state is None:
            return False
        self._state.current = state
        return True

    @call(refusal="")
    def GetSetting(self, settingName: str = "") -> object:
        values: dict[str, object] = dict(self._state.settings)
        rate = self._state.settings["timelineFrameRate"]
        if self._world.traits.rates_as_numbers:
            values["timelineFrameRate"] = round(float(rate_of(rate)[0]), 3)
        elif not self._world.traits.drop_shown:
            values["timelineFrameRate"] = rate.removesuffix(" DF")
        return values.get(settingName, "") if settingName else values

    @write()
    def SetSetting(self, settingName: str, settingValue: str) -> bool:
        """The rate is settled once there is a timeline."""
        if settingName == "timelineFrameRate":
            try:
                rate_of(settingValue)
            except ValueError:
                return False
            if self._state.timelines:
                return False
        self._state.settings[settingName] = settingValue
        return True
