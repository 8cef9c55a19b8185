"""relip's scripts put where DaVinci Resolve looks for scripts, and taken away again.

::

    FUSION/Scripts/Utility/relip - Re-sync Clip.py ...   what Workspace > Scripts shows
    FUSION/relip/                                        relip_resolve, relip_host, relip_job
                 settings.json                           where the engine and its state are
                 installed.json                          every file that was put here, with its sum

All of it is put or none; what was there before is replaced by it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import relip_host
import relip_job
from relip import __version__
from relip_job.errors import OutputError
from relip_plugin.hello import engine_version
from relip_plugin.resolve_places import house, scripts_folder

HERE: Final = Path(__file__).resolve().parent
ROOTS: Final = (HERE / "shipped", HERE.parents[1])
"""Where the scripts' sources are: in an installed relip, in a checkout."""
SOURCES: Final = "resolve_scripts"
SETTINGS: Final = "settings.json"
RECORD: Final = "installed.json"
ADMIN: Final = "run it as an administrator (sudo), or for yourself alone with --user"
OWN: Final = "see that the folder may be written to and has room, and run this again"


@dataclass(frozen=True)
class Installed:
    """What is in a Fusion folder; file names are relative to it.

    ``wrong`` are those that are missing or not as they were put there.
    """

    version: str
    engine: tuple[str, ...]
    state: Path
    wrong: tuple[str, ...]


def install(
    fusion: Path,
    state: str,
    engine: Sequence[str] = (sys.executable,),
    *,
    remedy: str = OWN,
    dry_run: bool = False,
) -> Iterator[str]:
    """Put everything into this Fusion folder; a sentence for every place.

    Parameters
    ----------
    state : folder for journals and choices; ``~`` stands for whoever runs Resolve.
    engine : the Python that has relip, and its options.
    remedy : what to do if the folder cannot be written to.

    Raises
    ------
    OutputError
        It cannot be written, or something else has its name; what was there is as it was.
    RelipError
        The engine does not start.
    """
    scripts, place = scripts_folder(fusion), house(fusion)
    files = dict(_contents())
    names = ", ".join(Path(name).stem for name in sorted(files) if _is_script(name))
    before = _record(fusion)
    _refuse_strangers(fusion, files, before)
    if dry_run:
        yield f"would put into {scripts}: {names}"
        yield f"would put relip's modules and settings into {place}"
        return
    engine_version(engine)
    _put(fusion, {**files, **_settings(fusion, state, engine)}, before, remedy)
    yield f"put into {scripts}: {names}"
    yield f"put relip's modules and settings into {place}"


def uninstall(fusion: Path, *, remedy: str = OWN, dry_run: bool = False) -> Iterator[str]:
    """Remove what was put there, and nothing else; a sentence for every place.

    Raises
    ------
    OutputError
        A file cannot be removed.
    """
    record = _record(fusion)
    if not record:
        yield f"relip's scripts are not in {fusion}"
        return
    changed = {name: told for name, told in record.items() if _is_changed(fusion, name, told)}
    gone = [name for name in record if name not in changed]
    stay = {name: told for name, told in changed.items() if (fusion / name).exists()}
    for name in sorted(stay):
        yield f"{fusion / name} was changed since, and stays"
    if dry_run:
        yield f"would remove {len(gone)} files from {fusion}"
        return
    path = house(fusion) / RECORD
    try:
        for name in gone:
            (fusion / name).unlink(missing_ok=True)
        if stay:
            _write(path, _json(stay))
        else:
            path.unlink(missing_ok=True)
        _remove_empty(house(fusion))
    except OSError as error:
        raise OutputError(
            f"{error.filename} cannot be removed ({error.strerror})", remedy
        ) from error
    yield f"removed {len(gone)} files from {fusion}"


def look(fusion: Path) -> Installed | None:
    """What is installed in this folder, None if nothing is."""
    record = _record(fusion)
    try:
        told = json.loads((house(fusion) / SETTINGS).read_text(encoding="utf-8"))
        engine = tuple(str(word) for word in told["engine"])
        state = Path(str(told["folder"])).expanduser()
        version = str(told["version"])
    except (OSError, ValueError, KeyError, TypeError):
        if not record:
            return None
        return Installed("?", (), Path(), (f"{house(fusion).name}/{SETTINGS}",))
    wrong = tuple(name for name in sorted(record) if _is_changed(fusion, name, record[name]))
    return Installed(version, engine, state, wrong)


