"""A table of words, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Sequence

Cells = Sequence[Sequence[str]]
"""Head first, then rows."""


def aligned(cells: Cells) -> list[str]:
    """Lines for a terminal, columns under each other."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(("  " + "  ".join(padded)).rstrip())
    return lines


def markdown_table(cells: Cells) -> list[str]:
    """Lines for a page."""
    rows = [cells[0], ["---"] * len(cells[0]), *cells[1:]]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
