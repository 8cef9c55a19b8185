"""Running a network: everything about onnxruntime is in this file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from relip_job.errors import ModelError
from relip_models import ModelName, model


class Network:
    """A loaded network; ``run`` takes and gives arrays by name.

    Attributes
    ----------
    threads : how many threads one run may use. One is the default: on busy cores two
        spinning threads were 2 to 3 times slower than one.
    """

    def __init__(self, name: ModelName, threads: int = 1) -> None:
        entry = model(name)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(entry.path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises its own classes, none of them public
            raise ModelError(
                f"the network {entry.file} cannot be loaded ({error})",
                "install relip again; 'relip doctor' shows which files differ",
            ) from error
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
        """Outputs by name for inputs by name."""
        values = self._session.run(None, dict(inputs))
        return dict(zip(self._outputs, values, strict=True))


def providers() -> list[str]:
    """Execution providers this installation of onnxruntime offers, best first."""
    found: list[str] = onnxruntime.get_available_providers()
    return found
