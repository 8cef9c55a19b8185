"""What is scored, and what the card must say about it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Final, Literal

from relip import sample
from relip.footage import Footage
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.speech import RATE, read_speech
from relip.media.spool import Spool
from relip.quality.card import PointName
from relip.quality.score import ScoreRequest
from relip_job.job import ResyncJob
from tests.bench.lines import bilabials
from tests.bench.record import recorded
from tests.trust import moved, touched
from tests.trust.shown import Shown, as_wav, muted, own_sound, shown, silent, write

SHIFT: Final = 5
"""Frames by which sound is shifted."""
Group = Literal["true", "wrong", "fault", "dub", "rate", "again"]
GROUPS: Final[dict[Group, str]] = {
    "true": "Untouched originals with their own sound",
    "wrong": "Untouched originals with sound that is not theirs, or not at its time",
    "fault": "Faults planted in originals",
    "dub": "Lines drawn by relip, and faults planted in them",
    "rate": "The same performance at another frame rate",
    "again": "The same run twice",
}


@dataclass(frozen=True)
class Case:
    """One request and the points it must cost.

    Attributes
    ----------
    lost : none: every point must be earned. ``some`` of them or all of them must be lost, and no
        other unless ``some``.
    control : name of the case in which everything but the fault is the same.
    known : half-open ``(start, end)`` seconds of the closures that are known to be spoken.
    whole : follow the original anew, as a user's run does.
    """

    group: Group
    clip: str
    name: str
    request: ScoreRequest
    lost: tuple[PointName, ...] = ()
    some: bool = False
    control: str = ""
    known: tuple[tuple[float, float], ...] = ()
    whole: bool = False


Planter = Callable[[Shown], Iterator[Frame]]
PICTURE_FAULTS: Final[dict[str, tuple[Planter, PointName]]] = {
    "blurred mouth": (touched.blurred, "sharpness"),
    "hard rectangle": (touched.boxed, "seam"),
    "colour 3 % warmer": (touched.warmer, "seam"),
    "colour 3 % lighter": (touched.lighter, "seam"),
    "flicker, alternate frames": (touched.flickering, "sync"),
}
MOTION_FAULTS: Final[dict[str, tuple[Planter, PointName]]] = {
    "mouth frozen": (moved.frozen, "articulation"),
    "mouth a frame late": (moved.late, "sync"),
    "half amplitude": (moved.halved, "articulation"),
}
WHOLE_FAULTS: Final[dict[str, tuple[Planter, PointName]]] = {
    "picture a frame late": (moved.whole_late, "sync"),
}
OWN: Final = "own sound"
MUMBLED: Final = 0.3
"""Strength of a line drawn too small. What is drawn reaches up to 1.4 times as far as the clip's
own speech, so that half of it need not be too little."""
EARLY: Final = "sound a frame early"
RESTLESS: Final = "moving in silence"
DUBBED: Final = "as drawn"


def true_cases(clip: str, path: Path, folder: Path) -> Iterator[Case]:
    """The untouched original with its own sound, and without it as a dub's original."""
    speech = as_wav(folder / "own.wav", own_sound(path))
    known = tuple(bilabials(sample.spoken())) if clip == "sample" else ()
    yield Case("true", clip, OWN, ScoreRequest(path, path, speech), known=known, whole=True)
    mute = silent(path, folder / "mute.mkv")
    yield Case("true", clip, "own sound, original mute", ScoreRequest(mute, mute, speech))


def wrong_cases(clip: str, path: Path, other: Path, folder: Path) -> Iterator[Case]:
    """Sound early, late, another's: lips or lag must be off."""
    speech = as_wav(folder / "own.wav", own_sound(path))
    right = ScoreRequest(path, path, speech)
    step = SHIFT / probe(path).rate
    off: tuple[PointName, ...] = ("closures", "sync")
    for name, start in ((f"sound {SHIFT} frames late", step), (f"sound {SHIFT} early", -step)):
        yield Case("wrong", clip, name, replace(right, speech_start=start), off, True)
    length = probe(path).duration
    voice = read_speech(other, part=(Fraction(0), length)).samples
    request = replace(right, speech=as_wav(folder / "other.wav", voice))
    yield Case("wrong", clip, f"another's sound ({other.stem})", request, off, True)


