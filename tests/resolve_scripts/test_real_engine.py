"""From a click in Resolve's menu through the real engine to what is on the timeline."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from warnings import catch_warnings, simplefilter

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from relip import sample
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip_host.choice import Choice
from tests.resolve_scripts.fake_resolve import ItemState, Studio
from tests.resolve_scripts.installed import HOUSE, Editor, Install, install

ROOTS = [str(HOUSE / folder) for folder in ("core", "models", "plugin")]
START = (
    f"import runpy, sys; sys.path[:0] = {ROOTS!r}; module = sys.argv[2]; del sys.argv[1:3]; "
    "runpy.run_module(module, run_name='__main__')"
)
"""``-m relip_plugin.worker`` of this checkout: the engine's environment has no PYTHONPATH."""
CLIP = "take 1 é.mov"
FRAMES = 100
IN, LENGTH, HANDLES = 35, 40, 12
PATIENCE = 300.0


@pytest.fixture
def editor() -> Editor:
    return Editor()


@pytest.fixture
def relip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, editor: Editor) -> Install:
    return install(tmp_path / "home", monkeypatch, editor, sys.executable, "-c", START)


def retimed(path: Path, rate: Fraction, timecode: str) -> Path:
    """The sample's first four seconds as ProRes, played at another rate."""
    with av.open(str(sample.picture())) as source, av.open(str(path), "w") as target:
        made = target.add_stream("prores_ks", rate=rate)
        assert isinstance(made, VideoStream)
        made.codec_context.width, made.codec_context.height = 512, 512
        made.codec_context.pix_fmt = "yuv422p10le"
        made.metadata["timecode"] = timecode
        for number, picture in enumerate(source.decode(video=0)):
            if number == FRAMES:
                break
            picture.pts, picture.time_base = number, 1 / rate
            target.mux(made.encode(picture.reformat(format="yuv422p10le")))
        target.mux(made.encode(None))
    return path


def staged(folder: Path, clip_rate: Fraction, rate: str, timecode: str) -> tuple[Studio, ItemState]:
    """A shot of 40 frames, and its dub in three pieces with gaps on A2 and A3."""
    studio = Studio(rate=rate)
    clip = retimed(folder / CLIP, clip_rate, timecode)
    item = studio.video(clip, at=50, in_=IN, frames=LENGTH)
    line = sample.line()
    studio.audio(line, at=Fraction(1013, 20), in_=2, frames=14, track=2)
    studio.audio(line, at=68, in_=18, frames=10, track=3)
    studio.audio(line, at=80, in_=31, frames=9, track=2)
    studio.playhead(60)
    return studio, item


def changed(result: Path, clip: Path, first: int) -> list[int]:
    """Frames of the result that are not the clip's, sample by sample."""
    made = probe(result)
    pairs = zip(read_frames(made), list(read_frames(probe(clip)))[first:], strict=False)
    return [
        number
        for number, (new, old) in enumerate(pairs)
        if any(not np.array_equal(a, b) for a, b in zip(new.planes, old.planes, strict=True))
    ]


