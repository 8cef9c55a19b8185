"""What a network takes and gives, and whether a file does so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations


@dataclass(frozen=True)
class Port:
    """An input or an output.

    Attributes
    ----------
    shape : None for a size that is free, as a batch is.
    name : empty where it is not known, or does not matter.
    """

    shape: tuple[int | None, ...]
    name: str = ""

    def fits(self, name: str, shape: Sequence[int | None]) -> bool:
        """Whether a file's port may be this one; a file may leave sizes open."""
        if self.name and name != self.name:
            return False
        if not shape:  # the file does not say
            return True
        return len(shape) == len(self.shape) and all(
            ours is None or theirs is None or ours == theirs
            for ours, theirs in zip(self.shape, shape, strict=True)
        )

    def __str__(self) -> str:
        sizes = ", ".join("n" if size is None else str(size) for size in self.shape)
        return f"{self.name} [{sizes}]".lstrip()


OfFile = tuple[str, Sequence[int | None]]
"""Name and shape of an input or output as a file has it."""
Ports = Sequence[OfFile]


@dataclass(frozen=True)
class Signature:
    """Inputs, in any order, and outputs, in order where they have no names."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def fits(self, inputs: Ports, outputs: Ports) -> bool:
        """Whether a file has these; more outputs do no harm."""
        return (
            self._matched(inputs) is not None
            and len(outputs) >= len(self.outputs)
            and _all_fit(self.outputs, outputs)
        )

    def shapes(self, inputs: Ports) -> dict[str, tuple[int, ...]]:
        """What to try a file with, by name: its own sizes, ours where they are open, else 1."""
        return {
            name: tuple(
                theirs or size or 1 for size, theirs in zip(port.shape, shape, strict=False)
            )
            for port, (name, shape) in self._matched(inputs) or ()
        }

    def _matched(self, inputs: Ports) -> list[tuple[Port, OfFile]] | None:
        """Each of our inputs with the file's; None if these are others."""
        if len(inputs) != len(self.inputs):
            return None
        orders = (list(zip(self.inputs, order, strict=True)) for order in permutations(inputs))
        return next(
            (pairs for pairs in orders if all(port.fits(*there) for port, there in pairs)), None
        )

    def __str__(self) -> str:
        inputs, outputs = (", ".join(map(str, ports)) for ports in (self.inputs, self.outputs))
        return f"{inputs} to {outputs}"


def _all_fit(ours: Sequence[Port], theirs: Ports) -> bool:
    named = dict(theirs)
    return all(
        port.name in named and port.fits(port.name, named[port.name])
        if port.name
        else port.fits(*there)
        for port, there in zip(ours, theirs, strict=False)
    )
