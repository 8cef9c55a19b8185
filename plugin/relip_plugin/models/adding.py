"""Taking a network in: by its graph and its ports, never by running code of its maker's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from relip.onnx.parity import finite, noise
from relip.onnx.session import RUNTIME
from relip_job.errors import ModelError, OutputError
from relip_models import Further, Store
from relip_models.further import Part
from relip_models.graph import Graph, NoGraph, read_graph
from relip_models.store import Kept, Trust
from relip_plugin.models.download import SPARE, Fetched, download

PICKLED: Final = (".pth", ".pt", ".ckpt", ".bin", ".pkl")
_ONCE: Final = 500 << 20
"""Bytes up to which a network is run once before it is believed; larger ones take long."""


@dataclass(frozen=True)
class Checked:
    """A file that is a part of a model."""

    graph: Graph
    part: Part


def check(entry: Further, path: Path) -> Checked:
    """What part of a model a file is.

    Raises
    ------
    ModelError
        It is none, or no network.
    """
    if not path.is_file():
        raise ModelError(f"there is no file {path}", "check the path")
    if path.suffix.lower() in PICKLED:
        raise ModelError(
            f"{path.name} holds weights for PyTorch, and may hold any program",
            f"relip models convert {entry.name} {path.name} reads its numbers alone",
        )
    try:
        graph = read_graph(path)
        missing = [file.name for file in graph.files if not file.is_file()]
    except (OSError, NoGraph) as error:
        raise ModelError(
            f"{path.name} is no ONNX file: {error}", "give a whole ONNX file"
        ) from error
    if missing:
        raise ModelError(f"{path.name} keeps weights in {', '.join(missing)}", "put that beside it")
    try:
        session = RUNTIME.open(path)
    except Exception as error:  # onnxruntime raises its own classes, none of them public
        raise ModelError(
            f"{path.name} cannot be loaded ({error})", "give a whole ONNX file"
        ) from error
    inputs = [(port.name, port.shape) for port in session.inputs]
    outputs = [(port.name, port.shape) for port in session.outputs]
    part = entry.part_like(inputs, outputs)
    if part is None:
        there = ", ".join(f"{name} {list(shape)}" for name, shape in inputs)
        ours = "; ".join(str(one.signatures[0]) for one in entry.parts)
        raise ModelError(
            f"{path.name} is no part of {entry.name}: it takes {there}",
            f"a network of {entry.name} takes and gives {ours}",
        )
    if sum(file.stat().st_size for file in graph.files) <= _ONCE:
        signature = next(one for one in part.signatures if one.fits(inputs, outputs))
        shapes = signature.shapes(inputs)
        try:
            found = session.run(noise(session.inputs, shapes))
            drawn = [(name, values.shape) for name, values in found.items()]
        except Exception as error:
            raise ModelError(f"{path.name} does not run ({error})", "give another file") from error
        if not finite(found) or not any(one.fits(inputs, drawn) for one in part.signatures):
            raise ModelError(
                f"{path.name} gives {', '.join(str(np.shape(found[name])) for name in found)}, "
                "or values that are no numbers",
                "give another file",
            )
    return Checked(graph, part)


def add(
    store: Store,
    entry: Further,
    path: Path,
    trust: Trust = "own",
    origin: str = "",
    spare: bool = False,
) -> Kept:
    """Check a file and copy it into the store; ``spare`` as :meth:`relip_models.Store.keep` has it.

    Raises
    ------
    ModelError
        It is no part of the model.
    OutputError
        There is no room for it.
    """
    checked = check(entry, path)
    size = sum(file.stat().st_size for file in checked.graph.files)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(store.folder).free
        if not spare and size + SPARE > free:
            raise OutputError(
                f"{store.folder} has room for {free / 1e9:.1f} GB, {path.name} takes "
                f"{size / 1e9:.1f} GB",
                "make room on that disk",
            )
        return store.keep(
            entry.name, checked.part.name, checked.graph, trust, origin or str(path), spare
        )
    except OSError as error:
        raise OutputError(
            f"{path.name} cannot be copied to {store.folder} ({error.strerror or error})",
            "make room on that disk, or see that the folder may be written to",
        ) from error


@dataclass(frozen=True)
class Step:
    """How far fetching is: bytes ``done`` of ``total``, where that is known, of a part."""

    part: str
    done: int
    total: int | None


def fetch(
    store: Store, entry: Further, schemes: tuple[str, ...] = ("https",)
) -> Iterator[Step | Kept]:
    """Fetch every part that can be and is not there; yields steps, and each part once kept.

    Raises
    ------
    ModelError, OutputError
        Something cannot be fetched, is not what it should be, or has no room.
    """
    here = store.find(entry.name)
    sound = {kept.part for kept in here.parts if here.sound(kept)} if here else set()
    for part in entry.parts:
        source = part.source
        if source is None or part.name in sound:
            continue
        known = source.sha256 or store.trusted(source.address)
        path = store.folder / "downloads" / f"{entry.name}-{source.address.rsplit('/', 1)[-1]}"
        for step in download(source.address, path, source.size, known, schemes):
            if not isinstance(step, Fetched):
                yield Step(part.name, *step)
                continue
            try:
                trust: Trust = "published" if source.sha256 else "first"
                kept = add(store, entry, step.path, trust, source.address, spare=True)
                if not source.sha256:
                    store.trust(source.address, step.sha256)
            finally:
                step.path.unlink(missing_ok=True)
            if kept.part != part.name:
                raise ModelError(
                    f"{source.address} is the {kept.part} of {entry.name}, not its {part.name}",
                    f"add that yourself: relip models add {entry.name} FILE",
                )
            yield kept
