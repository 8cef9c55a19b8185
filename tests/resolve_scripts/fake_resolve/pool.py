"""``MediaPool`` and ``Folder``: where imports land and how clips get onto a timeline."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.clock import frame_of, rate_of
from tests.resolve_scripts.fake_resolve.copying import media_of_timeline
from tests.resolve_scripts.fake_resolve.facts import media_of
from tests.resolve_scripts.fake_resolve.importing import Otio
from tests.resolve_scripts.fake_resolve.placing import Wanted, append
from tests.resolve_scripts.fake_resolve.project_state import FolderState, PoolState, ProjectState
from tests.resolve_scripts.fake_resolve.state import ItemState, MediaState, TimelineState


class FakeFolder(Proxy, of=FolderState):
    """A bin."""

    _state: FolderState

    @call()
    def GetName(self) -> str:
        return self._state.name

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call(refusal=[])
    def GetClipList(self) -> list[Proxy]:
        return [self._proxy(clip) for clip in self._state.clips]

    @call(refusal=[])
    def GetSubFolderList(self) -> list[Proxy]:
        return [self._proxy(folder) for folder in self._state.folders]


class FakeMediaPool(Proxy, of=PoolState):
    """The media pool of the project that is open."""

    _state: PoolState

    @property
    def _open(self) -> ProjectState:
        assert self._project is not None
        return self._project

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call()
    def GetRootFolder(self) -> Proxy:
        return self._proxy(self._state.root)

    @call()
    def GetCurrentFolder(self) -> Proxy:
        return self._proxy(self._state.current)

    @write()
    def SetCurrentFolder(self, folder: object) -> bool:
        state = self._given(folder, FolderState)
        if state is None:
            return False
        self._state.current = state
        return True

    @call(writes=True, lie=lambda proxy: proxy._ghost(FolderState))
    def AddSubFolder(self, folder: object, name: str) -> Proxy | None:
        """Opens the new one."""
        state = self._given(folder, FolderState)
        if state is None or any(other.name == name for other in state.folders):
            return None
        made = FolderState(name=name)
        state.folders.append(made)
        self._state.current = made
        return self._proxy(made)

    @write()
    def RefreshFolders(self) -> bool:
        return True

    @call(refusal=[], writes=True, lie=lambda proxy: [proxy._ghost(MediaState)])
    def ImportMedia(self, items: list[object]) -> list[Proxy]:
        """Into the folder that is open; nothing for what the pool has already."""
        if any(not isinstance(item, str | dict) for item in items):
            raise TypeError("ImportMedia(): paths are str")
        known = {clip.path for clip in self._state.clips()}
        rate, _ = rate_of(self._open.settings["timelineFrameRate"])
        made = []
        for item in items:
            if not isinstance(item, str) or item in known or not Path(item).is_file():
                continue
            try:
                made.append(media_of(Path(item), rate))
            except OSError:
                continue
        self._state.current.clips.extend(made)
        return [self._proxy(media) for media in made]

    @call(refusal=[], writes=True, lie=lambda proxy: [proxy._ghost(ItemState)])
    def AppendToTimeline(self, clip1: object, *args: object) -> list[Proxy]:
        """Onto the timeline that is open.

        What does not fit is dropped without a word, and a dead item is returned for it. If one
        was dropped, the others of this call vanish when the project is saved.
        """
        timeline = self._open.current
        given = list(clip1) if isinstance(clip1, list) else [clip1]
        wanted = []
        for clip in [*given, *args]:
            if isinstance(clip, dict):
                media = self._given(clip.get("mediaPoolItem"), MediaState)
                wanted.append(_wanted(clip, media))
            else:
                wanted.append(Wanted(self._given(clip, MediaState)))
        if timeline is None or any(want.media is None for want in wanted):
            return []
        items = append(timeline, wanted)
        return [self._proxy(item) if item else self._ghost(ItemState) for item in items]

    @write()
    def DeleteClips(self, clips: list[object]) -> bool:
        """From the pool, and with them every item that shows them."""
        given = self._all_given(clips, MediaState)
        for media in given or ():
            for folder in self._state.root.walk():
                if media in folder.clips:
                    folder.clips.remove(media)
            media.gone = True
            for timeline in self._open.timelines:
                for item in [item for item in timeline.items() if item.media is media]:
                    item.track.remove(item)
        return bool(given)

    @write()
    def DeleteFolders(self, subfolders: list[object]) -> bool:
        given = self._all_given(subfolders, FolderState)
        for folder in given or ():
            for parent in self._state.root.walk():
                if folder in parent.folders:
                    parent.folders.remove(folder)
            folder.gone = True
        return bool(given)

    @write()
    def MoveClips(self, clips: list[object], targetFolder: object) -> bool:
        given = self._all_given(clips, MediaState)
        target = self._given(targetFolder, FolderState)
        if not given or target is None:
            return False
        for media in given:
            for folder in self._state.root.walk():
                if media in folder.clips:
                    folder.clips.remove(media)
            target.clips.append(media)
        return True

    @call(writes=True, lie=lambda proxy: proxy._ghost(TimelineState))
    def CreateEmptyTimeline(self, name: str) -> Proxy | None:
        """Opens it."""
        project = self._open
        if any(timeline.name == name for timeline in project.timelines):
            return None
        rate, drop = rate_of(project.settings["timelineFrameRate"])
        text = project.settings["timelineStartTimecode"]
        timeline = TimelineState(name=name, rate=rate, start=frame_of(text, rate), drop=drop)
        timeline.playhead = timeline.start
        timeline.add_track("video")
        timeline.add_track("audio", subtype="stereo")
        timeline.media = media_of_timeline(timeline)
        self._state.current.clips.append(timeline.media)
        project.timelines.append(timeline)
        project.current = timeline
        return self._proxy(timeline)

    @write()
    def DeleteTimelines(self, timeline: list[object]) -> bool:
        given = self._all_given(timeline, TimelineState)
        for state in given or ():
            state.gone = True
            self._open.timelines.remove(state)
            for item in state.items():
                item.gone = True
            for folder in self._state.root.walk():
                folder.clips = [clip for clip in folder.clips if clip.timeline is not state]
            if self._open.current is state:
                self._open.current = next(iter(self._open.timelines), None)
        return bool(given)

    @call(writes=True, lie=lambda proxy: proxy._ghost(TimelineState))
    def ImportTimelineFromFile(self, filePath: str, importOptions: object = None) -> Proxy | None:
        """OTIO only. Nothing for a name there is already; clips come along unless told not to."""
        options = importOptions if isinstance(importOptions, dict) else {}
        project = self._open
        name = str(options.get("timelineName", ""))
        reader = Otio(project, sources=options.get("importSourceClips") is not False)
        timeline = reader.read(Path(filePath), name)
        if timeline is None or any(other.name == timeline.name for other in project.timelines):
            return None
        project.timelines.append(timeline)
        if timeline.media is not None:
            self._state.current.clips.append(timeline.media)
        project.current = timeline
        return self._proxy(timeline)

    @call(since="19.0", refusal=[])
    def GetSelectedClips(self) -> list[Proxy]:
        return [self._proxy(clip) for clip in self._state.selected]

    @write(since="19.0")
    def SetSelectedClip(self, mediaPoolItem: object) -> bool:
        media = self._given(mediaPoolItem, MediaState)
        if media is None:
            return False
        self._state.selected = [media]
        return True


def _wanted(info: dict[str, object], media: MediaState | None) -> Wanted:
    """Of a ``clipInfo``; keys it does not know are ignored.

    Raises
    ------
    TypeError
        A value that cannot cross the bridge.
    """
    numbers: dict[str, float | None] = {}
    for key in ("startFrame", "endFrame", "mediaType", "trackIndex", "recordFrame"):
        value = info.get(key)
        if value is not None and type(value) not in (int, float):
            raise TypeError(f"{key} is a number, not {type(value).__name__}")
        numbers[key] = None if value is None else float(str(value))
    record = numbers["recordFrame"]
    return Wanted(
        media=media,
        start=numbers["startFrame"],
        end=numbers["endFrame"],
        only={1: "video", 2: "audio"}.get(int(numbers["mediaType"] or 0)),
        track=int(numbers["trackIndex"] or 1),
        record=None if record is None else Fraction(record),
    )
