"""What a network takes and gives, and whether a file does so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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


Ports = Sequence[tuple[str, Sequence[int | None]]]
"""Names and shapes as a file has them."""


@dataclass(frozen=True)
class Signature:
    """Inputs and outputs, in order where they have no names."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def fits(self, inputs: Ports, outputs: Ports) -> bool:
        """Whether a file has these; more outputs do no harm."""
        return (
            len(inputs) == len(self.inputs)
            and _all_fit(self.inputs, inputs)
            and len(outputs) >= len(self.outputs)
            and _all_fit(self.outputs, outputs)
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
