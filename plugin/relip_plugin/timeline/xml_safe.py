"""XML from strangers, with the place of every element in the bytes it was read from.

Nothing is fetched and nothing is expanded: a document type may be named, but a document that
declares entities is refused, which ends both stolen files and exploding ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from relip_job.errors import JobError
from relip_plugin.timeline.splice import Splice

LARGEST = 256 * 1024 * 1024
"""Bytes; a feature film with every effect of Premiere has a tenth."""
DEEPEST = 200
"""Elements inside each other; compound clips in compound clips reach 40."""
ENCODINGS = ("utf-8", "us-ascii")


@dataclass(eq=False)
class Node:
    """An element, and the bytes ``[start, end)`` of it; those of its start tag end at ``inside``.

    ``close`` is where its end tag begins, ``inside`` of an element that closes itself.
    """

    tag: str
    attributes: dict[str, str]
    start: int
    inside: int
    close: int = 0
    end: int = 0
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own text, without space around."""
        return "".join(self.texts).strip()

    def get(self, name: str, default: str = "") -> str:
        """An attribute."""
        return self.attributes.get(name, default)

    def all(self, *tags: str) -> Iterator[Node]:
        """Children with one of these tags."""
        return (child for child in self.children if child.tag in tags)

    def first(self, path: str) -> Node | None:
        """The first element at the end of ``a/b/c``."""
        found: Node | None = self
        for tag in path.split("/"):
            found = next(found.all(tag), None) if found is not None else None
        return found

    def said(self, path: str, default: str = "") -> str:
        """The text of the first element at the end of ``a/b/c``."""
        found = self.first(path)
        return default if found is None else found.text

    def within(self) -> Iterator[Node]:
        """Itself and all elements in it, in the order of the document."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def read_xml(document: bytes, name: str) -> Node:
    """The root of a document; ``name`` is for messages.

    Raises
    ------
    JobError
        It is no XML, not in UTF-8, declares entities, or is too large or too deep.
    """
    if document.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in document[:4]:
        raise JobError(f"{name} is not in UTF-8", "save it as UTF-8")
    if len(document) > LARGEST:
        raise JobError(f"{name} has more than {LARGEST >> 20} MiB", "export fewer timelines")
    return _Reading(document, name).root()


class _Reading:
    def __init__(self, document: bytes, name: str) -> None:
        self._document = document
        self._name = name
        self._open: list[Node] = []
        self._root: Node | None = None
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._entity
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._said
        self._parser = parser

    def root(self) -> Node:
        try:
            self._parser.Parse(self._document, True)
        except expat.ExpatError as error:
            raise JobError(
                f"{self._name} is no XML ({error})", "export the timeline again"
            ) from error
        assert self._root is not None
        return self._root

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise JobError(f"{self._name} is written in {encoding}", "save it as UTF-8")

    def _entity(self, *_: object) -> None:
        raise JobError(
            f"{self._name} uses entities of its own, which no editing program writes",
            "export the timeline again",
        )

    def _started(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise JobError(f"{self._name} nests its elements too deep", "export a simpler timeline")
        start = self._parser.CurrentByteIndex
        node = Node(tag, attributes, start, self._tag_end(start))
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _ended(self, tag: str) -> None:
        node = self._open.pop()
        if self._document[node.inside - 2 : node.inside] == b"/>":
            node.close = node.end = node.inside
            return
        node.close = self._parser.CurrentByteIndex
        node.end = self._document.index(b">", node.close) + 1

    def _said(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _tag_end(self, start: int) -> int:
        """Behind the ``>`` of a start tag; in quotes it may stand for itself."""
        found = _TAG.match(self._document, start)
        if found is None:
            raise JobError(f"{self._name} is not in UTF-8", "save it as UTF-8")
        return found.end()


_TAG = re.compile(rb"<(?:[^\"'>]|\"[^\"]*\"|'[^']*')*>")


def element(tag: str, *inside: str, **attributes: str | None) -> str:
    """An element with what is in it; attributes of ``None`` are left out."""
    head = tag + "".join(
        f" {name}={quoteattr(value)}" for name, value in attributes.items() if value is not None
    )
    return f"<{head}>{''.join(inside)}</{tag}>" if inside else f"<{head}/>"


def with_text(tag: str, value: object) -> str:
    """``<tag>value</tag>``."""
    return f"<{tag}>{escape(str(value))}</{tag}>"


def new_text(node: Node, text: str) -> Splice:
    """Another text in an element."""
    if node.close == node.inside == node.end:
        return Splice(node.start, node.end, with_text(node.tag, text))
    return Splice(node.inside, node.close, escape(text))


def new_attribute(document: bytes, node: Node, name: str, value: str) -> Splice:
    """Another value of an attribute; behind the tag if the element has none."""
    head = document[node.start : node.inside]
    for found in _ATTRIBUTE.finditer(head):
        if found[1].decode() == name:
            return Splice(node.start + found.start(2), node.start + found.end(2), quoteattr(value))
    at = node.start + 1 + len(node.tag.encode())
    return Splice(at, at, f" {name}={quoteattr(value)}")


_ATTRIBUTE = re.compile(rb"\s([^\s=\"'>/]+)\s*=\s*(\"[^\"]*\"|'[^']*')")


def line_break(document: bytes, node: Node) -> str:
    """What stands before an element that begins a line: the break and its indent; else nothing."""
    before = document[max(node.start - 200, 0) : node.start]
    space = before[len(before.rstrip()) :].decode()
    return space[space.rindex("\n") :] if "\n" in space else ""


def inserted(node: Node, before: Node | None, text: str) -> Splice:
    """``text`` in an element, before one of its children or as the last thing in it.

    An element that closes itself is opened for it; give it all that goes in at once.
    """
    if before is not None:
        return Splice(before.start, before.start, text)
    if node.close == node.inside == node.end:
        return Splice(node.inside - 2, node.inside, f">{text}</{node.tag}>")
    return Splice(node.close, node.close, text)
