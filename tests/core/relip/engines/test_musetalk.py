"""The whole engine on known networks: what others were found to get wrong, by value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from relip.engines import musetalk
from relip.engines.base import Task
from relip.engines.musetalk import BEFORE, BELOW, Line, half_face, started
from relip.engines.musetalk_networks import MuseTalkNetworks, positions
from relip.engines.neural.crop import take_crop
from relip.engines.neural.engine import NeuralEngine, prepare
from relip.media.colour import to_rgb
from relip.mouth.shape import CHIN, EYES, POINTS, learn_shapes
from relip.render.lay import lay
from relip.speech.features import log_mel
from relip_job.errors import ModelError
from relip_models import Store
from relip_models.graph import read_graph
from tests.core.relip.engines.neural.drawing import (
    TALK,
    Shows,
    finished,
    gap_in,
    gaps_of,
    task_of,
)
from tests.core.relip.sample_followed import Followed
from tests.mouths_made import closed_face, line_of, posed, turned

pytest.importorskip("onnx", reason="makes the networks of these tests")

from tests.core.relip.engines.musetalk_made import (
    SCALE,
    all_four,
    pooling_encoder,
    spreading_decoder,
    unet_of,
)

Floats = NDArray[np.float32]
RATE = 16_000


def crop_of(followed: Followed, row: int) -> Floats:
    """The crop of a row's face."""
    shapes = learn_shapes(followed.footage.track.landmarks)
    mean = shapes.pose.image(row, shapes.mean)
    return take_crop(followed.frames[row], half_face(mean, 256), 256)


def noise(seconds: float) -> Floats:
    return np.random.default_rng(0).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)


def rows_of(samples: Floats) -> Floats:
    """Mean mel of every 20 ms of at most 30 s, ``[1500, 80]``."""
    mel = log_mel(np.pad(samples, (0, 30 * RATE - len(samples))))
    return np.asarray(mel.reshape(80, 1500, 2).mean(2).T, np.float32)


def wide_open(followed: Followed, folder: Path, loud: float = 0.0) -> Mapping[str, Path]:
    """Networks that show a wide open mouth where the loudest band of a frame's own row is loud."""
    wide = crop_of(followed, int(gaps_of(followed.footage).argmax()))
    latents = MuseTalkNetworks(all_four(folder)).encode(wide[None])[0]
    # The 5th row of ten is the frame's own; of its layers the last, which is 5 times the mel.
    unet = unet_of(folder / "opener.onnx", "loud", cell=(5 * BEFORE + 4, 20), shown=latents)
    return all_four(folder, unet=unet)


@pytest.fixture(scope="module")
def opener(followed: Followed, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    return wide_open(followed, tmp_path_factory.mktemp("nets"))


def test_the_face_lies_in_the_crop_as_published() -> None:
    face = closed_face()[:POINTS]
    placement = half_face(face, 256)
    inverse = placement.inverse
    seen = (face[:, :2] @ inverse[:, :2].T + inverse[:, 2] + 0.5) / 256
    # Published: the third point of the nose's bridge is the middle of the box without its
    # margin, the chin its lower edge, the cheeks its sides.
    bridge, chin = seen[[195, 5]].mean(0), seen[CHIN]
    assert chin[1] * (1 + BELOW) == pytest.approx(1, abs=0.005)
    assert bridge[1] * (1 + BELOW) == pytest.approx(0.5, abs=0.005)
    assert (seen[:, 0].min(), seen[:, 0].max()) == pytest.approx((0, 1), abs=1e-6)
    # What is drawn anew, the lower half, holds all of the lips.
    assert seen[[61, 291, 0, 17], 1].min() > 0.6


@pytest.mark.parametrize("roll", [-35.0, 20.0, 180.0])
def test_tilted_heads_stand_upright_in_the_crop(roll: float) -> None:
    tilted = posed(closed_face(), turned(roll=roll), 0.7, (30, -8, 0))[:POINTS]
    places = []
    for face in (closed_face()[:POINTS], tilted):
        inverse = half_face(face, 256).inverse
        places.append(face[:, :2] @ inverse[:, :2].T + inverse[:, 2])
    assert np.abs(places[0] - places[1])[[*EYES, CHIN, 61, 291]].max() < 4


@pytest.mark.parametrize(("token", "band"), [(0, 3), (22, 40), (49, 79)])
@pytest.mark.parametrize("moment", [0.0, 1.0, 2.52])
def test_the_network_hears_the_published_rows_and_layers(
    followed: Followed, tmp_path: Path, token: int, band: int, moment: float
) -> None:
    unet = unet_of(tmp_path / "unet.onnx", "heard", cell=(token, band))
    samples = noise(3)
    networks = MuseTalkNetworks(all_four(tmp_path, unet=unet))
    found = networks.say(
        np.zeros((1, 8, 32, 32), np.float32), Line(networks, samples).heard(moment)[None]
    )
    row, layer = divmod(token, 5)
    at = round(moment * 50) - 4 + row
    heard = (layer + 1) * rows_of(samples)[at, band] if 0 <= at < 150 else 0
    np.testing.assert_allclose(found, heard + positions()[token, band], atol=1e-4)


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(50), Fraction(60)], ids=str
)
def test_no_rate_is_rounded_and_no_window_is_late(tmp_path: Path, rate: Fraction) -> None:
    # Published: int(rate), so 29.97 is 29; and above 25 the window begins 40 ms late.
    samples = np.zeros(30 * RATE, np.float32)
    frame = int(29 * rate)
    samples[int(frame / rate * RATE)] = 0.9
    heard = Line(MuseTalkNetworks(all_four(tmp_path)), samples).heard(float(frame / rate))
    loud = heard.reshape(10, 5, 384)[:, 0, :80].mean(1)
    assert int(loud.argmax()) in (3, 4)  # the frame's own 20 ms, or the border to those before


