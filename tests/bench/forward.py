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
    """Run for about ``seconds``, and write for each run its seconds on the wall and on all cores.

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
    lines: list[str] = []
    begin = time.monotonic()
    while len(lines) < _LEAST or (time.monotonic() - begin < seconds and len(lines) < _MOST):
        start, work = time.monotonic(), time.process_time()
        (drawn,) = session.run(None, noise)
        lines.append(f"{time.monotonic() - start} {time.process_time() - work}")
    if not np.isfinite(drawn).all():
        raise ArithmeticError(f"{model} overflows, its times may be those of exceptions")
    output.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
