"""``relip models``: list, fetch, add, convert, remove."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from relip_job.errors import JobError, OutputError
from relip_models import Further, Store, further
from relip_models.store import Kept
from relip_plugin.models import adding, table

_BETWEEN = 1.0
"""Seconds between two lines about the same part where nobody looks."""


def show(options: argparse.Namespace) -> int:
    """Print the table; 1 if a file is not what it was."""
    found = list(table.rows(Store()))
    print(table.as_json(found) if options.json else table.as_text(found))
    return int(any(row.checksum == "differs" or row.installed == "missing" for row in found))


def fetch(options: argparse.Namespace) -> int:
    """Fetch a model whose licence was accepted."""
    entry, store = further(options.name), Store()
    if not options.accept_licence:
        raise JobError(
            f"the licence of {entry.name}: {entry.licence}. {entry.consequence}",
            f"read more at {entry.page}; if you accept it: "
            f"relip models fetch {entry.name} --accept-licence",
        )
    said = 0.0
    for step in adding.fetch(store, entry):
        if isinstance(step, Kept):
            _tell_kept(entry, step, options.json)
        elif options.json:
            if time.monotonic() - said > _BETWEEN:
                said = time.monotonic()
                print(json.dumps({"event": "fetching", **asdict(step)}), flush=True)
        else:
            _draw(step, time.monotonic() - said > _BETWEEN)
            said = time.monotonic() if time.monotonic() - said > _BETWEEN else said
    _tell_state(entry, store, options.json)
    return 0


def add(options: argparse.Namespace) -> int:
    """Add files of the user's own."""
    entry, store = further(options.name), Store()
    checked = [adding.check(entry, path) for path in options.files]
    twice = {one.part.name for one in checked if sum(o.part is one.part for o in checked) > 1}
    if twice:
        raise JobError(f"two files are the {' and the '.join(twice)}", "name one of each")
    for path in options.files:
        _tell_kept(entry, adding.add(store, entry, path), options.json)
    _tell_state(entry, store, options.json)
    return 0


def convert(options: argparse.Namespace) -> int:
    """Add files in PyTorch's format, as ONNX."""
    from relip_plugin.models.converting import converted

    entry, store = further(options.name), Store()
    with TemporaryDirectory(prefix="relip-convert-") as folder:
        for made in converted(entry, options.files, Path(folder)):
            if not options.json:
                print(f"{made.source.name}: {made.told}", flush=True)
            kept = adding.add(store, entry, made.path, origin=str(made.source), spare=True)
            _tell_kept(entry, kept, options.json)
    _tell_state(entry, store, options.json)
    return 0


def remove(options: argparse.Namespace) -> int:
    """Delete relip's copy; the user's own file stays where it is."""
    store = Store()
    try:
        there = store.remove(further(options.name).name)
    except OSError as error:
        raise OutputError(
            f"{store.folder} cannot be cleared ({error.strerror})",
            "end what uses it, and try again",
        ) from error
    if options.json:
        print(json.dumps({"event": "removed", "name": options.name, "was": there}))
    else:
        print(f"removed {options.name}" if there else f"{options.name} was not installed")
    return 0


def _tell_kept(entry: Further, kept: Kept, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"event": "added", "name": entry.name, **asdict(kept)}), flush=True)
        return
    whose = {
        "published": "as published",
        "first": "remembered from now on; nobody published one to compare with",
        "own": "remembered",
    }[kept.trust]
    _clear()
    print(f"{entry.name}: {kept.part} added, sha256 {kept.sha256} ({whose})", flush=True)


def _tell_state(entry: Further, store: Store, as_json: bool) -> None:
    here = store.find(entry.name)
    parts = {kept.part for kept in here.parts} if here else set()
    missing = [part.name for part in entry.parts if part.name not in parts]
    used = store.newest(entry.engine)
    if as_json:
        print(json.dumps({"event": "done", "name": entry.name, "missing": missing}))
    elif missing:
        print(f"{entry.name} still lacks its {' and its '.join(missing)}")
    else:
        if used is not None and used.name != entry.name:
            print(
                f"{entry.name} is there, but --engine {entry.engine} draws with {used.name}, which "
                f"was added after it: relip models remove {used.name}"
            )
        else:
            print(f"{entry.name} is ready: relip sync … --engine {entry.engine}")
        print(f"its licence: {entry.licence}. {entry.consequence}")


def _draw(step: adding.Step, now: bool) -> None:
    of = f" of {step.total / 1e6:.0f}" if step.total else ""
    line = f"{step.part}: {step.done / 1e6:.0f}{of} MB"
    if sys.stderr.isatty():
        print(f"\r{line}", end="\x1b[K", file=sys.stderr, flush=True)
    elif now:
        print(line, file=sys.stderr, flush=True)


def _clear() -> None:
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
