"""``MediaPoolItem``: properties that are strings, and setters that do not hold."""

from __future__ import annotations

from pathlib import Path

from tests.resolve_scripts.fake_resolve.bridge import Proxy, call, write
from tests.resolve_scripts.fake_resolve.clock import frame_of, timecode_of
from tests.resolve_scripts.fake_resolve.facts import media_of
from tests.resolve_scripts.fake_resolve.mapping import mapping_json
from tests.resolve_scripts.fake_resolve.marking import Colours, Markers
from tests.resolve_scripts.fake_resolve.state import ItemState, MediaState
from tests.resolve_scripts.fake_resolve.tables import LOCALISED, WRITABLE


class FakeMediaPoolItem(Markers, Colours, of=MediaState):
    """A clip in the media pool."""

    _state: MediaState

    def _marker_range(self) -> tuple[float, float]:
        return 0, self._state.frames

    @call()
    def GetName(self) -> str:
        return str(self._state.properties.get("Clip Name") or self._state.name)

    @write(since="20.2")
    def SetName(self, name: str) -> bool:
        self._state.properties["Clip Name"] = name
        return True

    @call()
    def GetUniqueId(self) -> str:
        return self._state.uid

    @call()
    def GetMediaId(self) -> str:
        return "media-" + self._state.uid

    @call()
    def GetClipProperty(self, propertyName: str | None = None) -> object:
        values = self._properties()
        if propertyName in (None, "", "Usage"):  # counting takes long
            values["Usage"] = str(self._usage())
        return values.get(propertyName, "") if propertyName else values

    @write()
    def SetClipProperty(self, propertyName: str, propertyValue: str | None) -> bool:
        media = self._state
        value = str(propertyValue)
        if propertyName == "Start TC":
            try:
                media.start = frame_of(value, media.rate)
            except ValueError:
                return False
            return True
        if propertyName not in WRITABLE:
            return False
        takes = WRITABLE[propertyName]
        if takes is not None and value not in takes:
            return False
        if propertyName not in self._world.traits.unsticky:
            media.properties[propertyName] = value
        return True

    @call()
    def GetMetadata(self, metadataType: str | None = None) -> object:
        return _one_or_all(self._state.metadata, metadataType)

    @write()
    def SetMetadata(self, metadataType: object, metadataValue: str | None = None) -> bool:
        return _store(self._state.metadata, metadataType, metadataValue)

    @call()
    def GetThirdPartyMetadata(self, metadataType: str | None = None) -> object:
        return _one_or_all(self._state.third_party, metadataType)

    @write()
    def SetThirdPartyMetadata(self, metadataType: object, metadataValue: str | None = None) -> bool:
        return _store(self._state.third_party, metadataType, metadataValue)

    @call(since="19.0")
    def GetAudioMapping(self) -> str:
        media = self._state
        return mapping_json(media.channels, media.linked, media.tracks, media.muted)

    @write()
    def LinkProxyMedia(self, proxyMediaFilePath: str) -> bool:
        if not Path(proxyMediaFilePath).is_file():
            return False
        self._state.proxy = proxyMediaFilePath
        return True

    @write()
    def UnlinkProxyMedia(self) -> bool:
        self._state.proxy = ""
        return True

    @write()
    def ReplaceClip(self, filePath: str) -> bool:
        return self._replace(filePath)

    @write(since="20.0")
    def ReplaceClipPreserveSubClip(self, filePath: str) -> bool:
        return self._replace(filePath)

    def _replace(self, path: str) -> bool:
        """For every use in every timeline, with everything that was known of the old file."""
        try:
            new = media_of(Path(path), self._state.rate)
        except OSError:
            return False
        kept = ("uid", "gone", "marks", "flags", "colour")
        for name in set(vars(new)) - set(kept):
            setattr(self._state, name, getattr(new, name))
        return True

    @call(since="19.1", refusal={})
    def GetMarkInOut(self) -> dict[str, dict[str, int]]:
        return {}

    @write(studio=True)
    def TranscribeAudio(self, useSpeakerDetection: bool | None = None) -> bool:
        return True

    @call(since="21.0.4")
    def GetTimeline(self) -> Proxy | None:
        timeline = self._state.timeline
        return self._proxy(timeline) if timeline is not None else None

    def _properties(self) -> dict[str, object]:
        media = self._state
        last = media.start + media.frames
        nested = media.kind in ("Timeline", "Compound", "Multicam")
        values: dict[str, object] = {
            "File Path": "" if nested else media.path,
            "File Name": "" if nested else Path(media.path).name,
            "Clip Name": media.name,
            "Type": media.kind,
            "Format": {".mov": "QuickTime", ".mp4": "MP4", ".wav": "WAVE"}.get(
                Path(media.path).suffix.lower(), ""
            ),
            "Video Codec": "Apple ProRes 422 HQ" if media.has_picture else "",
            "FPS": round(float(media.rate), 3),
            "Frames": str(media.frames) if media.has_picture else "",
            "Start": "0",
            "End": str(media.frames - 1),
            "Start TC": timecode_of(media.start, media.rate, media.drop),
            "End TC": timecode_of(last, media.rate, media.drop),
            "Duration": timecode_of(media.frames, media.rate, media.drop),
            "Drop frame": "1" if media.drop else "0",
            "Resolution": "x".join(map(str, media.size)) if media.has_picture else "",
            "PAR": "Square",
            "Bit Depth": "10" if media.has_picture else "",
            "Data Level": "Auto",
            "Alpha mode": "None",
            "Field Dominance": "Auto",
            "Input Color Space": "Rec.709 (Scene)",
            "Input LUT": "",
            "IDT": "",
            "Audio Ch": str(media.channels),
            "Audio Codec": "Linear PCM" if media.channels else "",
            "Audio Bit Depth": "16" if media.channels else "",
            "Sample Rate": str(media.sample_rate) if media.channels else "",
            "Audio Offset": "",
            "Synced Audio": media.linked[0].path if media.linked else "",
            "Reel Name": "",
            "Proxy": "x".join(map(str, media.size)) if media.proxy else "None",
            "Proxy Media Path": media.proxy,
            "Online Status": "Online" if media.online else "Offline",
            "Usage": "0",
            "Slate TC": "",
            "Super Scale": 1,
            "Scene": "",
            "Shot": "",
            "Take": "",
            "H-FLIP": "Off",
            "V-FLIP": "Off",
        }
        values.update(media.properties)
        if self._world.traits.localised:
            for name in ("Type", "Online Status", "Proxy"):
                values[name] = LOCALISED.get(str(values[name]), values[name])
        return values

    def _usage(self) -> int:
        """How many items show it, also as a take that is not selected."""
        assert self._project is not None

        def shows(item: ItemState) -> bool:
            return item.media is self._state or any(t.media is self._state for t in item.takes)

        return sum(shows(item) for timeline in self._project.timelines for item in timeline.items())


def _one_or_all(values: dict[str, str], name: str | None) -> object:
    return values.get(name, "") if name else dict(values)


def _store(values: dict[str, str], name: object, value: str | None) -> bool:
    if isinstance(name, dict):
        values.update({str(key): str(text) for key, text in name.items()})
        return True
    if not isinstance(name, str) or value is None:
        raise TypeError("a name and a string, or a dict")
    values[name] = value
    return True
