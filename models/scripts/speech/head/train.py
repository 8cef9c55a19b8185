"""Train the head on what ``prepare.py`` made.

    PYTHONPATH=core:models python -m scripts.speech.head.train FEATURES head.pt

One thread, fixed seed. A checkpoint is written every 250 steps; started again, it goes on from
there and ends with the same weights as without the break.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from scripts.speech.head.network import Head

BATCH: Final = 12
LENGTH: Final = 160
"""Frames of 20 ms a network sees at once while it learns."""
RATE: Final = 3e-3
AVERAGE: Final = 0.998
"""Of the running average of weights, which is what is kept."""
WEIGHT: Final = {1: 1.6, 2: 2.2}
"""Of lips closed and lip on teeth: they are rare and count most."""
OPENING: Final = 4.0
"""Weight of the mean error of the opening beside the visemes' cross-entropy."""
DEAF: Final = 0.1
"""How often one of the two inputs is missing."""
EVERY: Final = 250


@dataclass(frozen=True, eq=False)
class Material:
    """Utterances one after another, and where each begins and ends.

    ``features [t, 384]``, ``phones [t, 191]``, ``labels [2 t]``, ``opening [2 t]``.
    """

    features: NDArray[np.float16]
    phones: NDArray[np.uint8]
    labels: NDArray[np.int8]
    opening: NDArray[np.uint8]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


def load(path: Path) -> Material:
    """One file that ``prepare.py`` made."""
    with np.load(path) as held:
        stops = np.cumsum(held["lengths"])
        starts = stops - held["lengths"]
        return Material(
            held["features"], held["phones"], held["labels"], held["opening"], starts, stops
        )


def batch(
    materials: Sequence[Material], share: NDArray[np.float64], rng: np.random.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Excerpts: features ``[b, 384, t]``, phones ``[b, 191, t]``, labels and opening ``[b, 2 t]``.

    Labels are -1 and the opening is above 1 where nothing is known.
    """
    features = np.zeros((BATCH, LENGTH, 384), np.float32)
    phones = np.zeros((BATCH, LENGTH, 191), np.float32)
    labels = np.full((BATCH, 2 * LENGTH), -1, np.int64)
    opening = np.full((BATCH, 2 * LENGTH), 255, np.uint8)
    for row in range(BATCH):
        some = materials[int(rng.choice(len(materials), p=share))]
        at = int(rng.integers(len(some.starts)))
        start, stop = int(some.starts[at]), int(some.stops[at])
        if stop - start > LENGTH:
            start += int(rng.integers(stop - start - LENGTH))
        count = min(LENGTH, stop - start)
        part = slice(start, start + count)
        deaf = rng.random()
        if deaf > DEAF:
            features[row, :count] = some.features[part]
        if not DEAF < deaf < 2 * DEAF:
            phones[row, :count] = some.phones[part] / np.float32(255)
        labels[row, : 2 * count] = some.labels[2 * start : 2 * (start + count)]
        opening[row, : 2 * count] = some.opening[2 * start : 2 * (start + count)]
    return (
        torch.from_numpy(features.transpose(0, 2, 1)),
        torch.from_numpy(phones.transpose(0, 2, 1)),
        torch.from_numpy(labels),
        torch.from_numpy(opening.astype(np.float32) / 200),
    )


def shares(paths: Sequence[Path], materials: Sequence[Material]) -> NDArray[np.float64]:
    """How often each file is drawn from: as the root of its length, silence a twentieth."""
    share = np.sqrt([len(each.features) for each in materials])
    quiet = np.array([path.name.startswith("silence.") for path in paths])
    share[quiet] = share[~quiet].sum() / 20 / max(quiet.sum(), 1)
    return np.asarray(share / share.sum())


def train(paths: Sequence[Path], target: Path, steps: int, seed: int, minutes: float) -> None:
    """Train and write the averaged weights."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    materials = [load(path) for path in paths]
    share = shares(paths, materials)
    head = Head()
    average = Head()
    average.load_state_dict(head.state_dict())
    optimiser = torch.optim.AdamW(head.parameters(), RATE, weight_decay=0.01)
    weight = torch.ones(10)
    for viseme, much in WEIGHT.items():
        weight[viseme] = much
    loss = nn.CrossEntropyLoss(weight, ignore_index=-1, label_smoothing=0.05)
    checkpoint = target.with_suffix(".checkpoint")
    first = 0
    if checkpoint.exists():
        held: dict[str, Any] = torch.load(checkpoint)
        head.load_state_dict(held["head"])
        average.load_state_dict(held["average"])
        optimiser.load_state_dict(held["optimiser"])
        torch.set_rng_state(held["random"])
        first = held["step"]
    begun, right, seen, error = time.monotonic(), 0.0, 1e-9, 0.0
    for step in range(first, steps):
        rng = np.random.default_rng([seed, step])
        for group in optimiser.param_groups:
            group["lr"] = (
                RATE * min(1, (step + 1) / 100) * (0.505 + 0.495 * math.cos(math.pi * step / steps))
            )
        features, phones, labels, opening = batch(materials, share, rng)
        head.train()
        made, parted = head(features, phones)
        judged = opening <= 1
        off = (torch.sigmoid(parted) - opening)[judged].abs().mean()
        cost = loss(made, labels) + OPENING * off
        optimiser.zero_grad()
        cost.backward()
        nn.utils.clip_grad_norm_(head.parameters(), 2.0)
        optimiser.step()
        known = labels >= 0
        error += float(off.detach())
        right += float(((made.argmax(1) == labels) & known).sum())
        seen += float(known.sum())
        follow(average, head, min(AVERAGE, (step + 1) / (step + 10)))
        if (step + 1) % EVERY == 0 or step + 1 == steps:
            took = (time.monotonic() - begun) / (step + 1 - first)
            print(
                f"step {step + 1}: right {right / seen:.3f}, opening {error / EVERY:.3f} off, "
                f"{took:.2f} s a step",
                flush=True,
            )
            right, seen, error = 0.0, 1e-9, 0.0
            torch.save(
                {
                    "head": head.state_dict(),
                    "average": average.state_dict(),
                    "optimiser": optimiser.state_dict(),
                    "random": torch.get_rng_state(),
                    "step": step + 1,
                },
                checkpoint.with_suffix(".partial"),
            )
            checkpoint.with_suffix(".partial").replace(checkpoint)
        if minutes and time.monotonic() - begun > 60 * minutes:
            break
    torch.save(average.state_dict(), target)


def follow(average: nn.Module, head: nn.Module, keep: float) -> None:
    """Let the average follow the weights; counts are copied."""
    with torch.no_grad():
        for mine, theirs in zip(
            average.state_dict().values(), head.state_dict().values(), strict=True
        ):
            if mine.is_floating_point():
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("features", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0, help="stop after so long")
    parser.add_argument("--without", default="", help="sets to leave out, with commas between")
    options = parser.parse_args()
    left_out = options.without.split(",")
    paths = [
        path
        for path in sorted(options.features.glob("*.npz"))
        if not path.name.startswith(".") and path.name.split(".")[0] not in left_out
    ]
    train(paths, options.target, options.steps, options.seed, options.minutes)


if __name__ == "__main__":
    main()
