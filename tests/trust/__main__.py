"""``python -m tests.trust``: does the scorecard tell right from wrong?

Clips known to be right, clips known to be wrong, and clips with one planted fault each are scored:
the shipped sample, and the clips in ``RELIP_CLIPS`` if that folder is named.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

from tests.trust import subjects
from tests.trust.cases import GROUPS, Group
from tests.trust.run import done, tasks
from tests.trust.table import judged, markdown, printed


def main(arguments: Sequence[str] | None = None) -> int:
    """Score everything, print the table; 0 if every case holds."""
    given = _parser().parse_args(arguments)
    clips = given.clips.split(",") if given.clips else subjects.names()
    only = given.only.split(",") if given.only else list(GROUPS)
    for what, asked, there in (("clip", clips, subjects.names()), ("group", only, list(GROUPS))):
        unknown = sorted(set(asked) - set(there))
        if unknown:
            print(f"no {what} is called {unknown[0]!r}; there are {', '.join(there)}")
            return 2
    start = time.monotonic()
    outcomes = []
    # Faults are judged against the clip as it is.
    wanted = [*only, "true"] if "fault" in only and "true" not in only else only
    todo = tasks(cast(list[Group], wanted), clips)
    with tempfile.TemporaryDirectory(prefix="relip-trust-") as name:
        for found in done(todo, Path(name), given.sheets, given.jobs, given.keep):
            outcomes.append(found)
            case = found.case
            took = time.monotonic() - start
            print(f"{took:6.0f} s  {case.group} {case.clip}: {case.name}", file=sys.stderr)
    verdicts = judged(outcomes)
    print(printed(verdicts))
    if given.markdown:
        used = os.times()
        spent = used.user + used.system + used.children_user + used.children_system
        about = f"{date.today():%d %B %Y}"
        if not given.keep:
            about += f", {spent / 60:.0f} minutes of processor time"
        given.markdown.write_text(markdown(verdicts, f"{about}."), encoding="utf-8")
    return int(any(not said.holds for _, said in verdicts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.trust",
        description=__doc__,
        epilog=f"groups: {', '.join(GROUPS)}; clips: {', '.join(subjects.names())}",
    )
    add = parser.add_argument
    add("--clips", metavar="NAME,NAME", help="on these clips only")
    add("--only", metavar="GROUP,GROUP", help="only these groups of cases")
    add("--markdown", type=Path, metavar="FILE", help="write the table for the docs")
    add("--sheets", type=Path, metavar="DIR", help="write a contact sheet of every fault")
    add("--keep", type=Path, metavar="DIR", help="go on from what is in there, and add to it")
    add("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="tasks at a time")
    return parser


if __name__ == "__main__":
    sys.exit(main())
