"""Re-sync the lips of the selected clip to its dub.

DaVinci Resolve runs this from Workspace > Scripts; what it tells is in Workspace > Console.
"""

import sys
from os.path import expandvars
from pathlib import Path

FOLDERS = (
    "~/.local/share/DaVinciResolve/Fusion/Scripts/Utility",
    "~/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "$APPDATA/Blackmagic Design/DaVinci Resolve/Support/Fusion/Scripts/Utility",
    "/opt/resolve/Fusion/Scripts/Utility",
    "/home/resolve/Fusion/Scripts/Utility",
    "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
    "$PROGRAMDATA/Blackmagic Design/DaVinci Resolve/Fusion/Scripts/Utility",
)


def house() -> "Path | None":
    """The folder the installer put relip's modules into; Resolve does not always tell __file__."""
    here = globals().get("__file__") or house.__code__.co_filename
    for folder in (Path(here).absolute().parent, *map(Path, map(expandvars, FOLDERS))):
        folder = folder.expanduser()
        for place in (folder, folder.parent, folder.parent.parent):
            if (place / "relip" / "settings.json").is_file():
                return place / "relip"
    return None


def main() -> None:
    """Hand over to relip's modules."""
    found = house()
    if sys.version_info < (3, 8):
        print("relip: Resolve runs its scripts with Python older than 3.8; install 3.10 to 3.12")
    elif found is None:
        print("relip: its modules are not beside Resolve's scripts; run: relip install resolve")
    else:
        sys.path.insert(0, str(found))
        from relip_resolve import menu

        menu.resync_clip(globals().get("resolve"), found)


main()
