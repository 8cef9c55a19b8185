"""Time and memory of MuseTalk's three large networks: ``python -m tests.bench.musetalk``.

Full size, random weights: what they cost is real, what they draw is noise. They are run by the
engine's own code, one face at a time, on as many threads as it takes. Writes 4 GB into the folder
for temporary files and needs 6 GB of memory.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import numpy_helper

from relip.engines.musetalk_networks import SIDE, Floats, MuseTalkNetworks
from tests.bench.architectures import unet, vae_decoder, vae_encoder
from tests.bench.graphs import count, write
from tests.core.relip.engines.musetalk_made import listening

RUNS: Final = 2
_UNIT: Final = 1024 if sys.platform == "linux" else 1024**2


def at_step_nought() -> onnx.ModelProto:
    """The UNet with its time step inside, as it is published: cosines, then sines, of 0."""
    model = unet()
    (step,) = [put for put in model.graph.input if put.name == "step"]
    width = step.type.tensor_type.shape.dim[1].dim_value
    waves = np.repeat(np.array([1, 0], np.float32), width // 2)[None]
    model.graph.input.remove(step)
    model.graph.initializer.append(numpy_helper.from_array(waves, "step"))
    return model


def files(folder: Path) -> dict[str, Path]:
    """The four networks; the one that listens, once for 25 s of a line, is a stand-in."""
    made = {"vae_encoder": vae_encoder, "unet": at_step_nought, "vae_decoder": vae_decoder}
    found = {}
    for name, build in made.items():
        model = build()
        counted = count(model)
        print(f"{name}: {counted.operations / 1e9:.0f} GFLOP, {counted.parameters / 1e6:.0f} M")
        found[name] = write(model, folder / f"{name}.onnx")
    return {**found, "whisper_encoder": listening(folder / "whisper.onnx")}


def timed(name: str, run: Callable[[], Floats]) -> Floats:
    """Run it some times and print how long it took and the most memory held until then."""
    seconds, worked = [], []
    for _ in range(RUNS):
        begin, busy = time.monotonic(), time.process_time()
        found = run()
        seconds.append(time.monotonic() - begin)
        worked.append(time.process_time() - busy)
    print(f"{name}: {min(seconds):.1f} s, {min(worked):.1f} core s; {peak():.0f} MiB", flush=True)
    return found


def peak() -> float:
    """The most memory this process ever held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT


def main() -> None:
    """Measure, and print."""
    random = np.random.default_rng(0)
    face = random.uniform(0, 1, (1, SIDE, SIDE, 3)).astype(np.float32)
    heard = random.normal(0, 1, (1, 50, 384)).astype(np.float32)
    with tempfile.TemporaryDirectory() as name:
        paths = files(Path(name))
        begin = time.monotonic()
        networks = MuseTalkNetworks(paths, most=1)
        print(f"loading: {time.monotonic() - begin:.1f} s; {peak():.0f} MiB", flush=True)
        latents = timed("two encodings", lambda: networks.encode_both(face))
        drawn = timed("unet", lambda: networks.say(latents, heard))
        timed("decoding", lambda: networks.decode(drawn))


if __name__ == "__main__":
    main()
