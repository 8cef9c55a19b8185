"""What a run remembers for the next one: analyses, by what they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]


class Memory(Protocol):
    """Arrays by key; a key names all that they depend on, as text of any length.

    A memory may forget, and it never fails: what it cannot keep is made again.
    """

    def find(self, key: str) -> Arrays | None:
        """What was kept under the key; None if nothing is."""
        ...

    def keep(self, key: str, arrays: Arrays) -> None:
        """Keep arrays under a key; none holds Python objects."""
        ...


class Forgetful:
    """A memory that keeps nothing."""

    def find(self, key: str) -> Arrays | None:
        """None."""
        return None

    def keep(self, key: str, arrays: Arrays) -> None:
        """Forget them."""
