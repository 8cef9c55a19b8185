"""Editing a document by replacing stretches of its bytes; all others stay as they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from relip_job.errors import JobError


@dataclass(frozen=True)
class Splice:
    """``text`` in place of the bytes ``[start, stop)``; an insertion if they are none."""

    start: int
    stop: int
    text: str


def spliced(document: bytes, splices: Iterable[Splice]) -> bytes:
    """The document with all of them; insertions at one place keep their order.

    Raises
    ------
    JobError
        Two of them replace the same bytes: items of the document are inside each other.
    """
    parts: list[bytes] = []
    at = 0
    for splice in sorted(splices, key=lambda one: (one.start, one.stop)):
        if splice.start < at:
            raise JobError(f"two edits meet at byte {splice.start}", "export the timeline again")
        parts += [document[at : splice.start], splice.text.encode("utf-8")]
        at = splice.stop
    return b"".join([*parts, document[at:]])
