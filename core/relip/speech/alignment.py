"""Where in the sound each phone of a text is: the most probable way through both.

A hidden Markov model over rows of 10 ms. Every phone may be under way before the phone network
names it, be named, and go on after it; where nothing is named the network's blank is expected.
All the while the viseme network must see the viseme of the phone: names say which phone comes
next, visemes say when. Between words there may be silence, or sound the text knows nothing of, and
words may be left out; both are dear, so that they are found only where text and sound part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.speech.articulation import VISEMES
from relip.speech.likeness import is_faint, viseme_of

Floats = NDArray[np.float32]
Pronunciations = tuple[tuple[str, ...], ...]
"""How a word may be said: phones, in the order of preference."""


@dataclass(frozen=True)
class Odds:
    """What a path is charged, in nats.

    On labelled speech the placing of phones hardly changes if any of these is halved or doubled,
    so they are round numbers; ``stray`` to ``left_out_phone`` were set between texts that are
    said and texts that are not.

    Attributes
    ----------
    named, seen : weight of the phone network, per frame of 20 ms, and of the viseme network,
        per row.
    unheard, unseen : probability that is never undercut, for networks err.
    unknown : probability of what is seen while lips may do anything.
    pause : least probability of silence: a short one is not seen, lips do not come to rest in it.
    faint : for a phone that is never named, of those that often are not.
    stray, stray_row : for entering sound that is not in the text, and for each row of it.
    left_out, left_out_phone : for a word that is not said, and for each phone of it.
    """

    named: float = 1.0
    seen: float = 0.7
    unheard: float = 2e-3
    unseen: float = 0.01
    unknown: float = 0.35
    pause: float = 0.15
    faint: float = 2.0
    stray: float = 8.0
    stray_row: float = 0.9
    left_out: float = 3.0
    left_out_phone: float = 1.5


@dataclass(frozen=True, eq=False)
class Evidence:
    """What was heard, ``m`` rows of 10 ms.

    Attributes
    ----------
    named : float32 ``[m, k + 2]``, probability of each of ``k`` phones, then of any phone, then
        of none.
    column : which column each phone has.
    visemes : float32 ``[m, 10]``.
    """

    named: Floats
    column: dict[str, int]
    visemes: Floats


@dataclass(frozen=True)
class Place:
    """Half-open rows of a phone of a word; ``named`` if the phone network named it there."""

    word: int
    phone: str
    start: int
    stop: int
    named: bool


@dataclass(frozen=True)
class Stray:
    """Half-open rows of sound that is not in the text, before the word of that number."""

    before: int
    start: int
    stop: int


@dataclass(frozen=True)
class Alignment:
    """Where everything is: phones and strays in order, and the words that are not said."""

    places: tuple[Place, ...]
    strays: tuple[Stray, ...]
    left_out: tuple[int, ...]


NAMED: Final = 0.1
"""Probability from which on a phone was named where it was placed."""

_NEVER: Final = np.float32(-1e9)
_FREE: Final = len(VISEMES)
"""Column of what is seen while lips may do anything but rest."""
_ANY: Final = len(VISEMES) + 1
"""Column of what is seen while lips may do anything."""
_BEHIND: Final = 800
_AHEAD: Final = 1600
"""States around the best that are followed: half a minute of speech; a pause between two words
is one state, however long."""
_BLOCK: Final = 500
"""Rows between two moves of what is followed."""
_SETTLED: Final = 3000
"""Rows after which nothing that is heard can change a decision."""


@dataclass(frozen=True)
class _State:
    """A state of the model: ``phone`` is its number in the chain, -1 between words."""

    kind: str
    word: int
    phone: int
    symbol: str
    arcs: tuple[tuple[int, float], ...]


class _Chain:
    """All states in the order of the text, with arcs into each: ``(source, cost)``."""

    def __init__(self, words: Sequence[Pronunciations], odds: Odds) -> None:
        self.states: list[_State] = []
        self._odds = odds
        self._phones = 0
        leaving: list[tuple[int, float]] = []
        pause = -1
        for number, word in enumerate(words):
            pause, entries = self._between(number, leaving, pause, words)
            entries += leaving
            leaving = [end for spoken in word for end in self._spoken(number, spoken, entries)]
        last, _ = self._between(len(words), leaving, pause, words)
        self.starts = self._entered(words)
        self.ends = [*leaving, (last, 0.0), (last + 1, 0.0)]

    def _entered(self, words: Sequence[Pronunciations]) -> list[tuple[int, float]]:
        """Where a path may start: before the text, or with the first word."""
        onsets = [
            index
            for index, state in enumerate(self.states)
            if state.word == 0 and any(source in (0, 1) for source, _ in state.arcs)
        ]
        begin = [(index, 0.0) for index in onsets if self.states[index].phone >= 0]
        return [(0, 0.0), (1, self._odds.stray), *(begin if words else [])]

    def _between(
        self,
        number: int,
        leaving: list[tuple[int, float]],
        pause: int,
        words: Sequence[Pronunciations],
    ) -> tuple[int, list[tuple[int, float]]]:
        """Silence and stray sound before word ``number``; the arcs that lead on from them."""
        odds = self._odds
        at = len(self.states)
        silent = [(at, 0.0), (at + 1, 0.0), *leaving]
        stray = [(at + 1, 0.0), (at, odds.stray)]
        stray += [(source, cost + odds.stray) for source, cost in leaving]
        if number:
            phones = min(map(len, words[number - 1]))
            missed = odds.left_out + odds.left_out_phone * phones
            silent.append((pause, missed))
            stray.append((pause + 1, missed))
        self.states.append(_State("silence", number, -1, "", tuple(silent)))
        self.states.append(_State("stray", number, -1, "", tuple(stray)))
        return at, [(at, 0.0), (at + 1, 0.0)]

    def _spoken(
        self, number: int, phones: tuple[str, ...], entries: list[tuple[int, float]]
    ) -> list[tuple[int, float]]:
        """The states of one pronunciation; the arcs that lead out of it."""
        for symbol in phones:
            at = len(self.states)
            phone, self._phones = self._phones, self._phones + 1
            faint = is_faint(symbol)
            kinds = (
                ("onset", ((at, 0.0), *entries)),
                ("named", ((at + 1, 0.0), (at, 0.0), *(entries if faint else ()))),
                ("rest", ((at + 2, 0.0), (at + 1, 0.0))),
            )
            for kind, arcs in kinds:
                self.states.append(_State(kind, number, phone, symbol, tuple(arcs)))
            entries = [(at + 2, 0.0)]
            if faint:
                entries += [(at + 1, 0.0), (at, self._odds.faint)]
        return entries


def align(
    words: Sequence[Pronunciations], evidence: Evidence, odds: Odds | None = None
) -> Alignment:
    """Where each phone of the words is; words and sound may lack parts of each other."""
    odds = odds or Odds()
    chain = _Chain(words, odds)
    if not len(evidence.visemes):
        return Alignment((), (), tuple(range(len(words))))
    path = _best_path(chain, evidence, odds)
    edges = np.flatnonzero(np.diff(_units(chain)[path])) + 1
    places, strays = [], []
    bounds = [0, *edges.tolist(), len(path)]
    for start, stop in pairwise(bounds):
        state = chain.states[path[start]]
        if state.phone >= 0:
            heard = evidence.named[start:stop, evidence.column[state.symbol]]
            named = bool(heard.max() >= NAMED)
            places.append(Place(state.word, state.symbol, start, stop, named))
        elif state.kind == "stray":
            strays.append(Stray(state.word, start, stop))
    said = {place.word for place in places}
    missing = tuple(number for number in range(len(words)) if number not in said)
    return Alignment(tuple(places), tuple(strays), missing)


def _units(chain: _Chain) -> NDArray[np.int64]:
    """A number per state that its phone, silence or stray shares."""
    between = len(chain.states)
    return np.array(
        [
            state.phone if state.phone >= 0 else between + 2 * state.word + (state.kind == "stray")
            for state in chain.states
        ]
    )


class _Emissions:
    """Log-probability of every row in every state."""

    def __init__(self, chain: _Chain, evidence: Evidence, odds: Odds) -> None:
        named, none = len(evidence.column), len(evidence.column) + 1
        columns = {"onset": none, "rest": none, "silence": none, "stray": none + 1}
        self.sound = np.array(
            [
                evidence.column[state.symbol] if state.kind == "named" else columns[state.kind]
                for state in chain.states
            ]
        )
        self.sight = np.array([_sight(state) for state in chain.states])
        self.toll = np.array(
            [odds.stray_row if state.kind == "stray" else 0.0 for state in chain.states],
            np.float32,
        )
        self._evidence, self._odds, self._any = evidence, odds, named

    def block(self, start: int, stop: int) -> tuple[Floats, Floats]:
        """Of rows ``start`` to ``stop``: ``[b, k + 3]`` of what is named, ``[b, 12]`` seen."""
        odds = self._odds
        named = self._evidence.named[start:stop]
        either = named[:, self._any :].max(axis=1, keepdims=True)
        heard = np.log(np.maximum(np.hstack([named, either]), odds.unheard)) * (odds.named / 2)
        seen = np.maximum(self._evidence.visemes[start:stop], odds.unseen)
        free = seen[:, 1:].max(axis=1, keepdims=True)
        seen[:, 0] = np.maximum(seen[:, 0], odds.pause)
        wide = np.full((len(seen), 1), odds.unknown, np.float32)
        sight = np.log(np.hstack([seen, free, wide])) * odds.seen
        return heard.astype(np.float32), sight.astype(np.float32)


def _sight(state: _State) -> int:
    """Which column of what is seen belongs to a state."""
    if state.phone >= 0:
        viseme = viseme_of(state.symbol)
        return viseme if viseme >= 0 else _ANY
    return 0 if state.kind == "silence" else _FREE


def _best_path(chain: _Chain, evidence: Evidence, odds: Odds) -> NDArray[np.int64]:
    """The state of each row; memory is that of half a minute, however long the sound is."""
    count, rows = len(chain.states), len(evidence.visemes)
    fan = max(len(state.arcs) for state in chain.states)
    sources = np.zeros((count, fan), np.int64)
    costs = np.full((count, fan), -_NEVER, np.float32)
    for index, state in enumerate(chain.states):
        for slot, (source, cost) in enumerate(state.arcs):
            sources[index, slot], costs[index, slot] = source, cost
    emissions = _Emissions(chain, evidence, odds)
    score = np.full(count, _NEVER, np.float32)
    for index, cost in chain.starts:
        score[index] = -cost
    path = np.zeros(rows, np.int64)
    back: list[tuple[int, NDArray[np.uint8]]] = []
    settled = 0
    for first, stop in _blocks(rows):
        best = int(score.argmax())
        low, high = max(0, best - _BEHIND), min(count, best + _AHEAD)
        score[:low] = score[high:] = _NEVER
        heard, sight = emissions.block(first, stop)
        sound, seen = emissions.sound[low:high], emissions.sight[low:high]
        part, toll = sources[low:high], emissions.toll[low:high] + 0
        charge, every = costs[low:high], np.arange(high - low)
        for row in range(first, stop):
            if row:
                ways = score[part] - charge
                slot = ways.argmax(axis=1)
                back.append((low, slot.astype(np.uint8)))
                score[low:high] = ways[every, slot]
            else:
                back.append((low, np.zeros(high - low, np.uint8)))
            score[low:high] += heard[row - first, sound] + sight[row - first, seen] - toll
        score -= score.max()
        if stop - settled > 2 * _SETTLED and stop < rows:
            _trace(path, int(score.argmax()), settled, stop, back, sources)
            del back[: stop - _SETTLED - settled]
            settled = stop - _SETTLED
    ends = {index: score[index] - cost for index, cost in chain.ends}
    _trace(path, max(ends, key=lambda index: ends[index]), settled, rows, back, sources)
    return path


def _blocks(rows: int) -> Iterator[tuple[int, int]]:
    for first in range(0, rows, _BLOCK):
        yield first, min(first + _BLOCK, rows)


def _trace(
    path: NDArray[np.int64],
    state: int,
    start: int,
    stop: int,
    back: list[tuple[int, NDArray[np.uint8]]],
    sources: NDArray[np.int64],
) -> None:
    """Write the path of rows ``start`` to ``stop`` that ends in a state."""
    for row in range(stop - 1, start - 1, -1):
        path[row] = state
        low, slots = back[row - start]
        state = int(sources[state, slots[state - low]])
