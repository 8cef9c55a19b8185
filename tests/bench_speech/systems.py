"""Who listens: this engine, and what else can be installed, behind one signature."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

from relip.speech.articulation import Articulation
from relip.speech.spelling import check_language
from relip.speech.transcript import aligned
from relip.speech.visemes import listen
from relip_job.errors import SpeechError
from tests.bench_speech import candidates
from tests.bench_speech.scoring import Heard, seven, spans
from tests.bench_speech.utterances import Said, Samples

Listener = Callable[[Samples, Said | None], Heard]

OURS: Final = "ours"
TRANSCRIPT: Final = "ours, transcript"


def ours(samples: Samples, said: Said | None) -> Heard:
    """What ``listen()`` hears; nobody tells it the words."""
    del said
    return _as_heard(listen(samples))


def with_transcript(samples: Samples, said: Said | None) -> Heard:
    """What is heard when the words are known; without them where they are refused."""
    assert said is not None
    heard = listen(samples)
    try:
        return _as_heard(aligned(heard, samples, said.text, said.language))
    except SpeechError:
        return _as_heard(heard, refused=True)


def spelt(said: Said | None) -> bool:
    """Whether there is a text, in a language that relip can read."""
    if said is None:
        return False
    try:
        check_language(said.language)
    except SpeechError:
        return False
    return True


def _as_heard(found: Articulation, refused: bool = False) -> Heard:
    return Heard(seven(found.visemes), spans(found.closures), spans(found.dentals), refused)


def _without_words(hear: Callable[[Samples], Heard]) -> Listener:
    return lambda samples, said: hear(samples)


SYSTEMS: Final[dict[str, Callable[[], Listener]]] = {
    OURS: lambda: ours,
    TRANSCRIPT: lambda: with_transcript,
    "phone spans": lambda: _without_words(candidates.phone_spans()),
    "hama": lambda: _without_words(candidates.hama()),
    "pocketsphinx": lambda: _without_words(candidates.pocketsphinx()),
}
"""``phone spans`` is the shipped phone network alone, decoded as hama's own."""

CANDIDATES: Final = tuple(name for name in SYSTEMS if name not in (OURS, TRANSCRIPT))


@cache
def listener(name: str) -> Listener:
    """The system of that name, loaded once.

    Raises
    ------
    NotInstalled
        It is not here; the message says what is missing.
    """
    return SYSTEMS[name]()
