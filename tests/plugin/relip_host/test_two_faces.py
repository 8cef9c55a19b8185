"""Two people who speak at once on two tracks of a timeline, to the pixels, with the real engine."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip import sample
from relip_host.choice import Choice
from relip_host.fake_host import FakeHost
from relip_host.host import DubItem, Shot
from relip_host.resync import resync_selection
from tests.core.relip.pipeline_media import written
from tests.core.relip.voices_made import apart, frames, pair
from tests.plugin.relip_host.stub_runs import finish
from tests.plugin.relip_host.test_real_engine import ENGINE

F = Fraction
COUNT = 24
TRACKS = {3: (F(4, 25), F(20, 25)), 4: (F(6, 25), F(22, 25))}


def test_two_tracks_heard_at_once_move_a_mouth_each_where_they_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    clip = written(tmp_path / "two.mkv", pair(COUNT))
    line = str(sample.line())
    shot = Shot("v1", "two", 1, F(0), F(COUNT, 25), str(clip), F(0), F(25), COUNT)
    items = [DubItem(f"A{n}", n, *span, line, F(1, 5)) for n, span in TRACKS.items()]
    host = FakeHost([shot], items)
    choice = Choice((3, 4), codec="ffv1", handles=0, workers=1)

    (row,) = finish(resync_selection(host, choice, ENGINE, tmp_path / "state")).rows

    assert row.state == "placed", row
    assert row.mouth.startswith("A3: person ")
    assert "; A4: person " in row.mouth
    assert "A3 and A4 speak at once" in row.notes[0]
    (made,) = host.shown["v1"]
    new, original = frames(Path(made.output)), frames(clip)
    middle = original[0].planes[0].shape[1] // 2
    sides: dict[bool, list[int]] = {True: [], False: []}
    for number, (one, other) in enumerate(zip(original, new, strict=True)):
        box = apart(one, other)
        if box is not None and box.x0 < middle:
            sides[True].append(number)
        if box is not None and box.x1 > middle:
            sides[False].append(number)
    # Who is taken for whom is the engine's to say.
    assert sorted(sides.values()) == [list(range(4, 20)), list(range(6, 22))]
