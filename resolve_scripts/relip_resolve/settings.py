"""What the installer knows and a script of the menu does not: where the engine is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Tuple

from relip_host.host import HostError
from relip_resolve.selection import COLOUR

FILE = "settings.json"
REMEDY = "run `relip install resolve` again"


@dataclass(frozen=True)
class Settings:
    """Contents of ``settings.json``.

    Attributes
    ----------
    engine : the Python that has relip, and its options.
    folder : where relip keeps its journals and choices.
    version : of relip when the scripts were installed.
    colour : the clip colour that means re-sync when nothing is selected.
    """

    engine: Tuple[str, ...]
    folder: Path
    version: str = ""
    colour: str = COLOUR


def read_settings(house: Path) -> Settings:
    """The settings beside relip's modules.

    Raises
    ------
    HostError
        There are none, they cannot be read, or the engine is not where they say.
    """
    path = house / FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        engine = tuple(str(word) for word in told["engine"])
        folder = Path(str(told["folder"])).expanduser()
        settings = Settings(
            engine, folder, str(told.get("version", "")), str(told.get("colour") or COLOUR)
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HostError(f"{path} cannot be read ({error})", REMEDY) from error
    if not engine or not Path(engine[0]).is_file():
        raise HostError(f"relip's engine is not at {engine[0] if engine else 'any path'}", REMEDY)
    return settings
