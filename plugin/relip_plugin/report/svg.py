"""SVG from matplotlib, made ready to stand in a page and to follow its colours."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from relip_plugin.report.html import Html

COLOURS: Final = {
    name: f"#0102{number:02x}"
    for number, name in enumerate(
        (
            "ink",
            "muted",
            "rule",
            "paper",
            "wave",
            "sound",
            "closure",
            "dental",
            "met",
            "missed",
            "wanted",
            "drawn",
            "original",
            "narrow",
            "round",
            "spread",
            "mid",
            "open",
            "voiced",
        ),
        start=1,
    )
}
"""Stand-ins by name: matplotlib draws with them, the page's style sheet gives the real ones."""

_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "{http://www.w3.org/1999/xlink}href"
_REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}")
_FONT: Final = re.compile(r"font: ([\d.]+px) [^;]+")


def inlined(written: bytes, prefix: str) -> Html:
    """The drawing as an element of a page; ``prefix`` keeps its ids apart from others'."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(written)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for defs in root.iter(f"{{{_SVG}}}defs"):
        # matplotlib's own style sheet would reach every other drawing in the page.
        for style in defs.findall(f"{{{_SVG}}}style"):
            defs.remove(style)
    used = _referenced(root)
    for element in root.iter():
        _rename(element, prefix, used)
        for name in ("d", "transform", "x", "y", "points"):
            if name in element.attrib:
                element.set(name, _NUMBER.sub(_rounded, element.attrib[name]))
        if "style" in element.attrib:
            element.set("style", _styled(element.attrib["style"]))
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("stroke-linejoin", "round")
    text = ElementTree.tostring(root, encoding="unicode")
    # Inside HTML, SVG needs no names of namespaces.
    return Html(re.sub(r'\sxmlns(:\w+)?="[^"]+"', "", text).replace("ns1:href", "href"))


def _referenced(root: ElementTree.Element) -> set[str]:
    used = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            used.update(_REFERENCE.findall(value))
            if name == _LINK:
                used.add(value.removeprefix("#"))
    return used


def _rename(element: ElementTree.Element, prefix: str, used: set[str]) -> None:
    """Ids that are referred to get the prefix, others become classes, as they may repeat."""
    name = element.attrib.pop("id", None)
    if name in used:
        element.set("id", f"{prefix}-{name}")
    elif name is not None and not re.search(r"_\d+$", name):
        element.set("class", name)
    for key, value in list(element.attrib.items()):
        if key == _LINK:
            del element.attrib[key]
            element.set("href", f"#{prefix}-{value.removeprefix('#')}")
        else:
            element.set(key, _REFERENCE.sub(rf"url(#{prefix}-\1)", value))


def _styled(style: str) -> str:
    for name, colour in COLOURS.items():
        style = style.replace(colour, f"var(--{name})")
    return _FONT.sub(r"font-size: \1", style)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
