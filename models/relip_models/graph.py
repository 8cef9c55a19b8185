"""What an ONNX file says of itself without being run: other files it needs, its precision.

Read by hand from the protocol buffers (ONNX's ``onnx.proto``, fields by number), because the
``onnx`` package is no part of relip and onnxruntime does not tell. Weights are skipped, not read.
"""

from __future__ import annotations

import hashlib
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

_GRAPH: Final = 7  # of ModelProto
_INSIDE: Final = {
    "model": {_GRAPH: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Fields by which a message leads to tensors: any of them may keep its values in another file."""
_DEEPEST: Final = 100
"""Messages within each other, as protocol buffers allow."""
_DATA_TYPE, _EXTERNAL = 2, 13  # of TensorProto
_KEY, _VALUE = 1, 2  # of StringStringEntryProto
_HALVES: Final = frozenset({10, 16})
"""Data types of 16 bits: FLOAT16, BFLOAT16."""
_FLOATS: Final = _HALVES | {1}
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_BLOCK: Final = 1 << 20

Bytes = mmap.mmap | bytes


class NoGraph(ValueError):
    """It is no ONNX file, or one that names files it may not."""


@dataclass(frozen=True)
class Graph:
    """An ONNX file.

    Attributes
    ----------
    path : the file.
    weights : files beside it that hold weights, by name.
    half : whether most of its weights have 16 bits.
    """

    path: Path
    weights: tuple[str, ...]
    half: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, then those that hold its weights."""
        return (self.path, *(self.path.parent / name for name in self.weights))

    def checksum(self) -> str:
        """SHA-256 of the file, and of those that hold its weights, in hexadecimal."""
        found = hashlib.sha256()
        for path in self.files:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    found.update(block)
        return found.hexdigest()


def read_graph(path: Path) -> Graph:
    """What the file says.

    Raises
    ------
    NoGraph
        It is no ONNX file, or its weights would lie outside its folder.
    OSError
        It cannot be read.
    """
    beside: dict[str, None] = {}
    halves = floats = 0
    with path.open("rb") as file:
        if not file.read(1):
            raise NoGraph("it is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            if all(number != _GRAPH for number, _ in _fields(whole, 0, len(whole))):
                raise NoGraph("it holds no graph")
            for of, start, stop in _tensors(whole, 0, len(whole), "model"):
                kind, location = _tensor(whole, start, stop)
                if of == "graph":
                    floats += kind in _FLOATS
                    halves += kind in _HALVES
                if location:
                    beside[_inside(location)] = None
    return Graph(path, tuple(beside), halves * 2 > floats)


def _tensors(
    whole: Bytes, start: int, stop: int, message: str, depth: int = 0
) -> Iterator[tuple[str, int, int]]:
    """Every tensor inside a message: what it belongs to, and where it lies."""
    if depth > _DEEPEST:
        raise NoGraph("its parts lie too deep in each other")
    for number, (begin, end) in _fields(whole, start, stop):
        inner = _INSIDE[message].get(number)
        if inner == "tensor":
            yield message, begin, end
        elif inner:
            yield from _tensors(whole, begin, end, inner, depth + 1)


def _tensor(whole: Bytes, start: int, stop: int) -> tuple[int, str]:
    """Data type and, if its values lie in another file, that file's name."""
    kind, location = 0, ""
    for number, (begin, end) in _fields(whole, start, stop):
        if number == _DATA_TYPE:
            kind = _varint(whole, begin, end)[0]
        elif number == _EXTERNAL:
            entry = {one: bytes(whole[a:b]) for one, (a, b) in _fields(whole, begin, end)}
            if entry.get(_KEY) == b"location":
                location = entry.get(_VALUE, b"").decode("utf-8", "replace")
    return kind, location


def _inside(location: str) -> str:
    """The name, if it is a plain one: a file must not reach for another folder's."""
    if (
        PurePosixPath(location).name != location
        or location in ("", "..")
        or set(location) & set('\\:*?"<>|')
    ):
        raise NoGraph(f"its weights are said to lie in {location!r}")
    return location


def _fields(whole: Bytes, start: int, stop: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Number of each field and where its value lies; lengths and numbers are stepped over."""
    at = start
    while at < stop:
        tag, at = _varint(whole, at, stop)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            end = _varint(whole, at, stop)[1]
        elif kind == _LENGTH:
            length, at = _varint(whole, at, stop)
            end = at + length
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            end = at + (8 if kind == _EIGHT_BYTES else 4)
        else:
            raise NoGraph("it is no ONNX file")
        if end > stop or not number:
            raise NoGraph("it is cut short, or no ONNX file")
        yield number, (at, end)
        at = end


def _varint(whole: Bytes, at: int, stop: int) -> tuple[int, int]:
    """A number of variable length and where it ends."""
    value = shift = 0
    while at < stop and shift < 70:
        byte = whole[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise NoGraph("it is cut short, or no ONNX file")
