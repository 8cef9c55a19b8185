"""What Resolve knows of a media file, read with FFmpeg."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from tests.resolve_scripts.fake_resolve.clock import frame_of
from tests.resolve_scripts.fake_resolve.state import MediaState

SOUNDS = (".wav", ".bwf", ".aif", ".aiff", ".mp3", ".flac", ".m4a")


@dataclass(frozen=True)
class Facts:
    """Of one file; ``seconds`` of its sound."""

    picture: bool
    rate: Fraction
    frames: int
    timecode: str
    size: tuple[int, int]
    channels: int
    sample_rate: int
    seconds: Fraction
    reel: str


def read_facts(path: Path) -> Facts:
    """What a file has; its pictures are counted by demultiplexing.

    Raises
    ------
    OSError
        There is no such file, or FFmpeg does not know it.
    """
    with av.open(str(path)) as container:
        pictures = [
            stream
            for stream in container.streams.video
            if not stream.disposition & av.stream.Disposition.attached_pic
        ]
        picture: VideoStream | None = pictures[0] if pictures else None
        sounds = container.streams.audio
        channels = sum(sound.codec_context.layout.nb_channels for sound in sounds)
        seconds = Fraction(0)
        if sounds:
            sound = sounds[0]
            if sound.duration is not None and sound.time_base is not None:
                seconds = sound.duration * sound.time_base
            elif container.duration is not None:
                seconds = Fraction(container.duration, av.time_base)
        tags = {**container.metadata, **(picture.metadata if picture else {})}
        for stream in container.streams.data:
            tags.update(stream.metadata)
        rate, frames, size = Fraction(0), 0, (0, 0)
        if picture is not None:
            rate = Fraction(picture.average_rate or picture.base_rate or 25)
            size = picture.codec_context.width, picture.codec_context.height
            frames = picture.frames or sum(
                1 for packet in container.demux(picture) if packet.size and packet.pts is not None
            )
        return Facts(
            picture=picture is not None,
            rate=rate,
            frames=frames,
            timecode=tags.get("timecode", ""),
            size=size,
            channels=channels,
            sample_rate=sounds[0].codec_context.sample_rate if sounds else 0,
            seconds=seconds,
            reel=tags.get("reel_name", ""),
        )


def media_of(path: Path, project_rate: Fraction) -> MediaState:
    """A clip as it is right after import; sound gets the project's rate, for good.

    Raises
    ------
    OSError
        It cannot be imported.
    """
    if path.suffix.lower() not in SOUNDS and path.suffix.lower() in (".txt", ".json", ".partial"):
        raise OSError(f"{path} is no media")
    facts = read_facts(path)
    kind = "Video + Audio" if facts.channels else "Video"
    rate, frames = facts.rate, facts.frames
    if not facts.picture:
        kind, rate = "Audio", project_rate
        frames = -(-facts.seconds * rate // 1)
    timecode = facts.timecode or "00:00:00:00"
    return MediaState(
        name=path.name,
        path=str(path),
        kind=kind,
        rate=rate,
        frames=int(frames),
        start=frame_of(timecode, rate),
        drop=";" in timecode,
        size=facts.size,
        channels=facts.channels,
        sample_rate=facts.sample_rate,
        tracks=(tuple(range(1, facts.channels + 1)),) if facts.channels else (),
        properties={"Reel Name": facts.reel},
    )
