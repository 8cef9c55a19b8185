"""``relip probe``: read the clip, look at its people, print what was found."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path

from relip.media.clip import Clip
from relip.media.probe import probe
from relip.progress import Clock
from relip.survey import Survey, first_minute, survey
from relip_host import times
from relip_plugin import people_report, probe_report
from relip_plugin.progress import ProgressDisplay


def run(picture: Path, part: str | None, *, fast: bool, as_json: bool) -> int:
    """Print the report; ``fast`` leaves the people out, ``part`` is a range as sync takes it."""
    clip = probe(picture)
    first, stop = _frames(clip, part)
    found = None if fast else _looked(clip, first, stop, quiet=as_json)
    if as_json:
        facts = probe_report.facts(clip)
        if found is not None:
            facts["survey"] = people_report.people_facts(clip, found)
        print(json.dumps(facts, ensure_ascii=False, indent=2))
        return 0
    print(probe_report.as_text(probe_report.clip_sections(clip)))
    if found is not None:
        print("\n".join(people_report.people_lines(clip, found)))
    return 0


def _frames(clip: Clip, part: str | None) -> tuple[int, int | None]:
    """The frames sync would follow for that range, so that people get the same numbers."""
    if part is None:
        return 0, None
    from relip.lines import window

    return window(clip, (times.time_range(part, times.Clock.of(clip)),))


def _looked(clip: Clip, first: int, stop: int | None, quiet: bool) -> Survey:
    display = ProgressDisplay(sys.stderr)
    # A line per stage in a log file would be news from a command that has only one.
    quiet = quiet or not sys.stderr.isatty()
    stop = first_minute(clip, first) if stop is None else stop
    clock = Clock(track=stop - first)
    with closing(survey(clip, first, stop)) as work:
        try:
            while True:
                try:
                    done = next(work)
                except StopIteration as finished:
                    found: Survey = finished.value
                    return found
                clock.reach("track", done)
                if not quiet:
                    display.progress(clock.progress("track"))
        finally:
            display.end()
