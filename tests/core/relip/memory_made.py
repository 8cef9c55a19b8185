"""A memory for tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from relip.memory import Arrays


@dataclass
class Notebook:
    """Keeps all in ``kept``; ``found`` counts what was asked for and there."""

    kept: dict[str, Arrays] = field(default_factory=dict)
    found: int = 0

    def find(self, key: str) -> Arrays | None:
        """What was kept."""
        kept = self.kept.get(key)
        self.found += kept is not None
        return kept

    def keep(self, key: str, arrays: Arrays) -> None:
        """Keep copies, as a file would."""
        self.kept[key] = {name: array.copy() for name, array in arrays.items()}
