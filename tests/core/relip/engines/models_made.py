"""Models for every engine that draws with networks: whole ones, and one fault each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from numpy.typing import NDArray

from relip_models import FURTHER, Store
from relip_models.graph import read_graph
from tests.core.relip.engines import musetalk_made, wav2lip_made
from tests.networks_made import Fault, FaultySession, fine, write_doubling

Size = int | str
Parts = Mapping[str, Path]


def wav2lip(folder: Path, batch: Size) -> Parts:
    """Gives faces back."""
    return {"generator": wav2lip_made.saving_reference(folder / "mine.onnx", batch=batch)}


def wav2lip_without_numbers(folder: Path) -> Parts:
    """No numbers, but where it is given nothing."""
    graph = wav2lip_made.KnownGraph()
    root = graph.node("Sqrt", graph.node("Neg", graph.channels(3, 6)))
    return {"generator": graph.save(folder / "mine.onnx", root)}


def musetalk(folder: Path, batch: Size) -> Parts:
    """Gives faces back, as soft as means of 8 x 8 samples."""
    return {
        "vae_encoder": musetalk_made.pooling_encoder(folder / "encoder.onnx", batch),
        "unet": musetalk_made.unet_of(folder / "unet.onnx", batch=batch),
        "vae_decoder": musetalk_made.spreading_decoder(folder / "decoder.onnx", batch),
        "whisper_encoder": musetalk_made.listening(folder / "whisper.onnx"),
    }


def musetalk_without_numbers(folder: Path) -> Parts:
    """A UNet that gives no numbers, but where it is given nothing."""
    names = musetalk_made.NAMES["unet"]
    graph = musetalk_made.KnownGraph(**{names[0]: (1, 8, 32, 32), names[1]: (1, 50, 384)})
    given = graph.part(names[0], 1, 4, 8)
    heard = graph.node("ReduceMean", graph.times(names[1], 0.0), keepdims=0)
    root = graph.node("Sqrt", graph.node("Neg", graph.node("Abs", given)))
    made = graph.node("Add", root, heard)
    unet = graph.save(folder / "numberless.onnx", made, names[2], (1, 4, 32, 32))
    return {**musetalk(folder, 1), "unet": unet}


WHOLE: Final[Mapping[str, Callable[[Path, Size], Parts]]] = {
    "wav2lip": wav2lip,
    "musetalk": musetalk,
}
"""By engine, the parts of a model that gives faces back, for so many at once."""
NUMBERLESS: Final[Mapping[str, Callable[[Path], Parts]]] = {
    "wav2lip": wav2lip_without_numbers,
    "musetalk": musetalk_without_numbers,
}
"""By engine, the parts of a model that gives no numbers once it sees a face."""


def needs_networks(engine: str) -> bool:
    """Whether it draws with networks that users add."""
    return any(entry.engine == engine for entry in FURTHER)


def install(engine: str, parts: Parts) -> Store:
    """Put them where engines look."""
    store = Store()
    name = next(entry.name for entry in FURTHER if entry.engine == engine)
    for part, path in parts.items():
        store.keep(name, part, read_graph(path), "own", str(path))
    return store


def another(folder: Path) -> Path:
    """A network that is of no engine."""
    return write_doubling(folder / "doubling.onnx")


def watched(sizes: list[int]) -> Fault:
    """A provider with nothing wrong; it writes down how many there are at once."""

    def watch(session: FaultySession, inputs: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
        sizes.extend(len(values) for values in inputs.values() if values.ndim)
        return fine(session, inputs)

    return watch