FAULTS: Final = (*PICTURE_FAULTS, *MOTION_FAULTS, *WHOLE_FAULTS, EARLY, RESTLESS)


def fault_cases(
    clip: str, path: Path, folder: Path, only: Collection[str] = FAULTS
) -> Iterator[Case]:
    """Faults in the original, which has its own sound; ``own sound`` is their control."""
    samples = own_sound(path)
    speech = as_wav(folder / "own.wav", samples)
    right = ScoreRequest(path, path, speech)

    def case(name: str, request: ScoreRequest, point: PointName) -> Case:
        return Case("fault", clip, name, request, (point,), control=OWN)

    with shown(path) as given:
        for name, (plant, point) in (PICTURE_FAULTS | MOTION_FAULTS | WHOLE_FAULTS).items():
            if name not in only:
                continue
            made = write(folder / "fault.mkv", given.clip, plant(given))
            yield case(name, replace(right, result=made), point)
            made.unlink()
    rate = probe(path).rate
    if EARLY in only:
        yield case(EARLY, replace(right, speech_start=-1 / rate), "sync")
    end = len(samples) / RATE
    quiet = as_wav(folder / "quiet.wav", muted(samples, end * 2 / 3, end))
    if RESTLESS in only:
        yield case(RESTLESS, replace(right, speech=quiet), "articulation")


def dub_cases(clip: str, path: Path, line: Path, folder: Path) -> Iterator[Case]:
    """The engine's own result of another line, and the same faults in it."""
    length = probe(path).duration
    samples = read_speech(line, part=(Fraction(0), length)).samples
    end = len(samples) / RATE
    speech = as_wav(folder / "line.wav", samples)
    quiet = as_wav(folder / "pause.wav", muted(samples, end / 2, end * 5 / 6))
    job = ResyncJob(str(path), str(speech), codec="ffv1")
    request = ScoreRequest(path, path, speech)

    def case(
        name: str, result: Path, point: PointName | None, control: str = DUBBED, said: Path = speech
    ) -> Case:
        lost = () if point is None else (point,)
        asked = replace(request, result=result, speech=said)
        hard = tuple(bilabials(sample.phones())) if said == speech and clip == "sample" else ()
        known = hard if name == DUBBED else ()
        return Case("dub", clip, name, asked, lost, control=control if point else "", known=known)

    with shown(path) as given:
        followed = given.footage, given.spool
        drawn = drawn_by_engine(job, followed, folder / "dub.mkv")
        yield case(DUBBED, drawn, None)
        yield case(RESTLESS, drawn, "articulation", "as drawn, with a pause", quiet)
        paused = replace(job, speech=str(quiet))
        made = drawn_by_engine(paused, followed, folder / "other.mkv")
        yield case("as drawn, with a pause", made, None, said=quiet)
        made.unlink()
        wrong: dict[str, tuple[ResyncJob, PointName]] = {
            "mouth frozen": (replace(job, strength=0.0), "articulation"),
            "mouth a frame late": (replace(job, nudge=1 / given.clip.rate), "sync"),
            "mumbled": (replace(job, strength=MUMBLED), "articulation"),
        }
        for name, (other, point) in wrong.items():
            made = drawn_by_engine(other, followed, folder / "other.mkv")
            yield case(name, made, point)
            made.unlink()
    with shown(drawn) as given:
        for name, (plant, point) in PICTURE_FAULTS.items():
            made = write(folder / "fault.mkv", given.clip, plant(given))
            yield case(name, made, point)
            made.unlink()
    drawn.unlink()


def drawn_by_engine(job: ResyncJob, followed: tuple[Footage, Spool], path: Path) -> Path:
    """The job's result at ``path``."""
    recorded(replace(job, output=str(path)), followed)
    return path


def at_rate(
    clip: str, name: str, path: Path, folder: Path, lost: tuple[PointName, ...]
) -> Iterator[Case]:
    """A clip at another rate, untouched; as at 25 frames a second."""
    request = ScoreRequest(path, path, as_wav(folder / "own.wav", own_sound(path)))
    control = "" if name == "25" else f"{OWN} at 25"
    yield Case("rate", clip, f"{OWN} at {name}", request, lost, control=control)
