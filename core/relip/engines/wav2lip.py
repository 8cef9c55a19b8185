"""The Wav2Lip family: a face and 200 ms of sound in, the face saying that sound out.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In The Wild"
(2020), and what others trained the same way at 256 samples; with and without their adversarial
loss. relip ships no weights: they are the user's own ONNX file, and the published ones may not be
used commercially. Both published exports are taken: ``source`` and ``target``, or
``mel_spectrogram`` and ``video_frames``; inputs are told apart by their shapes, not their names.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.engines.base import Task
from relip.engines.neural.engine import NeuralEngine, prepare
from relip.engines.neural.mel import BANDS, COLUMNS, mel_window
from relip.mouth.shape import Array
from relip.onnx import Network, ProviderName, checked_name, fitting
from relip.onnx.installed import weights, weights_page
from relip_job.errors import ModelError

SIDES: Final = (96, 256)
"""Samples of the published networks' faces."""
LEAD: Final = 1 / 25
"""Seconds before a frame at which the sound it is drawn to begins.

In the published training (``wav2lip_train.py``) the 16 columns for frame ``k`` of 25 a second
begin at frame ``k - 1``: it counts frames from 1 and then takes 2 off. The published inference
begins them at frame ``k``, 40 ms later than the network was taught, so its lips come a frame
early. This is read from that code, and is not measured: no weights were at hand.
"""
THREADS: Final = 2
"""Of a run on the CPU. A frame took 110 ms of one core with one thread and 130 with two."""
_PER_FACE: Final = {96: 60 << 20, 256: 260 << 20}
"""Bytes set aside for one face of a run, beyond the weights; generous, not measured."""

_SHAPES: Final = {
    **dict.fromkeys(("source", "mel_spectrogram"), (1, 1, BANDS, COLUMNS)),
    **dict.fromkeys(("target", "video_frames"), (1, 6, SIDES[0], SIDES[0])),
}
"""By the published names of inputs, for trying a provider where a file leaves sizes free."""

_EXPECTED: Final = (
    f"give a Wav2Lip network as ONNX, with the inputs [n, 1, {BANDS}, {COLUMNS}] (sound) and "
    "[n, 6, 96, 96] or [n, 6, 256, 256] (the face without and with its mouth) and the output "
    "[n, 3, 96, 96] or [n, 3, 256, 256]"
)


class Wav2LipNetwork:
    """A user's Wav2Lip.

    Free sizes are taken as the published ones, a free side as 96.

    Parameters
    ----------
    path : an ONNX file.
    most : the most faces at once; fewer where memory is short or the file takes only one.

    Attributes
    ----------
    side, batch : as of :class:`relip.engines.neural.drawn.MouthNetwork`.

    Raises
    ------
    ModelError
        There is no such file, or it is something else.
    """

    def __init__(self, path: Path, provider: ProviderName = "cpu", most: int = 8) -> None:
        self.path = path
        if not path.is_file():
            raise ModelError(f"there is no file {path}", _EXPECTED)
        self.network = Network(path, THREADS, provider=provider, shapes=_SHAPES)
        self._sound, self._face = self._ports()
        shapes = self.network.inputs
        self.side = shapes[self._face][2] or shapes[self._face][3] or SIDES[0]
        fixed = 1 in (shapes[self._sound][0], shapes[self._face][0])
        self.batch = 1 if fixed else fitting(_PER_FACE[self.side], most)
        nothing = np.zeros((1, self.side, self.side, 3), np.float32)
        self.say(nothing, np.zeros((1, BANDS, COLUMNS), np.float32))

    def say(self, faces: NDArray[np.float32], mels: NDArray[np.float32]) -> NDArray[np.float32]:
        """The faces ``[n, side, side, 3]``, R, G, B, 0 to 1, saying windows ``[n, 80, 16]``."""
        pictures = faces[..., ::-1].transpose(0, 3, 1, 2)  # the network knows B, G, R
        masked = pictures.copy()
        masked[:, :, self.side // 2 :] = 0
        kinds = self.network.kinds
        given = {
            self._sound: np.ascontiguousarray(mels[:, None], kinds[self._sound]),
            self._face: np.concatenate([masked, pictures], 1).astype(kinds[self._face]),
        }
        try:
            (drawn,) = self.network.run_many(given, self.batch).values()
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise self._refused(f"it does not run ({error})") from error
        if drawn.shape != (len(faces), 3, self.side, self.side):
            raise self._refused(f"it gives {list(drawn.shape)}")
        if not np.isfinite(drawn).all():
            raise self._refused("it gives values that are no numbers")
        return np.asarray(drawn.transpose(0, 2, 3, 1)[..., ::-1], np.float32)

    def _ports(self) -> tuple[str, str]:
        """Names of the inputs for sound and face."""
        found: dict[str, str] = {}
        for name, shape in self.network.inputs.items():
            kind = _kind(shape)
            if kind is None or kind in found:
                raise self._refused(f"its input {name} is {_told(shape)}")
            found[kind] = name
        if len(found) != 2 or len(self.network.outputs) != 1:
            raise self._refused(f"it has {len(found)} inputs, {len(self.network.outputs)} outputs")
        return found["sound"], found["face"]

    def _refused(self, why: str) -> ModelError:
        return ModelError(f"{self.path.name} is no Wav2Lip network: {why}", _EXPECTED)


class Line:
    """A network with the line it is to draw; a :class:`relip.engines.neural.drawn.MouthNetwork`.

    ``lead`` seconds: see :data:`LEAD`.
    """

    def __init__(
        self, network: Wav2LipNetwork, samples: NDArray[np.float32], lead: float = LEAD
    ) -> None:
        self._network = network
        self._samples = samples
        self._lead = lead
        self.side = network.side
        self.batch = network.batch

    def draw(self, faces: NDArray[np.float32], seconds: Array) -> NDArray[np.float32]:
        """The faces ``[n, side, side, 3]`` as they look at times ``[n]`` in the line."""
        mels = [mel_window(self._samples, float(moment) - self._lead) for moment in seconds]
        return self._network.say(faces, np.stack(mels))


def start(task: Task) -> Generator[int, None, NeuralEngine]:
    """The engine with the network that the user added last; see :class:`relip.engines.base.Start`.

    Raises
    ------
    ModelError
        None was added, or it is not what was added.
    """
    files, told = weights("wav2lip"), weights_page("wav2lip")
    engine = yield from started(task, files["generator"])
    engine.page.update(told)
    return engine


def started(task: Task, path: Path, lead: float = LEAD) -> Generator[int, None, NeuralEngine]:
    """The engine with that file as its network."""
    yield 0
    network = Wav2LipNetwork(path, checked_name(task.provider))
    page: dict[str, object] = {"network": path.name, "side": network.side, "lead": lead}
    engine = yield from prepare(task, Line(network, task.samples, lead), page)
    engine.page["provider"] = network.network.provider
    engine.notices += network.network.take_notices()
    return engine


def _kind(shape: tuple[int | None, ...]) -> str | None:
    """What an input of that shape takes."""
    if len(shape) != 4 or shape[0] not in (None, 1):
        return None
    _, channels, height, width = shape
    if channels in (None, 1) and (height, width) == (BANDS, COLUMNS):
        return "sound"
    sides = {side for side in (height, width) if side is not None}
    return "face" if channels == 6 and len(sides) < 2 and sides <= set(SIDES) else None


def _told(shape: tuple[int | None, ...]) -> str:
    return f"[{', '.join('n' if size is None else str(size) for size in shape)}]"
