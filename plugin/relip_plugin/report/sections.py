"""The parts of the page around the card: head, clip, timeline, filmstrip, foot."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import relip
from relip.media.clip import Clip
from relip.media.mix import speech_name
from relip.quality.card import TITLES, Assessment
from relip.quality.page import verdict
from relip.quality.score import ScoreRequest
from relip_plugin.report.card import seek
from relip_plugin.report.filmstrip import Scene, Side, Tiles
from relip_plugin.report.html import Html, tag
from relip_plugin.report.lanes import Row, framed
from relip_plugin.report.video import Cut, left_out

_LEGEND: Final = (
    ("line", "drawn", "opening in the result"),
    ("dash", "wanted", "as the line asks for"),
    ("line", "original", "in the original"),
    ("dot", "closure", "p, b, m heard"),
    ("dot", "dental", "f, v heard"),
    ("met", "met", "lips met it"),
    ("missed", "missed", "missed"),
    ("unseen", "muted", "not judged"),
)

_SIDES: Final[tuple[tuple[Side, str], ...]] = (("before", "Before"), ("after", "After"))


@dataclass(frozen=True)
class Played:
    """The playable clip, a still of it as a ``data:`` address, and what is in it."""

    mp4: bytes
    still: str
    cut: Cut


def head(request: ScoreRequest, assessment: Assessment, clip: Clip) -> Html:
    """Whose card this is, and the verdict."""
    card = assessment.card
    said = verdict(card)
    state = {"publishable": "earned", "not publishable": "lost"}.get(said, "open")
    timeline = assessment.timeline
    last = min(timeline.first + len(timeline.times), clip.frames) - 1
    reach = f"{clip.timecode(timeline.first)}\u2009\N{EN DASH}\u2009{clip.timecode(last)}"
    rate = f"{float(clip.rate):.3f}".rstrip("0").rstrip(".")
    facts = (
        ("Result", request.result.name),
        ("Original", request.original.name),
        ("Line", speech_name(request.speech)),
        ("Judged", reach),
        ("Picture", f"{clip.width} \N{MULTIPLICATION SIGN} {clip.height}, {rate} fps"),
    )
    listed = [tag("div", tag("dt", name), tag("dd", value)) for name, value in facts]
    parts = [
        tag("p", "Lip-sync scorecard", class_="kind"),
        tag("h1", card.told, " ", tag("span", f"\N{EN DASH} {said}", class_=f"state {state}")),
        tag("dl", listed, class_="facts"),
    ]
    if assessment.warnings:
        warned = [tag("li", sentence) for sentence in assessment.warnings]
        about = tag("h2", "What makes these numbers less sure")
        parts.append(tag("div", about, tag("ul", warned), class_="warnings"))
    return tag("header", parts)


def clip_section(played: Played, assessment: Assessment) -> Html:
    """The video, and a still of it for paper."""
    spans = [
        [round(float(value), 4) for value in (start, end, at)]
        for start, end, at in _seconds(played.cut)
    ]
    source = "data:video/mp4;base64," + base64.b64encode(played.mp4).decode("ascii")
    width, height = 2 * played.cut.size[0] + 4, played.cut.size[1]
    said = ["The original on the left, the result on the right, both with the new line."]
    if played.cut.closer:
        said.append("Framed closer on the speaker.")
    said.append(left_out(played.cut, assessment.lines))
    player = tag(
        "video",
        controls=True,
        playsinline=True,
        preload="auto",
        width=width,
        height=height,
        poster=played.still or None,
        src=source,
        data_spans=json.dumps(spans),
        aria_label="Before and after, side by side",
    )
    still = tag("img", src=played.still, alt="Before and after", class_="still")
    return tag(
        "section",
        tag("h2", "Before and after"),
        tag("p", " ".join(filter(None, said))),
        tag("div", tag("span", "Before"), tag("span", "After"), class_="sides"),
        tag("div", player, still if played.still else Html(), class_="player"),
        id="clip",
    )


def _seconds(cut: Cut) -> Iterator[tuple[float, float, float]]:
    for one in cut.spans:
        yield float(one.start), float(one.end), float(one.at)


def plot_section(rows: Sequence[Row]) -> Html:
    """The timeline with its legend."""
    return tag(
        "section",
        tag("h2", "Timeline"),
        tag(
            "p",
            "What was heard, how far the mouth should open for it, and what it does. ",
            tag("span", "Click anywhere to see that moment in the clip.", class_="screen"),
        ),
        tag("ul", [swatch(*entry) for entry in _LEGEND], class_="legend"),
        tag("div", tag("div", framed(rows), class_="rows"), class_="scroll"),
        id="plot",
    )


def swatch(kind: str, colour: str, says: str) -> Html:
    """An entry of a legend."""
    paint = f"var(--{colour})"
    shapes = {
        "line": f'<path d="M1 7H23" stroke="{paint}" stroke-width="2.2" fill="none"/>',
        "dash": f'<path d="M1 7H23" stroke="{paint}" stroke-width="1.8" '
        'stroke-dasharray="5 3" fill="none"/>',
        "dot": f'<rect x="4" y="1" width="16" height="12" fill="{paint}"/>',
        "met": f'<circle cx="7" cy="7" r="4.5" fill="{paint}"/>'
        f'<path d="M18 2.5l4.5 4.5-4.5 4.5-4.5-4.5z" fill="{paint}"/>',
        "unseen": f'<circle cx="7" cy="7" r="4" stroke="{paint}" stroke-width="1.2" fill="none"/>'
        f'<path d="M18 3l4 4-4 4-4-4z" stroke="{paint}" stroke-width="1.2" fill="none"/>',
        "missed": f'<path d="M8 3l8 8M16 3l-8 8" stroke="{paint}" stroke-width="3"/>',
    }
    drawn = Html(f'<svg viewBox="0 0 24 14" aria-hidden="true">{shapes[kind]}</svg>')
    return tag("li", drawn, tag("span", says))


def film_section(scenes: Sequence[Scene], tiles: Tiles, clip: Clip) -> Html:
    """Mouths before and after, a strip for every scene."""
    if not scenes:
        return Html()
    lost = any(scene.point for scene in scenes)
    title = "Where it was lost" if lost else "What to look at"
    said = (
        "The worst moments of every lost point, the mouth magnified."
        if lost
        else "Moments that tell the most, the mouth magnified."
    )
    strips = [_scene(scene, tiles, clip) for scene in scenes]
    return tag(
        "section",
        tag("h2", title),
        tag("p", said),
        strips,
        id="film",
        class_="" if lost else "calm",
    )


def _scene(scene: Scene, tiles: Tiles, clip: Clip) -> Html:
    width, height = tiles.size
    cost = tag("span", TITLES[scene.point], class_="cost") if scene.point else Html()
    caption = tag(
        "figcaption",
        cost,
        seek(clip, scene.worst, str(clip.timecode(scene.worst))),
        tag("span", scene.why),
    )
    cells: list[Html] = []
    for side, title in _SIDES:
        cells.append(tag("span", title))
        for frame in scene.frames:
            code = str(clip.timecode(frame))
            if (side, frame) not in tiles.made:
                cells.append(tag("span", "no frame"))
                continue
            image = tag(
                "img",
                src=tiles.made[side, frame],
                alt=f"{title}, {code}",
                width=width,
                height=height,
                class_="worst" if frame == scene.worst and side == "after" else None,
            )
            cells.append(seek(clip, frame, image))
    cells.append(tag("span"))
    for frame in scene.frames:
        code = str(clip.timecode(frame))
        cells.append(tag("span", code, class_="tc worst" if frame == scene.worst else "tc"))
    strip = tag("div", cells, class_="strip", style=f"--columns: {len(scene.frames)}")
    return tag("figure", caption, tag("div", strip, class_="scroll"), class_="scene")


def foot() -> Html:
    """How the page is to be read."""
    return tag(
        "footer",
        tag(
            "p",
            "A point is earned when every number with a bar meets it. A number without a bar "
            "is shown for what it tells. What could not be measured is not judged, and counts "
            "neither way. Openings are measured between the lips, in distances between the eyes. "
            f"Made by relip {relip.__version__}.",
        ),
    )
