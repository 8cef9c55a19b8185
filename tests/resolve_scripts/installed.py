"""relip's scripts as they lie beside Resolve, and an editor who chooses on the page."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.page import CancelAsked, Chosen, Closed, Offer, PageEvent, Row
from relip_resolve import menu
from tests.resolve_scripts.fake_resolve import Studio

HOUSE = Path(__file__).resolve().parents[2]
SCRIPTS = HOUSE / "resolve_scripts"
STUB = Path(__file__).with_name("engine_stub.py")
UTILITY = ".local/share/DaVinciResolve/Fusion/Scripts/Utility"


@dataclass
class Editor:
    """Who sits before the page: what is chosen, and what is enough to see of it.

    ``choice`` None closes the page; ``cancel_at`` are words after which Cancel is pressed.
    ``offer``, ``texts`` and ``rows`` are what was shown.
    """

    choice: Choice | None = field(default_factory=lambda: Choice(tracks=(2,)))
    cancel_at: str = ""
    offer: Offer | None = None
    texts: list[str] = field(default_factory=list)
    rows: tuple[Row, ...] = ()
    over: str = ""


class Pages:
    """Stands for :class:`relip_host.page.Page`."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._chosen = False

    def __call__(self, command: list[str], environment: dict[str, str]) -> Pages:
        assert command[-2:] == ["-m", "relip_plugin.choices"]
        assert "PYTHONPATH" not in environment
        return self

    def ask(self, offer: Offer) -> None:
        self._editor.offer, self._chosen = offer, False
        self._editor.texts.clear()

    def poll(self) -> list[PageEvent]:
        editor = self._editor
        if not self._chosen:
            self._chosen = True
            return [Chosen(editor.choice) if editor.choice else Closed("the page was closed")]
        enough = editor.cancel_at and any(editor.cancel_at in text for text in editor.texts)
        return [CancelAsked()] if enough else []

    def progress(self, rows: tuple[Row, ...], text: str = "") -> None:
        self._editor.texts.append(text)
        self._editor.rows = rows

    def done(self, rows: tuple[Row, ...] = (), text: str = "", notes: tuple[str, ...] = ()) -> None:
        self._editor.rows, self._editor.over = rows, text

    def close(self) -> None:
        pass


@dataclass
class Install:
    """A home with relip in it. ``state`` is where its journals are."""

    home: Path
    state: Path

    def run(self, studio: Studio, name: str) -> None:
        """Click ``relip - NAME`` in Resolve's menu."""
        studio.run_from_menu(self.home / UTILITY / f"relip - {name}.py")

    def engine(self, *command: str) -> None:
        """What the settings say of the engine."""
        house = self.home / UTILITY / ".." / ".." / "relip"
        told = {"engine": list(command), "folder": str(self.state), "version": "0.0"}
        (house / "settings.json").write_text(json.dumps(told), encoding="utf-8")

    def jobs(self) -> list[dict[str, Any]]:
        """Jobs of all runs, in order."""
        found = sorted(self.state.rglob("*.job.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in found]


def install(home: Path, monkeypatch: pytest.MonkeyPatch, editor: Editor, *engine: str) -> Install:
    """Put the scripts where Resolve on Linux looks for a user's own."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(menu, "Page", Pages(editor))
    monkeypatch.setattr(sys, "path", list(sys.path))
    utility = home / UTILITY
    utility.mkdir(parents=True)
    for script in SCRIPTS.glob("relip - *.py"):
        shutil.copy(script, utility)
    house = utility.parents[1] / "relip"
    house.mkdir()
    for package in ("resolve_scripts/relip_resolve", "plugin/relip_host", "core/relip_job"):
        (house / Path(package).name).symlink_to(HOUSE / package)
    found = Install(home, home / "state")
    found.engine(*(engine or (sys.executable, str(STUB))))
    return found
