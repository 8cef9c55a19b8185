"""A page that is one file: known by its sign, fetching nothing, there whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

from relip_job.errors import OutputError
from relip_plugin.report.html import Html, tag

_ALONE: Final = (
    "default-src 'none'; img-src data:; media-src data: blob:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)
"""Content security policy: whatever a name in the page might smuggle in, nothing is fetched."""


def refuse_page(path: Path, sign: str, example: str = "card.html") -> None:
    """Refuse a path that the report cannot or must not have, before any work is done.

    Raises
    ------
    OutputError
        It is another file's, or its folder is not there.
    """
    if not path.parent.is_dir():
        raise OutputError(f"there is no folder {path.parent}", "make it first")
    if path.is_dir():
        raise OutputError(f"{path} is a folder", f"name a file in it: {example}")
    if path.exists() and not _is_ours(path, sign):
        raise OutputError(
            f"{path} exists and is no report of relip's", "choose another name for the report"
        )


def _is_ours(path: Path, sign: str) -> bool:
    try:
        with path.open("rb") as file:
            return sign.encode() in file.read(200)
    except OSError:
        return False


def document(title: str, sign: str, parts: Sequence[Html]) -> str:
    """The page; ``sign`` is a comment by which it is known, so that it may be replaced."""
    folder = files("relip_plugin.report")
    style = Html((folder / "page.css").read_text(encoding="utf-8"))
    script = Html((folder / "page.js").read_text(encoding="utf-8"))
    about = [
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_ALONE),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", style),
    ]
    page = tag("html", tag("head", about), tag("body", parts, tag("script", script)), lang="en")
    return f"<!doctype html>\n{sign}\n{page}\n"


def publish(path: Path, page: str) -> None:
    """Write the page.

    Raises
    ------
    OutputError
        It cannot be written; nothing is left of it.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(page, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise OutputError(
            f"{path} cannot be written ({error.strerror})",
            "check the folder's rights and the room on its disk, or choose another folder",
        ) from error
