"""What the four scripts of Resolve's menu do; what they tell goes to Resolve's console."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Optional, Sequence, Tuple

from relip_host.choice import Choice
from relip_host.environment import cleaned
from relip_host.host import HostError, Selection
from relip_host.page import CancelAsked, Chosen, Closed, Offer, Page
from relip_host.remembered import recall, remember
from relip_host.resync import apply_finished, resync_selection, revert_last
from relip_host.steps import Outcome
from relip_host.worker import Engine
from relip_job.errors import RelipError
from relip_resolve.connection import connect
from relip_resolve.host import ResolveHost
from relip_resolve.settings import Settings, read_settings

if TYPE_CHECKING:
    from fusionscript import Resolve

PAGE = ("-m", "relip_plugin.choices")
LOOK = 0.1
"""Seconds between looks at the page while the editor chooses."""
PAUSE = 10.0
"""Seconds between two lines on the console about the same thing."""
PERCENT = re.compile(r"\d+ %")


def resync_clip(resolve: Optional[Resolve], house: Path) -> bool:
    """Re-sync what is selected; whether all of it is on the timeline now."""
    return told(lambda: _resync(resolve, house, every_shot=False))


def resync_timeline(resolve: Optional[Resolve], house: Path) -> bool:
    """Re-sync every shot over the dub; whether all of them are on the timeline now."""
    return told(lambda: _resync(resolve, house, every_shot=True))


def apply(resolve: Optional[Resolve], house: Path) -> bool:
    """Place what was finished after Resolve was closed."""

    def place() -> Outcome:
        host, settings = _open(resolve, house)
        return settled(host, apply_finished(host, settings.folder))

    return told(place)


def revert(resolve: Optional[Resolve], house: Path) -> bool:
    """Take the results of the last run off the timeline again."""

    def take_off() -> Outcome:
        host, settings = _open(resolve, house)
        return revert_last(host, settings.folder)

    return told(take_off)


def told(run: Callable[[], Optional[Outcome]]) -> bool:
    """Run it and print what became of every shot; whether there was nothing to complain of."""
    try:
        outcome = run()
    except (HostError, RelipError) as error:
        say(str(error))
        return False
    if outcome is None:
        say("nothing was changed")
        return False
    for line in lines(outcome):
        say(line)
    return all(row.state in ("placed", "reverted") for row in outcome.rows)


def lines(outcome: Outcome) -> Sequence[str]:
    """What became of every shot, in sentences."""
    found = []
    for row in outcome.rows:
        score = f" ({row.score})" if row.score else ""
        said = "; ".join(filter(None, (row.where + score, row.mouth, row.message, row.remedy)))
        state = f"{row.state} (kept, nothing has changed)" if row.kept else row.state
        found.append(f"{state}: {said}" if said else state)
        found += [f"  note: {note}" for note in row.notes]
    return [*found, *outcome.notes, outcome.text]


def say(line: str) -> None:
    """A line on Resolve's console."""
    print(f"relip: {line}", flush=True)


def _open(resolve: Optional[Resolve], house: Path) -> Tuple[ResolveHost, Settings]:
    settings = read_settings(house)
    host = ResolveHost(connect(resolve), settings.colour)
    say(f"{host.seat.edition}, timeline {host.timeline().name}")
    return host, settings


def _resync(resolve: Optional[Resolve], house: Path, every_shot: bool) -> Optional[Outcome]:
    host, settings = _open(resolve, house)
    tracks = tuple(track.number for track in host.tracks() if track.items)
    selection = host.shots_under(tracks) if every_shot else host.selection()
    say(selection.how)
    project = host.project()
    page = Page([*settings.engine, *PAGE], cleaned(os.environ))
    page.ask(
        Offer(
            host=host.name,
            project=host.project_name(),
            timeline=host.timeline(),
            selection=selection,
            tracks=host.tracks(),
            marks=host.marks(),
            choice=recall(settings.folder, host.name, project),
        )
    )
    try:
        choice = chosen(page)
        if choice is None:
            return None
        remember(settings.folder, host.name, project, choice)
        if every_shot:
            selection = host.shots_under(choice.tracks)
            say(selection.how)
        outcome = settled(host, follow(host, settings, choice, selection, page))
        page.done(outcome.rows, outcome.text, outcome.notes)
        return outcome
    except (HostError, RelipError) as error:
        page.done(text=str(error))
        raise
    finally:
        page.close()


def chosen(page: Page) -> Optional[Choice]:
    """What the editor chooses; None if the page is closed instead."""
    while True:
        for event in page.poll():
            if isinstance(event, Chosen):
                return event.choice
            if isinstance(event, Closed):
                say(event.why)
                return None
        time.sleep(LOOK)


def follow(
    host: ResolveHost, settings: Settings, choice: Choice, selection: Selection, page: Page
) -> Outcome:
    """Run it, show how far it is, and stop when the editor says so."""
    asked = False

    def cancelled() -> bool:
        nonlocal asked
        asked = asked or any(isinstance(event, CancelAsked) for event in page.poll())
        return asked

    engine = Engine(settings.engine)
    steps = resync_selection(
        host, choice, engine, settings.folder, selection=selection, cancelled=cancelled
    )
    said, at = "", 0.0
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        page.progress(step.rows, step.text)
        words = PERCENT.sub("", step.text)
        if words != said or time.monotonic() - at > PAUSE:
            said, at = words, time.monotonic()
            say(step.text)


def settled(host: ResolveHost, outcome: Outcome) -> Outcome:
    """Save the project and tell what did not survive that."""
    try:
        notes = host.settle()
    except HostError as error:
        notes = (str(error),)
    return Outcome(outcome.rows, outcome.run, outcome.notes + notes)
