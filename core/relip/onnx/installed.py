"""The networks of an engine that the user added, or what to do about it."""

from __future__ import annotations

from pathlib import Path

from relip_job.errors import ModelError
from relip_models import FURTHER, Store, further


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
