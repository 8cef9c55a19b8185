"""What the page shows of an offer: timecodes, names and words, ready to be printed."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, TypedDict

from relip_host.engines import LICENCES, PROVIDER_WORDS
from relip_host.host import Shot, Timeline, Track
from relip_host.page import Offer
from relip_job.job import CODECS, ENGINES, PROVIDERS
from relip_job.timecode import Timecode
from relip_plugin.progress import TITLES

ENGINE_WORDS: Final = {
    "footage": "This person's own footage",
    "wav2lip": "Wav2Lip, your own network",
    "musetalk": "MuseTalk, your own networks",
}
CODEC_WORDS: Final = {
    "match": "As the source",
    "prores": "ProRes",
    "dnxhr": "DNxHR",
    "h264": "H.264",
    "hevc": "HEVC",
    "ffv1": "FFV1, lossless",
}


class HostWords(TypedDict):
    """How an editing program calls things."""

    name: str
    picture_track: str
    sound_track: str
    in_place: str
    in_place_hint: str
    above: str
    above_hint: str


HOSTS: Final[dict[str, HostWords]] = {
    "resolve": {
        "name": "DaVinci Resolve",
        "picture_track": "V",
        "sound_track": "A",
        "in_place": "A new take",
        "in_place_hint": "on the same clip; the original stays as take 1",
        "above": "A new track",
        "above_hint": "RELIP v001, over the untouched edit",
    },
    "blender": {
        "name": "Blender",
        "picture_track": "channel ",
        "sound_track": "channel ",
        "in_place": "The same strip",
        "in_place_hint": "it shows the new file; one undo brings the old one back",
        "above": "A strip above",
        "above_hint": "in the first free channel; the original is muted",
    },
}
OTHER_HOST: Final[HostWords] = {
    "name": "your editing program",
    "picture_track": "track ",
    "sound_track": "track ",
    "in_place": "In place",
    "in_place_hint": "the shot shows the new file",
    "above": "A new track",
    "above_hint": "over the untouched edit",
}


def words_of(host: str) -> HostWords:
    """The words of this program."""
    return HOSTS.get(host, OTHER_HOST)


def view_of(offer: Offer) -> dict[str, object]:
    """Everything the page shows before anything has been chosen, as JSON."""
    words = words_of(offer.host)
    marks = None
    if offer.marks is not None:
        marks = [timecode(offer.timeline, time) for time in offer.marks]
    return {
        "host": words,
        "title": title_of(offer.selection.shots),
        "project": offer.project,
        "timeline": f"{offer.timeline.name}, {rate_of(offer.timeline)}",
        "how": offer.selection.how,
        "notes": offer.notes,
        "shots": [_shot(shot, offer.timeline, words) for shot in offer.selection.shots],
        "tracks": [_track(track, words) for track in offer.tracks],
        "marks": marks,
        "engines": [[name, ENGINE_WORDS.get(name, name)] for name in ENGINES],
        "licences": LICENCES,
        "providers": [[name, PROVIDER_WORDS.get(name, name)] for name in PROVIDERS],
        "codecs": [[name, CODEC_WORDS.get(name, name)] for name in CODECS],
        "stages": TITLES,
        "form": _filled_in(offer),
    }


def title_of(shots: tuple[Shot, ...]) -> str:
    """``Re-sync CU_anna_04`` or ``Re-sync 3 shots``."""
    return f"Re-sync {shots[0].name}" if len(shots) == 1 else f"Re-sync {len(shots)} shots"


def rate_of(timeline: Timeline) -> str:
    """``25 fps``, ``23.976 fps``, ``29.97 fps drop-frame``."""
    rate = f"{float(timeline.rate):.3f}".rstrip("0").rstrip(".")
    return f"{rate} fps{' drop-frame' if timeline.drop else ''}"


def timecode(timeline: Timeline, time: Fraction) -> str:
    """The timeline's timecode of the frame that contains this record time."""
    frames = timeline.start + int(time * timeline.rate // 1)
    return str(Timecode(frames, timeline.rate, timeline.drop))


def length(timeline: Timeline, time: Fraction) -> str:
    """A duration as editors read it: ``03:12`` is three seconds and twelve frames."""
    text = str(Timecode(round(time * timeline.rate), timeline.rate))
    while text.startswith("00:") and len(text) > len("00:00"):
        text = text.removeprefix("00:")
    return text


def _shot(shot: Shot, timeline: Timeline, words: HostWords) -> dict[str, object]:
    told: dict[str, object] = {
        "id": shot.id,
        "name": shot.name,
        "track": f"{words['picture_track']}{shot.track}",
        "start": timecode(timeline, shot.start),
        "end": timecode(timeline, shot.end),
        "length": length(timeline, shot.end - shot.start),
        "obstacle": None,
    }
    if shot.obstacle is not None:
        told["obstacle"] = {"message": shot.obstacle.message, "remedy": shot.obstacle.remedy}
    return told


def _track(track: Track, words: HostWords) -> dict[str, object]:
    label = f"{words['sound_track']}{track.number}"
    return {
        "number": track.number,
        "label": label,
        # Resolve names a track "Audio 2" until the editor does.
        "name": "" if track.name in (label, f"Audio {track.number}") else track.name,
        "items": track.items,
        "enabled": track.enabled,
    }


def _filled_in(offer: Offer) -> dict[str, object]:
    """The remembered choice as the form's fields have it; what is gone is left out."""
    choice = offer.choice
    numbers = {track.number for track in offer.tracks}
    nudge, unit = nudge_of(choice.nudge, offer.timeline.rate)
    return {
        "tracks": [number for number in choice.tracks if number in numbers],
        "place": choice.place,
        "marks_only": choice.marks_only and offer.marks is not None,
        "handles": choice.handles,
        "engine": choice.engine if choice.engine in ENGINES else ENGINES[0],
        "provider": choice.provider if choice.provider in PROVIDERS else PROVIDERS[0],
        "strength": choice.strength,
        "nudge": nudge,
        "nudge_unit": unit,
        "codec": choice.codec if choice.codec in CODECS else CODECS[0],
        "score": choice.score,
        "speaker": "" if choice.speaker is None else str(choice.speaker),
        "speakers": {str(n): face for n, face in choice.speakers.items() if n in numbers},
        "folder": choice.folder or "",
        "workers": "" if choice.workers is None else str(choice.workers),
        "reuse": choice.reuse,
        "backup": choice.backup,
    }


def nudge_of(nudge: Fraction, rate: Fraction) -> tuple[str, str]:
    """The number and its unit, in which it is shortest: ``("-40", "ms")``, ``("1", "frames")``."""
    if (nudge * 1000).denominator == 1:
        return str(nudge * 1000), "ms"
    if (nudge * rate).denominator == 1:
        return str(nudge * rate), "frames"
    return f"{float(nudge * 1000):.3f}".rstrip("0").rstrip("."), "ms"
