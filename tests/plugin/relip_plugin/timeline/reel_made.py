"""A reel of 60 lines over 20 shots, written the way three programs write it, and its truth.

24000/1001 frames per second from 01:00:00:00, cuts and gaps, two speakers, lines across cuts.
Numbers are drawn once, by a generator with a seed.
"""

import json
import random
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

Format = Literal["otio", "fcp7", "fcpxml"]
FORMATS: tuple[Format, ...] = ("otio", "fcp7", "fcpxml")
RATE = Fraction(24000, 1001)
START = 86400
CAMERA_STARTS = (86400, 172_800 + 11, 1_000_003)
CAMERA_FRAMES = 6000
SOUND_FRAMES = 4000
SPEAKERS = ("anna", "ben")


def exact(*values: int) -> tuple[Fraction, ...]:
    """Whole numbers as fractions, which is what times are."""
    return tuple(Fraction(value) for value in values)


@dataclass(frozen=True)
class Piece:
    """In frames: where it lies on the timeline, and which frame of its file comes first."""

    name: str
    at: int
    frames: int
    file: int
    first: int


@dataclass(frozen=True)
class Reel:
    folder: Path
    shots: tuple[Piece, ...]
    lines: tuple[tuple[Piece, ...], tuple[Piece, ...]]
    cameras: tuple[Path, ...] = field(default=())
    sounds: tuple[Path, ...] = field(default=())

    def write(self, format_: Format) -> Path:
        """The reel in a file."""
        path = (
            self.folder
            / {"otio": "reel.otio", "fcp7": "reel.xml", "fcpxml": "reel.fcpxml"}[format_]
        )
        text = {"otio": otio, "fcp7": fcp7, "fcpxml": fcpxml}[format_](self)
        path.write_text(text, encoding="utf-8")
        return path


def reel(folder: Path) -> Reel:
    """The reel; its files are there but empty."""
    draw = random.Random(7)
    shots, at = [], 24
    for number in range(20):
        frames = draw.randrange(40, 160)
        camera = draw.randrange(3)
        first = draw.randrange(200, CAMERA_FRAMES - 400)
        shots.append(Piece(f"Schuß {number + 1} & <{camera}>", at, frames, camera, first))
        at += frames + (draw.randrange(5, 30) if number % 4 == 3 else 0)
    lines: tuple[list[Piece], list[Piece]] = ([], [])
    ends = [0, 0]
    for number in range(60):
        speaker = number % 2
        length = draw.randrange(20, 60)
        begin = max(ends[speaker], at * number // 62 + draw.randrange(10))
        lines[speaker].append(
            Piece(f"line_{number + 1:02d}", begin, length, speaker, draw.randrange(3500))
        )
        ends[speaker] = begin + length
    cameras = tuple(folder / f"cam é {number}.mov" for number in range(3))
    sounds = tuple(folder / f"{name}.wav" for name in SPEAKERS)
    for path in cameras + sounds:
        path.touch()
    return Reel(folder, tuple(shots), (tuple(lines[0]), tuple(lines[1])), cameras, sounds)


def spread(pieces: tuple[Piece, ...]) -> list[int | Piece]:
    """Pieces, and frames of nothing between them."""
    found: list[int | Piece] = []
    at = 0
    for piece in pieces:
        if piece.at > at:
            found.append(piece.at - at)
        found.append(piece)
        at = piece.at + piece.frames
    return found


# OTIO, in the shape of Resolve's


def otio(made: Reel) -> str:
    def clip(piece: Piece, path: Path, starts: int, length: int, audio: bool) -> dict[str, Any]:
        metadata: dict[str, Any] = {"Link Group ID": 4}
        if audio:
            metadata["Channels"] = [{"Source Channel ID": 0, "Source Track ID": 0}]
        return {
            **item("Clip.2", piece.name, otio_range(starts + piece.first, piece.frames)),
            "metadata": {"Resolve_OTIO": metadata},
            "media_references": {
                "DEFAULT_MEDIA": {
                    "OTIO_SCHEMA": "ExternalReference.1",
                    "metadata": {},
                    "name": path.name,
                    "available_range": otio_range(starts, length),
                    "available_image_bounds": None,
                    "target_url": str(path),
                }
            },
            "active_media_reference_key": "DEFAULT_MEDIA",
        }

    def track(name: str, kind: str, children: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            **item("Track.1", name, None),
            "metadata": {"Resolve_OTIO": {"Locked": False}},
            "children": children,
            "kind": kind,
        }

    def children(pieces: tuple[Piece, ...], audio: bool) -> list[dict[str, Any]]:
        paths = made.sounds if audio else made.cameras
        return [
            item("Gap.1", "", otio_range(0, piece))
            if isinstance(piece, int)
            else clip(
                piece,
                paths[piece.file],
                0 if audio else CAMERA_STARTS[piece.file],
                SOUND_FRAMES if audio else CAMERA_FRAMES,
                audio,
            )
            for piece in spread(pieces)
        ]

    tracks = [
        track("Video 1", "Video", children(made.shots, False)),
        track("Audio 1", "Audio", children(made.lines[0], True)),
        track("Audio 2", "Audio", children(made.lines[1], True)),
    ]
    return json.dumps(
        {
            "OTIO_SCHEMA": "Timeline.1",
            "metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}},
            "name": "Reel 3",
            "global_start_time": otio_time(START),
            "tracks": {**item("Stack.1", "", None), "children": tracks},
        },
        indent=4,
        ensure_ascii=False,
    )


def item(schema: str, name: str, range_: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": schema,
        "metadata": {},
        "name": name,
        "source_range": range_,
        "effects": [],
        "markers": [],
        "enabled": True,
    }


def otio_time(value: float, rate: float = 23.976) -> dict[str, Any]:
    """The rate as short as programs write it."""
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": rate, "value": float(value)}


def otio_range(start: float, duration: float, rate: float = 23.976) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "duration": otio_time(duration, rate),
        "start_time": otio_time(start, rate),
    }


