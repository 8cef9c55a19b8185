"""MuseTalk's four networks, run as published.

Zhang et al., "MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling"
(2024), version 1.5: the autoencoder of Stable Diffusion in two halves, a UNet between them that
is run once at time step 0, and the encoder of the smallest Whisper. relip ships no weights: they
are the user's own ONNX files. Inputs are told apart by their shapes, so they may have any names;
weights of 16 bits behind inputs of 32 are taken as well as inputs of 16 bits.

Faces are R, G, B of -1 to 1 for these networks; latents are scaled by 0.18215 inside the two
halves of the autoencoder, as in the files that are published.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.engines.neural.whisper_states import LAYERS, WIDTH, WINDOW
from relip.onnx import Network, ProviderName, fitting
from relip_job.errors import ModelError
from relip_job.events import Notice
from relip_models.signature import Port

SIDE: Final = 256
"""Samples of a face."""
LATENTS: Final = (4, 32, 32)
ROWS: Final = 10
"""Of what is heard: 200 ms."""
TOKENS: Final = ROWS * LAYERS
_PER_FACE: Final = 700 << 20
"""Bytes that one face takes in the decoder, beyond its weights."""
_MOST: Final = 8
THREADS: Final = min(os.cpu_count() or 1, 8)
"""Of a run on the CPU. More than 8 are no faster on most machines."""
_FACE: Final = Port((None, 3, SIDE, SIDE))
_MEL: Final = Port((None, 80, 2 * WINDOW))
_STATES: Final = Port((None, WINDOW, LAYERS, WIDTH))
_LATENT: Final = Port((None, *LATENTS))
_BOTH: Final = Port((None, 2 * LATENTS[0], *LATENTS[1:]))
_HEARD: Final = Port((None, TOKENS, WIDTH))

Floats = NDArray[np.float32]
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Signature:
    """What a part takes and gives; ``step`` is whether it may also take a time step."""

    takes: tuple[Port, ...]
    gives: Port
    step: bool = False

    def __str__(self) -> str:
        taken = " and ".join(map(str, self.takes))
        more = ", with or without a time step," if self.step else ""
        return f"takes {taken}{more} and gives {self.gives}"


PARTS: Final = {
    "vae_encoder": Signature((_FACE,), _LATENT),
    "unet": Signature((_BOTH, _HEARD), _LATENT, step=True),
    "vae_decoder": Signature((_LATENT,), _FACE),
    "whisper_encoder": Signature((_MEL,), _STATES),
}
"""By the names that the catalogue has for them."""


class Part:
    """One of the networks.

    Raises
    ------
    ModelError
        There is no such file, or it is something else.
    """

    def __init__(self, name: str, path: Path, provider: ProviderName, threads: int) -> None:
        self.name, self.path = name, path
        self._signature = PARTS[name]
        if not path.is_file():
            raise ModelError(f"there is no file {path}", self._expected)
        # What a provider is tried with, where an exporter left a size open.
        shapes = {
            put: tuple(size or 1 for size in port.shape)
            for port in self._signature.takes
            for put in _NAMES.get((name, port), ())
        }
        self.network = Network(path, threads, provider=provider, shapes=shapes)
        self._ports, self._step = self._found()

    def run(self, *given: Floats, most: int = 1) -> Floats:
        """What it gives for arrays of the same length, in the order of its signature."""
        inputs: dict[str, NDArray[np.float32] | NDArray[np.int64]] = {
            port: np.ascontiguousarray(values, self.network.kinds[port])
            for port, values in zip(self._ports, given, strict=True)
        }
        count = len(given[0])
        if self._step is not None:
            kind = self.network.kinds[self._step]
            if self.network.inputs[self._step] == ():
                # A time step without a batch: one face at a time.
                inputs[self._step] = np.zeros((), kind)
                return self._checked(
                    np.concatenate([self._one(inputs, number) for number in range(count)]), count
                )
            inputs[self._step] = np.zeros(count, kind)
        return self._checked(self._first(self.network.run_many(inputs, most)), count)

    def _one(
        self, inputs: Mapping[str, NDArray[np.float32] | NDArray[np.int64]], number: int
    ) -> Floats:
        some = {
            port: values[number : number + 1] if values.ndim else values
            for port, values in inputs.items()
        }
        return self._first(self.network.run(some))

    def _first(self, outputs: Mapping[str, Floats]) -> Floats:
        return next(iter(outputs.values()))

    def _checked(self, found: Floats, count: int) -> Floats:
        if found.shape != (count, *self._signature.gives.shape[1:]):
            raise self.refused(f"it gives {list(found.shape)}")
        if not np.isfinite(found).all():
            raise self.refused("it gives values that are no numbers")
        return np.asarray(found, np.float32)

    def _found(self) -> tuple[tuple[str, ...], str | None]:
        """Names of the inputs in the order of the signature, and of the time step's."""
        left = dict(self.network.inputs)
        ports = []
        for expected in self._signature.takes:
            name = next((port for port, other in left.items() if _fits(expected, other)), None)
            if name is None:
                raise self.refused(f"it takes {_listed(self.network.inputs)}")
            ports.append(name)
            del left[name]
        step = next(iter(left), None) if self._signature.step and len(left) == 1 else None
        if step is not None and len(left[step]) < 2:
            del left[step]
        if left:
            raise self.refused(f"it takes {_listed(self.network.inputs)}")
        given = next(iter(self.network.outputs.values()), None)
        if given is None or (given and not _fits(self._signature.gives, given)):
            raise self.refused(f"it gives {_listed(self.network.outputs)}")
        return tuple(ports), step

    def refused(self, why: str) -> ModelError:
        """The error that says so."""
        return ModelError(f"{self.path.name} is not MuseTalk's {self.name}: {why}", self._expected)

    @property
    def _expected(self) -> str:
        return f"give an ONNX file that {self._signature}: relip models add musetalk FILE"


