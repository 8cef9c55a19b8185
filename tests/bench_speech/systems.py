"""Who listens: this engine, and what else can be installed, behind one signature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final

from relip.speech.alignment import align
from relip.speech.articulation import Articulation
from relip.speech.likeness import phones_of
from relip.speech.spelling import LANGUAGES, Word, base, packed_model
from relip.speech.transcript import aligned, gathered, sharpened
from relip.speech.visemes import listen
from relip_job.errors import SpeechError
from tests.bench_speech import candidates
from tests.bench_speech.scoring import Heard, seven, spans
from tests.bench_speech.utterances import Label, Said, Samples


@dataclass(frozen=True)
class Told:
    """What is known of an utterance beside its sound; most systems are told nothing of it."""

    said: Said | None = None
    labels: tuple[Label, ...] = ()

    def phones(self) -> tuple[tuple[str, ...], ...]:
        """The phones of the labels, in groups between pauses; a diphthong's two labels are one."""
        groups: list[tuple[str, ...]] = []
        for silent, part in groupby(self.labels, lambda label: label.viseme == 0):
            if silent:
                continue
            group: list[str] = []
            last: Label | None = None
            for label in part:
                halves = last and last.phone == label.phone and last.viseme != label.viseme
                # Marks such as (en) tell a voice's language and are not said.
                if not halves and not label.phone.startswith("("):
                    group += phones_of(label.phone)
                last = None if halves else label
            groups.append(tuple(group))
        return tuple(group for group in groups if group)


Listener = Callable[[Samples, Told], Heard]

NOTHING_TOLD: Final = Told()
OURS: Final = "ours"
TRANSCRIPT: Final = "ours, transcript"
PHONES: Final = "ours, true phones"
"""An oracle: it aligns the phones of the labels themselves, in their order, without times."""


def ours(samples: Samples, told: Told) -> Heard:
    """What ``listen()`` hears; nobody tells it the words."""
    del told
    return _as_heard(listen(samples))


def with_transcript(samples: Samples, told: Told) -> Heard:
    """What is heard when the words are known; without them where they are refused."""
    assert told.said is not None
    heard = listen(samples)
    try:
        return _as_heard(aligned(heard, samples, told.said.text, told.said.language))
    except SpeechError:
        return _as_heard(heard, refused=True)


def with_phones(samples: Samples, told: Told) -> Heard:
    """What is heard when every phone is known: how well one aligns if one can spell."""
    words = [Word("", 0, (group,)) for group in told.phones()]
    heard = listen(samples)
    evidence = gathered(heard, samples, words)
    placed = align([word.spoken for word in words], evidence)
    return _as_heard(sharpened(heard, placed, evidence))


def unspelt(said: Said | None) -> str:
    """Why a text cannot be aligned; empty if it can."""
    if said is None:
        return "no text; name a folder of texts with --texts"
    tag = base(said.language)
    if tag not in LANGUAGES:
        return f"relip reads no {tag}" if tag else "a text without its language"
    if packed_model(tag) is None:
        return f"no dictionary of {LANGUAGES[tag][0]}: install.py --with transcript"
    return ""


def _as_heard(found: Articulation, refused: bool = False) -> Heard:
    return Heard(seven(found.visemes), spans(found.closures), spans(found.dentals), refused)


def _without_words(hear: Callable[[Samples], Heard]) -> Listener:
    return lambda samples, told: hear(samples)


SYSTEMS: Final[dict[str, Callable[[], Listener]]] = {
    OURS: lambda: ours,
    TRANSCRIPT: lambda: with_transcript,
    PHONES: lambda: with_phones,
    "phone spans": lambda: _without_words(candidates.phone_spans()),
    "hama": lambda: _without_words(candidates.hama()),
    "pocketsphinx": lambda: _without_words(candidates.pocketsphinx()),
}
"""``phone spans`` is the shipped phone network alone, decoded as hama's own."""

CANDIDATES: Final = tuple(name for name in SYSTEMS if name not in (OURS, TRANSCRIPT, PHONES))


@cache
def listener(name: str) -> Listener:
    """The system of that name, loaded once.

    Raises
    ------
    NotInstalled
        It is not here; the message says what is missing.
    """
    return SYSTEMS[name]()
