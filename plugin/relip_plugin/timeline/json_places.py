"""Where the values of a JSON document are in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]')


@dataclass(frozen=True)
class Member:
    """A value of an object or a list at ``text[start:stop]``; ``key`` of lists is empty."""

    key: str
    start: int
    stop: int


def members(text: str, start: int) -> Iterator[Member]:
    """The values directly in the object or list that begins at ``start``; JSON that parses."""
    depth, key, begin = 0, "", -1
    for token in _TOKEN.finditer(text, start):
        sign = token[0]
        if depth == 1 and begin < 0 and sign not in "]}":
            begin = token.start()
            if sign == ",":
                begin = -1
        if sign in ("[", "{"):
            depth += 1
            if depth == 1:
                begin = token.end()
        elif sign == ":" and depth == 1:
            key, begin = text[begin : token.start()].strip()[1:-1], token.end()
        elif sign in ("]", "}") or (sign == "," and depth == 1):
            depth -= sign != ","
            if depth <= 1 and (sign == "," or depth == 0):
                left, right = _stripped(text, begin, token.start())
                if left < right:
                    yield Member(key, left, right)
                key, begin = "", token.end()
            if depth == 0:
                return


def member(text: str, start: int, key: str) -> Member | None:
    """The value of a key of the object that begins at ``start``."""
    return next((one for one in members(text, start) if one.key == key), None)


def deepest(text: str) -> int:
    """How many objects and lists are inside each other at most."""
    depth = most = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        most = max(most, depth)
    return most


def _stripped(text: str, start: int, stop: int) -> tuple[int, int]:
    inside = text[start:stop]
    return start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())
