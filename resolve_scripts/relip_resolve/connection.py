"""A way to Resolve, and which Resolve it is.

What edition and version this is has to be known before anything else is asked: the free edition
answers a call that only Studio has with a dialog that sells Studio, and until somebody closes
that dialog, calls that have nothing to do with it fail.
"""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Optional, Tuple

from relip_host.host import HostError

if TYPE_CHECKING:
    from fusionscript import Resolve

OLDEST = (19, 0)
"""Before, Resolve does not say which source frames an item shows: no retime could be seen."""

FREE_UNTIL = (21, 1)
"""From here on the free edition runs no Python."""

BATCH = (
    "export the timeline with File > Export > Timeline (OTIO or Final Cut Pro 7 XML) and run "
    "`relip batch` on that file"
)


@dataclass(frozen=True)
class Edition:
    """Which Resolve this is; ``version`` is ``(major, minor, patch)``."""

    product: str
    version: Tuple[int, ...]

    @property
    def studio(self) -> bool:
        """Whether it is the paid edition."""
        return "studio" in self.product.lower()

    def __str__(self) -> str:
        """``DaVinci Resolve Studio 21.0.4``."""
        return f"{self.product} {'.'.join(map(str, self.version))}"


@dataclass(frozen=True)
class Seat:
    """A Resolve that answers, fit for relip."""

    resolve: Resolve
    edition: Edition


def connect(resolve: Optional[Resolve] = None) -> Seat:
    """The Resolve that runs this script, or the one on this machine.

    Parameters
    ----------
    resolve : what Resolve hands to a script of its menu; None asks from outside.

    Raises
    ------
    HostError
        None answers, or it is too old, or an edition that does not run scripts.
    """
    if resolve is None:
        resolve = from_outside()
    edition = edition_of(resolve)
    refuse(edition)
    return Seat(resolve, edition)


def edition_of(resolve: Resolve) -> Edition:
    """Product and version; two calls that every edition answers."""
    product = resolve.GetProductName()
    version = resolve.GetVersion()
    if not product or not version:
        raise HostError(
            "Resolve does not say what it is; it may still be starting, or closing",
            "wait until a project is open, then try again",
        )
    return Edition(str(product), tuple(int(part) for part in version[:3]))


def refuse(edition: Edition) -> None:
    """Raise HostError for a Resolve that relip cannot work with."""
    if edition.version < OLDEST:
        raise HostError(
            f"{edition} does not tell a script which frames of a file a clip shows",
            f"update to 19.0 or later; or {BATCH}",
        )
    if not edition.studio and edition.version >= FREE_UNTIL:
        raise HostError(
            f"{edition}: the free edition runs no Python scripts from 21.1 on",
            f"{BATCH}; or use DaVinci Resolve Studio",
        )


def from_outside() -> Resolve:
    """The running Resolve, asked by a Python that it did not start. Studio only."""
    api, library = places(sys.platform, os.environ)
    os.environ.setdefault("RESOLVE_SCRIPT_API", str(api))
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", str(library))
    modules = str(Path(os.environ["RESOLVE_SCRIPT_API"]) / "Modules")
    if modules not in sys.path:
        sys.path.append(modules)
    try:
        door = importlib.import_module("DaVinciResolveScript")
    except ImportError as error:
        raise HostError(
            f"DaVinci Resolve's scripting module was not found in {modules}",
            "install DaVinci Resolve Studio on this machine, or point RESOLVE_SCRIPT_API to it",
        ) from error
    resolve: Optional[Resolve] = door.scriptapp("Resolve")
    if resolve is None:
        raise HostError(
            "Resolve does not answer: it is not running, or it is the free edition, or scripting "
            "from outside is off",
            "start Resolve Studio and set Preferences > System > General > External scripting "
            f"using to Local. The free edition answers only its own menu, before 21.1; there, "
            f"{BATCH}",
        )
    return resolve


def places(platform: str, environment: Mapping[str, str]) -> Tuple[Path, Path]:
    """Folder of the scripting API and the library it loads, as Resolve installs them."""
    if platform == "darwin":
        support = Path("/Library/Application Support/Blackmagic Design/DaVinci Resolve")
        app = Path("/Applications/DaVinci Resolve/DaVinci Resolve.app")
        return (
            support / "Developer" / "Scripting",
            app / "Contents" / "Libraries" / "Fusion" / "fusionscript.so",
        )
    if platform == "win32":
        data = Path(environment.get("PROGRAMDATA", r"C:\ProgramData"))
        programs = Path(environment.get("PROGRAMFILES", r"C:\Program Files"))
        maker = "Blackmagic Design"
        return (
            data / maker / "DaVinci Resolve" / "Support" / "Developer" / "Scripting",
            programs / maker / "DaVinci Resolve" / "fusionscript.dll",
        )
    homes = (Path("/opt/resolve"), Path("/home/resolve"))
    home = next((home for home in homes if home.is_dir()), homes[0])
    return home / "Developer" / "Scripting", home / "libs" / "Fusion" / "fusionscript.so"