class MuseTalkNetworks:
    """All four.

    Parameters
    ----------
    files : by the names of the parts.
    provider : of all but the one that listens, which is small.
    most : the most faces at once; fewer where memory is short or a file takes only one, and one
        on the CPU.

    Raises
    ------
    ModelError
        A file is missing or is something else.
    """

    def __init__(
        self, files: Mapping[str, Path], provider: ProviderName = "cpu", most: int = _MOST
    ) -> None:
        missing = [name for name in PARTS if name not in files]
        if missing:
            raise ModelError(
                f"MuseTalk lacks its {missing[0]}", "add it: relip models add musetalk FILE"
            )
        self._whisper = Part("whisper_encoder", files["whisper_encoder"], "cpu", THREADS)
        self.encoder = Part("vae_encoder", files["vae_encoder"], provider, THREADS)
        self.decoder = Part("vae_decoder", files["vae_decoder"], provider, THREADS)
        self.unet = Part("unet", files["unet"], provider, THREADS)
        # A face takes the CPU many seconds: one at a time is reported, and stopped, soonest.
        self.batch = 1 if self.provider == "cpu" else fitting(_PER_FACE, most)

    def listen(self, mel: Floats) -> Floats:
        """States ``[1500, 5, 384]`` of a log-mel ``[1, 80, 3000]``."""
        return np.asarray(self._whisper.run(mel)[0])

    def encode(self, faces: Floats) -> Floats:
        """Latents ``[n, 4, 32, 32]`` of faces ``[n, 256, 256, 3]``, R, G, B, 0 to 1."""
        return self.encoder.run(faces.transpose(0, 3, 1, 2) * 2 - 1, most=self.batch)

    def encode_both(self, faces: Floats) -> Floats:
        """``[n, 8, 32, 32]``: latents of the faces without their lower halves, then of whole."""
        masked = faces.copy()
        masked[:, SIDE // 2 :] = 0
        found = self.encode(np.concatenate([masked, faces]))
        return np.concatenate([found[: len(faces)], found[len(faces) :]], 1)

    def say(self, latents: Floats, heard: Floats) -> Floats:
        """Latents ``[n, 4, 32, 32]`` of faces that say what is heard, ``[n, 50, 384]``."""
        return self.unet.run(latents, heard + positions(), most=self.batch)

    def decode(self, latents: Floats) -> Floats:
        """Faces ``[n, 256, 256, 3]``, R, G, B, 0 to 1, of latents.

        Whole ones, though only the lower part is used. Every group norm looks at all of a face,
        so rows alone are exact only with statistics that take the whole to know. Decoding the two
        finest levels from row 102 on would save 18 % of the decoder; with the statistics of a
        frame before, random weights were off by up to 10 of 255 steps, with those of the rows
        themselves by 45 (``tests/bench/decoder_rows.py``).
        """
        drawn = self.decoder.run(latents, most=self.batch)
        return np.asarray(np.clip(drawn.transpose(0, 2, 3, 1) / 2 + 0.5, 0, 1), np.float32)

    @property
    def provider(self) -> ProviderName:
        """What runs the largest of them now."""
        return self.unet.network.provider

    def take_notices(self) -> tuple[Notice, ...]:
        """What the editor should know of providers."""
        parts = (self.encoder, self.unet, self.decoder)
        return tuple(notice for part in parts for notice in part.network.take_notices())


@cache
def positions() -> Floats:
    """``[50, 384]``: sines and cosines in turn, of 384 rates, added to what is heard.

    Vaswani et al., "Attention Is All You Need" (2017). The published pipeline adds them in front
    of the UNet; where they are published as a network of their own, it is this table.
    """
    rates = np.exp(np.arange(0, WIDTH, 2) * (-np.log(10_000) / WIDTH))
    angles = np.arange(TOKENS)[:, None] * rates
    table = np.stack([np.sin(angles), np.cos(angles)], -1)
    return np.asarray(table.reshape(TOKENS, WIDTH), np.float32)


_NAMES: Final[Mapping[tuple[str, Port], tuple[str, ...]]] = {
    ("unet", _BOTH): ("input_latents", "latents", "sample", "latent_input"),
    ("unet", _HEARD): ("audio_prompts", "heard", "encoder_hidden_states", "audio_embedding"),
    ("vae_encoder", _FACE): ("image", "face", "sample"),
    ("vae_decoder", _LATENT): ("latents", "input_latents", "latent_sample"),
}
"""That exporters have given inputs, for the shapes to try providers with."""


def _fits(expected: Port, found: Shape) -> bool:
    """Whether a file's input or output is that one, for any number of faces or one at a time."""
    return bool(found) and found[0] in (None, 1) and expected.fits("", found)


def _listed(ports: Mapping[str, Shape]) -> str:
    return ", ".join(str(Port(shape, name)) for name, shape in ports.items()) or "nothing"
