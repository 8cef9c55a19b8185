"""The whole engine, on clips made for it: what others were found to get wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines import wav2lip
from relip.engines.base import Task
from relip.engines.named import engine_named
from relip.engines.neural.engine import NeuralEngine
from relip.engines.wav2lip import LEAD, started
from relip.footage import Footage
from relip.media.frame import Frame
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.spool import Spool
from relip.render.lay import lay
from relip_job.errors import ModelError
from relip_models import Store
from relip_models.graph import read_graph
from tests.core.relip.engines.neural.drawing import TALK, face_at, finished, gap_in, gaps_of
from tests.core.relip.pipeline_media import sample_pictures, written
from tests.core.relip.sample_followed import FIRST, Followed
from tests.mouths_made import line_of

pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.wav2lip_made import saving_mouth, saving_reference

RATE = 16_000
COUNT = 30


def prepared(task: Task, path: Path) -> NeuralEngine:
    return finished(started(task, path))


@pytest.fixture(scope="module")
def opener(followed: Followed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Wav2Lip whose mouth is wide open where its line is loud, and as it was elsewhere."""
    wide = face_at(followed, int(gaps_of(followed.footage).argmax()))
    return saving_mouth(tmp_path_factory.mktemp("net") / "opener.onnx", wide)


def a_task(
    footage: Footage, spool: Spool, samples: NDArray[np.float32], seconds: NDArray[np.float64]
) -> Task:
    return Task([footage], spool, np.ones(len(seconds), bool), seconds, TALK, samples)


@pytest.mark.parametrize("late", [0.0, 500.0], ids=["at once", "past 409.6 s"])
def test_the_mouth_opens_with_the_frame_that_is_heard(
    followed: Followed, opener: Path, late: float
) -> None:
    # Rows 39 to 45 of the sample have closed lips; the line is loud from row 42 on. What makes
    # the network open is the loudest of columns 4 to 11, each heard 25 ms to either side.
    rows = (np.arange(60) >= 36) & (np.arange(60) < 50)
    seconds = late + 0.5 + np.arange(60) / 25
    begins = seconds[42] - LEAD + 11 * 200 / RATE
    samples = np.zeros(int((late + 4) * RATE), np.float32)
    loud = np.random.default_rng(0).normal(0, 0.2, len(samples) - int(begins * RATE))
    samples[int(begins * RATE) :] = loud
    task = replace(a_task(followed.footage, followed.spool, samples, seconds), wanted=rows)
    engine = prepared(replace(task, dub=line_of(("OPEN", late + 4))), opener)
    gaps = {}
    for row in (40, 41, 43, 44):
        patch = engine.draw(followed.frames[row])
        assert patch is not None
        frame = lay(followed.frames[row], patch.rgb, patch.alpha, patch.x0, patch.y0)
        gaps[row] = gap_in(frame, followed.footage.track.landmarks[row])
    assert max(gaps[40], gaps[41]) < 0.03
    assert min(gaps[43], gaps[44]) > 0.1


def followed_at(
    followed: Followed, path: Path, rate: int, spool: Spool
) -> tuple[Footage, list[Frame]]:
    """The sample's footage as that of a clip with half its side, where the same faces are."""
    clip = probe(str(path))
    frames = list(read_frames(clip, 0, COUNT))
    rows = slice(0, COUNT)
    track = followed.footage.track
    marks = track.landmarks[rows] / np.float32(2)
    marks[..., :2] -= 0.25
    track = replace(track, landmarks=marks, presence=track.presence[rows], shots=track.shots[rows])
    crops = np.array([spool.put(frame) for frame in frames])
    footage = replace(
        followed.footage,
        clip=clip,
        first=0,
        track=track,
        times=np.arange(COUNT) / rate,
        crops=crops,
        hidden=followed.footage.hidden[rows],
        own=None,
    )
    return footage, frames


def test_ten_bits_stay_ten_bits_at_a_rate_of_their_own(
    followed: Followed, opener: Path, tmp_path: Path
) -> None:
    pictures = sample_pictures()[FIRST : FIRST + COUNT]
    path = written(tmp_path / "clip.mkv", pictures, pixels="yuv422p10le", rate=30)
    samples = np.random.default_rng(0).normal(0, 0.2, 2 * RATE).astype(np.float32)
    with Spool() as spool:
        footage, frames = followed_at(followed, path, 30, spool)
        assert footage.clip.format.bits == 10
        engine = prepared(a_task(footage, spool, samples, footage.times), opener)
        drawn = 0
        for frame in frames[5:26:5]:
            patch = engine.draw(frame)
            assert patch is not None
            after = lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
            changed = after.planes[0] != frame.planes[0]
            drawn += int(changed.sum())
            # Made of 8 bits, three of four codes would never come.
            assert np.bincount(after.planes[0][changed] % 4, minlength=4).min() > 20
            assert after.planes[0].dtype == frame.planes[0].dtype == np.uint16
    assert drawn > 1000


def test_a_line_shorter_than_the_clip_drops_no_frame(followed: Followed, opener: Path) -> None:
    seconds = np.arange(60) / 25
    samples = np.zeros(int(2.2 * RATE), np.float32)
    task = a_task(followed.footage, followed.spool, samples, seconds)
    engine = prepared(replace(task, wanted=np.arange(60) >= 50), opener)
    assert all(engine.draw(frame) is not None for frame in followed.frames[50:])
    assert engine.page["drawn"] == 10


def test_the_page_tells_which_network_drew_and_when(followed: Followed, tmp_path: Path) -> None:
    path = saving_reference(tmp_path / "mine.onnx")
    task = a_task(followed.footage, followed.spool, np.zeros(RATE, np.float32), np.arange(60) / 25)
    engine = prepared(replace(task, wanted=np.arange(60) < 8), path)
    told = {key: engine.page[key] for key in ("network", "side", "lead", "provider")}
    assert told == {"network": "mine.onnx", "side": 96, "lead": 0.04, "provider": "cpu"}


def test_without_a_network_the_engine_says_how_to_get_one(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("relip.onnx.installed.Store", lambda: Store(tmp_path))
    task = a_task(followed.footage, followed.spool, np.zeros(9, np.float32), np.arange(60) / 25)
    with pytest.raises(ModelError) as told:
        next(engine_named("wav2lip")(task))
    assert "relip models add wav2lip" in told.value.remedy


def test_the_network_that_was_added_draws(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = Store(tmp_path / "models")
    path = saving_reference(tmp_path / "mine.onnx")
    store.keep("wav2lip", "generator", read_graph(path), "own", str(path))
    monkeypatch.setattr("relip.onnx.installed.Store", lambda: store)
    task = a_task(followed.footage, followed.spool, np.zeros(9, np.float32), np.arange(60) / 25)
    engine = finished(wav2lip.start(replace(task, wanted=np.arange(60) < 8)))
    assert engine.draw(followed.frames[4]) is not None
    assert engine.page["network"] == "mine.onnx"
