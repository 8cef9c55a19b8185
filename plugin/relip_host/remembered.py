"""What was chosen last, for every project of every host."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Union

from relip_host.choice import Choice, choice_from_json, choice_to_json
from relip_host.whole_file import write_json

FILE = "choices.json"
PROJECTS = 200
"""Most that are kept of a host; the longest unused goes first."""


def recall(folder: Union[str, Path], host: str, project: str) -> Choice:
    """What was chosen last in the project, else the defaults."""
    projects = _page(_read(Path(folder)).get(host))
    try:
        return choice_from_json(_page(projects.get(project)))
    except ValueError:
        return Choice()


def remember(folder: Union[str, Path], host: str, project: str, choice: Choice) -> None:
    """Keep the choice for the next time.

    Raises
    ------
    OutputError
        The folder cannot be written to.
    """
    page = _read(Path(folder))
    projects = _page(page.get(host))
    projects.pop(project, None)
    projects[project] = choice_to_json(choice)
    while len(projects) > PROJECTS:
        del projects[next(iter(projects))]
    write_json(Path(folder) / FILE, {**page, host: projects})


def _read(folder: Path) -> Dict[str, Any]:
    """All of it; empty if there is nothing that can be read: then it was no great loss."""
    try:
        return _page(json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _page(found: object) -> Dict[str, Any]:
    return found if isinstance(found, dict) else {}
