"""What results are called and where they go. Nothing is ever overwritten."""

from __future__ import annotations

import re
import tempfile
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Collection, Optional, Tuple

from relip_job.errors import OutputError

VERSIONED = re.compile(r"_relip_v(\d+)$")
SUFFIXES = {"ffv1": ".mkv"}
"""Of files with a codec that QuickTime does not hold."""


def free_output(folder: Path, media: str, codec: str, taken: Collection[Path] = ()) -> Path:
    """``<clip>_relip_v###`` in a folder, one above all versions there are and ``taken``.

    Any ending counts, and what is half written: one version, one number. A result of a result
    counts on, ``take_relip_v001`` becomes ``take_relip_v002``.

    Raises
    ------
    OutputError
        The folder cannot be read.
    """
    stem = VERSIONED.sub("", _stem(media))
    wanted = re.compile(re.escape(stem) + r"_relip_v(\d+)\..+", re.IGNORECASE)
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be read ({error.strerror})", "choose another folder"
        ) from error
    names += [path.name for path in taken if path.parent == folder]
    numbers = [int(found[1]) for found in map(wanted.fullmatch, names) if found]
    return folder / f"{stem}_relip_v{max(numbers, default=0) + 1:03d}{SUFFIXES.get(codec, '.mov')}"


def output_folder(media: str, chosen: Optional[str], own: Path) -> Tuple[Path, str]:
    """Where results of a clip go, and a sentence if that is not where one would look.

    The chosen folder, made if it is not there; or beside the clip; or ``own`` where nothing can be
    written beside the clip.

    Raises
    ------
    OutputError
        The chosen folder, or ``own``, cannot be written to.
    """
    if chosen:
        return _made(Path(chosen).expanduser()), ""
    beside = Path(media).parent
    if writable(beside):
        return beside, ""
    return _made(own), f"{beside} cannot be written to; the result is in {own}"


def writable(folder: Path) -> bool:
    """Whether a file can be made there; asked by making one, permissions do not tell."""
    try:
        with tempfile.TemporaryFile(dir=str(folder)):
            return True
    except OSError:
        return False


def remove_unfinished(output: str) -> None:
    """Remove what an engine that was ended had begun to write of a result."""
    path = Path(output)
    with suppress(OSError):
        for partial in path.parent.glob(f"{escape(path.stem)}.*partial"):
            partial.unlink()


def remove_untold(output: str) -> None:
    """Remove a result and its sidecar, of which an engine that was ended told nobody."""
    for path in (Path(output), Path(f"{output}.relip.json")):
        with suppress(OSError):
            path.unlink()


def folder_name(name: str) -> str:
    """A name that every file system takes for a folder."""
    plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", name).strip(" .")
    return plain[:80] or "project"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder {folder} cannot be made ({error.strerror})", "choose another folder"
        ) from error
    if not writable(folder):
        raise OutputError(f"{folder} cannot be written to", "choose another folder")
    return folder


def _stem(media: str) -> str:
    return Path(media).stem or "clip"
