"""``relip install``: what is said around putting relip into editing programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from relip_job.errors import OutputError
from relip_plugin import install_resolve
from relip_plugin.folders import state_folder
from relip_plugin.resolve_places import NAME, ResolvePlaces, Whose, resolve_places

OTHERS: Final[dict[Whose, Whose]] = {"user": "system", "system": "user"}


def resolve(options: argparse.Namespace) -> int:
    """``relip install resolve``; the exit code."""
    said = []
    for sentence in _resolve(options, resolve_places()):
        said.append(sentence)
        if not options.json:
            print(sentence, flush=True)
    if options.json:
        print(json.dumps({"said": said}, ensure_ascii=False, indent=2))
    return 0


def _resolve(options: argparse.Namespace, places: ResolvePlaces) -> Iterator[str]:
    whose: Whose = "system" if options.system else "user"
    fusion = places.fusion(whose)
    remedy = install_resolve.ADMIN if whose == "system" else install_resolve.OWN
    if options.uninstall:
        if options.if_found and install_resolve.look(fusion) is None:
            return
        yield from install_resolve.uninstall(fusion, remedy=remedy, dry_run=options.dry_run)
        return
    if places.found is None:
        if options.if_found:
            return
        if not (options.user or options.system):
            raise OutputError(
                f"{NAME} was not found on this machine",
                "start it once and run this again, or say --user to put the scripts there anyway",
            )
        yield f"{NAME} was not found on this machine; it will find the scripts when it is there"
    yield from install_resolve.install(
        fusion, _state(whose), remedy=remedy, dry_run=options.dry_run
    )
    if options.dry_run:
        return
    yield from _hints(places, whose)


def _hints(places: ResolvePlaces, whose: Whose) -> Iterator[str]:
    other = OTHERS[whose]
    if install_resolve.look(places.fusion(other)) is not None:
        yield (
            f"relip is in {places.fusion(other)}, too, and in the menu twice; "
            f"take that one away with: relip install resolve --{other} --uninstall"
        )
    if whose == "system" and Path(sys.executable).is_relative_to(Path.home()):
        yield f"everybody who uses Resolve here must be able to run {sys.executable}"
    yield "in Resolve: Workspace > Scripts; start Resolve anew if they are not there"
    yield "relip doctor resolve tells whether Resolve can run them"


def _state(whose: Whose) -> str:
    """The state folder; for everybody each one's own."""
    folder, home = state_folder(), Path.home()
    if whose == "system" and folder.is_relative_to(home):
        return str(Path("~") / folder.relative_to(home))
    return str(folder)