def _contents() -> Iterator[tuple[str, bytes]]:
    """Every file that is the same for everybody: name below the Fusion folder, and content."""
    sources = _sources()
    utility, place = scripts_folder(Path()), house(Path())
    for script in sorted(sources.glob("relip - *.py")):
        yield (utility / script.name).as_posix(), script.read_bytes()
    packages = [sources / "relip_resolve"]
    packages += [Path(str(module.__file__)).parent for module in (relip_host, relip_job)]
    for package in packages:
        for module in sorted(package.glob("*.py")):
            yield (place / package.name / module.name).as_posix(), module.read_bytes()


def _sources() -> Path:
    for root in ROOTS:
        if (root / SOURCES / "relip_resolve").is_dir():
            return root / SOURCES
    raise OutputError(
        "this relip came without its scripts for Resolve",
        "install relip from its release or its checkout: python install.py",
    )


def _settings(fusion: Path, state: str, engine: Sequence[str]) -> dict[str, bytes]:
    """The settings; what the user added to the old ones stays."""
    path = house(fusion) / SETTINGS
    kept: dict[str, object] = {}
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        kept = found if isinstance(found, dict) else {}
    told = {**kept, "engine": list(engine), "folder": state, "version": __version__}
    return {f"{house(Path()).name}/{SETTINGS}": _json(told)}


def _put(fusion: Path, files: dict[str, bytes], before: dict[str, str], remedy: str) -> None:
    """Write everything beside its place, then take the places."""
    record = {name: _sum(content) for name, content in files.items()}
    place = house(fusion)
    # Resolve does not look at names that begin with a dot.
    new, old = (place.with_name(f".{place.name}.{what}") for what in ("partial", "old"))
    scripts = {name: content for name, content in files.items() if _is_script(name)}
    stale = [name for name in before if _is_script(name) and name not in scripts]
    were = {name: _bytes(fusion / name) for name in (*scripts, *stale)}
    taken = False
    try:
        if old.exists() and not place.exists():
            old.rename(place)  # the last time was cut off between the two
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)
        for name, content in {**files, f"{place.name}/{RECORD}": _json(record)}.items():
            if name not in scripts:
                path = new / Path(name).relative_to(place.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        scripts_folder(fusion).mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.rename(old)
        new.rename(place)
        taken = True
        for name, content in scripts.items():
            _write(fusion / name, content)
        for name in stale:
            (fusion / name).unlink(missing_ok=True)
    except OSError as error:
        _put_back(fusion, were, old, taken)
        raise OutputError(f"{error.filename or fusion} cannot be written ({error.strerror})",
            remedy) from error  # fmt: skip
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _put_back(fusion: Path, were: dict[str, bytes | None], old: Path, taken: bool) -> None:
    """As it was, as far as the disk allows."""
    place = house(fusion)
    if taken:
        shutil.rmtree(place, ignore_errors=True)
    with suppress(OSError):
        if old.exists():
            old.rename(place)
    for name, content in were.items():
        with suppress(OSError):
            if content is None:
                (fusion / name).unlink(missing_ok=True)
            elif _bytes(fusion / name) != content:
                _write(fusion / name, content)


def _refuse_strangers(fusion: Path, files: dict[str, bytes], before: dict[str, str]) -> None:
    """Refuse to replace what another put where relip's files go."""
    place = house(fusion)
    if place.exists() and not before:
        raise OutputError(f"{place} is somebody else's", "move it away and run this again")
    for name, content in files.items():
        if _is_script(name) and name not in before and _bytes(fusion / name) not in (None, content):
            raise OutputError(
                f"{fusion / name} was not put there by relip", "move it away and run this again"
            )


def _record(fusion: Path) -> dict[str, str]:
    """Every file that was put there and its sum; empty if relip put nothing there."""
    try:
        found = json.loads((house(fusion) / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    inside = (f"{house(Path()).name}/", f"{scripts_folder(Path()).as_posix()}/")
    if not isinstance(found, dict):
        return {}
    # Nothing outside is touched, whatever a damaged record says.
    return {
        name: str(told)
        for name, told in found.items()
        if name.startswith(inside) and ".." not in Path(name).parts
    }


def _remove_empty(place: Path) -> None:
    """Folders in which nothing is left; what Python compiled of ours is nothing."""
    for cache in place.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    folders = [path for path in place.rglob("*") if path.is_dir()]
    for folder in (*sorted(folders, reverse=True), place):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _is_script(name: str) -> bool:
    return name.startswith(scripts_folder(Path()).as_posix())


def _is_changed(fusion: Path, name: str, told: str) -> bool:
    content = _bytes(fusion / name)
    # Settings are there to be changed.
    return content is None or (_sum(content) != told and Path(name).name != SETTINGS)


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(told: object) -> bytes:
    return (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode()
