"""Names for the results of a batch, which has its folder for itself."""

from __future__ import annotations

from pathlib import Path

from relip_host.naming import SUFFIXES, VERSIONED
from relip_job.errors import OutputError


class Names:
    """As :func:`relip_host.naming.free_output`, with one look at the folder for thousands.

    Raises
    ------
    OutputError
        The folder cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[Path] = set()
        self._highest: dict[str, int] = {}
        try:
            names = [path.name for path in folder.iterdir()]
        except OSError as error:
            raise OutputError(
                f"{folder} cannot be read ({error.strerror})", "choose another folder"
            ) from error
        for name in names:
            self._count(name.partition(".")[0])
            self._count(Path(name).stem)

    def free(self, media: str, codec: str) -> Path:
        """``<clip>_relip_v###``, one above all versions there are; nobody has it yet."""
        stem = VERSIONED.sub("", Path(media).stem)
        number = self._highest.get(stem.lower(), 0) + 1
        return self._folder / f"{stem}_relip_v{number:03d}{SUFFIXES.get(codec, '.mov')}"

    def take(self, path: Path) -> None:
        """Give a name away."""
        self._taken.add(path)
        self._count(path.stem)

    def is_taken(self, path: Path) -> bool:
        """Whether it was given away in this run."""
        return path in self._taken

    def _count(self, stem: str) -> None:
        found = VERSIONED.search(stem)
        if found:
            name = VERSIONED.sub("", stem).lower()
            self._highest[name] = max(self._highest.get(name, 0), int(found[1]))
