"""Verdicts, and the table in the terminal and in the docs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Final

from relip.quality.card import TITLES, Card, Measure, Point, PointName
from tests.trust.cases import GROUPS, SHIFT, Group
from tests.trust.run import Outcome

TOLERANCE: Final = 0.25
"""How far a number may move with the frame rate, as a part of its bar."""
PART: Final = 0.2
"""And as a part of itself: of a frame at 29.97 a second it takes a fifth more to the second."""
STEPS: Final = 1
"""Steps of the last digit shown by which it may move in any case."""


@dataclass(frozen=True)
class Verdict:
    """Whether the card said what it must, and in words."""

    holds: bool
    says: str


def lost(card: Card) -> tuple[str, ...]:
    """The names of lost points."""
    return tuple(point.name for point in card.points if point.state == "lost")


def verdict(found: Outcome, control: Outcome | None) -> Verdict:
    """Judge one outcome; ``control`` is the case without the fault."""
    case, card = found.case, found.card
    if card is None:
        return Verdict(False, found.note)
    gone = set(lost(card))
    if case.group in ("rate", "again") and case.control:
        if control is None or control.card is None:
            return Verdict(False, "nothing to compare with")
        moved = differing(card, control.card, exactly=case.group == "again")
        return Verdict(not moved, "; ".join(moved) or "the same card")
    if case.some:
        hit = [name for name in case.lost if name in gone]
        return Verdict(bool(hit), "lost " + ", ".join(sorted(gone)) if gone else "nothing lost")
    already = (
        set(lost(control.card))
        if case.group != "rate" and control is not None and control.card
        else set()
    )
    wanted = set(case.lost)
    more, missed = gone - wanted - already, wanted - gone
    if not wanted:
        unjudged = [point.name for point in card.points if point.state == "open"]
        says = "lost " + ", ".join(sorted(gone)) if gone else "5 of 5"
        if unjudged and not gone:
            says = f"{card.told}: {', '.join(unjudged)} not judged"
        return Verdict(card.earned == 5, says)
    if wanted & already:
        return Verdict(False, f"{', '.join(wanted & already)} lost without the fault, too")
    words = ["exactly" if not more and not missed else ""]
    words += [f"missed {', '.join(sorted(missed))}" if missed else ""]
    words += [f"also {', '.join(sorted(more))}" if more else ""]
    words += [f"(without the fault, too: {', '.join(sorted(already))})" if already & gone else ""]
    return Verdict(not more and not missed, " ".join(word for word in words if word))


def differing(card: Card, other: Card, exactly: bool) -> list[str]:
    """Where two cards are not the same: points of other states, numbers too far apart."""
    found = []
    for one, two in zip(card.points, other.points, strict=True):
        if one.state != two.state:
            found.append(f"{one.name} {one.state}, was {two.state}")
        for new, old in zip(one.measures, two.measures, strict=True):
            if (exactly or new.judged) and apart(new, old, exactly):
                found.append(f"{new.key} {new.shown}, was {old.shown}")
    return found


def apart(new: Measure, old: Measure, exactly: bool) -> bool:
    """Whether two values of a measure are farther apart than allowed."""
    if isnan(new.value) or isnan(old.value):
        return isnan(new.value) != isnan(old.value)
    off = abs(new.value - old.value)
    if exactly:
        return off != 0
    bars = [abs(bar) for bar in (new.low, new.high) if abs(bar) != float("inf")]
    largest = max(abs(new.value), abs(old.value))
    slack: float = max(
        TOLERANCE * max(bars, default=0.0), PART * largest, STEPS * 10.0**-new.digits
    )
    return off > slack + 1e-9


def judged(outcomes: Sequence[Outcome]) -> list[tuple[Outcome, Verdict]]:
    """Every outcome with its verdict, in a fixed order."""
    order = list(GROUPS)
    named = {(one.case.group, one.case.clip, one.case.name): one for one in outcomes}

    def control(one: Outcome) -> Outcome | None:
        case = one.case
        if not case.control:
            return None
        group: Group = "true" if case.group == "fault" else case.group
        return named.get((group, case.clip, case.control))

    ranked = sorted(outcomes, key=lambda one: order.index(one.case.group))
    return [(one, verdict(one, control(one))) for one in ranked]


def cell(point: Point, bold: str = "!") -> str:
    """A point's judged numbers, those that cost it marked."""
    if point.open_because:
        return "-"
    shown = [
        f"{bold if bold == '**' else ''}{measure.shown}{bold}"
        if measure.state == "lost"
        else measure.shown
        for measure in point.measures
        if measure.judged
    ]
    return " ".join(shown) or "-"


