"""Resolve running on a machine: version and edition, what is open, and how it misbehaves."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from tests.resolve_scripts.fake_resolve.bridge import Proxy, Rules, version_of
from tests.resolve_scripts.fake_resolve.project_state import ProjectState

Edition = Literal["studio", "free"]

EXPORTS = (
    "AAF DRT EDL FCP_7_XML FCPXML_1_8 FCPXML_1_9 FCPXML_1_10 TEXT_CSV TEXT_TAB OTIO "
    "NONE AAF_NEW AAF_EXISTING CDL SDL MISSING_CLIPS LUT_17PTCUBE"
).split()


class Hang(Exception):
    """The call would never have come back."""


@dataclass
class Traits:
    """What differs between seats, or is not known; the defaults are the likelier.

    Attributes
    ----------
    empty_selection : what ``Timeline.GetSelectedClips`` gives when nothing is selected.
    rates_as_numbers : settings give a frame rate as a float.
    drop_shown : settings give ``29.97 DF``, not ``29.97``, for a timeline that drops.
    label_seconds : source times count an hour of 23.976 as 3600 s, as its timecode reads.
    mark_out_inclusive : the frame at the out mark belongs to the range, also when rendering.
    source_off_by : what ``GetSourceStartFrame`` is off by.
    localised : values of properties are in the language of the seat.
    delete_answers_late : ``DeleteClips`` is False the first time, and then works.
    take_keeps_selection : ``AddTake`` leaves the take that was selected selected.
    duplicate_switches : ``DuplicateTimeline`` opens the duplicate.
    headless : no windows; what asks the user never comes back.
    unsticky : properties of clips that are said to be set, and are not.
    preset_ignores : render settings that the loaded preset wins over.
    job_language : what ``JobStatus`` is written in.
    render_fails : what the render says when it fails; empty when it works.
    render_steps : how often one has to ask until a job is done.
    """

    empty_selection: list[object] | None = field(default_factory=list)
    rates_as_numbers: bool = False
    drop_shown: bool = True
    label_seconds: bool = False
    mark_out_inclusive: bool = True
    source_off_by: int = 0
    localised: bool = False
    delete_answers_late: bool = False
    take_keeps_selection: bool = True
    duplicate_switches: bool = True
    headless: bool = False
    unsticky: set[str] = field(default_factory=lambda: {"Input Color Space"})
    preset_ignores: set[str] = field(default_factory=set)
    job_language: Literal["en", "de", "ja"] = "en"
    render_fails: str = ""
    render_steps: int = 3


@dataclass(frozen=True)
class Called:
    """A call that reached Resolve; ``effect`` if it was a write that did its work."""

    name: str
    arguments: tuple[object, ...]
    answer: object
    project: str
    writes: bool
    effect: bool


class World:
    """What all proxies share.

    Attributes
    ----------
    page : the page that is shown.
    modal : the dialog that is open and blocks everything, or empty.
    external : whether scripts outside of Resolve are let in.
    calls : everything that was called, in order.
    lost : how many changes went with a project that was left unsaved, by its name.
    """

    def __init__(self, version: str, edition: Edition, traits: Traits) -> None:
        self.version = version_of(version)
        self.edition = edition
        self.traits = traits
        self.page = "edit"
        self.modal = ""
        self.external = True
        self.wedged = False
        self.session = 1
        self.running = True
        self.calls: list[Called] = []
        self.lost = Counter[str]()
        self.projects: list[ProjectState] = []
        self.folder = ""
        self.fps_at_import = ""
        # Numbers nobody should rely on; they have to be taken from the live object.
        self.constants: dict[str, float] = {
            f"EXPORT_{name}": 100.0 + number for number, name in enumerate(EXPORTS)
        }
        self.late: set[str] = set()
        self._thread = threading.get_ident()
        self._lies: dict[str, int] = {}
        self._refusals: dict[str, int] = {}
        self._closings: dict[str, int] = {}

    # What a test can have it do.

    def lie_on(self, name: str, times: int = -1) -> None:
        """Answer ``AddTake`` or ``TimelineItem.AddTake`` as if it had worked; -1 is always."""
        self._lies[name] = times

    def refuse_on(self, name: str, times: int = -1) -> None:
        """Answer a call with failure, without effect."""
        self._refusals[name] = times

    def close_on(self, name: str, nth: int = 1) -> None:
        """Quit when this is called for the ``nth`` time; the call has no effect."""
        self._closings[name] = nth

    def honest(self) -> None:
        """Forget all of these."""
        self._lies.clear()
        self._refusals.clear()
        self._closings.clear()

    def close(self) -> None:
        """Quit Resolve: every proxy is dead from now on. Projects are kept as they are."""
        self.running = False
        self.session += 1

    def reopen(self) -> None:
        """Start Resolve again, with the same project."""
        self.running = True
        self.modal = ""

    @property
    def project(self) -> ProjectState:
        """The one that is open."""
        return next(project for project in self.projects if project.open)

    @property
    def writes(self) -> list[str]:
        """The writes that did something so far, each name once, in order."""
        return list(dict.fromkeys(call.name for call in self.calls if call.effect))

    def count(self, name: str) -> int:
        """How often ``AddTake`` or ``TimelineItem.AddTake`` was called."""
        names = Counter(called.name for called in self.calls)
        return sum(n for full, n in names.items() if name in (full, full.split(".")[1]))

    # What the bridge does with a call.

    def perform(self, proxy: Proxy, rules: Rules, *arguments: object) -> object:
        """Let a call through, if nothing is in its way; note it."""
        if threading.get_ident() != self._thread:
            raise RuntimeError("Resolve was called from another thread than before")
        kind = type(proxy).__name__.removeprefix("Fake")
        names = rules.function.__name__, f"{kind}.{rules.function.__name__}"
        project = proxy._project.name if proxy._project else ""
        rules.check(arguments, self.version)
        if self._due(self._closings, names, last=True):
            self.close()
        answer, effect = self._answer(proxy, rules, names, arguments)
        self.calls.append(Called(names[1], arguments, answer, project, rules.writes, effect))
        return answer

    def _answer(
        self, proxy: Proxy, rules: Rules, names: tuple[str, str], arguments: tuple[object, ...]
    ) -> tuple[object, bool]:
        if not self.running or proxy._session != self.session:
            return None, False
        if self.modal:
            return rules.refusal, False
        if not proxy._alive:
            return "" if names[0] == "GetUniqueId" else None, False
        if rules.studio and self.edition == "free":
            self.modal = "DaVinci Resolve Studio: buy now"
            return False, False
        if rules.pages and self.page not in rules.pages:
            return rules.refusal, False
        if self._due(self._refusals, names):
            return rules.refusal, False
        if rules.writes and self._due(self._lies, names):
            return (rules.lie(proxy) if rules.lie else True), False
        answer = rules.function(proxy, *arguments)
        effect = rules.writes and answer not in (False, None, "", [])
        if effect and proxy._project:
            proxy._project.unsaved += 1
        return answer, effect

    def _due(self, table: dict[str, int], names: tuple[str, str], last: bool = False) -> bool:
        """Whether this call is one of the table's; ``last`` when only the last of them counts."""
        name = next((name for name in names if table.get(name)), None)
        if name is None:
            return False
        if table[name] > 0:
            table[name] -= 1
        return not last or table[name] == 0
