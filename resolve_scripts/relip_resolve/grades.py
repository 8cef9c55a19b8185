"""The grade and the transform of a shot on its result too, copied and checked.

A script does not see a grade. What it sees is how many nodes there are, and a LUT of what the
nodes do to colour: where both agree, the grade is taken for copied.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Dict, List, Optional, Tuple

from relip_resolve.belief import can, doubt
from relip_resolve.scene import properties

if TYPE_CHECKING:
    from fusionscript import Resolve, TimelineItem

BY_HAND = "copy the grade on the Color page: middle-click the shot while the result is current"


def copy_grade(resolve: Resolve, shot: TimelineItem, result: TimelineItem) -> List[str]:
    """Copy it; a sentence if it did not come along, or nobody can tell."""
    answer = shot.CopyGrades([result])
    if not answer:
        return [f"Resolve refused CopyGrades; if the shot is graded, {BY_HAND}"]
    if nodes(shot) != nodes(result):
        return [f"{doubt('CopyGrades', answer)}: {nodes(result)} of {nodes(shot)} nodes; {BY_HAND}"]
    wanted, found = look(resolve, shot), look(resolve, result)
    if wanted is None or found is None:
        return [f"this Resolve does not let a script see grades; if the result has none, {BY_HAND}"]
    if wanted != found:
        return [f"{doubt('CopyGrades', answer)}: the result looks different; {BY_HAND}"]
    return []


def copy_transform(wanted: Dict[str, object], result: TimelineItem) -> List[str]:
    """Position, size, crop and the like; a sentence for each that did not stick."""
    notes = []
    has = properties(result)
    for key, value in wanted.items():
        if has.get(key) == value:
            continue
        answer = result.SetProperty(key, value)
        found = properties(result).get(key)
        if found != value:
            said = doubt(f"SetProperty({key!r})", answer)
            notes.append(f"{said}: the result has {found}, the shot {value}")
    return notes


def nodes(item: TimelineItem) -> Optional[int]:
    """Nodes of an item's grade; None where Resolve does not tell."""
    if can(item, "GetNodeGraph"):
        graph = item.GetNodeGraph()  # type: ignore[call-arg]  # the layer is optional
        return int(graph.GetNumNodes() or 0) if graph is not None else None
    return int(item.GetNumNodes() or 0) if can(item, "GetNumNodes") else None


def look(resolve: Resolve, item: TimelineItem) -> Optional[Tuple[str, ...]]:
    """What the grade does to colour, as lines of a LUT; None where Resolve writes none."""
    if not can(item, "ExportLUT"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "grade.cube"
        item.ExportLUT(resolve.EXPORT_LUT_17PTCUBE, str(path))
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return None
    # Titles and remarks may name the clip; the table does not.
    table = tuple(line for line in lines if line[:1] in "-.0123456789" and line)
    return table or tuple(lines)
