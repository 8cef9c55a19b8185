"""SyncNet from a user's own ONNX files; relip ships no weights of it.

The network of Chung and Zisserman, "Out of time: automated lip sync in the wild" (2016), gives
one embedding for five pictures of a face and one for the 200 ms of sound that belong to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from relip.onnx import Network
from relip.quality.cepstra import KEPT
from relip_job.errors import ModelError

PICTURES: Final = 5
"""Pictures in a window."""
ROWS: Final = 20
"""Rows of cepstra in a window."""
SIDE: Final = 224
"""Side of the published network's face crops."""

Half = Literal["lips", "sound"]
Embeddings = NDArray[np.float32]

_EXPECTED: Final = (
    f"export SyncNet as one file with the inputs [n, 3, {PICTURES}, {SIDE}, {SIDE}] (lips) and "
    f"[n, 1, {KEPT}, {ROWS}] (sound) and one embedding [n, d] for each, or put two files with "
    "one half each into a folder of their own and name the folder"
)


class Embedder(Protocol):
    """What tells how far lips and sound are apart: two embeddings in one space.

    Attributes
    ----------
    side : of the face crops it wants, px.
    batch : the most windows it takes at once.
    """

    side: int
    batch: int

    def embed(
        self, lips: NDArray[np.float32], sound: NDArray[np.float32]
    ) -> tuple[Embeddings, Embeddings]:
        """Embeddings ``[n, d]`` of both.

        Parameters
        ----------
        lips : float32 ``[n, 3, 5, side, side]``, B, G, R of 0 to 255, five pictures each.
        sound : float32 ``[n, 1, 13, 20]``, cepstra by row of 10 ms.
        """


class SyncNet:
    """A user's SyncNet.

    Inputs are told apart by their rank, outputs by which input moves them, so names and order
    are free. Free sizes are taken as the published ones.

    Parameters
    ----------
    path : an ONNX file with both halves, or a folder with exactly two ONNX files, one half each.

    Raises
    ------
    ModelError
        There is no such file, or it is something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._networks = [Network(file) for file in _files(path)]
        ports: dict[Half, str] = {}
        shapes: dict[Half, tuple[int | None, ...]] = {}
        for network in self._networks:
            for name, shape in network.inputs.items():
                half = self._half(name, shape)
                if half in ports:
                    raise self._refused(f"more than one input takes {half}")
                ports[half], shapes[half] = name, shape
        if len(ports) < 2:
            there = f"only the half for {next(iter(ports))}" if ports else "no input"
            raise self._refused(f"it has {there}")
        self._ports = ports
        self.side = shapes["lips"][4] or shapes["lips"][3] or SIDE
        # Eight windows of crops are 24 MB.
        self.batch = 1 if any(shape[0] == 1 for shape in shapes.values()) else 8
        self._outputs = self._find_outputs()

    def embed(
        self, lips: NDArray[np.float32], sound: NDArray[np.float32]
    ) -> tuple[Embeddings, Embeddings]:
        """Embeddings ``[n, d]`` of lips and of sound; see :class:`Embedder`."""
        outputs = self._run({"lips": lips, "sound": sound})
        return outputs[self._outputs["lips"]], outputs[self._outputs["sound"]]

    def _run(self, values: dict[Half, NDArray[np.float32]]) -> dict[tuple[int, str], Embeddings]:
        """Every output, by number of the network and name."""
        outputs: dict[tuple[int, str], Embeddings] = {}
        for number, network in enumerate(self._networks):
            given = {
                name: values[half] for half, name in self._ports.items() if name in network.inputs
            }
            try:
                found = network.run(given)
            except Exception as error:  # onnxruntime raises its own classes, none of them public
                raise self._refused(f"it does not run ({error})") from error
            outputs.update({(number, name): value for name, value in found.items()})
        return outputs

    def _find_outputs(self) -> dict[Half, tuple[int, str]]:
        """Which output is the embedding of which half, found by moving one input at a time."""
        noise = np.random.default_rng(0)
        count = min(self.batch, 2)
        lips = noise.uniform(0, 255, (2, count, 3, PICTURES, self.side, self.side))
        sound = noise.normal(0, 10, (2, count, 1, KEPT, ROWS))
        eyes, ears = lips.astype(np.float32), sound.astype(np.float32)
        still = self._run({"lips": eyes[0], "sound": ears[0]})
        seen = self._run({"lips": eyes[1], "sound": ears[0]})
        heard = self._run({"lips": eyes[0], "sound": ears[1]})
        found: dict[Half, tuple[int, str]] = {}
        for key, value in still.items():
            moved = [not np.array_equal(value, other[key]) for other in (seen, heard)]
            if moved == [True, True]:
                raise self._refused(f"its output {key[1]} mixes lips and sound")
            if not any(moved):
                continue
            half: Half = "lips" if moved[0] else "sound"
            if half in found or value.ndim != 2 or len(value) != count:
                raise self._refused(f"its output {key[1]} is not the one embedding of the {half}")
            found[half] = key
        widths = {still[key].shape[1] for key in found.values()}
        if len(found) < 2 or len(widths) > 1:
            raise self._refused("its outputs are not two embeddings of the same length")
        return found

    def _half(self, name: str, shape: Sequence[int | None]) -> Half:
        wanted: tuple[int | None, ...]
        half: Half
        if len(shape) == 5:
            half, wanted = "lips", (None, 3, PICTURES, None, None)
            sides = {size for size in shape[3:] if size is not None}
        else:
            half, wanted, sides = "sound", (None, 1, KEPT, ROWS), set()
        fits = len(shape) == len(wanted) and all(
            size is None or want is None or size == want
            for size, want in zip(shape, wanted, strict=True)
        )
        if not fits or len(sides) > 1 or shape[0] not in (None, 1):
            told = ", ".join("n" if size is None else str(size) for size in shape)
            raise self._refused(f"its input {name} is [{told}]")
        return half

    def _refused(self, why: str) -> ModelError:
        return ModelError(f"{self._path.name} is no SyncNet relip can use: {why}", _EXPECTED)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(path.glob("*.onnx"))
        if len(files) != 2:
            raise ModelError(f"{path.name} holds {len(files)} ONNX files, not two", _EXPECTED)
        return files
    if not path.is_file():
        raise ModelError(f"there is no file {path}", "give the path of SyncNet as ONNX")
    return [path]