def test_faces_come_back_whole_and_are_encoded_once(
    followed: Followed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = np.stack([crop_of(followed, row) for row in (0, 7, 0)])
    networks = MuseTalkNetworks(all_four(tmp_path))
    encoded: list[int] = []
    whole = networks.encode_both

    def counted(faces: Floats) -> Floats:
        encoded.append(len(faces))
        return whole(faces)

    monkeypatch.setattr(networks, "encode_both", counted)
    line = Line(networks, noise(1))
    found = line.draw(given, np.array([0.2, 0.4, 0.6]))
    again = line.draw(given[1:2], np.array([0.8]))
    assert encoded == [2]
    np.testing.assert_array_equal(again[0], found[1])
    assert np.abs(found - given).mean() < 0.06  # latents of 8 x 8 samples are blurred
    np.testing.assert_allclose(found.mean((1, 2)), given.mean((1, 2)), atol=0.01)


WRONG = {
    "colours in another order": lambda folder: {
        "vae_decoder": spreading_decoder(folder / "other.onnx", swapped=True)
    },
    "latents that are not scaled": lambda folder: {
        "vae_encoder": pooling_encoder(folder / "other.onnx", scale=1.0)
    },
    "latents that are scaled twice": lambda folder: {
        "vae_encoder": pooling_encoder(folder / "other.onnx", scale=SCALE**2)
    },
}


@pytest.mark.parametrize("what", WRONG)
def test_an_autoencoder_that_gives_no_face_back_is_refused(
    followed: Followed, tmp_path: Path, what: str
) -> None:
    networks = MuseTalkNetworks(all_four(tmp_path, **WRONG[what](tmp_path)))
    with pytest.raises(ModelError, match=r"scaled by 0\.18215"):
        Line(networks, noise(1)).draw(crop_of(followed, 0)[None], np.array([0.5]))


def test_faces_given_back_go_back_to_where_they_were(followed: Followed) -> None:
    # Laid one sample of the crop beside its place, less than a pixel, it was 42.4 dB.
    task = task_of(followed, wanted=np.arange(60) < 12)
    engine = finished(prepare(task, Shows(side=256), {}, half_face))
    errors = []
    for row in (3, 6, 9):
        patch = engine.draw(followed.frames[row])
        assert patch is not None
        after = to_rgb(lay(followed.frames[row], patch.rgb, patch.alpha, patch.x0, patch.y0))
        lips = followed.footage.track.landmarks[row, [61, 291, 0, 17], :2].astype(int)
        (left, top), (right, low) = lips.min(0) - 6, lips.max(0) + 7
        before = to_rgb(followed.frames[row])
        errors.append(float(((after - before)[top:low, left:right] ** 2).mean()))
    print(f"{-10 * np.log10(np.median(errors)):.1f} dB")
    assert -10 * np.log10(np.median(errors)) > 44


def shown(engine: NeuralEngine, followed: Followed, row: int) -> float:
    """How far the mouth is open in the result."""
    patch = engine.draw(followed.frames[row])
    assert patch is not None
    frame = lay(followed.frames[row], patch.rgb, patch.alpha, patch.x0, patch.y0)
    return gap_in(frame, followed.footage.track.landmarks[row])


@pytest.mark.parametrize("late", [0.0, 29.0, 500.0], ids=["at once", "at 30 s", "at 500 s"])
def test_the_mouth_opens_with_the_frame_that_is_heard(
    followed: Followed, opener: Mapping[str, Path], late: float
) -> None:
    # Rows 39 to 45 of the sample have closed lips; the line is loud from row 42 on.
    seconds = late + 0.52 + np.arange(60) / 25
    samples = np.zeros(int((late + 4) * RATE), np.float32)
    begins = round((seconds[42] - 0.01) * RATE)
    samples[begins:] = np.random.default_rng(0).normal(0, 0.2, len(samples) - begins)
    wanted = (np.arange(60) >= 36) & (np.arange(60) < 50)
    task = replace(
        task_of(followed, line_of(("OPEN", late + 4)), wanted), seconds=seconds, samples=samples
    )
    engine = finished(started(task, opener))
    assert max(shown(engine, followed, row) for row in (40, 41)) < 0.03
    assert min(shown(engine, followed, row) for row in (43, 44)) > 0.08


def test_a_network_that_leaks_in_silence_is_held_at_rest(
    followed: Followed, opener: Mapping[str, Path]
) -> None:
    # Measured by others: MuseTalk moves the mouth in silence .93 times as much as in speech.
    samples = noise(4)  # what makes this network open its mouth, where nobody speaks
    wanted = np.arange(60) < 24
    leaks, talks = (
        finished(started(replace(task_of(followed, dub, wanted), samples=samples), opener))
        for dub in (line_of(("SIL", 4.0)), TALK)
    )
    gaps = {
        name: [shown(engine, followed, row) for row in (6, 12, 18)]
        for name, engine in (("silence", leaks), ("speech", talks))
    }
    leak = float(np.ptp(gaps["silence"]) / np.mean(gaps["speech"]))
    print(f"gaps in silence {gaps['silence']}, in speech {gaps['speech']}, leak {leak:.2f}")
    assert min(gaps["speech"]) > 0.08
    assert max(gaps["silence"]) < 0.04
    assert leaks.page["at_rest"] == 24


def test_frames_without_a_face_pass_and_the_tail_is_drawn(
    followed: Followed, tmp_path: Path
) -> None:
    # Published: the last part of a second has no frames, and a frame without a face stops a job.
    hidden = followed.footage.hidden.copy()
    hidden[45:48] = 1
    footage = replace(followed.footage, hidden=hidden)
    wanted = np.arange(60) >= 40
    task = task_of(followed, TALK, wanted, footage)
    task = replace(task, seconds=np.arange(60) / 25, samples=noise(2.2))
    engine = finished(started(task, all_four(tmp_path)))
    drawn = [engine.draw(frame) is not None for frame in followed.frames]
    np.testing.assert_array_equal(drawn, wanted & (hidden < 0.5))


def test_the_networks_that_were_added_draw(
    followed: Followed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = Store(tmp_path / "models")
    files = all_four(tmp_path)
    monkeypatch.setattr("relip.onnx.installed.Store", lambda: store)
    task = short_task(followed)
    with pytest.raises(ModelError) as told:
        next(musetalk.start(task))
    assert "relip models add musetalk" in told.value.remedy
    for part, path in files.items():
        store.keep("musetalk", part, read_graph(path), "own", str(path))
    engine = finished(musetalk.start(task))
    assert engine.draw(followed.frames[4]) is not None
    told_of = {key: engine.page[key] for key in ("network", "side", "provider")}
    assert told_of["network"] == "encoder.onnx, unet.onnx, decoder.onnx, whisper.onnx"
    assert told_of["side"] == 256
    assert told_of["provider"] == "cpu"


def short_task(followed: Followed) -> Task:
    return replace(task_of(followed, TALK, np.arange(60) < 8), samples=noise(1))