def summary(found: Sequence[tuple[Outcome, Verdict]]) -> list[str]:
    """One line per claim."""
    lines = []
    for group, title in GROUPS.items():
        here = [(one, said) for one, said in found if one.case.group == group]
        names = list(dict.fromkeys(one.case.name.split(" (")[0] for one, _ in here))
        for name in names:
            same = [said.holds for one, said in here if one.case.name.split(" (")[0] == name]
            lines.append(f"{title}: {name}: {sum(same)} of {len(same)} as they must")
    return lines


def printed(found: Sequence[tuple[Outcome, Verdict]]) -> str:
    """The table for a terminal."""
    heads = ("clip", "case", *(title.lower() for title in TITLES.values()), "must lose", "verdict")
    rows = [_row(one, said, "!") for one, said in found]
    widths = [max(len(row[at]) for row in (heads, *rows)) for at in range(len(heads))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(heads, widths, strict=True))]
    group = ""
    for (one, _), row in zip(found, rows, strict=True):
        if one.case.group != group:
            group = one.case.group
            lines += ["", GROUPS[one.case.group]]
        cells = zip(row, widths, strict=True)
        lines.append("  ".join(text.ljust(width) for text, width in cells).rstrip())
    wrong = sum(not said.holds for _, said in found)
    lines += ["", *legend(found), "", *summary(found), ""]
    lines.append(f"{len(found) - wrong} of {len(found)} cases hold")
    return "\n".join(lines)


def _row(one: Outcome, said: Verdict, bold: str) -> tuple[str, ...]:
    case = one.case
    points = ["-"] * len(TITLES)
    if one.card is not None:
        points = [cell(point, bold) for point in one.card.points]
    must = (" or " if case.some else ", ").join(case.lost) or "none"
    if case.group in ("rate", "again"):
        must = f"same as {case.control}" if case.control else must
    says = f"{said.says}{'; ' + one.note if one.note and one.card else ''}"
    return (case.clip, case.name, *points, must, ("" if said.holds else "NO: ") + says)


def legend(found: Sequence[tuple[Outcome, Verdict]]) -> list[str]:
    """What each number is, with its bar."""
    known: dict[PointName, dict[str, Measure]] = {name: {} for name in TITLES}
    for one, _ in found:
        for point in one.card.points if one.card else ():
            for measure in point.measures:
                if measure.judged:
                    known[point.name].setdefault(measure.key, measure)
    return [
        f"{TITLES[name]}: " + "; ".join(f"{each.says} ({each.bar})" for each in measures.values())
        for name, measures in known.items()
        if measures
    ]


def markdown(found: Sequence[tuple[Outcome, Verdict]], about: str) -> str:
    """The page for the docs."""
    wrong = sum(not said.holds for _, said in found)
    lines = [
        "# Can the card be trusted?",
        "",
        "Written by `python -m tests.trust --markdown docs/TRUST.md`. Clips are known to be right, "
        "known to be wrong, or have exactly one fault planted in them; the card must tell which.",
        about,
        "",
        f"**{len(found) - wrong} of {len(found)} cases hold.** The others say NO.",
        "",
        *(f"- {line}" for line in summary(found)),
        "",
        "The numbers of each point, in the order of the columns; bold ones cost it:",
        "",
        *(f"- {line}" for line in legend(found)),
    ]
    heads = ("clip", "case", *TITLES.values(), "must lose", "verdict")
    for group, title in GROUPS.items():
        here = [(one, said) for one, said in found if one.case.group == group]
        if not here:
            continue
        lines += ["", f"## {title}", "", EXPLAINED[group], "", "| " + " | ".join(heads) + " |"]
        lines.append("|" + "---|" * len(heads))
        lines += ["| " + " | ".join(_row(one, said, "**")) + " |" for one, said in here]
    return "\n".join(lines) + "\n"


EXPLAINED: Final[dict[Group, str]] = {
    "true": "Nothing is changed, so nothing may be lost. Once more with the original's own sound "
    "taken away, as a dub's original knows nothing of the line.",
    "wrong": f"The picture is untouched; the sound is {SHIFT} frames late or early, or another "
    "person's line. Closures or sync must be lost; others may be.",
    "fault": "One fault each; the case without it is the clip's own sound above.",
    "dub": "relip's own engine gives the clip another line; its result may lose what it loses, and "
    "a fault must cost its own point beyond that.",
    "rate": "The sample is rendered at each rate from the same performance. Real clips are brought "
    "to 25 frames a second by moving the nearest picture along the optical flow, without blending. "
    "One of them is not in sync at any rate. Every point must be in the same state, and every "
    f"number within {TOLERANCE:.0%} of its bar or {PART:.0%} of itself.",
    "again": "Every number must be the same to the last bit; the second run starts from nothing.",
}
