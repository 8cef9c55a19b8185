"""What a run remembers for the next one: analyses, by what they depend on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from numpy.typing import NDArray

from relip.identity import engine_identity

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


FORGETFUL: Final = Forgetful()


def key_of(what: str, *parts: object) -> str:
    """The key of ``what`` this very engine makes of ``parts``: one line each."""
    return "\n".join((what, engine_identity(), *map(str, parts)))
