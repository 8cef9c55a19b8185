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
_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_LETTER: Final = re.compile(r"[A-Za-z]")
_FONT: Final = re.compile(r"font: ([\d.]+px) [^;]+|font-family: [^;]+; ?")
_UNTURNED: Final = re.compile(r"rotate\(-?0 [^()]*\)$")


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
    _emptied(root)
    used = _referenced(root)
    for element in root.iter():
        _rename(element, prefix, used)
        for name in ("transform", "x", "y", "points"):
            if name in element.attrib:
                element.set(name, _NUMBER.sub(_rounded, element.attrib[name]))
        if "d" in element.attrib:
            element.set("d", _shortened(_NUMBER.sub(_coarse, element.attrib["d"])))
        if "style" in element.attrib:
            element.set("style", _styled(element.attrib["style"]))
    root.attrib.pop("width", None)
    root.attrib.pop("height", None)
    root.set("stroke-linejoin", "round")
    text = ElementTree.tostring(root, encoding="unicode")
    # Inside HTML, SVG needs no names of namespaces.
    return Html(re.sub(r'\sxmlns(:\w+)?="[^"]+"', "", text).replace("ns1:href", "href"))


def _emptied(element: ElementTree.Element) -> None:
    """Take away what is not seen: groups without children, indents, turns by no degrees."""
    for child in list(element):
        _emptied(child)
        if child.tag == f"{{{_SVG}}}g" and not len(child):
            element.remove(child)
            continue
        child.tail = None
        if _UNTURNED.match(child.attrib.get("transform", "")):
            del child.attrib["transform"]
    if len(element):
        element.text = None


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
    return _FONT.sub(lambda found: f"font-size: {found[1]}" if found[1] else "", style)


def _shortened(way: str) -> str:
    """The same outline in fewer letters: an hour of them has to fit into a page."""
    words = way.split()
    if not set(_LETTER.findall(way)) <= {"M", "L", "z"}:
        return " ".join(words)
    made: list[str] = []
    x = y = command = ""
    at = 0
    while at < len(words):
        if words[at] == "z":
            made.append("z")
            x = y = ""
            command, at = "z", at + 1
            continue
        (letter, new_x, new_y), at = words[at : at + 3], at + 3
        if letter == "M":
            made.append(f"M{new_x} {new_y}")
        elif new_y == y:
            made.append(f"H{new_x}")
            letter = "H"
        elif new_x == x:
            made.append(f"V{new_y}")
            letter = "V"
        else:
            # After M and L, points alone are lines.
            made.append(f"{' ' if command in ('M', 'L') else 'L'}{new_x} {new_y}")
        x, y, command = new_x, new_y, letter
    return "".join(made)


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _coarse(number: re.Match[str]) -> str:
    """A tenth of a pixel is enough for an outline, and there are many."""
    return f"{float(number[0]):.1f}".removesuffix(".0")