# Final Cut Pro 7, in the shape of Resolve's


NTSC = "<rate><timebase>24</timebase><ntsc>TRUE</ntsc></rate>"


def fcp7(made: Reel) -> str:
    told: set[str] = set()

    def file(name: str, path: Path, starts: int, length: int, media: str) -> str:
        if name in told:
            return f'<file id="{name}"/>'
        told.add(name)
        return f"""<file id="{name}">
              <duration>{length}</duration>
              {NTSC}
              <name>{path.name}</name>
              <pathurl>{path.as_uri().replace("file://", "file://localhost")}</pathurl>
              <timecode>
                <string>00:00:00:00</string>
                <displayformat>NDF</displayformat>
                {NTSC}
                <frame>{starts}</frame>
              </timecode>
              <media>{media}</media>
            </file>"""

    def clip(piece: Piece, audio: bool) -> str:
        if audio:
            picture = file(
                f"sound-{piece.file}",
                made.sounds[piece.file],
                0,
                SOUND_FRAMES,
                "<audio><channelcount>1</channelcount></audio>",
            )
        else:
            picture = file(
                f"camera {piece.file}",
                made.cameras[piece.file],
                CAMERA_STARTS[piece.file],
                CAMERA_FRAMES,
                f"<video><duration>{CAMERA_FRAMES}</duration><samplecharacteristics>"
                "<width>1920</width><height>1080</height></samplecharacteristics></video>",
            )
        name = piece.name.replace("&", "&amp;").replace("<", "&lt;")
        source = "<sourcetrack><mediatype>audio</mediatype><trackindex>1</trackindex></sourcetrack>"
        return f"""
          <clipitem id="{name.replace(">", "")} {piece.at}">
            <name>{name}</name>
            <duration>{SOUND_FRAMES if audio else CAMERA_FRAMES}</duration>
            {NTSC}
            <start>{piece.at}</start>
            <end>{piece.at + piece.frames}</end>
            <enabled>TRUE</enabled>
            <in>{piece.first}</in>
            <out>{piece.first + piece.frames}</out>
            {picture}
            {source if audio else "<compositemode>normal</compositemode>"}
            <comments/>
          </clipitem>"""

    def tracks(pieces: tuple[Piece, ...], audio: bool) -> str:
        clips = "".join(clip(piece, audio) for piece in pieces)
        return f"""
        <track>{clips}
          <enabled>TRUE</enabled>
          <locked>FALSE</locked>
        </track>"""

    last = made.shots[-1]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="5">
  <sequence>
    <name>Reel 3</name>
    <duration>{last.at + last.frames - 1}</duration>
    {NTSC}
    <in>-1</in>
    <out>-1</out>
    <timecode>
      <string>01:00:00:00</string>
      <frame>{START}</frame>
      <displayformat>NDF</displayformat>
      {NTSC}
    </timecode>
    <media>
      <video>{tracks(made.shots, False)}
        <format>
          <samplecharacteristics><width>1920</width><height>1080</height></samplecharacteristics>
        </format>
      </video>
      <audio>{tracks(made.lines[0], True)}{tracks(made.lines[1], True)}
      </audio>
    </media>
  </sequence>
