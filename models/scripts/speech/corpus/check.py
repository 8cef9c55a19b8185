"""How good the labels are: a table over the sets of a corpus.

    PYTHONPATH=models python -m scripts.speech.corpus.check CORPUS WEIGHTS [--sample 40]

*Dips*: closures in whose middle half the sound above 700 Hz is 6 dB or more below the louder of
the two neighbours' middles (closures between two phones only). *Offset* and *spread*: median, and
median deviation, of the label's middle against where the phone network hears the phone, in ms.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scripts.speech.corpus.acoustics import STEP, loudness
from scripts.speech.corpus.align import PhoneNetwork
from scripts.speech.corpus.store import Segment
from scripts.speech.corpus.visual import IGNORED, VISEMES

PBM: Final = VISEMES.index("PBM")


@dataclass
class Findings:
    """What was found in the sampled utterances of a set."""

    dips: list[bool] = field(default_factory=list)
    closures: list[float] = field(default_factory=list)
    offsets: list[float] = field(default_factory=list)
    closure_offsets: list[float] = field(default_factory=list)
    times: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(VISEMES) + 1))


def read(path: Path) -> tuple[NDArray[np.float32], list[Segment]]:
    """Samples and segments of one utterance."""
    with np.load(path) as stored:
        columns = (stored["start"], stored["end"], stored["phone"], stored["viseme"])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return stored["samples"].astype(np.float32) / 32768, [Segment(*row) for row in rows]


def examine(
    network: PhoneNetwork, samples: NDArray[np.float32], segments: list[Segment], found: Findings
) -> None:
    """Add what one utterance shows to ``found``."""
    level = loudness(samples, 700.0)

    def middle(segment: Segment) -> float:
        quarter = (segment.end - segment.start) / 4
        first, last = (segment.start + quarter) / STEP, (segment.end - quarter) / STEP
        return float(level[int(first) : int(last) + 1].mean())

    for before, closed, after in zip(segments, segments[1:], segments[2:], strict=False):
        between = before.phone and after.phone and PBM not in (before.viseme, after.viseme)
        if closed.viseme == PBM and between:
            found.closures.append(closed.end - closed.start)
            found.dips.append(middle(closed) < max(middle(before), middle(after)) - 6)
    for segment in segments:
        found.times[segment.viseme] += segment.end - segment.start
    said = [s for s in segments if s.phone and s.viseme != IGNORED]
    if len(said) < 2:
        return
    try:
        middles, scores = network.align(network.probabilities(samples), [s.phone for s in said])
    except ValueError:
        return
    for segment, at, score in zip(said, middles, scores, strict=True):
        if score > -1:
            offset = (segment.start + segment.end) / 2 - at
            found.offsets.append(offset)
            if segment.viseme == PBM:
                found.closure_offsets.append(offset)


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("corpus", type=Path)
    arguments.add_argument("weights", type=Path)
    arguments.add_argument("--sample", type=int, default=40)
    wanted = arguments.parse_args()
    network = PhoneNetwork(wanted.weights)
    sets: dict[str, list[dict[str, object]]] = defaultdict(list)
    for line in (wanted.corpus / "index.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        sets[entry["set"]].append(entry)
    print("| set | voices | languages | minutes | closures dip | closure, ms | closure offset, ms |"
          " offset, ms | spread, ms | silence |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, entries in sorted(sets.items()):
        found = Findings()
        picked = np.random.default_rng(0).permutation(len(entries))[: wanted.sample]
        for i in picked:
            examine(network, *read(wanted.corpus / str(entries[i]["file"])), found)
        if not found.offsets:
            continue
        offsets, closure = np.array(found.offsets) * 1e3, np.array(found.closure_offsets) * 1e3
        minutes = sum(float(str(entry["seconds"])) for entry in entries) / 60
        print(
            f"| {name} | {len({e['speaker'] for e in entries})} "
            f"| {len({str(e['language']).split('-')[0] for e in entries})} | {minutes:.1f} "
            f"| {np.mean(found.dips):.2f} of {len(found.dips)} "
            f"| {np.median(found.closures) * 1e3:.0f} | {np.median(closure):+.0f} "
            f"| {np.median(offsets):+.0f} | {np.median(np.abs(offsets - np.median(offsets))):.0f} "
            f"| {found.times[0] / found.times.sum():.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
