"""Numbers out of files that others trained: nothing in these files is ever run.

PyTorch's own format can hold programs; it is read with ``weights_only``, which refuses them.
safetensors is a header of JSON and numbers.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from relip_job.errors import ModelError

_KINDS: Final = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16,
                 "I64": torch.int64}  # fmt: skip
_LONGEST: Final = 100 << 20
"""Bytes of a header of safetensors, by its specification."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Weights by name, in single precision, as far as possible without taking memory.

    Raises
    ------
    ModelError
        It cannot be read, holds no weights, or more than numbers.
    """
    try:
        if path.suffix.lower() == ".safetensors":
            found: object = _safetensors(path)
        else:
            found = torch.load(
                path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
            )
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{path.name} holds more than numbers, or is no file of PyTorch's",
            "relip runs no program that comes with weights; ask for a file with weights only",
        ) from error
    except Exception as error:  # a damaged file makes torch raise anything
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise ModelError(f"{path.name} cannot be read ({said})", "fetch it again") from error
    weights = _named(found)
    if not weights:
        raise ModelError(f"{path.name} holds no weights by name", "give the model's own file")
    return weights


def _named(found: object) -> dict[str, Tensor]:
    """The weights of a checkpoint, wherever it keeps them."""
    if not isinstance(found, Mapping):
        return {}
    for inside in ("state_dict", "model_state_dict"):
        page = found.get(inside)
        if isinstance(page, Mapping):
            return _named(page)
    return {
        str(name).removeprefix("module."): value.float() if value.is_floating_point() else value
        for name, value in found.items()
        if isinstance(value, Tensor)
    }


def _safetensors(path: Path) -> dict[str, Tensor]:
    """Format: https://github.com/huggingface/safetensors, README."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _LONGEST:
            raise ValueError("its header is too long")
        header = json.loads(file.read(length))
    size = path.stat().st_size - 8 - length
    whole = torch.from_file(str(path), shared=False, size=path.stat().st_size, dtype=torch.uint8)
    weights: dict[str, Tensor] = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        begin, end = about["data_offsets"]
        if not 0 <= begin <= end <= size:
            raise ValueError(f"{name} lies outside the file")
        # A copy: numbers need not begin where their kind wants them to.
        part = whole[8 + length + begin : 8 + length + end].clone()
        weights[name] = part.view(_KINDS[about["dtype"]]).reshape(about["shape"])
    return weights
