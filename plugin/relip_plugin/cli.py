"""``relip sync``, ``score``, ``probe``, ``listen``, ``batch`` and everything around them.

Exit codes: 0 it is done, 1 ``score`` found the result not publishable, ``listen`` heard nobody
speak, a line of ``batch`` failed or ``doctor`` found something wrong, 2 it was refused or failed,
130 it was cancelled.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NoReturn

import relip
from relip_job import Failed, RelipError
from relip_job.events import to_json
from relip_job.job import AUDIO, CODECS, ENGINES, PROVIDERS
from relip_plugin import doctor_command
from relip_plugin.batch import options as batch
from relip_plugin.interrupt import stoppable
from relip_plugin.models import options as models

BUG: Final = "run it again with --debug and send us what it prints"
CANCELLED: Final = Failed("Cancelled", "cancelled, nothing was written")
EXAMPLES: Final = """\
times:
  00:00:04:12   timecode: the source's own if it lies in the clip, else from its first frame
                (00:00:04;12 for drop-frame)
  4.48s  112f   seconds, frames from the first frame
A range or cut, TIME-TIME, ends before the frame at its second time.

examples:
  relip sync take.mov --speech dub_de.wav -o take_de.mov
  relip sync take.mov --speech dub.wav --range 00:00:04:12-00:00:09:00 --nudge -20ms
  relip sync take.mov --speech dub.wav --speaker 640,360@2s --library other_take.mov
  relip sync take.mov --speech dub.wav --cut 01:00:04:00-01:00:10:00 -o shot_de.mov
  relip sync take.mov --speech dub.wav --transcript @line.txt --language de
"""
POINTS: Final = """\
the five points; each is earned if every number with a bar meets it:
  Closures       lips closed when p, b or m is heard, lower lip on the teeth for f and v
  Sharpness      the mouth as sharp as the rest of this face
  Seam           no step of light or colour where the new mouth ends, no flicker along it
  Articulation   neither gaping nor mumbling, and still where nobody speaks
  Life and sync  picture and sound together, head and eyes alive, no flicker

What a result's own .relip.json says need not be said again: speech, ranges, --speech-start (with
the nudge), speaker, and which part of the clip it shows.

exit code: 0 publishable, 1 not publishable, 2 refused, 130 cancelled

examples:
  relip score take.mov take_relip_v001.mov
  relip score take.mov other_tool.mov --speech dub_de.wav --speech-start 2s --report card.html
"""
PEOPLE: Final = """\
the table of people:
  person      number for --speaker
  frames      in which the face is seen
  mouths      of these, with a mouth that is in the picture, large enough and not covered
  face        typical height from forehead to chin
  turned      to the left (-) or right (+) of the picture, in degrees
  lips        whether they open and close in this footage
  sound       how well they move with the clip's own sound: 0 not at all, .2 and more is speaking
  late        how much later than the sound they are; - where that cannot be told
  largest at  where and when the face is largest: it can be given to --speaker as it is
"""
HEARD: Final = """\
what it tells:
  closures   lips closed for p, b, m: when, for how many ms, how surely
  f and v    lower lip on the teeth
  warnings   noise, clipping, music, narrow band, two voices, faint, reverb, and what helps

--json prints one object; all times are seconds from the beginning of the file:
  file, seconds
  closures, fv   [{start, end, confidence}]          confidence 0 to 1
  visemes        [{start, end, viseme}]              without gaps, the most likely one of SIL,
                 PBM, FV, ROUND, OPEN, MID, SPREAD, TEETH, SH, BACK
  voice          [{start, end}]                      where somebody speaks
  warnings       [{kind, start, end, message, remedy}]

exit code: 0 somebody speaks, 1 nobody does, 2 refused, 130 cancelled

examples:
  relip listen dub_de.wav
  relip listen dub_de.wav --report dub.html
  relip listen dub_de.wav --transcript "Vielleicht bevorzugt Bob Pudding." --language de
  relip listen dub_de.wav --transcript @line.txt --language de --json
"""
INTO_RESOLVE: Final = """\
Then Workspace > Scripts in Resolve has Re-sync Clip, Re-sync Timeline, Apply Finished and Revert
Last Run. Run it again after relip was renewed. --system needs an administrator.

examples:
  relip install resolve
  relip install resolve --dry-run
  relip install resolve --uninstall
"""
INTO_BLENDER: Final = """\
Puts the extension into the folder of every Blender from 4.2 on that you have started. Enable it
once under Edit > Preferences > Add-ons. Run it again after relip was renewed.

examples:
  relip install blender
  relip install blender --uninstall
  relip package blender -o .          only the zip, to be dragged onto Blender's window
"""


class Parser(argparse.ArgumentParser):
    """argparse that complains in our two lines."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and what to do, exit 2."""
        complain(message, f"{self.prog} --help shows every option")
        sys.exit(2)


