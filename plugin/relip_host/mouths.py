"""Whose mouths an engine chose and what it noticed of them, in words."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from relip_job import Notice, Voiced

HOW = {
    "sound": "whose lips move with the clip's sound",
    "size": "who is largest in the clip",
}
SURE = {"sound": 0.3, "size": 0.8}
"""Confidence from which a choice is believed without a word.

By sound: in 318 pairs, of one whose voice was heard and one from another clip, in 3 to 16 s, 253
were decided, all of them right, but only 21 of them with less than .3, so little is known of these.
By size nobody's lips told anything, and a face five times as large as the others still may belong
to somebody who listens."""
DOUBTED = {
    "sound": "whose lips fit the clip's sound only a little better",
    "size": "as the largest: nobody's lips clearly move with the clip's sound",
}
LEFT_OUT = "left-out"
"""Code of the notice that a voice's mouth is not changed."""
CHOSEN = "speaker"
"""Code of the notice of who was chosen, which a :class:`~relip_job.Voiced` tells better."""


def whose(voiced: Voiced) -> str:
    """``person 2 of 3, whose lips move with the clip's sound, 83 % sure``.

    Empty where nothing was chosen: the editor said who, or there is nobody else.
    """
    how = HOW.get(voiced.how)
    if how is None:
        return ""
    sure = f"{round(100 * voiced.confidence)} % sure"
    return f"person {voiced.person} of {voiced.people}, {how}, {sure}"


def doubt(voiced: Voiced, remedy: str = "say whose mouth it is") -> str:
    """A sentence if relip chose a mouth and may be wrong, else nothing."""
    if voiced.confidence >= SURE.get(voiced.how, 0.0):
        return ""
    return (
        f"relip chose person {voiced.person} of {voiced.people}, {DOUBTED[voiced.how]}; if it is "
        f"somebody else, {remedy}"
    )


def mouths(voiced: Sequence[Voiced], voices: Sequence[str] = ()) -> str:
    """Whose mouth each voice has; ``voices`` is what several are called, ``("A3", "A4")``."""
    if not voices:
        return "; ".join(filter(None, map(whose, voiced)))
    ordered = sorted(voiced, key=lambda one: one.voice)
    return "; ".join(
        _of(one.voice, voices) + (whose(one) or f"person {one.person}") for one in ordered
    )


def notes(
    voiced: Sequence[Voiced], notices: Sequence[Notice], voices: Sequence[str] = ()
) -> Tuple[str, ...]:
    """What an editor should know: doubts about who was chosen, then the engine's notices."""
    told = [_of(one.voice, voices) + doubt(one) for one in voiced if doubt(one)]
    told += [_noted(one, voices) for one in notices if not (one.code == CHOSEN and voiced)]
    return tuple(dict.fromkeys(told))


def _noted(notice: Notice, voices: Sequence[str]) -> str:
    """A notice with its voice and its remedy."""
    said = "; ".join(filter(None, (notice.message, notice.remedy)))
    of = _of(notice.voice, voices)
    return f"{of}its mouth is left as it is: {said}" if notice.code == LEFT_OUT else of + said


def _of(number: Optional[int], voices: Sequence[str]) -> str:
    """``A4: `` of a voice among several."""
    return f"{voices[number - 1]}: " if number and number <= len(voices) else ""