@pytest.mark.parametrize(
    ("clip_rate", "rate", "timecode", "place", "codec"),
    [
        (Fraction(25), "25", "10:00:00:00", "in-place", "ffv1"),
        (Fraction(24000, 1001), "23.976", "01:00:00:00", "in-place", "match"),
        (Fraction(30000, 1001), "29.97 DF", "01:00:00;00", "in-place", "ffv1"),
        (Fraction(25), "24", "10:00:00:00", "above", "match"),
    ],
)
def test_a_shot_goes_through_the_engine_and_comes_back(
    tmp_path: Path,
    relip: Install,
    editor: Editor,
    clip_rate: Fraction,
    rate: str,
    timecode: str,
    place: str,
    codec: str,
) -> None:
    studio, item = staged(tmp_path, clip_rate, rate, timecode)
    editor.choice = Choice(tracks=(2, 3), place=place, codec=codec, handles=HANDLES)
    clip = tmp_path / CLIP
    before = clip.read_bytes()

    relip.run(studio, "Re-sync Clip")

    assert editor.over == "1 placed", editor.rows
    (result,) = tmp_path.glob("take 1 é_relip_v001.m[ok][vk]")
    shown = item if place == "in-place" else studio.track(2).items[0]
    assert shown.media is not None
    assert Path(shown.media.path) == result
    assert (int(shown.start - studio.timeline.start), int(shown.frames)) == (50, LENGTH)
    assert int(shown.source) == HANDLES
    needed = -(-LENGTH * clip_rate // studio.timeline.rate)
    made, original = probe(result), probe(clip)
    assert made.rate == clip_rate
    assert made.frames == HANDLES + needed + HANDLES
    assert original.timecode(0).frames == studio.clips[0].start > 0
    assert made.timecode(0).frames == original.timecode(0).frames + IN - HANDLES
    assert made.timecode(0).drop == rate.endswith("DF")
    assert clip.read_bytes() == before
    if codec == "ffv1":
        moved = changed(result, clip, IN - HANDLES)
        # Handles are the original, sample by sample.
        assert moved
        assert min(moved) >= HANDLES
        assert max(moved) < HANDLES + needed


def test_twice_is_take_3_and_version_2_and_reverting_goes_back(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path, Fraction(25), "25", "10:00:00:00")
    editor.choice = Choice(tracks=(2, 3), handles=0)

    def shown() -> tuple[int, int, str]:
        assert item.media is not None
        return item.take, len(item.takes), Path(item.media.path).name

    relip.run(studio, "Re-sync Clip")
    editor.choice = Choice(tracks=(3,), handles=0)
    relip.run(studio, "Re-sync Clip")
    assert shown() == (3, 3, "take 1 é_relip_v002.mov")
    assert [job["picture"] for job in relip.jobs()] == [str(tmp_path / CLIP)] * 2

    relip.run(studio, "Revert Last Run")
    assert shown() == (2, 2, "take 1 é_relip_v001.mov")
    relip.run(studio, "Revert Last Run")
    assert shown() == (1, 1, CLIP)
    assert int(item.source) == IN


def test_cancelling_the_engine_half_way_leaves_nothing(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path, Fraction(25), "25", "10:00:00:00")
    editor.choice = Choice(tracks=(2, 3))
    editor.cancel_at = "following the face"

    relip.run(studio, "Re-sync Clip")

    assert editor.over == "1 cancelled"
    assert item.takes == []
    assert [path.name for path in tmp_path.glob("take*")] == [CLIP]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a script that can be killed")
def test_the_engine_outlives_resolve_and_apply_finished_places_what_it_made(
    tmp_path: Path, relip: Install, editor: Editor
) -> None:
    studio, item = staged(tmp_path, Fraction(25), "25", "10:00:00:00")
    editor.choice = Choice(tracks=(2, 3))
    with catch_warnings():
        # From 3.12 on Python warns of a fork beside threads; pytest has none that matter here.
        simplefilter("ignore", DeprecationWarning)
        script = os.fork()
    if script == 0:
        with suppress(BaseException):
            relip.run(studio, "Re-sync Clip")
        os._exit(0)
    until = time.monotonic() + PATIENCE
    while not any(b'"track"' in log.read_bytes() for log in relip.state.rglob("*.events.jsonl")):
        assert time.monotonic() < until
        time.sleep(0.05)

    os.kill(script, signal.SIGKILL)
    os.waitpid(script, 0)
    studio.close()
    studio.reopen()
    relip.run(studio, "Apply Finished")
    assert item.takes == []
    while not item.takes:
        assert time.monotonic() < until
        time.sleep(0.5)
        relip.run(studio, "Apply Finished")

    assert (item.take, len(item.takes)) == (2, 2)
    assert item.media is not None
    assert Path(item.media.path).name == "take 1 é_relip_v001.mov"
    assert probe(item.media.path).frames == LENGTH + 2 * HANDLES
