"""Files as documents name them: bare paths, relative ones, and the URLs of every program."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from relip_host.host import Obstacle

STILLS = frozenset(".bmp .dpx .exr .gif .heic .jpeg .jpg .png .psd .svg .tga .tif .tiff".split())
_DRIVE = re.compile(r"/?[A-Za-z]:[/\\]")


def media_path(url: str, folder: Path) -> str:
    """The path of a ``target_url``, ``pathurl`` or ``src``; relative ones are in ``folder``."""
    if url.startswith("file:"):
        parts = urlsplit(url.replace("#", "%23").replace("?", "%3F"))
        host = "" if parts.netloc in ("", "localhost") else "//" + unquote(parts.netloc)
        path = host + unquote(parts.path)
        return path[1:] if path.startswith("/") and _DRIVE.match(path) else path
    if _DRIVE.match(url) or url.startswith(("/", "\\\\")):
        return url
    # OTIO says a relative reference is a URL, but programs write plain paths.
    plain = folder / url
    return str(plain if plain.exists() else folder / unquote(url))


def media_url(path: str, host: str = "") -> str:
    """``file://host/...`` of an absolute path."""
    plain = path.replace("\\", "/")
    return f"file://{host}{'' if plain.startswith('/') else '/'}{quote(plain, safe='/:')}"


def unusable(path: str, name: str, picture: bool) -> Obstacle | None:
    """Why a file cannot be worked with, as far as its name and place tell."""
    if picture and Path(path).suffix.lower() in STILLS:
        return Obstacle("still", f"{name} is a still picture", "render it as a clip")
    if not Path(path).is_file():
        return Obstacle(
            "offline",
            f"the file of {name} is not at {path}",
            "relink it, or run where its disk is",
        )
    return None
