"""``python -m tests.bench.neural``: what the wav2lip engine takes with a network of full size.

The network is Wav2Lip's in every layer with weights that mean nothing, and gives back the face it
was given, so that everything after it has a face to work on: times and memory are real, pictures
are not. Compared with the network alone and with its count of operations.
"""

from __future__ import annotations

import argparse
import statistics
import time
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import onnx
from onnx import helper, numpy_helper

from relip import sample
from relip.engines.base import Task
from relip.engines.neural.engine import NeuralEngine
from relip.engines.wav2lip import Wav2LipNetwork, started
from relip.footage import analyse
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.media.speech import read_speech
from relip.media.spool import Spool
from relip.render.lay import lay
from relip.speech.visemes import listen
from relip_job.job import Speaker
from tests.bench import architectures, cost, graphs

FRAMES: Final = 75
ALONE: Final = 5
"""Runs of the network alone."""
_FACE: Final = "face"


def giving_back(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network, all of which is computed, with the face it was given as its result."""
    graph = model.graph
    (drawn,) = graph.output
    ends = {"b0": [3], "b1": [6], "b2": [1]}
    graph.initializer.extend(
        numpy_helper.from_array(np.array(values, np.int64), name) for name, values in ends.items()
    )
    graph.initializer.append(numpy_helper.from_array(np.array(1e-6, np.float32), "b3"))
    graph.node.extend(
        [
            helper.make_node("Slice", [_FACE, *ends], ["b4"]),
            helper.make_node("Mul", [drawn.name, "b3"], ["b5"]),
            helper.make_node("Add", ["b4", "b5"], ["b6"]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("b6", onnx.TensorProto.FLOAT, None))
    return model


def drawn(model: Path, picture: Path, frames: int) -> dict[str, float]:
    """Core milliseconds per frame: the network alone, getting ready, drawing and laying.

    Time on all cores together, which others at work on the machine do not lengthen as they do
    that on the wall; ``on the wall`` is that of the last two.
    """
    network = Wav2LipNetwork(model)
    face = np.full((1, network.side, network.side, 3), 0.5, np.float32)
    alone = []
    for _ in range(ALONE):
        begin = time.process_time()
        network.say(face, np.zeros((1, 80, 16), np.float32))
        alone.append(time.process_time() - begin)
    del network
    clip = probe(str(picture))
    speech = read_speech(sample.line(), part=(Fraction(0), Fraction(frames) / clip.rate))
    dub = listen(speech.samples)
    with Spool() as spool:
        work = analyse(clip, 0, frames, Speaker(), spool)
        while True:
            try:
                next(work)
            except StopIteration as done:
                footage = done.value
                break
        wanted = np.ones(frames, bool)
        task = Task([footage], spool, wanted, footage.times, dub, speech.samples, provider="cpu")
        since = time.monotonic()
        begin = time.process_time()
        engine = _ready(task, model)
        ready = time.process_time() - begin
        begin, changed = time.process_time(), 0
        for frame in read_frames(clip, 0, frames):
            patch = engine.draw(frame)
            if patch is not None:
                lay(frame, patch.rgb, patch.alpha, patch.x0, patch.y0)
                changed += 1
        shown = time.process_time() - begin
        wall = time.monotonic() - since
    if changed != frames:
        raise RuntimeError(f"only {changed} of {frames} frames were drawn")
    return {
        "network alone": 1000 * statistics.median(alone),
        "prepare": 1000 * ready / frames,
        "draw and lay": 1000 * shown / frames,
        "on the wall": 1000 * wall / frames,
    }


def _ready(task: Task, model: Path) -> NeuralEngine:
    work = started(task, model)
    while True:
        try:
            next(work)
        except StopIteration as done:
            engine: NeuralEngine = done.value
            return engine


def main(arguments: list[str] | None = None) -> None:
    """Measure in a process of its own, on two cores; print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.neural", description=__doc__)
    parser.add_argument("--picture", type=Path, default=sample.picture())
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)  # in the process of its own
    given = parser.parse_args(arguments)
    if given.model:
        times = drawn(given.model, given.picture, given.frames)
        lines = [f"{name}\t{taken}" for name, taken in times.items()]
        (given.model.parent / "times").write_text("\n".join(lines), encoding="utf-8")
        return
    with TemporaryDirectory(prefix="relip-bench-") as name:
        model = architectures.wav2lip()
        counted = graphs.count(model)
        path = graphs.write(giving_back(model), Path(name) / "network.onnx")
        command = ["-m", "tests.bench.neural", "--model", str(path)]
        command += ["--picture", str(given.picture), "--frames", str(given.frames)]
        spent = cost.run(command)
        lines = (Path(name) / "times").read_text(encoding="utf-8").splitlines()
    taken = {key: float(value) for key, value in (line.split("\t") for line in lines)}
    whole = taken["prepare"] + taken["draw and lay"]
    rate = counted.operations / 1e6 / taken["network alone"]
    for key in ("network alone", "prepare", "draw and lay"):
        print(f"{key:14} {taken[key]:8.1f} core ms/frame")
    print(f"{'engine':14} {whole:8.1f} core ms/frame, {1000 / whole:.1f} frames/s of a core")
    print(f"{'on the wall':14} {taken['on the wall']:8.1f} ms/frame")
    print(f"{'network':14} {counted.operations / 1e9:8.2f} GFLOP/frame, {rate:.0f} GFLOP/s")
    print(f"{'peak memory':14} {spent.memory:8.0f} MiB")


if __name__ == "__main__":
    main()
