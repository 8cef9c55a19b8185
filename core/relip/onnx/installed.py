"""The networks of an engine that the user added, or what to do about it."""

from __future__ import annotations

from pathlib import Path

from relip_job.errors import ModelError
from relip_models import FURTHER, Store, further


def check_installed(engine: str) -> None:
    """Find out at once what would end a run later.

    Raises
    ------
    ModelError
        As :func:`weights`; never for an engine that needs none.
    """
    if any(entry.engine == engine for entry in FURTHER):
        weights(engine)


def weights_page(engine: str, store: Store | None = None) -> dict[str, object]:
    """What the sidecar says of the model that was added last: its name, checksums of its parts."""
    found = (store or Store()).newest(engine)
    if found is None:
        return {}
    return {"model": found.name, "sha256": {kept.part: kept.sha256 for kept in found.parts}}


def weights(engine: str, store: Store | None = None) -> dict[str, Path]:
    """The file of each part, by the part's name, of the model that was added last.

    Raises
    ------
    ModelError
        None is installed, a part is missing, or a file is not what was added.
    """
    store = store or Store()
    found = store.newest(engine)
    if found is None:
        entry = next(one for one in FURTHER if one.engine == engine)
        raise ModelError(
            f"the engine {engine} draws with networks that relip does not ship",
            f"add your own: relip models add {entry.name} FILE; or have it fetched: "
            f"relip models fetch {entry.name}, which shows its licence ({entry.licence})",
        )
    files: dict[str, Path] = {}
    for part in further(found.name).parts:
        path = found.path(part.name)
        if path is None:
            raise ModelError(
                f"{found.name} lacks its {part.name} ({part.purpose})",
                f"add it: relip models add {found.name} FILE",
            )
        files[part.name] = path
    for kept in found.parts:
        if not found.sound(kept):
            raise ModelError(
                f"{found.name}: {files[kept.part].name} is not the file that was added",
                f"add or fetch it again: relip models add {found.name} FILE",
            )
    return files
