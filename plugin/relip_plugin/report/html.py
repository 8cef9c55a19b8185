"""HTML in which everything is escaped that is not HTML already."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias


class Html(str):
    """Text that may stand in a page as it is."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child]"
_EMPTY: Final = frozenset({"br", "col", "img", "meta", "source"})


def tag(name: str, /, *children: Child, **attributes: str | float | bool | None) -> Html:
    """An element. ``class_`` is ``class``, ``data_start`` is ``data-start``; None is left out."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}"
        + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _EMPTY:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(children)}</{name}>")


def joined(children: Child) -> Html:
    """The children one after the other, plain text escaped."""
    if isinstance(children, Html):
        return children
    if isinstance(children, str):
        return Html(escape(children, quote=False))
    return Html("".join(joined(child) for child in children))
