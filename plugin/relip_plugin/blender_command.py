"""``relip package blender`` and ``relip install blender``: what is said around them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from relip_plugin.folders import data_folder
from relip_plugin.install_blender import blenders, install, uninstall
from relip_plugin.package_blender import package


def pack(options: argparse.Namespace) -> int:
    """``relip package blender``; the exit code."""
    path = package(options.output.expanduser().absolute())
    print(json.dumps({"zip": str(path)}) if options.json else path)
    return 0


def put(options: argparse.Namespace) -> int:
    """``relip install blender``; the exit code."""
    said = []
    for sentence in _put(options):
        said.append(sentence)
        if not options.json:
            print(sentence, flush=True)
    if options.json:
        print(json.dumps({"said": said}, ensure_ascii=False, indent=2))
    return 0


def _put(options: argparse.Namespace) -> Iterator[str]:
    found = blenders()
    if options.uninstall:
        there = any(blender.extension.exists() for blender in found)
        if there or not options.if_found:
            yield from uninstall(found, dry_run=options.dry_run)
    elif found or not options.if_found:
        yield from install(found, data_folder(), dry_run=options.dry_run)
