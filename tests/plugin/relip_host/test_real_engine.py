"""A shot through the real engine, from the timeline and back."""

from __future__ import annotations

import json
import math
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip import sample
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_host.choice import Choice
from relip_host.fake_host import FakeHost
from relip_host.host import DubItem, Shot
from relip_host.resync import resync_selection
from relip_host.steps import Step
from relip_host.worker import Engine
from tests.plugin.relip_host.stub_runs import finish, states

F = Fraction
HOUSE = Path(__file__).resolve().parents[3]
ROOTS = [str(HOUSE / folder) for folder in ("core", "models", "plugin")]
RUN = "runpy.run_module('relip_plugin.worker', run_name='__main__')"
START = f"import runpy, sys; sys.path[:0] = {ROOTS!r}; {RUN}"
ENGINE = Engine([sys.executable, "-c", START], program=())
"""Of this checkout: the engine's environment has no PYTHONPATH."""
FRAME = F(1, 24)
BEGINS = F(10) + F(1, 48)


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """75 frames of a 25 fps clip in a 24 fps timeline, under a line in two pieces with a gap.

    A second shot of the same clip has a dub that nobody speaks in.
    """
    clip = tmp_path / "take 1 é.mp4"
    clip.write_bytes(sample.picture().read_bytes())
    line = str(sample.line())
    shots = [
        Shot("v1", "take 1", 1, F(10), F(13), str(clip), F(52, 25) + F(1, 100), F(25), 200),
        Shot("v2", "take 2", 1, F(20), F(22), str(clip), F(1), F(25), 200),
    ]
    items = [
        DubItem("line 1", 2, BEGINS, BEGINS + 1, line, F(1, 10)),
        DubItem("line 2", 3, BEGINS + F(5, 4), BEGINS + F(9, 4), line, F(11, 10), (1,)),
        DubItem("silence", 2, F(20), F(22), line, F(500)),
    ]
    return FakeHost(shots, items)


def test_a_shot_goes_through_the_engine_and_comes_back(
    host: FakeHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIP_CACHE", str(tmp_path / "cache"))
    seen: list[Step] = []
    choice = Choice(tracks=(2, 3), codec="ffv1", handles=12)

    outcome = finish(resync_selection(host, choice, ENGINE, tmp_path / "state"), seen.append)

    assert states(outcome) == ["placed", "failed"], outcome
    assert outcome.rows[1].message
    assert outcome.rows[1].remedy
    (made,) = host.shown["v1"]
    first, stop = 52 - 12, math.ceil((F(52, 25) + F(1, 100) + 3) * 25) + 12
    assert (made.first, made.frames) == (F(first, 25), stop - first)
    result, original = probe(made.output), probe(host.shots[0].media or "")
    assert Path(made.output).name == "take 1 é_relip_v001.mkv"
    assert (result.frames, result.rate) == (made.frames, F(25))
    assert result.timecode(0).frames == original.timecode(0).frames + first
    changed = [
        index
        for index, (new, old) in enumerate(
            zip(read_frames(result), list(read_frames(original))[first:stop], strict=True)
        )
        if any(not np.array_equal(a, b) for a, b in zip(new.planes, old.planes, strict=True))
    ]
    # Handles are the original, sample by sample; the mouth moves under both pieces of the line.
    assert changed
    assert changed[0] >= 12
    assert changed[-1] < made.frames - 12
    assert len(changed) > 25
    sidecar = json.loads(Path(made.sidecar).read_text(encoding="utf-8"))
    assert sidecar
    assert {row.stage for step in seen for row in step.rows} >= {"track", "draw"}
    assert not list(tmp_path.glob("*.partial"))
    host.calls.clear()

    again = finish(resync_selection(host, choice, ENGINE, tmp_path / "state"))

    assert [(row.state, row.kept) for row in again.rows] == [("placed", True), ("failed", False)]
    assert "place" not in host.calls
    assert [path.name for path in tmp_path.glob("*.mkv")] == ["take 1 é_relip_v001.mkv"]
