"""``relip batch``, ``relip farm``, ``relip cache``: their options, what they ask of the rest."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final, TypeVar

from relip_job.job import CODECS, ENGINES, PROVIDERS

P = TypeVar("P", bound=argparse.ArgumentParser)
BATCH: Final = """\
what it takes:
  reel.otio, reel.xml, reel.fcpxml    a timeline; the result is the same one with the new shots
  lines.csv                           a table of lines: picture, in, out, speech and, if you like,
                                      speaker (a number, a pixel X,Y@TIME, or a name of the cast)
                                      and speech_in; times as for relip sync

cast.toml says who speaks with which mouth; without it relip takes who speaks in the footage:
  [speakers]                a track, a role, or an item's name = a number from relip probe,
  A3 = 1                    or a pixel and a time
  "dub.de.anna" = "640,360@2s"
  [clips."take_03.mov"]     where people are counted differently in a clip
  A3 = 2

Two people at once: tracks that speak over each other for more than half a second have a mouth each,
in one result, also without a cast; rows of one clip that overlap do, too, if each names another
face, or another name of the cast. A voice whose mouth is not seen, or that cannot be heard, is
listed; the others are made.

Where a timeline gives a file another frame rate than it has, seconds are believed if they agree. A
file that is played frame for frame at another rate is refused, and so is one that may be another.

Run it again and only what changed is done again: the picture, the sound, what was asked for, or
relip itself. Cancel it with Ctrl+C; what is finished stays.

exit code: 0 every line is done or has nobody on the screen, 1 a line failed, 2 refused,
130 cancelled

examples:
  relip batch lines.csv --score --report lines.html
  relip batch reel3.otio --dialogue "Audio 3" --picture "Video 1" -o reel3_de.otio
  relip batch reel3.xml --dialogue A3,A4 --speakers cast.toml --workers 2
  relip batch reel3.otio --dialogue A3 --scheduler tcp://farm:8786
"""
FARM: Final = """\
One machine runs the scheduler, any number run a worker, and relip batch ... --scheduler has them do
the lines. All need the same relip and the same storage. Whoever reaches the scheduler or a worker
over the network can have it run anything, so keep them in a network that is yours.

examples:
  relip farm scheduler
  relip farm worker tcp://farm:8786 --nthreads 4
  relip farm worker tcp://farm:8786 --map /Volumes/media=/mnt/media
"""
CACHE: Final = """\
Results are found again by what they depend on, and so is what was seen and heard in a clip or a
line. The cache takes no room for results that lie where they were written to; it keeps those that
were deleted there. What was not used for longest goes when the limit is reached. RELIP_CACHE names
another folder, which several machines may share.

examples:
  relip cache
  relip cache --limit 50G
  relip cache --clear
"""


def add_commands(commands: argparse._SubParsersAction[P], shared: P) -> None:
    """Add these commands."""
    batch = commands.add_parser(
        "batch",
        parents=[shared],
        help="re-sync all lines of a timeline or of a table",
        epilog=BATCH,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    batch.set_defaults(command=_batch, parser=batch)
    add = batch.add_argument
    add("timeline", type=Path, help="what to work on; it is only ever read")
    add("-o", "--output", type=Path, metavar="FILE", help="the timeline with the new "
        "shots; default: NAME_relip_v001 beside it")  # fmt: skip
    add("--dialogue", metavar="TRACKS", help="sound tracks with the dub: A3,A4 or their names")
    add("--dialogue-role", action="append", default=[], metavar="ROLE",
        help="a role that the dub has; may be given again")  # fmt: skip
    add("--picture", metavar="TRACKS", help="picture tracks; default: what is seen on top")
    add("--speakers", type=Path, metavar="FILE", help="who speaks with which mouth: cast.toml")
    add("--in-place", action="store_true", help="new shots in the place of the old ones, instead "
        "of on a new track")  # fmt: skip
    add("--folder", type=Path, metavar="FOLDER",
        help="where results go; default: NAME_relip beside the output")  # fmt: skip
    add("--report", type=Path, action="append", default=[], metavar="FILE",
        help="also write the table: .html, .csv or .txt; may be given again")  # fmt: skip
    add("--workers", type=int, metavar="N", help="lines at a time; default: by cores and memory")
    add("--scheduler", metavar="ADDRESS", help="have the machines of a farm do the lines: "
        "tcp://farm:8786; see relip farm")  # fmt: skip
    add("--resume", action=argparse.BooleanOptionalAction, default=True,
        help="keep results of which nothing has changed; on by default")  # fmt: skip
    add("--score", action="store_true", help="measure the results, too")
    add("--handles", type=int, default=12, metavar="N", help="frames before and after each shot")
    add("--nudge", metavar="TIME", help="move all lips later, or earlier: -20ms, 0.04s")
    add("--strength", type=float, default=1.0, metavar="0..1.5", help="how much mouths move")
    add("--engine", choices=ENGINES, default=ENGINES[0], help="how the mouth is made")
    add("--provider", choices=PROVIDERS, default="auto", help="what runs neural engines' networks")
    add("--codec", choices=CODECS, default="match", help="default: match, the source's class")

    cache = commands.add_parser(
        "cache",
        parents=[shared],
        help="what is kept for the next time, and how much room it takes",
        epilog=CACHE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cache.set_defaults(command=_cache)
    add = cache.add_argument
    add("--limit", metavar="SIZE", help="how much room all of it may take: 50G, 500M")
    add("--clear", action="store_true", help="forget everything; your results stay")
    _add_farm(commands, shared)


def _add_farm(commands: argparse._SubParsersAction[P], shared: P) -> None:
    """Add the command that starts the machines of a farm."""
    farm = commands.add_parser(
        "farm",
        help="have many machines do the lines of a batch",
        epilog=FARM,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = farm.add_subparsers(required=True, metavar="scheduler | worker")
    scheduler = parts.add_parser(
        "scheduler", parents=[shared], help="the one that knows all machines"
    )
    scheduler.set_defaults(command=_scheduler)
    scheduler.add_argument("--port", type=int, default=8786, metavar="N", help="default: 8786")
    worker = parts.add_parser("worker", parents=[shared], help="does lines on this machine")
    worker.set_defaults(command=_worker)
    add = worker.add_argument
    add("scheduler", metavar="ADDRESS", help="what the scheduler told: tcp://farm:8786")
    add("--nthreads", type=int, metavar="N", help="lines at a time; default: by cores and memory")
    add("--map", action="append", default=[], metavar="FROM=TO", help="a folder that others call "
        "FROM is TO on this machine; may be given again")  # fmt: skip
    for part in (scheduler, worker):
        part.add_argument("--host", metavar="ADDRESS", help="which address of this machine others "
            "use; default: all of them")  # fmt: skip


def _scheduler(options: argparse.Namespace) -> int:
    from relip_plugin.batch import farm_command

    return farm_command.scheduler(options)


def _worker(options: argparse.Namespace) -> int:
    from relip_plugin.batch import farm_command

    return farm_command.worker(options)


def _batch(options: argparse.Namespace) -> int:
    from relip_plugin.batch import command

    return command.run(options)


def _cache(options: argparse.Namespace) -> int:
    from relip_plugin.cache import command

    return command.run(options)
