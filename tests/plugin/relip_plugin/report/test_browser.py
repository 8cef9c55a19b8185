"""The page in a real browser, loosely: what must be true of any good layout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from relip_plugin.report.lanes import LEFT, RIGHT, WIDTH
from tests.chromium import Page, found

COMPLAINTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
PARTS = ["header", "#card", "#clip", "#plot", "#film", "#lines", "footer"]
BOXES = f"""{PARTS}.map((name) => {{
    const box = document.querySelector(name).getBoundingClientRect();
    return [box.left, box.top + scrollY, box.right, box.bottom + scrollY];
}})"""
PLAYED = """(async () => {
    const video = document.querySelector("video");
    video.muted = true;
    await video.play();
    const enough = (done) => video.currentTime > 0.3 ? done() : setTimeout(enough, 20, done);
    await new Promise(enough);
    video.pause();
    return [video.duration, video.videoWidth, video.videoHeight, video.error?.message ?? ""];
})()"""
AFTER = """(async (act) => {
    const video = document.querySelector("video");
    const sought = new Promise((done) => video.addEventListener("seeked", done, { once: true }));
    %s;
    await sought;
    const head = document.querySelector(".playhead");
    return [video.currentTime, parseFloat(head.style.left), head.hidden];
})()"""


@pytest.fixture(scope="module")
def browser(report: Path) -> Iterator[Page]:
    program = found()
    if program is None:
        if os.environ.get("RELIP_BROWSER") == "needed":
            pytest.fail("a Chromium is needed here and none is installed")
        pytest.skip("no Chromium or Chrome is installed to look at the page with")
    with Page(program) as page:
        page.look(1280)
        page.open(report)
        yield page


def seen(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_the_page_loads_without_complaint_and_without_network(browser: Page) -> None:
    asked = [told["request"]["url"] for name, told in browser.events if "WillBeSent" in name]

    assert [one for one in browser.events if one[0] in COMPLAINTS] == []
    assert asked[0].startswith("file:")
    assert {url.split(":")[0] for url in asked[1:]} <= {"data", "blob"}
    assert browser.run("[...document.images].every((one) => one.naturalWidth > 40)")


def test_the_clip_plays(browser: Page) -> None:
    duration, width, height, error = browser.run(PLAYED)

    assert error == ""
    assert duration == pytest.approx(3.96, abs=0.05)
    assert (width, height) == (1124, 560)


def test_a_click_on_a_moment_shows_it_in_the_clip(browser: Page) -> None:
    click = 'document.querySelector("#film .scene a").click()'

    time, head, hidden = browser.run(AFTER % click)

    # Frame 44 is at 1.76 s of the clip, the video begins at 0.52 s, the plot runs 0.8 to 4.0 s.
    assert time == pytest.approx(1.76 - 0.52, abs=0.02)
    assert not hidden
    left, right = LEFT / WIDTH, 1 - RIGHT / WIDTH
    assert head / 100 == pytest.approx(left + (1.76 - 0.8) / 3.2 * (right - left), abs=0.01)


def test_a_click_into_the_plot_shows_that_moment(browser: Page) -> None:
    click = """const row = document.querySelector(".row");
        const box = row.getBoundingClientRect();
        const x = box.left + box.width * (+row.dataset.left + +row.dataset.right) / 2;
        row.dispatchEvent(new MouseEvent("click", { clientX: x, bubbles: true }))"""

    time, _, _ = browser.run(AFTER % click)

    assert time == pytest.approx(2.4 - 0.52, abs=0.02)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
def test_the_layout_holds(width: int, scheme: str, browser: Page) -> None:
    browser.look(width, scheme=scheme)

    boxes = dict(zip(PARTS, browser.run(BOXES), strict=True))
    assert browser.run("document.documentElement.scrollWidth") <= width
    tops = [box[1] for box in boxes.values()]
    assert tops == sorted(tops)
    assert all(0 <= box[0] < box[2] <= width for box in boxes.values())
    plot = browser.run("document.querySelector('.row svg').getBoundingClientRect().height")
    assert plot > 120

    whole = seen(browser.picture()).astype(float)
    paper = whole[5, 5].mean()
    assert paper < 60 if scheme == "dark" else paper > 230
    for name in ("#card", "#plot", "#film", "#lines"):
        left, top, right, bottom = (round(side) for side in boxes[name])
        part = whole[top:bottom, left:right].mean(2)
        # Something is written or drawn there, and it can be told from the paper.
        assert np.percentile(np.abs(part - paper), 99.5) > 80


def test_on_paper_it_is_light_and_whole(browser: Page) -> None:
    browser.look(700, scheme="dark", media="print")

    shown = seen(browser.picture())
    assert shown[5, 5].mean() > 250
    assert browser.run("getComputedStyle(document.querySelector('video')).display") == "none"
    assert browser.run("document.querySelector('.still').getBoundingClientRect().width") > 200
    assert browser.run("document.documentElement.scrollWidth") <= 700

    pages = browser.paper()
    assert pages.startswith(b"%PDF")
    assert 2 <= pages.count(b"/Type /Page\n") <= 8