def complain(message: str, remedy: str) -> None:
    """Two lines on stderr."""
    print(f"relip: {message}", file=sys.stderr)
    if remedy:
        print(f"what to do: {remedy}", file=sys.stderr)


def parser() -> Parser:
    """Every command and option."""
    top = Parser(prog="relip", description=relip.__doc__)
    top.add_argument("--version", action="version", version=f"relip {relip.__version__}")
    shared = Parser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print for a program to read")
    shared.add_argument("--debug", action="store_true", help="show where an error came from")
    commands = top.add_subparsers(required=True, metavar="command", parser_class=Parser)

    sync = commands.add_parser(
        "sync",
        parents=[shared],
        help="make the person in a clip say a new line",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    sync.set_defaults(command=_sync, parser=sync)
    add = sync.add_argument
    add("picture", type=Path, nargs="?", help="the clip; it is only ever read")
    add("--speech", type=Path, metavar="FILE", help="sound with the new line")
    add("--job", type=Path, metavar="FILE", help="a job as JSON, instead of everything else here")
    add("-o", "--output", type=Path, metavar="FILE", help="default: <clip>_relip_v001 beside it")
    add("--range", action="append", default=[], dest="ranges", metavar="TIME-TIME",
        help="re-sync only this part; may be given again")  # fmt: skip
    add("--cut", metavar="TIME-TIME",
        help="write only this part of the clip, to the frame; all of it is re-synced but "
        "for --range")  # fmt: skip
    add("--speaker", metavar="N|X,Y@TIME", help="whose mouth; default: who speaks in the clip")
    add("--speech-start", metavar="TIME", help="where the speech begins in the clip; default 0s")
    add("--nudge", metavar="TIME", help="move the lips later, or earlier: -20ms, 0.04s, +1f")
    add("--transcript", metavar="TEXT|@FILE", help="the words of the speech: surer closures")
    add("--language", metavar="TAG", help="the transcript's: de, fr, pt-BR")
    add("--strength", type=float, default=1.0, metavar="0..1.5", help="how much the mouth moves")
    add("--library", type=Path, action="append", default=[], metavar="FILE",
        help="another clip of the same person to take mouths from; may be given again")  # fmt: skip
    add("--engine", choices=ENGINES, default=ENGINES[0], help="how the mouth is made")
    add("--provider", choices=PROVIDERS, default="auto", help="what runs neural engines' networks")
    add("--codec", choices=CODECS, default="match", help="default: match, the source's class")
    add("--audio", choices=AUDIO, default="none", help="sound of the result; default: none")
    add("--patch", action="store_true", help="write only the mouth, with alpha")
    add("--score", action="store_true", help="measure the result, too, and show its card")
    add("--no-cache", action="store_false", dest="cache",
        help="look and listen anew, and keep nothing of it for the next time")  # fmt: skip

    score = commands.add_parser(
        "score",
        parents=[shared],
        help="how good a re-synced clip is, in five points",
        epilog=POINTS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    score.set_defaults(command=_score)
    add = score.add_argument
    add("original", type=Path, help="the clip as it was shot")
    add("result", type=Path, help="the clip with the new line")
    add("--speech", type=Path, metavar="FILE", help="sound with the new line")
    add("--range", action="append", default=[], dest="ranges", metavar="TIME-TIME",
        help="judge only this part; may be given again")  # fmt: skip
    add("--speech-start", metavar="TIME", help="where the speech begins in the clip; default 0s")
    add("--speaker", metavar="N|X,Y@TIME", help="whose mouth; default: who speaks in the clip")
    add("--report", type=Path, metavar="FILE", help="also write a page to look at: card.html")
    add("--syncnet", type=Path, metavar="FILE",
        help="SyncNet as ONNX, which adds LSE-D and LSE-C")  # fmt: skip

    probe = commands.add_parser(
        "probe",
        parents=[shared],
        help="what a clip is, who is in it, what would come out",
        epilog=PEOPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    probe.set_defaults(command=_probe)
    probe.add_argument("picture", type=Path, help="the clip")
    probe.add_argument("--fast", action="store_true", help="do not look for faces")
    probe.add_argument("--range", metavar="TIME-TIME", dest="part",
        help="look where sync looks for this range; default: the first minute")  # fmt: skip

    listen = commands.add_parser(
        "listen",
        parents=[shared],
        help="what is heard in a line, and what is wrong with its recording",
        epilog=HEARD,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    listen.set_defaults(command=_listen)
    add = listen.add_argument
    add("sound", type=Path, help="any file with sound; it is only ever read")
    add("--report", type=Path, metavar="FILE", help="also write a page to look at: heard.html")
    add("--transcript", metavar="TEXT|@FILE", help="the words that are spoken, or a file of them")
    add("--language", metavar="TAG", help="the transcript's: de, fr, pt-BR")

    batch.add_commands(commands, shared)
    models.add_commands(commands, shared)
    doctor_command.add_commands(commands, shared)

    install = commands.add_parser("install", help="put relip into an editing program")
    programs = install.add_subparsers(required=True, metavar="program", parser_class=Parser)
    resolve = programs.add_parser(
        "resolve",
        parents=[shared],
        help="scripts for DaVinci Resolve's menu",
        epilog=INTO_RESOLVE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    resolve.set_defaults(command=_install_resolve)
    add = resolve.add_argument
    whose = resolve.add_mutually_exclusive_group()
    whose.add_argument("--user", action="store_true", help="for yourself, which is the default; "
        "also where no Resolve is found")  # fmt: skip
    whose.add_argument("--system", action="store_true", help="for everybody on this machine")
    add("--dry-run", action="store_true", help="only say what would be done")
    add("--uninstall", action="store_true", help="remove what was put there, and nothing else")
    add("--if-found", action="store_true",
        help="do and say nothing where there is nothing to do it to")  # fmt: skip
    blender = programs.add_parser(
        "blender",
        parents=[shared],
        help="the extension for Blender's sequencer",
        epilog=INTO_BLENDER,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    blender.set_defaults(command=_install_blender)
    add = blender.add_argument
    add("--dry-run", action="store_true", help="only say what would be done")
    add("--uninstall", action="store_true", help="take it out again")
    add("--if-found", action="store_true",
        help="do and say nothing where there is nothing to do it to")  # fmt: skip

    package = commands.add_parser("package", help="relip for an editing program, as one file")
    programs = package.add_subparsers(required=True, metavar="program", parser_class=Parser)
    zipped = programs.add_parser(
        "blender", parents=[shared], help="the extension for Blender's sequencer, as a zip"
    )
    zipped.set_defaults(command=_package_blender)
    zipped.add_argument("-o", "--output", type=Path, default=Path(), metavar="FOLDER",
        help="where it goes; default: here")  # fmt: skip
    return top


def join_negative_times(arguments: Sequence[str]) -> list[str]:
    """``--nudge -20ms`` as ``--nudge=-20ms``, which argparse does not take for an option."""
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] in ("--nudge", "--speech-start") and re.match(r"-[\d.]", argument):
            found[-1] += f"={argument}"
        else:
            found.append(argument)
    return found


# Each command imports what it needs when it runs: --help and a wrong option answer at once.


def _sync(options: argparse.Namespace) -> int:
    if options.job is None:
        missing = [name for name in ("picture", "speech") if getattr(options, name) is None]
        if missing:
            options.parser.error(f"the {' and the '.join(missing)} must be named")
    else:
        beside = {"job", "json", "debug", "cache"}
        for name, value in vars(options).items():
            if name not in beside and value != options.parser.get_default(name):
                options.parser.error(f"--job says everything, leave {name} out")
    from relip_plugin.job_file import read_job
    from relip_plugin.sync import job_from, run

    job = job_from(options) if options.job is None else read_job(options.job)
    return run(job, as_json=options.json, cache=options.cache)


def _score(options: argparse.Namespace) -> int:
    from relip_plugin.score import run

    return run(options)


def _probe(options: argparse.Namespace) -> int:
    from relip_plugin.probe import run

    return run(options.picture, options.part, fast=options.fast, as_json=options.json)


def _listen(options: argparse.Namespace) -> int:
    from relip_plugin.listen import run

    return run(options)


def _install_resolve(options: argparse.Namespace) -> int:
    from relip_plugin import install_command

    return install_command.resolve(options)


def _install_blender(options: argparse.Namespace) -> int:
    from relip_plugin import blender_command

    return blender_command.put(options)


def _package_blender(options: argparse.Namespace) -> int:
    from relip_plugin import blender_command

    return blender_command.pack(options)


def forgive_consoles() -> None:
    """Let a console that lacks a character print a question mark instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit code."""
    forgive_consoles()
    words = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(join_negative_times(words))
    with stoppable() as stop:
        try:
            return int(options.command(options))
        except KeyboardInterrupt:
            failure = CANCELLED
        except BrokenPipeError:
            # Who read our output has left (relip probe clip.mov | head); leave quietly too.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 2
        except RelipError as error:
            if options.debug:
                raise
            failure = Failed(error.code, error.message, error.remedy)
        except Exception as error:  # a bug of ours: still no traceback in an editor's face
            if options.debug:
                raise
            told = f"{type(error).__name__}: {error}"
            failure = CANCELLED if stop.asked else Failed("Bug", told, BUG)
    if options.json:
        print(to_json(failure), flush=True)
    elif failure is CANCELLED:
        print(failure.message, file=sys.stderr)
    else:
        complain(failure.message, failure.remedy)
    return 130 if failure is CANCELLED else 2


if __name__ == "__main__":
    sys.exit(main())
