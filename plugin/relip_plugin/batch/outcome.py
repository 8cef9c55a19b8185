"""What became of every line of a take, from what its engine told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal

from relip_host.mouths import CHOSEN, LEFT_OUT, doubt
from relip_job import Event, Failed, Notice, Voiced
from relip_plugin.batch.plan import AUTOMATIC
from relip_plugin.batch.result import Result
from relip_plugin.cache.results import Known

NOBODY: Final = frozenset({"no-shot", "title", "still"})
"""Obstacles that mean that nobody is on the screen; a line that meets another one failed."""
REMEDY: Final = "name who with --speakers"


def begun(result: Result) -> Result:
    """A line before anything is made: it waits, or is over because of what stands in its way."""
    line = result.line
    if line.take is not None:
        return replace(result, notes=line.notes)
    why = line.obstacle
    assert why is not None
    state: Literal["skipped", "failed"] = "skipped" if why.code in NOBODY else "failed"
    return replace(result, state=state, message=why.message, remedy=why.remedy)


def done(result: Result, known: Known, state: Literal["made", "kept"]) -> Result:
    """A line whose take is there: its mouth was changed, or was left out."""
    voice = result.line.voice
    out = left_out(result, known.notices)
    if out is not None:
        return out
    mine = [one.message for one in known.notices if _is_note(one, voice, known.voiced)]
    voiced = next((one for one in known.voiced if one.voice == voice), None)
    if voiced is None and result.line.take is not None and result.line.take.job.others:
        told = "the engine did not say whose mouth this line has"
        return over(result, "failed", told, "update relip where this line was made")
    unsure = doubt(voiced, REMEDY) if voiced is not None else ""
    score = known.scores[voice - 1] if 0 < voice <= len(known.scores) else known.score
    return replace(
        result,
        state=state,
        output=known.output,
        sidecar=known.sidecar,
        score=score,
        voiced=voiced,
        notes=tuple(dict.fromkeys(filter(None, (*result.notes, unsure, *mine)))),
        seconds=known.seconds,
        left=None,
    )


def failed(result: Result, event: Failed, told: Iterable[Event] = ()) -> Result:
    """A line whose take came to nothing, for a reason of its own or for everybody's."""
    if event.code == "Cancelled":
        return over(result, "cancelled", event.message, event.remedy or "run it again")
    out = left_out(result, [one for one in told if isinstance(one, Notice)])
    if out is not None:
        return out
    return over(result, _stopped(result, event.code), event.message, event.remedy)


def left_out(result: Result, notices: Iterable[Notice]) -> Result | None:
    """A line whose mouth stays as it is, though others of its shot are said."""
    for one in notices:
        if one.code == LEFT_OUT and one.voice == result.line.voice:
            state = _stopped(result, one.reason or "")
            return over(result, state, one.message, one.remedy or "")
    return None


def over(
    result: Result, state: Literal["skipped", "failed", "cancelled"], message: str, remedy: str
) -> Result:
    """A line that nothing came of."""
    return replace(result, state=state, message=message, remedy=remedy, left=None)


def _stopped(result: Result, code: str) -> Literal["skipped", "failed"]:
    """Whether it is no fault that a line stopped: nobody is on the screen, and nobody is named."""
    nobody = code == "FaceError" and result.line.speaker == AUTOMATIC
    return "skipped" if nobody else "failed"


def _is_note(one: Notice, voice: int, voiced: tuple[Voiced, ...]) -> bool:
    """Whether an editor reads it at this line; who was chosen has a column of its own."""
    if one.code == LEFT_OUT or (one.code == CHOSEN and voiced):
        return False
    return one.voice in (None, voice)