</xmeml>
"""


# FCPXML, in the shape of Final Cut's


def span(frames: int) -> str:
    return f"{frames * 1001}/24000s"


def fcpxml(made: Reel) -> str:
    assets = [
        f'<asset id="c{number}" name="{path.stem}" start="{span(CAMERA_STARTS[number])}" '
        f'duration="{span(CAMERA_FRAMES)}" hasVideo="1" format="r1">'
        f'<media-rep kind="original-media" src="{path.as_uri()}"/></asset>'
        for number, path in enumerate(made.cameras)
    ] + [
        f'<asset id="s{number}" name="{path.stem}" start="0s" duration="{span(SOUND_FRAMES)}" '
        f'hasAudio="1" audioSources="1" audioChannels="1" audioRate="48000">'
        f'<media-rep kind="original-media" src="{path.as_uri()}"/></asset>'
        for number, path in enumerate(made.sounds)
    ]
    rows: list[str] = []
    at = 0
    for piece in spread(made.shots):
        frames = piece if isinstance(piece, int) else piece.frames
        own = 86400 if isinstance(piece, int) else CAMERA_STARTS[piece.file] + piece.first
        connected = "".join(
            f"""
              <asset-clip ref="s{line.file}" lane="{-1 - speaker}"
                offset="{span(own + line.at - at)}" name="{line.name}"
                start="{span(line.first)}" duration="{span(line.frames)}"
                audioRole="dub.{SPEAKERS[speaker]}">
                <audio-channel-source srcCh="1" role="dub.{SPEAKERS[speaker]}"/>
              </asset-clip>"""
            for speaker, lines in enumerate(made.lines)
            for line in lines
            if at <= line.at < at + frames
            or (line.at >= at + frames and piece is spread(made.shots)[-1])
        )
        if isinstance(piece, int):
            head = (
                f'gap name="Gap" offset="{span(START + at)}" '
                f'start="{span(86400)}" duration="{span(frames)}"'
            )
        else:
            name = piece.name.replace("&", "&amp;").replace("<", "&lt;")
            head = (
                f'asset-clip ref="c{piece.file}" offset="{span(START + at)}" name="{name}" '
                f'start="{span(own)}" duration="{span(frames)}" format="r1" tcFormat="NDF"'
            )
        marker = f'<marker start="{span(own)}" duration="1001/24000s" value="m"/>'
        if connected or at % 2:
            tag = head.split()[0]
            rows.append(f"<{head}>{connected}\n              {marker}\n            </{tag}>")
        else:
            rows.append(f"<{head}/>")
        at += frames
    line = "\n            "
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>

<fcpxml version="1.10">
    <resources>
        <format id="r1" name="FFVideoFormat1080p2398" frameDuration="1001/24000s"
          width="1920" height="1080"/>
        {(chr(10) + "        ").join(assets)}
    </resources>
    <library>
      <event name="Dub">
        <project name="Reel 3" uid="8A2B7F7E-0000-4000-8000-000000000001">
          <sequence format="r1" duration="{span(at)}" tcStart="{span(START)}" tcFormat="NDF">
            <spine>{line}{line.join(rows)}
            </spine>
          </sequence>
        </project>
      </event>
    </library>
</fcpxml>
"""
