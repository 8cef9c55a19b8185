"""What results are called, and the promise that nothing is overwritten."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from relip_job.errors import OutputError

_VERSION = re.compile(r"_relip_v(\d+)$")
_FREE_NAME = "choose another name, or leave -o out to get the next version"


def next_version(clip: Path, suffix: str, folder: Path | None = None) -> Path:
    """Return ``<clip>_relip_v001<suffix>`` beside the clip, one above all versions there are.

    A result of a result counts on: ``take_relip_v001`` becomes ``take_relip_v002``.

    Parameters
    ----------
    suffix : with its dot, ``.mov``.
    folder : another folder than the clip's.
    """
    folder = folder or clip.parent
    stem = _VERSION.sub("", clip.stem)
    taken = [0]
    if folder.is_dir():
        # Any suffix counts, and what is half written, too: one version, one number.
        wanted = re.compile(re.escape(stem) + r"_relip_v(\d+)\..+")
        for other in folder.iterdir():
            found = wanted.fullmatch(other.name)
            if found:
                taken.append(int(found[1]))
    return folder / f"{stem}_relip_v{max(taken) + 1:03d}{suffix}"


def refuse_existing(output: Path, originals: Iterable[Path] = ()) -> None:
    """Refuse a path that would harm what is there.

    Raises
    ------
    OutputError
        It is one of the originals, it exists, or its folder does not.
    """
    for original in originals:
        if output.absolute() == original.absolute() or (
            output.exists() and original.exists() and output.samefile(original)
        ):
            raise OutputError(
                f"{output.name} is an original, and originals are never written to", _FREE_NAME
            )
    if output.exists() or output.is_symlink():
        raise OutputError(f"{output} exists already", _FREE_NAME)
    if not output.parent.is_dir():
        raise OutputError(f"there is no folder {output.parent}", "make it first")
