"""Writing what was heard in a recording as one page; it appears whole or not at all."""

from __future__ import annotations

import base64
import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import relip
from relip.media.sound_preview import SoundPreview, sound_preview
from relip.speech.articulation import SpeechEvent
from relip.speech.recording import RecordingWarning
from relip_job.events import Progress
from relip_plugin.hearing import SPOKEN, Hearing, clock, told
from relip_plugin.report.document import document, publish, refuse_page
from relip_plugin.report.hearing_plot import LEGEND, hearing_plot, rows_of
from relip_plugin.report.html import Html, tag
from relip_plugin.report.lanes import Row, framed
from relip_plugin.report.sections import swatch

SIGN: Final = "<!-- what relip heard in a recording -->"
"""By which such a page is known; nothing else is ever written over."""
MOST_BYTES: Final = 9_500_000
"""Of a page: mail takes that much."""
_REST: Final = 300_000
"""Bytes of what is neither drawn nor sound."""
_MOST_LISTED: Final = 400


def write_hearing(path: Path, hearing: Hearing) -> Generator[Progress, None, None]:
    """Write the page to ``path``; yields progress. An older page there is replaced.

    Raises
    ------
    OutputError
        The page cannot be written.
    """
    refuse_page(path, SIGN, "heard.html")
    count = rows_of(hearing.seconds)
    rows: list[Row] = []
    yield Progress("report", 0, count + 1)
    for row in hearing_plot(hearing):
        rows.append(row)
        yield Progress("report", len(rows), count + 1)
    drawn = sum(len(row.svg) for row in rows)
    # Three bytes of sound are four letters of the page.
    sound = sound_preview(hearing.samples, (MOST_BYTES - _REST - drawn) * 3 // 4)
    parts = [
        _head(hearing),
        _player(hearing, sound),
        _timeline(hearing, rows),
        _events(hearing),
        _foot(),
    ]
    publish(path, document(f"{hearing.path.name}: {_verdict(hearing)}", SIGN, parts))
    yield Progress("report", count + 1, count + 1)


def _verdict(hearing: Hearing) -> str:
    if not hearing.voice():
        return "nobody speaks"
    closures = len(hearing.heard.closures)
    return f"{closures} closure{'' if closures == 1 else 's'} heard"


def _head(hearing: Hearing) -> Html:
    spoken = sum(end - start for start, end in hearing.voice())
    heard = hearing.heard
    facts = [
        ("Recording", hearing.path.name),
        ("Length", clock(hearing.seconds)),
        ("Sample rate", f"{hearing.rate / 1000:g} kHz"),
        ("Speech", f"{clock(spoken)}, {spoken / max(hearing.seconds, 1e-9):.0%}"),
        ("Closures (p, b, m)", told(heard.closures, spoken)),
        ("F and v", told(heard.dentals, spoken)),
    ]
    kinds = ", ".join(dict.fromkeys(warning.kind for warning in hearing.warnings))
    state = (
        tag("span", f"\N{EN DASH} {kinds}", class_="state lost")
        if kinds
        else tag("span", "\N{EN DASH} clean recording", class_="state earned")
    )
    parts = [
        tag("p", "What relip hears", class_="kind"),
        tag("h1", _verdict(hearing), " ", state),
        tag("dl", [tag("div", tag("dt", name), tag("dd", says)) for name, says in facts],
            class_="facts"),
    ]  # fmt: skip
    if hearing.warnings:
        listed = tag("ul", [_warning(one, hearing.seconds) for one in hearing.warnings])
        about = tag("h2", "What makes listening less sure, and what would help")
        parts.append(tag("div", about, listed, class_="warnings"))
    return tag("header", parts)


def _warning(warning: RecordingWarning, seconds: float) -> Html:
    where = Html()
    if warning.start > 0 or warning.end < seconds:
        where = tag("span", _seek(warning.start), " to ", _seek(warning.end), ": ")
    says = f"{warning.message[:1].upper()}{warning.message[1:]}. "
    remedy = f"{warning.remedy[:1].upper()}{warning.remedy[1:]}."
    return tag("li", where, says, tag("span", remedy, class_="remedy"))


def _seek(seconds: float) -> Html:
    return tag("a", clock(seconds), href="#clip", data_seek=f"{seconds:.3f}", class_="tc")


def _player(hearing: Hearing, sound: SoundPreview) -> Html:
    packed = base64.b64encode(sound.made).decode("ascii")
    said = "The recording as relip hears it: one channel, up to 8 kHz."
    if sound.seconds < hearing.seconds:
        said += f" This page has room for the first {clock(sound.seconds)} of it."
    player = tag(
        "audio",
        controls=True,
        preload="auto",
        src=f"data:{sound.kind};base64,{packed}",
        data_spans=json.dumps([[0, round(sound.seconds, 3), 0]]),
        aria_label="The recording",
    )
    return tag(
        "section",
        tag("h2", "Recording"),
        tag("p", said),
        tag("div", player, class_="player"),
        id="clip",
        class_="screen",
    )


def _timeline(hearing: Hearing, rows: list[Row]) -> Html:
    many = "rows many" if len(rows) > 12 else "rows"
    return tag(
        "section",
        tag("h2", "Timeline"),
        tag(
            "p",
            "Under the sound, what the mouth does for it, from lips closed at the top to wide "
            "open. Under that, every closure and every f and v, the higher the surer, and how far "
            "the lips part: louder speech opens them farther. ",
            tag("span", "Click anywhere to hear that moment.", class_="screen"),
        ),
        tag("ul", [swatch(*entry) for entry in LEGEND], class_="legend"),
        tag("div", tag("div", framed(rows), class_=many), class_="scroll"),
        id="plot",
    )


def _events(hearing: Hearing) -> Html:
    heard = hearing.heard
    both = [*((one, "p b m", "closure") for one in heard.closures),
            *((one, "f v", "dental") for one in heard.dentals)]  # fmt: skip
    if not both:
        return Html()
    both.sort(key=lambda entry: entry[0].start)
    said = "In order, with how sure relip is of each."
    if len(both) > _MOST_LISTED:
        said = f"The first {_MOST_LISTED} of {len(both)}; relip listen --json has them all."
    listed = [tag("li", _event(*entry)) for entry in both[:_MOST_LISTED]]
    return tag(
        "section",
        tag("h2", "Closures, f and v"),
        tag("p", said),
        tag("ol", listed, class_="events"),
        id="events",
    )


def _event(event: SpeechEvent, name: str, tint: str) -> Iterator[Html]:
    yield _seek(event.start)
    yield tag("span", name, class_=tint)
    yield tag(
        "span", f"{event.confidence:.0%}", class_="sure" if event.confidence >= SPOKEN else "unsure"
    )


def _foot() -> Html:
    return tag(
        "footer",
        tag(
            "p",
            "Times are minutes and seconds from the beginning of the recording. "
            "A closure or f and v under 50 % is unsure: a transcript of the line settles it. "
            f"Made by relip {relip.__version__}.",
        ),
    )
