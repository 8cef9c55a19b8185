"""Who listens: this engine, and what else can be installed, behind one signature."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Final

from relip.speech.articulation import Articulation
from relip.speech.visemes import listen
from relip_job.errors import SpeechError
from tests.bench_speech import candidates
from tests.bench_speech.candidates import NotInstalled
from tests.bench_speech.scoring import Heard, seven, spans
from tests.bench_speech.utterances import Said, Samples

Listener = Callable[[Samples, Said | None], Heard]
Aligner = Callable[[Samples, str, str], Articulation]

OURS: Final = "ours"
TRANSCRIPT: Final = "ours, transcript"
_ALIGNER: Final = "relip.speech.transcript"


def ours(samples: Samples, said: Said | None) -> Heard:
    """What ``listen()`` hears; nobody tells it the words."""
    del said
    return _as_heard(listen(samples))


def aligned() -> Listener:
    """What is heard when the words are known.

    Raises
    ------
    NotInstalled
        This version of the engine takes no transcript.
    """
    if find_spec(_ALIGNER) is None:
        raise NotInstalled("this version takes no transcript")
    align: Aligner = importlib.import_module(_ALIGNER).align

    def hear(samples: Samples, said: Said | None) -> Heard:
        assert said is not None
        try:
            return _as_heard(align(samples, said.text, said.language))
        except SpeechError:
            return _as_heard(listen(samples), refused=True)

    return hear


def _as_heard(found: Articulation, refused: bool = False) -> Heard:
    return Heard(seven(found.visemes), spans(found.closures), spans(found.dentals), refused)


def _without_words(hear: Callable[[Samples], Heard]) -> Listener:
    return lambda samples, said: hear(samples)


SYSTEMS: Final[dict[str, Callable[[], Listener]]] = {
    OURS: lambda: ours,
    TRANSCRIPT: aligned,
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
