"""Ask a real DaVinci Resolve Studio what its documentation leaves open; prints one JSON.

Run it from a terminal while Resolve Studio is open, with Preferences > System > General >
"External scripting using" set to Local, and your project saved::

    python3 contract_probe.py --my-project-is-saved [--ask] [--out FOLDER]

It opens a project of its own, asks there, opens yours again and deletes its own. Yours is never
written to. ``--ask`` also asks what needs hands: pressing Ctrl+Z, selecting clips. Please send the
JSON, and ``real.otio`` beside it, with the version of Resolve.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, List, Optional

from relip_contract.questions import QUESTIONS
from relip_contract.stage import Refused, scratch

if TYPE_CHECKING:
    from fusionscript import Resolve

MODULES = {
    "darwin": "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting",
    "win32": "$PROGRAMDATA/Blackmagic Design/DaVinci Resolve/Support/Developer/Scripting",
    "linux": "/opt/resolve/Developer/Scripting",
}
OLDEST = [19, 0]


def probe(
    resolve: Optional[Resolve],
    out: Path,
    saved: bool = False,
    ask: Optional[Callable[[str], str]] = None,
) -> Dict[str, object]:
    """Every answer; ``refused`` says why there are none, ``left`` how the scratch project went.

    Product and version are asked first: a call that only Studio has would open a dialog in the
    free edition that blocks everything.
    """
    found: Dict[str, object] = {"python": sys.version.split()[0], "system": platform.platform()}
    answers: Dict[str, object] = {}
    left: Dict[str, object] = {}
    try:
        if resolve is None:
            raise Refused("no Resolve Studio answers; is it open, and external scripting Local?")
        product, version = str(resolve.GetProductName()), list(resolve.GetVersion() or [])
        found.update(product=product, version=version, text=str(resolve.GetVersionString()))
        if "Studio" not in product or version[:2] < OLDEST:
            raise Refused("this needs Resolve Studio 19.0 or later")
        with scratch(resolve, out, saved, ask, left) as stage:
            for number, question in enumerate(QUESTIONS, 1):
                words = (question.__doc__ or "").split(". ", 1)[1]
                entry: Dict[str, object] = {"question": words}
                answers[str(number)] = entry
                # One question that goes wrong must not cost the answers to the others.
                try:
                    stage.ours()
                    entry["answer"] = question(stage)
                except Exception as error:
                    entry["error"] = f"{type(error).__name__}: {error}"
    except Refused as error:
        found["refused"] = str(error)
    return {**found, "answers": answers, "left": left}


def connect() -> Optional[Resolve]:
    """The Resolve on this machine; None if it does not let scripts in."""
    home = os.environ.get("RESOLVE_SCRIPT_API") or os.path.expandvars(
        MODULES.get(sys.platform, MODULES["linux"])
    )
    os.environ["RESOLVE_SCRIPT_API"] = home
    sys.path.append(str(Path(home) / "Modules"))
    try:
        module = importlib.import_module("DaVinciResolveScript")
    except ImportError:
        return None
    found: Optional[Resolve] = module.scriptapp("Resolve")
    return found


def main(arguments: Optional[List[str]] = None) -> int:
    """Probe, print, and keep the JSON; 1 if it was refused or left anything behind."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--my-project-is-saved", action="store_true")
    parser.add_argument("--ask", action="store_true", help="also ask what needs hands")
    parser.add_argument("--out", type=Path, help="where answers go; a new folder if left out")
    given = parser.parse_args(arguments)
    out = given.out or Path(tempfile.mkdtemp(prefix="relip-contract-"))
    out.mkdir(parents=True, exist_ok=True)
    ask = input if given.ask else None
    found = probe(connect(), out, given.my_project_is_saved, ask)
    text = json.dumps(found, indent=2, sort_keys=True, default=repr)
    (out / "contract.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    left = found["left"]
    clean = isinstance(left, dict) and left.get("project") and left.get("scratch") == "deleted"
    return 0 if clean and "refused" not in found else 1


if __name__ == "__main__":
    sys.exit(main())
