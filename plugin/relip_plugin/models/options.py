"""``relip models`` and its parts: their options."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, TypeVar, get_args

from relip_models.further import FurtherName

P = TypeVar("P", bound=argparse.ArgumentParser)
NAMES: Final = get_args(FurtherName)
MODELS: Final = """\
Engines other than footage draw with networks that relip does not ship. Nothing is fetched unless
you ask for it, and everything else works without a network.

exit code: 0 done, 1 a file is not what it was, 2 refused, 130 cancelled

examples:
  relip models                                  what there is, its licence, what is installed
  relip models fetch musetalk --accept-licence  goes on where it was cut, and checks the checksum
  relip models add wav2lip wav2lip_gan.onnx     checks what it takes and gives, keeps a copy
  relip models convert wav2lip wav2lip_gan.pth  from PyTorch's format, which PyTorch must read
  relip models remove wav2lip
"""


def add_commands(commands: argparse._SubParsersAction[P], shared: P) -> None:
    """Add the command and what it can do."""
    models = commands.add_parser(
        "models",
        parents=[shared],
        help="networks for other engines: what there is, and adding your own",
        epilog=MODELS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    models.set_defaults(command=_list)
    doing = models.add_subparsers(metavar="what", parser_class=type(models))

    fetch = doing.add_parser("fetch", parents=[shared], help="fetch one from where it is published")
    fetch.set_defaults(command=_fetch)
    fetch.add_argument("name", choices=NAMES)
    fetch.add_argument("--accept-licence", action="store_true", help="I have read its licence")

    add = doing.add_parser("add", parents=[shared], help="add a file that you have")
    add.set_defaults(command=_add)
    add.add_argument("name", choices=NAMES)
    add.add_argument("files", type=Path, nargs="+", metavar="FILE", help="ONNX; one for each part")

    convert = doing.add_parser("convert", parents=[shared], help="add weights in PyTorch's format")
    convert.set_defaults(command=_convert)
    convert.add_argument("name", choices=NAMES)
    convert.add_argument("files", type=Path, nargs="+", metavar="FILE", help=".pth, .pt, .bin")

    remove = doing.add_parser("remove", parents=[shared], help="delete relip's copy of one")
    remove.set_defaults(command=_remove)
    remove.add_argument("name", choices=NAMES)


def _list(options: argparse.Namespace) -> int:
    from relip_plugin.models import command

    return command.show(options)


def _fetch(options: argparse.Namespace) -> int:
    from relip_plugin.models import command

    return command.fetch(options)


def _add(options: argparse.Namespace) -> int:
    from relip_plugin.models import command

    return command.add(options)


def _convert(options: argparse.Namespace) -> int:
    from relip_plugin.models import command

    return command.convert(options)


def _remove(options: argparse.Namespace) -> int:
    from relip_plugin.models import command

    return command.remove(options)
