"""MuseTalk 1.5: a face, its lower half taken away, and 200 ms of sound in, the face saying it out.

Zhang et al., "MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling"
(2024). What differs from the published pipeline: a frame hears the sound of its true time at any
rate; nothing is dropped at the end of a line; the sound has no seams; crops are as steady as the
head and stand upright on it; and only the mouth is taken from what is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from relip.engines.base import Task
from relip.engines.musetalk_networks import (
    PARTS,
    ROWS,
    SIDE,
    TOKENS,
    Floats,
    MuseTalkNetworks,
)
from relip.engines.neural.crop import Placement, upright_axes
from relip.engines.neural.drawn import unlike
from relip.engines.neural.engine import NeuralEngine, prepare
from relip.engines.neural.whisper_states import WIDTH, WhisperStates
from relip.mouth.shape import Array
from relip.onnx import checked_name
from relip.onnx.installed import weights, weights_page

BEFORE: Final = 4
"""Rows of 20 ms before a frame's own at which the sound it is drawn to begins; 6 follow.

So it was trained, at 25 frames a second (``process_audio_features``: frame ``k`` hears rows
``2 k - 4`` to ``2 k + 5``). The published inference begins at ``2 k - 2`` above 25 frames a
second, because there its padding of ``2 * floor(50 / rate)`` rows is only 2: 40 ms late.
"""
BRIDGE: Final = (195, 5)
"""Landmarks between which the third point of the nose's bridge (number 29 of 68) lies."""
BELOW: Final = 0.03
"""Of the box's height, added below the chin. Published are 10 px, whatever the face's size; faces
in training were a few hundred pixels high."""
KEPT: Final = 32
"""Faces whose latents are kept: 32 KiB each. A frozen picture is encoded once."""
LOOSE: Final = 2.3
"""Deviation above which latents cannot be scaled: scaled ones have about 1, others about 5.5."""
DIFFERENT: Final = 0.8
"""See :func:`relip.engines.neural.drawn.unlike`: beyond it, what the autoencoder gives back is not
the face it was given. Swapped colours or a wrong scale are, a blurred face has less than half."""


def half_face(face: Array, side: int) -> Placement:
    """The crop of ``side`` samples around a face ``[468, 3]`` px.

    Its middle lies on the bridge of the nose, its lower half reaches to the chin and a little
    beyond, its upper half is as high, and it is as wide as the face.
    """
    axes = upright_axes(face)
    turned = face[:, :2] @ axes.T
    left, right, chin = turned[:, 0].min(), turned[:, 0].max(), turned[:, 1].max()
    half = chin - turned[list(BRIDGE), 1].mean()
    top, height = chin - 2 * half, 2 * half * (1 + BELOW)
    step = np.maximum([right - left, height], 1) / side
    return Placement(np.array([left, top]) @ axes, axes[0] * step[0], axes[1] * step[1])


class Line:
    """The networks with the line they are to draw; a MouthNetwork of the shared engine."""

    side: int = SIDE

    def __init__(self, networks: MuseTalkNetworks, samples: Floats) -> None:
        self._networks = networks
        self._states = WhisperStates(networks.listen, samples)
        self._latents: dict[bytes, Floats] = {}
        self._trusted = False
        self.batch = networks.batch

    def draw(self, faces: Floats, seconds: Array) -> Floats:
        """The faces ``[n, 256, 256, 3]`` as they look at times ``[n]`` in the line.

        Raises
        ------
        ModelError
            The autoencoder does not give back the first face it is given.
        """
        latents = self._encoded(faces)
        if not self._trusted:
            self._try(faces[0], latents[0, 4:])
        heard = [self.heard(float(moment)) for moment in seconds]
        return self._networks.decode(self._networks.say(latents, np.stack(heard)))

    def heard(self, seconds: float) -> Floats:
        """``[50, 384]``: what a frame at that time hears; each row's layers follow each other."""
        return self._states.around(seconds, BEFORE, ROWS).reshape(TOKENS, WIDTH)

    def _encoded(self, faces: Floats) -> Floats:
        """``[n, 8, 32, 32]``."""
        names = [hashlib.blake2b(face.tobytes(), digest_size=16).digest() for face in faces]
        new = [number for number, name in enumerate(names) if name not in self._latents]
        new = [number for number in new if names.index(names[number]) == number]
        found = dict(self._latents)
        if new:
            made = self._networks.encode_both(faces[new])
            found.update(zip((names[number] for number in new), made, strict=True))
        self._latents = dict(list(found.items())[-KEPT:])
        return np.stack([found[name] for name in names])

    def _try(self, face: Floats, latents: Floats) -> None:
        """Whether the two halves of the autoencoder belong together, and to this UNet."""
        if float(latents.std()) > LOOSE:
            raise self._networks.encoder.refused("its latents are not scaled by 0.18215")
        back = self._networks.decode(latents[None])[0]
        if unlike(face, back) > DIFFERENT:
            raise self._networks.decoder.refused(
                "with this vae_encoder it does not give a face back; colours must be R, G, B, "
                "values -1 to 1, latents scaled by 0.18215"
            )
        self._trusted = True


def start(task: Task) -> Generator[int, None, NeuralEngine]:
    """The engine with the networks that the user added; see :class:`relip.engines.base.Start`.

    Raises
    ------
    ModelError
        One is missing, or is not what was added.
    """
    files, told = weights("musetalk"), weights_page("musetalk")
    engine = yield from started(task, files)
    engine.page.update(told)
    return engine


def started(task: Task, files: Mapping[str, Path]) -> Generator[int, None, NeuralEngine]:
    """The engine with these files as its networks."""
    yield 0
    networks = MuseTalkNetworks(files, checked_name(task.provider))
    page: dict[str, object] = {
        "network": ", ".join(files[name].name for name in PARTS),
        "side": SIDE,
    }
    engine = yield from prepare(task, Line(networks, task.samples), page, half_face)
    engine.page["provider"] = networks.provider
    engine.notices += networks.take_notices()
    return engine
