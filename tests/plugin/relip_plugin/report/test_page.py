from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.media.probe import probe
from relip.quality.card import Measure
from relip.quality.score import ScoreRequest
from relip_job.errors import OutputError
from relip_plugin.report.card import card_section
from relip_plugin.report.page import SIGN, write_report
from relip_plugin.report.sections import head
from tests.assessments_made import assessment

EMPTY = {"br", "col", "img", "meta", "source"}


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    own: str = ""

    def every(self, name: str, class_: str = "") -> Iterator[Element]:
        for child in self.children:
            if child.name == name and class_ in ["", *child.attributes.get("class", "").split()]:
                yield child
            yield from child.every(name, class_)

    def with_id(self, name: str) -> Element:
        (found,) = (one for one in self.every("section") if one.attributes.get("id") == name)
        return found

    @property
    def text(self) -> str:
        return " ".join([self.own.strip(), *(child.text for child in self.children)]).strip()


class Reader(HTMLParser):
    """A tree of the page; every element has to be closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open = [Element("page", {})]
        self.feed(page)
        self.close()
        assert [one.name for one in self.open] == ["page"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)
        if tag not in EMPTY:
            self.open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(made)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].own += data


def read(page: str) -> Element:
    return Reader(page).open[0]


@pytest.fixture(scope="module")
def page(report: Path) -> Element:
    return read(report.read_text(encoding="utf-8"))


def picture(address: str) -> NDArray[np.uint8]:
    packed = np.frombuffer(base64.b64decode(address.partition(",")[2]), np.uint8)
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def test_the_page_fetches_nothing(report: Path, page: Element) -> None:
    text = report.read_text(encoding="utf-8")

    assert len(text) < 10_000_000
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    sources = [
        value
        for name in ("img", "video", "link", "script", "a", "use", "image")
        for one in page.every(name)
        for key, value in one.attributes.items()
        if key in ("src", "href", "poster")
    ]
    assert {source[:5] for source in sources if source[0] != "#"} == {"data:"}


def test_the_verdict_and_the_files_are_named(page: Element, asked: ScoreRequest) -> None:
    (top,) = page.every("header")

    assert next(top.every("h1")).text == "3 of 5 \N{EN DASH} not publishable"
    assert "take & 'one'.mp4" in top.text
    assert "a hand covers the mouth in 3 frames" in top.text
    assert next(page.every("title")).text == f"{asked.result.name}: 3 of 5, not publishable"


def test_every_point_shows_its_numbers_with_their_bars(page: Element) -> None:
    points = list(page.with_id("card").every("li", "point"))

    assert ["lost" in one.attributes["class"] for one in points] == [
        True,
        False,
        False,
        True,
        False,
    ]
    rows = [row.text for row in points[0].every("tr")][1:]
    assert "0.70" in rows[0]
    assert "at least 0.90" in rows[0]
    assert "\N{MINUS SIGN}1.0 to 1.0 frames" in rows[2]
    links = [one.attributes["data-seek"] for one in points[0].every("a")]
    assert [float(link) for link in links] == pytest.approx([44 / 25, 71 / 25, 67 / 25])


def test_mouths_are_shown_before_and_after_where_points_were_lost(page: Element) -> None:
    scenes = list(page.with_id("film").every("figure"))

    assert len(scenes) == 6
    for scene in scenes:
        images = [picture(one.attributes["src"]) for one in scene.every("img")]
        assert len(images) == 10
        # Painted blue in the result, skin and lips in the original: BGR at the tile's middle.
        middles = [image[image.shape[0] // 2, image.shape[1] // 2].astype(int) for image in images]
        assert all(middle[0] < middle[2] for middle in middles[:5])
        assert all(middle[0] > middle[2] + 90 for middle in middles[5:])
    assert "Closures" in scenes[0].text
    assert "01:00:01:19" in scenes[0].text


def test_the_clip_plays_the_lines_with_the_new_sound(page: Element) -> None:
    (video,) = page.with_id("clip").every("video")
    spans = json.loads(video.attributes["data-spans"])
    made = base64.b64decode(video.attributes["src"].partition(",")[2])

    with av.open(io.BytesIO(made), "r") as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    # The lines are frames 25 to 100; half a second around them is shown.
    assert spans == [[0.52, 4.48, 0.0]]
    assert len(frames) == 99
    height, width, _ = frames[0].shape
    difference = np.abs(
        frames[50][:, : width // 2 - 2].astype(int) - frames[50][:, width // 2 + 2 :]
    )
    rows, columns = np.nonzero(difference.sum(2) > 150)
    assert (rows.mean() / height, columns.mean() / (width / 2)) == pytest.approx(
        (281 / 512, 262 / 512), abs=0.03
    )


def test_the_plot_has_its_lanes_and_follows_the_pages_colours(page: Element) -> None:
    rows = list(page.with_id("plot").every("div", "row"))

    assert len(rows) == 1
    assert float(rows[0].attributes["data-start"]) == pytest.approx(0.8)
    assert float(rows[0].attributes["data-end"]) == pytest.approx(4.0)
    lanes = {group.attributes.get("class", "") for group in rows[0].every("g")}
    assert {"waveform", "wanted", "drawn", "original", "moments"} <= lanes
    assert {"pbm-met", "pbm-missed", "fv-met", "fv-missed", "fv-unseen"} <= lanes
    styles = " ".join(
        one.attributes["style"]
        for name in ("path", "text", "use")
        for one in rows[0].every(name)
        if "style" in one.attributes
    )
    assert "var(--drawn)" in styles
    assert "var(--missed)" in styles
    assert not re.search(r"(fill|stroke): #", styles)
    words = {one.text for one in rows[0].every("text")}
    assert {"speech", "heard", "lips", "opening", "Closures", "m b p", "01:00:01:00"} <= words


def test_the_lines_are_listed_by_timecode(page: Element) -> None:
    rows = [row.text.split() for row in page.with_id("lines").every("tr")][1:]

    assert [row[1:3] for row in rows] == [
        ["01:00:01:00", "01:00:02:00"],
        ["01:00:02:00", "01:00:04:00"],
    ]
    assert rows[0][-3:] == ["5", "of", "5"]


def test_names_are_only_ever_text(asked: ScoreRequest) -> None:
    clip = probe(sample.picture())
    evil = replace(asked, result=Path('<img src=x onerror="alert(1)">&.mov'))

    made = read(head(evil, assessment(), clip))

    assert not list(made.every("img"))
    assert '<img src=x onerror="alert(1)">&.mov' in made.text


def test_what_an_engine_says_is_only_ever_text() -> None:
    clip = probe(sample.picture())
    card = assessment().card
    evil = replace(card.points[0], measures=(Measure("k", "<b>says</b>", 1, note="<i>"),))

    made = read(card_section(replace(card, points=(evil,)), clip))

    assert not list(made.every("b"))
    assert "<b>says</b>" in made.text


def test_an_older_report_is_replaced_and_nothing_else(asked: ScoreRequest, tmp_path: Path) -> None:
    footage = tmp_path / "take.html"
    footage.write_bytes(b"not a report")

    with pytest.raises(OutputError, match="no report"):
        next(iter(write_report(footage, asked, assessment())))

    assert footage.read_bytes() == b"not a report"


def test_a_run_that_is_cancelled_leaves_no_page(asked: ScoreRequest, tmp_path: Path) -> None:
    path = tmp_path / "card.html"
    path.write_text(f"<!doctype html>\n{SIGN}\nolder", encoding="utf-8")

    work = write_report(path, asked, assessment())
    next(work)
    work.close()

    assert [one.name for one in tmp_path.iterdir()] == ["card.html"]
    assert path.read_text(encoding="utf-8").endswith("older")


def test_two_runs_make_the_same_page(report: Path, asked: ScoreRequest, tmp_path: Path) -> None:
    for _ in write_report(tmp_path / "again.html", asked, assessment()):
        pass

    assert (tmp_path / "again.html").read_bytes() == report.read_bytes()
