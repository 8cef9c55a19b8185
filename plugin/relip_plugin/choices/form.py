"""The form as it comes from the browser, checked, as a choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from relip_host.choice import PLACES, Choice
from relip_host.faces import WAYS, is_face
from relip_host.host import Track
from relip_host.page import Offer
from relip_job.job import CODECS, ENGINES, PROVIDERS
from relip_models import FURTHER, Store

STRONGEST: Final = 1.5
FARTHEST: Final = Fraction(10)
"""Seconds; who nudges farther has placed the dub wrongly."""
MOST_HANDLES: Final = 1000
MOST_PEOPLE: Final = 99
MOST_WORKERS: Final = 64
_NUMBER: Final = re.compile(r"[+-]?(\d{1,9}(\.\d{0,9})?|\.\d{1,9})")


class FormError(Exception):
    """What is wrong, a sentence for each field."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = dict(wrong)


class _Wrong(Exception):
    """One field's sentence."""


def choice_of(form: Mapping[str, object], offer: Offer) -> Choice:
    """The choice.

    Raises
    ------
    FormError
        With a sentence for every field that cannot be taken.
    """
    read: dict[str, Callable[[], object]] = {
        "tracks": lambda: _tracks(form.get("tracks"), offer.tracks),
        "place": lambda: _one_of(form.get("place"), PLACES),
        "marks_only": lambda: _marks_only(form.get("marks_only"), offer.marks is not None),
        "handles": lambda: _whole(form.get("handles"), 0, MOST_HANDLES, "frames"),
        "engine": lambda: _engine(form.get("engine")),
        "provider": lambda: _one_of(form.get("provider"), PROVIDERS),
        "strength": lambda: _strength(form.get("strength")),
        "nudge": lambda: _nudge(form.get("nudge"), form.get("nudge_unit"), offer.timeline.rate),
        "codec": lambda: _one_of(form.get("codec"), CODECS),
        "score": lambda: form.get("score") is True,
        "speaker": lambda: _speaker(form.get("speaker")),
        "speakers": lambda: _speakers(form.get("speakers"), offer.tracks),
        "folder": lambda: _folder(form.get("folder")),
        "workers": lambda: _workers(form.get("workers")),
        "reuse": lambda: form.get("reuse") is True,
        "backup": lambda: form.get("backup") is True,
    }
    wrong: dict[str, str] = {}
    found: dict[str, object] = {}
    for name, reader in read.items():
        try:
            found[name] = reader()
        except _Wrong as error:
            wrong[name] = str(error)
    if all(shot.obstacle is not None for shot in offer.selection.shots):
        wrong["shots"] = "none of these shots can be re-synced"
    if wrong:
        raise FormError(wrong)
    return Choice(**found)  # type: ignore[arg-type]  # each reader gives its field's type


def _tracks(given: object, offered: tuple[Track, ...]) -> tuple[int, ...]:
    known = [track.number for track in offered]
    if not isinstance(given, list) or not all(number in known for number in given):
        raise _Wrong("choose from the tracks of this timeline")
    if not given:
        raise _Wrong("choose the track with the dub")
    return tuple(number for number in known if number in given)


def _marks_only(given: object, there_are_marks: bool) -> bool:
    if given is True and not there_are_marks:
        raise _Wrong("set an in and an out mark in the timeline first")
    return given is True


def _engine(given: object) -> str:
    engine = _one_of(given, ENGINES)
    draws_with = [entry.name for entry in FURTHER if entry.engine == engine]
    if draws_with and Store().newest(engine) is None:
        raise _Wrong(
            "it draws with networks of your own, and none is there; "
            f"in a terminal: relip models add {draws_with[0]} FILE"
        )
    return engine


def _strength(given: object) -> float:
    strength = float(_number(given))
    if not 0 <= strength <= STRONGEST:
        raise _Wrong(f"choose a strength from 0 to {STRONGEST}")
    return strength


def _nudge(given: object, unit: object, rate: Fraction) -> Fraction:
    number = Fraction(0) if given in ("", None) else _number(given)
    per_second = {"ms": Fraction(1000), "frames": rate}.get(str(unit))
    if per_second is None:
        raise _Wrong("nudge in milliseconds or in frames")
    nudge = number / per_second
    if abs(nudge) > FARTHEST:
        raise _Wrong(f"more than {FARTHEST} seconds is no nudge; move the dub in the timeline")
    return nudge


def _speaker(given: object) -> int | None:
    return None if given in ("", None) else _whole(given, 1, MOST_PEOPLE, "people")


def _speakers(given: object, offered: tuple[Track, ...]) -> dict[int, str]:
    known = {str(track.number): track.number for track in offered}
    if given is None:
        return {}
    if not isinstance(given, dict) or not set(given) <= set(known):
        raise _Wrong("name the people on the tracks of this timeline")
    named = {known[track]: str(face).replace(" ", "") for track, face in given.items()}
    found = {track: face for track, face in named.items() if face}
    if not all(map(is_face, found.values())):
        raise _Wrong(f"write {WAYS}")
    return found


def _workers(given: object) -> int | None:
    return None if given in ("", None) else _whole(given, 1, MOST_WORKERS, "shots")


def _folder(given: object) -> str | None:
    text = str(given or "").strip().strip('"')
    if not text:
        return None
    try:
        folder = Path(text).expanduser()
    except RuntimeError as error:  # ~nobody
        raise _Wrong("there is no such folder; make it first") from error
    if not folder.is_absolute():
        raise _Wrong("write the whole path, from the drive or from /")
    if not folder.is_dir():
        raise _Wrong("there is no such folder; make it first")
    return str(folder)


def _one_of(given: object, known: tuple[str, ...]) -> str:
    if given not in known:
        raise _Wrong(f"choose {', '.join(known)}")
    return str(given)


def _number(given: object) -> Fraction:
    """The number that was typed, exact; a comma may stand for the point."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise _Wrong("write a number")
    text = str(given).strip().replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise _Wrong("write a number")
    return Fraction(text)


def _whole(given: object, least: int, most: int, of: str) -> int:
    number = _number(given)
    if number.denominator != 1 or not least <= number <= most:
        raise _Wrong(f"write a whole number of {of}, {least} to {most}")
    return int(number)
