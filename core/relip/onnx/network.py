"""A network that runs, on whatever provider can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from relip.onnx import parity
from relip.onnx.choice import CODE, choose
from relip.onnx.parity import brief, finite
from relip.onnx.provider import CPU, ProviderName
from relip.onnx.session import RUNTIME, Arrays, Runtime
from relip.onnx.verdict import Verdicts
from relip_job.errors import ModelError
from relip_job.events import Notice
from relip_models import ModelName, model

_FULL: Final = ("memory", "allocat", "8007000e")
"""What errors of drivers have in common when memory ran out."""


class Network:
    """A loaded network; ``run`` takes and gives arrays by name.

    relip's own networks keep to the CPU: each takes a few milliseconds, what they find is cached
    and compared across machines, and a provider would have to be warmed for each of them in each
    worker. ``relip doctor --providers`` says what they would take elsewhere.

    Parameters
    ----------
    name : of a network in the catalogue, or the path of a user's own ONNX file.
    threads : how many threads one run may use. One is the default: on busy cores two
        spinning threads were 2 to 3 times slower than one.
    provider : where to run it. Anything but ``cpu`` is compared with the CPU on first use, and
        given up for it, with a notice, when it differs, fails or gives no numbers, then or later.
    half : the same network in half precision, taken where the provider gains by it and agrees.
    shapes : of inputs with free sizes, the shape to try a provider with; a free size left out
        is 1.
    runtime, verdicts : what loads it, and what is known of providers.

    Attributes
    ----------
    inputs, outputs : shape of every input and output by its name; None for a size that is free.
    kinds : NumPy type of every input by its name.
    provider : what runs it now.
    """

    def __init__(
        self,
        name: ModelName | Path,
        threads: int = 1,
        *,
        provider: ProviderName = "cpu",
        half: Path | None = None,
        shapes: Mapping[str, tuple[int, ...]] | None = None,
        runtime: Runtime = RUNTIME,
        verdicts: Verdicts | None = None,
    ) -> None:
        path = name if isinstance(name, Path) else model(name).path
        self._files = parity.Network(path, half, shapes or {})
        self._runtime, self._threads = runtime, threads
        try:
            if provider == "cpu":
                self._session = runtime.open(path, CPU, threads)
                self._provider = CPU
                self._notices: list[Notice] = []
            else:
                chosen = choose(self._files, provider, runtime, verdicts or Verdicts(), threads)
                self._session, self._provider = chosen.session, chosen.provider
                self._notices = list(chosen.notices)
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise ModelError(
                f"the network {path.name} cannot be loaded ({error})",
                "give a whole ONNX file"
                if isinstance(name, Path)
                else "install relip again; 'relip doctor' shows which files differ",
            ) from error
        self.inputs = {port.name: port.shape for port in self._session.inputs}
        self.outputs = {port.name: port.shape for port in self._session.outputs}
        self.kinds = {port.name: port.kind for port in self._session.inputs}
        self._batch: int | None = None
        self._numberless = False
        """Whether the CPU's values are no numbers either, so that this tells nothing."""

    @property
    def provider(self) -> ProviderName:
        """What runs it now."""
        return self._provider.name

    def take_notices(self) -> tuple[Notice, ...]:
        """What the editor should know since the last call; it may be asked after every run."""
        taken = tuple(self._notices)
        self._notices.clear()
        return taken

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Outputs by name for inputs by name.

        A provider that fails or gives no numbers here is given up for the CPU, which does this
        run again and all others; a notice says so.
        """
        if self._provider is CPU:
            return self._on_cpu(inputs)
        try:
            found = self._session.run(inputs)
        except Exception as error:  # drivers raise what they like
            return self._given_up(f"it failed ({brief(error)})", inputs)
        if self._numberless or finite(found):
            return found
        expected = self._runtime.open(self._files.path, CPU, self._threads).run(inputs)
        if finite(expected):
            return self._given_up("it gave values that are no numbers", inputs)
        self._numberless = True
        return found

    def run_many(self, inputs: Mapping[str, NDArray[Any]], most: int = 8) -> Arrays:
        """Outputs for any number along the first axis, at most ``most`` at once.

        Fewer where the network's own first size is fixed, and half as many, from then on, when
        the provider says that its memory does not suffice.
        """
        total = min(len(values) for values in inputs.values())
        fixed = {shape[0] for shape in self.inputs.values() if shape and shape[0]}
        size = min(fixed | {most, self._batch or most})
        parts: list[Arrays] = []
        at = 0
        while at < total:
            some = {name: values[at : at + size] for name, values in inputs.items()}
            if self._provider is CPU or size == 1:
                parts.append(self.run(some))
            else:
                try:
                    parts.append(self._session.run(some))
                except Exception as error:
                    if any(word in str(error).lower() for word in _FULL):
                        self._batch = size = size // 2
                        continue
                    parts.append(self._given_up(f"it failed ({brief(error)})", some))
                else:
                    if not finite(parts[-1]):
                        parts[-1] = self.run(some)
            at += size
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _given_up(self, why: str, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Go on on the CPU for good; what this run gives there."""
        left = self._provider.name
        self._provider = CPU
        try:
            self._session = self._runtime.open(self._files.path, CPU, self._threads)
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise ModelError(
                f"{left} is given up for {self._files.path.name}: {why}; and the CPU cannot take "
                f"over ({brief(error)})",
                "choose --provider cpu, and close what takes memory",
            ) from error
        self._notices.append(
            Notice(
                CODE,
                f"{left} is given up for {self._files.path.name}: {why}; the CPU does the rest",
                remedy="choose --provider cpu if this happens again",
            )
        )
        return self._on_cpu(inputs)

    def _on_cpu(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        try:
            return self._session.run(inputs)
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise ModelError(
                f"the network {self._files.path.name} cannot run ({brief(error)})",
                "give the network that is meant for this; 'relip models' shows which are known",
            ) from error
