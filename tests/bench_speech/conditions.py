"""How speech is delivered to the engine: as it is, by worse rooms and lines, and in hard ways."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from tests.bench_speech.degraded import coded, in_room, with_noise
from tests.bench_speech.manners import childlike, deep, hurried, shouted, whispered
from tests.bench_speech.music import with_music
from tests.bench_speech.utterances import Label, Samples

Condition = Literal[
    "clean", "noise", "reverb", "codec", "music", "whisper", "shout", "fast", "child", "low"
]

DEGRADED: Final[tuple[Condition, ...]] = ("noise", "reverb", "codec")
"""The ones that have bars."""
HARD: Final[tuple[Condition, ...]] = ("music", "whisper", "shout", "fast", "child", "low")
"""The ones that are measured beside clean speech."""

Chance = np.random.Generator


@dataclass(frozen=True, eq=False)
class Delivery:
    """Speech as it arrives: times in it are ``stretch`` times those of what was said."""

    samples: Samples
    stretch: float = 1.0

    def retimed(self, labels: Sequence[Label]) -> tuple[Label, ...]:
        """The labels where they are now."""
        return tuple(
            replace(label, start=label.start * self.stretch, end=label.end * self.stretch)
            for label in labels
        )


def delivered(samples: Samples, condition: Condition, seed: int) -> Delivery:
    """The speech under a condition; the same for the same seed."""
    return CONDITIONS[condition](samples, np.random.default_rng(seed))


def _on_time(change: Callable[[Samples, Chance], Samples]) -> Callable[[Samples, Chance], Delivery]:
    """A delivery of what is as long as before, and not later."""
    return lambda samples, chance: Delivery(change(samples, chance))


def _clean(samples: Samples, chance: Chance) -> Samples:
    del chance
    return samples


def _fast(samples: Samples, chance: Chance) -> Delivery:
    del chance
    return Delivery(*hurried(samples))


CONDITIONS: Final[dict[Condition, Callable[[Samples, Chance], Delivery]]] = {
    "clean": _on_time(_clean),
    "noise": _on_time(with_noise),
    "reverb": _on_time(in_room),
    "codec": _on_time(coded),
    "music": _on_time(with_music),
    "whisper": _on_time(whispered),
    "shout": _on_time(shouted),
    "fast": _fast,
    "child": _on_time(childlike),
    "low": _on_time(deep),
}
