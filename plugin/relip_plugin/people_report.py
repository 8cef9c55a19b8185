"""What ``relip probe`` says about the people in a clip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from relip.footage import MEETS, OPENS
from relip.media.clip import Clip
from relip.survey import Person, Survey
from relip_plugin.probe_report import Section

HEADINGS: Final = (
    "person", "from", "frames", "mouths", "face", "turned", "lips", "sound", "late", "largest at",
)  # fmt: skip
NUMBERS: Final = {"frames", "mouths", "face", "sound", "late"}
FEW: Final = 50
"""Usable mouths below which a line is hard to make from them."""
ASIDE: Final = 50.0
"""Degrees of yaw beyond which the far half of the mouth is hardly in the picture."""


def point(clip: Clip, person: Person) -> str:
    """Where and when the person is largest, as ``--speaker`` takes it."""
    x, y = person.best_place
    return f"{x:.0f},{y:.0f}@{clip.timecode(person.best)}"


def lips_text(person: Person) -> str:
    """Whether the mouth opens and closes."""
    if person.widest is None or person.tightest is None:
        return "not seen"
    opens, meets = person.widest >= OPENS, person.tightest <= MEETS
    return {(True, True): "open, close", (True, False): "never meet"}.get(
        (opens, meets), "hardly open"
    )


def row(clip: Clip, person: Person) -> tuple[str, ...]:
    """One line of the table, cell by cell under ``HEADINGS``."""
    low, high = person.yaw
    return (
        str(person.number),
        str(clip.timecode(person.first)),
        str(person.seen),
        str(person.usable),
        f"{person.height:.0f} px",
        f"{low:+.0f} to {high:+.0f}",
        lips_text(person),
        "-" if person.agreement is None else f"{person.agreement:.2f}",
        "-" if person.delay is None else f"{person.delay * 1000:+.0f} ms",
        point(clip, person),
    )


def table(clip: Clip, people: tuple[Person, ...]) -> Iterator[str]:
    """Lines of the table, headings first."""
    rows = [HEADINGS, *(row(clip, person) for person in people)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield "  ".join(
            f"{cell:>{wide}}" if heading in NUMBERS else f"{cell:<{wide}}"
            for heading, cell, wide in zip(HEADINGS, cells, widths, strict=True)
        ).rstrip()


def remarks(person: Person) -> Iterator[str]:
    """What stands in the way of re-syncing this person."""
    who = f"person {person.number}"
    if not person.usable:
        yield f"{who}'s mouth is never large, whole and uncovered: nothing can be re-synced"
        return
    if person.usable < FEW:
        yield f"only {person.usable} mouths of {who} are known; --library adds those of other takes"
    if person.widest is not None and person.widest < OPENS:
        yield f"{who}'s mouth hardly opens, so it will hardly open in the result; use --library"
    elif person.tightest is not None and person.tightest > MEETS:
        yield f"{who}'s lips hardly meet, so p, b and m will look loose; use --library"
    if max(map(abs, person.yaw)) > ASIDE:
        yield f"{who} turns beyond a three-quarter view, where results are weakest"


def people_lines(clip: Clip, survey: Survey) -> Iterator[str]:
    """Everything about the people, below the clip's own lines."""
    part = f"{clip.timecode(survey.first)} to {clip.timecode(survey.stop - 1)}"
    yield ""
    if not survey.people:
        yield f"nobody's face is seen in {part}"
    else:
        yield from table(clip, survey.people)
        yield ""
    for section in people_sections(clip, survey, part):
        yield f"{section.title:<8}  {section.text}"


def people_sections(clip: Clip, survey: Survey, part: str) -> Iterator[Section]:
    """What the table leaves open."""
    if survey.speaker is not None:
        sure = f" (confidence {survey.confidence:.2f})" if survey.how in ("sound", "size") else ""
        yield Section("speaker", f"{survey.reason}{sure}")
        taken = next(one for one in survey.people if one.number == survey.speaker)
        yield from (Section("note", text) for text in remarks(taken))
    cuts = ", ".join(str(clip.timecode(cut)) for cut in survey.cuts)
    yield Section("cuts", cuts or "none")
    if survey.deaf:
        yield Section("note", survey.deaf)
    if (survey.first, survey.stop) != (0, clip.frames):
        yield Section("part", f"{part} was looked at; --range looks at another part")


def people_facts(clip: Clip, survey: Survey) -> dict[str, object]:
    """The same for a program; frames are frames of the clip."""
    people = [
        {
            **asdict(person),
            "first_timecode": str(clip.timecode(person.first)),
            "best_timecode": str(clip.timecode(person.best)),
            "opens": person.widest is not None and person.widest >= OPENS,
            "closes": person.tightest is not None and person.tightest <= MEETS,
            "point": point(clip, person),
            "remarks": list(remarks(person)),
        }
        for person in survey.people
    ]
    return {**asdict(survey), "people": people}
