"""Read the tensors of two file formats: CTranslate2's ``model.bin`` and hama's ``.hama``.

Both are little-endian. A ``model.bin`` of version 6 names its specification, then every variable
(name, shape, type, bytes), then aliases. A ``.hama`` is a list of (name, type, shape, offset,
size) and, from the next multiple of 16 bytes, the bytes themselves.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Tensor = NDArray[np.float32] | NDArray[np.float16] | NDArray[np.int8] | NDArray[np.int32]
Tensors = Mapping[str, Tensor]

CTRANSLATE2_VERSION: Final = 6
_CTRANSLATE2_TYPES: Final = (np.float32, np.int8, np.int16, np.int32, np.float16)
_HAMA_TYPES: Final = (np.float32, np.float16, np.int64, np.int32, np.uint8)


class _Reader:
    """A cursor over bytes."""

    def __init__(self, content: bytes, at: int = 0) -> None:
        self.content = content
        self.at = at

    def number(self, kind: str) -> int:
        """The next integer, of a type in :mod:`struct`'s letters."""
        (value,) = struct.unpack_from(f"<{kind}", self.content, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return int(value)

    def text(self) -> str:
        """The next string: 16 bits of length, then that many bytes, perhaps a zero at the end."""
        length = self.number("H")
        self.at += length
        return self.content[self.at - length : self.at].rstrip(b"\0").decode()


def ctranslate2_tensors(content: bytes) -> dict[str, Tensor]:
    """Every variable of a ``model.bin`` by its name."""
    reader = _Reader(content)
    if (version := reader.number("I")) != CTRANSLATE2_VERSION:
        raise ValueError(f"a model.bin of version {version}, not {CTRANSLATE2_VERSION}")
    reader.text()  # the specification's name
    reader.number("I")  # and its revision
    found: dict[str, Tensor] = {}
    for _ in range(reader.number("I")):
        name = reader.text()
        shape = tuple(reader.number("I") for _ in range(reader.number("B")))
        dtype = np.dtype(_CTRANSLATE2_TYPES[reader.number("B")])
        size = reader.number("I")
        found[name] = _array(content, dtype, reader.at, size, shape)
        reader.at += size
    return found


def hama_tensors(content: bytes) -> dict[str, Tensor]:
    """Every tensor of a ``.hama`` file by its name, in the file's order."""
    if content[:6] != b"HAMAPK":
        raise ValueError("not a .hama file")
    reader = _Reader(content, 8)
    listed = []
    for _ in range(reader.number("I")):
        name = reader.text()
        dtype = np.dtype(_HAMA_TYPES[reader.number("B")])
        shape = tuple([reader.number("I") for _ in range(reader.number("B"))])
        listed.append((name, dtype, shape, reader.number("Q"), reader.number("Q")))
    start = -(-reader.at // 16) * 16
    return {
        name: _array(content, dtype, start + offset, size, shape)
        for name, dtype, shape, offset, size in listed
    }


def _array(
    content: bytes, dtype: np.dtype[Any], at: int, size: int, shape: tuple[int, ...]
) -> Tensor:
    """``size`` bytes from ``at``."""
    return np.frombuffer(content, dtype, size // dtype.itemsize, at).reshape(shape)
