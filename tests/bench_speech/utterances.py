"""Labelled speech: folders of ``.wav`` with ``.lab``, and corpora of ``.npz`` with an index."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from relip.media.speech import read_speech

Samples = NDArray[np.float32]
"""Mono at 16 kHz, ``[n]``, full scale is 1."""

Kind = Literal["real", "unseen"]
"""Which bars hold: those of real English and Russian, or those of everything else."""

REAL: Final = ("en", "ru")
"""Languages whose real recordings have bars of their own."""

_TAG: Final = re.compile(r"[a-z]{2}")

HELD_OUT: Final = {
    "en_real": "speakers; no real English speaker was trained on at all",
    "ru_real": "utterances only: the shipped network was trained on this speaker",
    "kokoro": "a voice; its two languages but English; the engine was trained on",
    "en_diphone": "a voice; of its kind of synthesis one other voice was trained on",
    "cs_diphone": "a voice, the language, and the kind of synthesis but for one English voice",
    "fi_diphone": "a voice, the language, and the kind of synthesis but for one English voice",
    "espeak_5lang": "the engine and all five languages",
}
"""What of a folder the shipped viseme network has never heard; corpora say it in their index."""


@dataclass(frozen=True)
class Label:
    """Half-open ``[start, end)`` seconds; ``viseme`` is a number in ``VISEMES``, -1 unknown.

    ``phone`` is what is said, IPA as the set writes it; a diphthong may have two labels.
    """

    start: float
    end: float
    viseme: int
    phone: str = ""


@dataclass(frozen=True)
class Said:
    """The words of an utterance, and their language as a tag such as ``de``."""

    text: str
    language: str


@dataclass(frozen=True)
class Source:
    """One utterance on disk: ``sound`` is a ``.wav`` with ``.lab`` beside it, or an ``.npz``.

    ``language`` is a tag, empty where it is not known.
    """

    sound: Path
    said: Said | None = None
    language: str = ""

    def read(self) -> tuple[Samples, tuple[Label, ...]]:
        """The sound and its labels, in order."""
        if self.sound.suffix == ".npz":
            with np.load(self.sound) as kept:
                samples = kept["samples"].astype(np.float32) / 32768
                lines = zip(kept["start"], kept["end"], kept["viseme"], kept["phone"], strict=True)
                return samples, tuple(
                    Label(float(start), float(end), int(viseme), str(phone))
                    for start, end, viseme, phone in lines
                )
        return read_speech(self.sound).samples, read_labels(self.sound.with_suffix(".lab"))


@dataclass(frozen=True)
class LabelledSet:
    """Utterances that are scored together; ``held_out`` says what training never heard of them."""

    name: str
    kind: Kind
    held_out: str
    sources: tuple[Source, ...]


def read_labels(path: Path) -> tuple[Label, ...]:
    """Lines of ``start end viseme phone``: seconds, and the number in ``VISEMES`` or -1."""
    lines = (line.split() for line in path.read_text("utf-8").splitlines())
    return tuple(
        Label(float(start), float(end), int(viseme), phone)
        for start, end, viseme, phone, *_ in (line for line in lines if line)
    )


def folders(root: Path, texts: Path | None = None) -> list[LabelledSet]:
    """Every folder of ``root`` as a set; ``NNN.txt`` is what is said in ``NNN.wav``.

    It lies beside the sound, or in a folder of the same name in ``texts``. The language is what
    the folder's name begins with; a folder of several has it in the text's name, ``NNN.it.txt``.
    """
    found = []
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        first, _, rest = folder.name.partition("_")
        language = first if _TAG.fullmatch(first) else ""
        place = (texts or root) / folder.name
        sources = tuple(_source(sound, place, language) for sound in sorted(folder.glob("*.wav")))
        kind: Kind = "real" if rest.startswith("real") and language in REAL else "unseen"
        if sources:
            told = HELD_OUT.get(folder.name, "not known")
            found.append(LabelledSet(folder.name, kind, told, sources))
    return found


def _source(sound: Path, place: Path, language: str) -> Source:
    """A sound with its text, if ``place`` has one."""
    for text in sorted(place.glob(f"{sound.stem}.*txt")) if place.is_dir() else ():
        tag = text.name.removeprefix(f"{sound.stem}.").removesuffix("txt").rstrip(".") or language
        return Source(sound, Said(text.read_text("utf-8").strip(), tag), tag)
    return Source(sound, None, language)


def corpus(root: Path) -> list[LabelledSet]:
    """The held-out utterances of ``root/index.jsonl``, a set for each of its sets and languages."""
    groups: dict[tuple[str, str], list[dict[str, object]]] = {}
    for line in (root / "index.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["held_out"]:
            groups.setdefault((entry["set"], entry["language"]), []).append(entry)
    return [
        _group(root, name, language, entries)
        for (name, language), entries in sorted(groups.items())
    ]


def _group(
    root: Path, name: str, language: str, entries: Sequence[dict[str, object]]
) -> LabelledSet:
    real = all(entry["real"] for entry in entries)
    engines = sorted({str(entry["engine"]) for entry in entries})
    speakers = len({entry["speaker"] for entry in entries})
    kind: Kind = "real" if real and language.lower()[:2] in REAL else "unseen"
    who = f"{speakers} {'speaker' if real else 'voice'}{'s' if speakers > 1 else ''}"
    sources = tuple(
        Source(
            root / str(entry["file"]),
            Said(str(entry["text"]), language) if entry.get("text") else None,
            language,
        )
        for entry in entries
    )
    return LabelledSet(f"{name}/{language}", kind, f"{who}, {', '.join(engines)}", sources)


def speech_folder() -> Path | None:
    """Where ``RELIP_SPEECH`` points."""
    return Path(os.environ["RELIP_SPEECH"]) if os.environ.get("RELIP_SPEECH") else None
