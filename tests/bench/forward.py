"""Run a network on noise: ``python -m tests.bench.forward MODEL THREADS SECONDS OUT``.

A process of its own, which imports no more than a tool that draws with this network would.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime

_LEAST: Final = 2
_MOST: Final = 30


def main(model: str, threads: int, seconds: float, output: Path) -> None:
    """Run for about ``seconds``, and write how long each run took, one per line.

    The session is set up as :class:`relip.onnx.Network` sets up its own, but on all cores: here
    nothing else is done meanwhile.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    noise = {
        given.name: random.standard_normal(given.shape, np.float32)
        for given in session.get_inputs()
    }
    session.run(None, noise)  # the first one also makes room
    took: list[float] = []
    while len(took) < _LEAST or (sum(took) < seconds and len(took) < _MOST):
        start = time.monotonic()
        (drawn,) = session.run(None, noise)
        took.append(time.monotonic() - start)
    if not np.isfinite(drawn).all():
        raise ArithmeticError(f"{model} overflows, its times may be those of exceptions")
    output.write_text("\n".join(map(str, took)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
