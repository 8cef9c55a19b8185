"""``relip`` with an engine of the bench's choice: the copier, or with a number of threads.

::

    python -m tests.bench_batch.launched copier|THREADS batch reel.otio ...

The engine is started as always, with another program or other variables: relip gives each of its
workers one thread, for itself and for its libraries, and lets nobody say otherwise.
"""

from __future__ import annotations

import sys
from typing import Final

from relip_host.executor import ONE_THREAD
from relip_host.worker import Engine
from relip_plugin import own_engine

_COPIER: Final = """\
import runpy, sys
sys.path[:0] = {paths!r}
runpy.run_module("tests.bench_batch.copier", run_name="__main__")
"""
_THREADED: Final = """\
import runpy, sys
sys.path[:0] = {paths!r}
from relip.onnx import Network  # before onnxruntime itself: it has wishes for how that is loaded
import onnxruntime
opened = onnxruntime.InferenceSession
def threaded(path, options, **asked):
    options.intra_op_num_threads = {threads}
    return opened(path, options, **asked)
onnxruntime.InferenceSession = threaded
runpy.run_module("relip_plugin.worker", run_name="__main__")
"""


def engine(asked: str) -> Engine:
    """The engine in question."""
    paths = [path for path in sys.path if path]
    if asked == "copier":
        return Engine([sys.executable, "-c", _COPIER.format(paths=paths)], program=())
    start = _THREADED.format(paths=paths, threads=int(asked))
    threads = dict.fromkeys(ONE_THREAD, str(int(asked)))
    return Engine([sys.executable, "-c", start], program=(), environment=threads)


def main() -> int:
    """Run the command with it."""
    asked, *words = sys.argv[1:]
    made = engine(asked)
    own_engine.own_engine = lambda: made
    # Only now: who starts the engine takes the name of what makes one when it is imported.
    from relip_plugin.cli import main as relip

    return relip(words)


if __name__ == "__main__":
    sys.exit(main())
