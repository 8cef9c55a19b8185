"""Running a network: everything about onnxruntime is in this file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# onnxruntime 1.32 numbers the machine and reports its use to Microsoft, unless it is told not to
# before it is loaded. Nothing leaves an editor's machine.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

from relip_job.errors import ModelError
from relip_models import ModelName, model

onnxruntime.disable_telemetry_events()  # what Windows collects by itself


class Network:
    """A loaded network; ``run`` takes and gives arrays by name.

    Parameters
    ----------
    name : of a network in the catalogue, or the path of a user's own ONNX file.
    threads : how many threads one run may use. One is the default: on busy cores two
        spinning threads were 2 to 3 times slower than one.

    Attributes
    ----------
    inputs : shape of every input by its name; None for a size that is free.
    """

    def __init__(self, name: ModelName | Path, threads: int = 1) -> None:
        path = name if isinstance(name, Path) else model(name).path
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise ModelError(
                f"the network {path.name} cannot be loaded ({error})",
                "give a whole ONNX file"
                if isinstance(name, Path)
                else "install relip again; 'relip doctor' shows which files differ",
            ) from error
        self.inputs: dict[str, tuple[int | None, ...]] = {
            put.name: tuple(size if isinstance(size, int) else None for size in put.shape)
            for put in self._session.get_inputs()
        }
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
        """Outputs by name for inputs by name."""
        values = self._session.run(None, dict(inputs))
        return dict(zip(self._outputs, values, strict=True))


def providers() -> list[str]:
    """Execution providers this installation of onnxruntime offers, best first."""
    found: list[str] = onnxruntime.get_available_providers()
    return found
