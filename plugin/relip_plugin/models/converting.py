"""From weights in PyTorch's format to ONNX, through definitions of our own.

What is written is run by onnxruntime and compared with PyTorch on the same input; it is given out
only if they agree to 1e-4 of the largest value.
"""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from relip.onnx.parity import largest_difference, noise
from relip.onnx.session import RUNTIME
from relip_job.errors import ModelError, OutputError
from relip_models import Further
from relip_plugin.models.download import SPARE

if TYPE_CHECKING:
    from torch import Tensor, nn

AGREES: Final = 1e-4
"""The largest difference to PyTorch, as a share of the largest value."""
OPSET: Final = 17
_ALONE: Final = 1 << 30
"""Bytes of weights up to which they are part of the file: protocol buffers end at 2 GiB."""


@dataclass(frozen=True)
class Made:
    """A part as ONNX, and in a sentence how it compares with PyTorch."""

    source: Path
    part: str
    path: Path
    told: str


@dataclass(frozen=True)
class Definition:
    """A network to be filled with weights.

    Attributes
    ----------
    build : makes it, without weights.
    inputs : shape of each for one, by name.
    output : its name.
    select : of a file's weights, those of this network by the names it has for them.
    """

    build: Callable[[], nn.Module]
    inputs: Mapping[str, tuple[int, ...]]
    output: str
    select: Callable[[Mapping[str, Tensor]], dict[str, Tensor]]


def converted(entry: Further, files: Sequence[Path], folder: Path) -> Iterator[Made]:
    """Every part of the model that is in the files, as ONNX in the folder.

    Raises
    ------
    ModelError
        PyTorch is missing, or a file does not hold weights of this model.
    """
    try:
        import torch  # noqa: F401  # to say so before anything is read
    except ImportError as error:
        raise ModelError(
            "PyTorch, which reads such files, is not installed",
            f"install it: {sys.executable} -m pip install torch onnx; or convert the file "
            f"elsewhere and: relip models add {entry.name} FILE.onnx",
        ) from error
    from relip_plugin.models.definitions import definitions
    from relip_plugin.models.weights import read_weights

    for path in files:
        if not path.is_file():
            raise ModelError(f"there is no file {path}", "check the path")
        weights = read_weights(path)
        known = definitions(entry.engine)
        found = {part: known[part].select(weights) for part in known}
        if not any(found.values()):
            some = ", ".join(list(weights)[:3])
            raise ModelError(
                f"{path.name} holds no part of {entry.name} that relip can convert; it has {some}",
                entry.elsewhere,
            )
        del weights
        for part, chosen in found.items():
            if chosen:
                yield export(known[part], chosen, part, path, folder)


def export(
    definition: Definition, weights: dict[str, Tensor], part: str, source: Path, folder: Path
) -> Made:
    """One network as ONNX, compared with PyTorch.

    Raises
    ------
    ModelError
        The weights are others than the network's, or the two disagree.
    OutputError
        There is no room for it.
    """
    import torch

    with torch.device("meta"):
        network = definition.build()
    size = sum(value.nelement() * value.element_size() for value in weights.values())
    if 2 * size + SPARE > (free := shutil.disk_usage(folder).free):
        raise OutputError(
            f"{folder} has room for {free / 1e9:.1f} GB, converting {source.name} takes "
            f"{2 * size / 1e9:.1f} GB",
            "make room on that disk",
        )
    try:
        network.load_state_dict(weights, strict=True, assign=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]]
        raise ModelError(
            f"{source.name} has other weights than the {part} that relip knows: {lines[0][:200]}",
            "if it is another version of the model, convert it elsewhere and add it as ONNX",
        ) from error
    network.eval()
    home = folder / part
    home.mkdir()
    path = home / f"{part}.onnx"
    given = {name: torch.zeros(shape) for name, shape in definition.inputs.items()}
    with torch.no_grad(), warnings.catch_warnings():
        # The newer exporter needs one more library. This one warns of its age, and of shapes
        # that it takes for constants: two faces at once are compared below.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(given.values()),
            str(path),
            input_names=list(given),
            output_names=[definition.output],
            dynamic_axes={name: {0: "n"} for name in (*given, definition.output)},
            opset_version=OPSET,
            dynamo=False,
        )
    if size > _ALONE:
        path = _gathered(path, folder / f"{part}-gathered")
        shutil.rmtree(home)
    return Made(source, part, path, _compared(definition, network, path))


def _gathered(path: Path, folder: Path) -> Path:
    """The same network with its weights in one file beside it; PyTorch writes hundreds."""
    import onnx

    folder.mkdir()
    made = folder / path.name
    weights = f"{path.stem}.weights"
    onnx.save_model(onnx.load(path), made, save_as_external_data=True, location=weights)
    return made


def _compared(definition: Definition, network: nn.Module, path: Path) -> str:
    """How far onnxruntime's result lies from PyTorch's, in words."""
    import torch

    session = RUNTIME.open(path)
    worst = 0.0
    for count in (1, 2):
        shapes = {name: (count, *shape[1:]) for name, shape in definition.inputs.items()}
        given = noise(session.inputs, shapes)
        with torch.no_grad():
            expected = network(*(torch.from_numpy(values) for values in given.values())).numpy()
        difference = largest_difference({definition.output: expected}, session.run(given))
        worst = max(worst, difference)
    if not worst <= AGREES:
        raise ModelError(
            f"{path.name} differs from PyTorch's by {worst:.1e}, more than {AGREES:.0e}",
            "send us the versions of PyTorch and onnxruntime; nothing was added",
        )
    return f"differs from PyTorch by {worst:.1e} of the largest value, at most {AGREES:.0e}"
