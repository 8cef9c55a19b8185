"""What ``relip probe`` says about a clip: what it is, who is in it, what would come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Final

from relip.media.clip import Clip
from relip.media.target import Target, target_for

# Names by the code points of ITU-T H.273; 2 is "unspecified".
PRIMARIES: Final = {1: "BT.709", 5: "BT.601 625", 6: "BT.601 525", 9: "BT.2020", 12: "P3 D65"}
TRANSFERS: Final = {
    1: "BT.709",
    6: "BT.601",
    8: "linear",
    13: "sRGB",
    14: "BT.2020 10 bit",
    15: "BT.2020 12 bit",
    16: "PQ",
    18: "HLG",
}
MATRICES: Final = {0: "RGB", 1: "BT.709", 5: "BT.601", 6: "BT.601", 9: "BT.2020"}


@dataclass(frozen=True)
class Section:
    """One line of the report: what it is about, and what there is to say."""

    title: str
    text: str


def rate_text(rate: Fraction, variable: bool = False) -> str:
    """``25 fps`` or ``23.976 fps (24000/1001)``."""
    if rate.denominator == 1:
        text = f"{rate} fps"
    else:
        text = f"{float(rate):.3f} fps ({rate.numerator}/{rate.denominator})"
    return f"{text}, variable" if variable else text


def picture_text(clip: Clip) -> str:
    """Codec, size, samples."""
    codec = f"{clip.codec} {clip.profile}".strip()
    text = f"{codec}, {clip.width} x {clip.height}, {clip.format.name} ({clip.format.bits} bit)"
    if clip.pixel_aspect != 1:
        text += f", pixel aspect {clip.pixel_aspect.numerator}:{clip.pixel_aspect.denominator}"
    return f"{text}, turned by {clip.rotation} degrees" if clip.rotation else text


def colour_text(clip: Clip) -> str:
    """Primaries, transfer, matrix and range; one name where all three agree."""
    colour = clip.colour
    named = [
        names.get(code, "unspecified" if code == 2 else f"code {code}")
        for names, code in (
            (PRIMARIES, colour.primaries),
            (TRANSFERS, colour.transfer),
            (MATRICES, colour.matrix),
        )
    ]
    text = (
        named[0] if len(set(named)) == 1 else "primaries {}, transfer {}, matrix {}".format(*named)
    )
    return f"{text}, {'full' if colour.full else 'limited'} range"


def sound_texts(clip: Clip) -> list[str]:
    """One text per audio stream."""
    texts = []
    for sound in clip.sounds:
        channels = {1: "mono", 2: "stereo"}.get(sound.channels, f"{sound.channels} channels")
        start = f", starts at {float(sound.start):+.3f} s" if sound.start else ""
        texts.append(f"{sound.codec}, {sound.rate} Hz, {channels}{start}")
    return texts


def result_texts(target: Target) -> list[str]:
    """What would come out without options, and what would be lost."""
    codec = f"{target.codec} {target.profile}".strip()
    return [f"{codec}, {target.format.name} ({target.suffix})", *target.notes]


def clip_sections(clip: Clip) -> list[Section]:
    """What is known without looking at a picture."""
    found = [
        Section("file", f"{clip.path} ({clip.container})"),
        Section("picture", picture_text(clip)),
        Section("rate", rate_text(clip.rate, clip.variable_rate)),
        Section("length", f"{clip.frames} frames, {float(clip.duration):.3f} s"),
        Section("colour", colour_text(clip)),
        Section("timecode", clip.start_timecode or "none"),
    ]
    if clip.reel:
        found.append(Section("reel", clip.reel))
    sounds = sound_texts(clip) or ["none"]
    found += [Section("sound", text) for text in sounds]
    return [*found, *(Section("result", text) for text in result_texts(target_for(clip)))]


def as_text(sections: Sequence[Section]) -> str:
    """One line per section."""
    wide = max(len(section.title) for section in sections)
    return "\n".join(f"{section.title:<{wide}}  {section.text}" for section in sections)


def facts(clip: Clip) -> dict[str, object]:
    """The same for a program; rationals are text, ``"24000/1001"``."""
    target = target_for(clip)
    return {
        "path": str(clip.path),
        "container": clip.container,
        "codec": clip.codec,
        "profile": clip.profile,
        "width": clip.width,
        "height": clip.height,
        "format": asdict(clip.format),
        "colour": asdict(clip.colour),
        "rate": str(clip.rate),
        "variable_rate": clip.variable_rate,
        "frames": clip.frames,
        "duration": str(clip.duration),
        "start_timecode": clip.start_timecode,
        "reel": clip.reel,
        "pixel_aspect": str(clip.pixel_aspect),
        "rotation": clip.rotation,
        "result": {
            "codec": target.codec,
            "profile": target.profile,
            "format": target.format.name,
            "suffix": target.suffix,
            "notes": list(target.notes),
        },
        "sounds": [{**asdict(sound), "start": str(sound.start)} for sound in clip.sounds],
    }
