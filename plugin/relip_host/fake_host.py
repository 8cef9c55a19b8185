"""An editing program in memory, for tests: it does what it is asked, or what it is told to do."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set, Tuple

from relip_host.choice import Choice
from relip_host.host import (
    DubItem,
    HostError,
    Made,
    Placed,
    Selection,
    Shot,
    Timeline,
    Track,
)

SAMPLES = 48000


class FakeHost:
    """A project with one timeline open.

    Attributes
    ----------
    shots : on the timeline; all are selected unless ``selected`` names some.
    items : of sound, of every track.
    shown : what stands on the timeline for each shot's name, the last one on top.
    calls : names of the methods that were called.
    faults : what a method raises; a name may be followed by a shot's, ``place v2``.
    lies : methods that say they did it and did not. ``place`` and ``revert`` leave the timeline
        as it is, ``render_dub`` names a file that is not there, ``dub_items`` gives every item
        there is.
    """

    def __init__(
        self,
        shots: Sequence[Shot],
        items: Sequence[DubItem] = (),
        marks: Optional[Tuple[Fraction, Fraction]] = None,
        name: str = "fake",
    ) -> None:
        self.name = name
        self.shots = list(shots)
        self.items = list(items)
        self.in_out = marks
        self.selected: Optional[Set[str]] = None
        self.open = Timeline("timeline-1", "Reel 1", Fraction(24), 86400)
        self.open_project = "project-1"
        self.shown: Dict[str, List[Made]] = {shot.id: [] for shot in shots}
        self.calls: List[str] = []
        self.faults: Dict[str, HostError] = {}
        self.lies: Set[str] = set()

    def timeline(self) -> Timeline:
        """The open one."""
        self._called("timeline")
        return self.open

    def project(self) -> str:
        """The open one."""
        self._called("project")
        return self.open_project

    def selection(self) -> Selection:
        """The selected shots."""
        self._called("selection")
        chosen = [s for s in self.shots if self.selected is None or s.id in self.selected]
        return Selection(tuple(chosen), f"{len(chosen)} selected shots")

    def tracks(self) -> Tuple[Track, ...]:
        """As many as the items need."""
        self._called("tracks")
        numbers = [item.track for item in self.items]
        return tuple(
            Track(number, f"Audio {number}", numbers.count(number))
            for number in range(1, max(numbers, default=0) + 1)
        )

    def marks(self) -> Optional[Tuple[Fraction, Fraction]]:
        """The marks."""
        self._called("marks")
        return self.in_out

    def dub_items(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction
    ) -> Tuple[DubItem, ...]:
        """Items in the range, in record order."""
        self._called("dub_items")
        found = [
            item
            for item in self.items
            if "dub_items" in self.lies
            or (item.track in tracks and item.start < end and start < item.end)
        ]
        return tuple(sorted(found, key=lambda item: item.start))

    def render_dub(
        self, tracks: Tuple[int, ...], start: Fraction, end: Fraction, folder: str
    ) -> str:
        """Silence of that length."""
        self._called("render_dub")
        path = Path(folder) / "dub.wav"
        if "render_dub" not in self.lies:
            with wave.open(str(path), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(SAMPLES)
                file.writeframes(bytes(2 * round((end - start) * SAMPLES)))
        return str(path)

    def place(self, made: Made, choice: Choice) -> Placed:
        """Lay the result over its shot."""
        self._called("place", made.shot.id)
        if made.shot.id not in self.shown:
            raise HostError(f"{made.shot.name} is not on the timeline any more", "undo that")
        if "place" not in self.lies:
            self.shown[made.shot.id].append(made)
        where = f"{choice.place} of {made.shot.name}"
        return Placed(made.shot.id, where, {"job": made.job}, ())

    def is_there(self, placed: Placed) -> bool:
        """Whether it lies on top of its shot."""
        self._called("is_there", placed.shot)
        return [made.job for made in self.shown.get(placed.shot, [])][-1:] == [placed.undo["job"]]

    def revert(self, placed: Placed) -> Tuple[str, ...]:
        """Take the result off again."""
        self._called("revert", placed.shot)
        shown = self.shown.get(placed.shot, [])
        left = [made for made in shown if made.job != placed.undo["job"]]
        if len(left) == len(shown):
            return ("it was not there any more",)
        if "revert" not in self.lies:
            self.shown[placed.shot] = left
        return ()

    def _called(self, method: str, shot: str = "") -> None:
        self.calls.append(method)
        for name in (method, f"{method} {shot}"):
            if name in self.faults:
                raise self.faults[name]
