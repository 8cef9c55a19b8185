from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from relip_job.errors import OutputError
from relip_plugin.report.hearing_page import MOST_BYTES, SIGN, write_hearing
from relip_plugin.report.hearing_plot import MOST_ROWS, ROW_SECONDS, hearing_plot
from relip_plugin.report.lanes import LEFT, RIGHT, WIDTH
from tests.chromium import Page, found
from tests.hearings_made import NOISY, hearing
from tests.plugin.relip_plugin.report.test_page import Element, read

COMPLAINTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
PARTS = ["header", "#clip", "#plot", "#events", "footer"]
BOXES = f"""{PARTS}.map((name) => {{
    const box = document.querySelector(name).getBoundingClientRect();
    return [box.left, box.top + scrollY, box.right, box.bottom + scrollY];
}})"""
PLAYED = """(async () => {
    const sound = document.querySelector("audio");
    sound.muted = true;
    await sound.play();
    const enough = (done) => sound.currentTime > 0.3 ? done() : setTimeout(enough, 20, done);
    await new Promise(enough);
    sound.pause();
    return [sound.duration, sound.error?.message ?? ""];
})()"""
AFTER = """(async (act) => {
    const sound = document.querySelector("audio");
    const sought = new Promise((done) => sound.addEventListener("seeked", done, { once: true }));
    %s;
    await sought;
    const heads = [...document.querySelectorAll(".playhead")];
    const shown = heads.findIndex((one) => !one.hidden);
    return [sound.currentTime, shown, parseFloat(heads[shown].style.left)];
})()"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("heard") / "heard.html"
    stages = [one.stage for one in write_hearing(path, hearing(40.0, NOISY, name="<i>a&b.wav"))]
    assert set(stages) == {"report"}
    return path


@pytest.fixture(scope="module")
def page(written: Path) -> Element:
    return read(written.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def browser(written: Path) -> Iterator[Page]:
    program = found()
    if program is None:
        if os.environ.get("RELIP_BROWSER") == "needed":
            pytest.fail("a Chromium is needed here and none is installed")
        pytest.skip("no Chromium or Chrome is installed to look at the page with")
    with Page(program) as opened:
        opened.look(1280)
        opened.open(written)
        yield opened


def test_the_page_fetches_nothing(written: Path, page: Element) -> None:
    text = written.read_text(encoding="utf-8")

    assert len(text) < MOST_BYTES
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    (sound,) = page.every("audio")
    assert sound.attributes["src"].startswith("data:audio/mp4;base64,")


def test_names_and_messages_are_only_ever_text(page: Element) -> None:
    (head,) = page.every("header")

    assert "<i>a&b.wav" in head.text
    assert "Noise <b>lies</b> 9 dB" in head.text
    assert not list(page.every("i")) + list(page.every("b"))


def test_what_is_wrong_is_told_with_its_time_and_remedy(page: Element) -> None:
    (head,) = page.every("header")

    assert next(head.every("h1")).text.endswith("\N{EN DASH} noise")
    (warned,) = head.every("div", "warnings")
    assert [one.attributes["data-seek"] for one in warned.every("a")] == ["0.000", "2.000"]
    assert "Take a cleaner recording." in warned.text


def test_every_lane_is_drawn_in_the_pages_colours(page: Element) -> None:
    rows = list(page.with_id("plot").every("div", "row"))

    assert len(rows) == 3
    classes = {group.attributes.get("class", "") for group in rows[0].every("g")}
    assert {"waveform", "closure-bars", "dental-bars", "open-bars", "voiced-bars"} <= classes
    assert {"missed-bars", "opening"} <= classes
    styles = " ".join(one.attributes.get("style", "") for one in rows[0].every("path"))
    assert "var(--round)" in styles
    assert not re.search(r"(fill|stroke): #", styles)


def test_every_closure_is_listed(page: Element) -> None:
    listed = list(page.with_id("events").every("li"))

    assert len(listed) == len(hearing(40.0).heard.closures) + len(hearing(40.0).heard.dentals)
    assert listed[0].text.split() == ["0:00.000", "p", "b", "m", "91%"]


def test_rows_join_and_an_hour_fits_into_a_page() -> None:
    made = hearing(ROW_SECONDS * 5)
    rows = list(hearing_plot(made))

    assert [row.end for row in rows[:-1]] == [row.start for row in rows[1:]]
    assert MOST_ROWS * ROW_SECONDS == 3600


def test_rows_of_an_hour_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = 3 * ROW_SECONDS
    monkeypatch.setattr("relip_plugin.report.hearing_plot._ROW_BINS", 300)  # an hour's

    rows = list(hearing_plot(hearing(seconds)))

    # Sounds of 70 ms are as dense as speech gets. Speech of an hour in 6 kbit/s is 3.6 million
    # letters, and all of the page has 9.5.
    assert max(len(row.svg) for row in rows) * MOST_ROWS < 5_500_000


def test_another_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "card.html"
    path.write_text("<!doctype html>\n<!-- a lip-sync report by relip -->", encoding="utf-8")

    with pytest.raises(OutputError, match="no report"):
        next(iter(write_hearing(path, hearing())))


def test_a_run_that_is_cancelled_leaves_the_older_page(tmp_path: Path) -> None:
    path = tmp_path / "heard.html"
    path.write_text(f"<!doctype html>\n{SIGN}\nolder", encoding="utf-8")

    work = write_hearing(path, hearing())
    next(work)
    work.close()

    assert [one.name for one in tmp_path.iterdir()] == ["heard.html"]
    assert path.read_text(encoding="utf-8").endswith("older")


def test_the_page_loads_without_complaint_and_without_network(browser: Page) -> None:
    asked = [told["request"]["url"] for name, told in browser.events if "WillBeSent" in name]

    assert [one for one in browser.events if one[0] in COMPLAINTS] == []
    assert {url.split(":")[0] for url in asked[1:]} <= {"data", "blob"}


def test_the_recording_plays(browser: Page) -> None:
    duration, error = browser.run(PLAYED)

    assert error == ""
    assert duration == pytest.approx(40, abs=0.1)


def test_a_click_on_a_closure_plays_from_there(browser: Page) -> None:
    click = """document.querySelectorAll("#events a")[2].click()"""

    time, _, _ = browser.run(AFTER % click)

    assert time == pytest.approx(0.7, abs=0.02)


def test_a_click_into_a_row_plays_from_there(browser: Page) -> None:
    click = """const row = document.querySelectorAll(".row")[1];
        const box = row.getBoundingClientRect();
        const x = box.left + box.width * (+row.dataset.left + +row.dataset.right) / 2;
        row.dispatchEvent(new MouseEvent("click", { clientX: x, bubbles: true }))"""

    time, shown, left = browser.run(AFTER % click)

    assert time == pytest.approx(20, abs=0.02)
    assert shown == 1
    assert left / 100 == pytest.approx((LEFT + (WIDTH - LEFT - RIGHT) / 2) / WIDTH, abs=0.01)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
def test_the_layout_holds(width: int, scheme: str, browser: Page) -> None:
    browser.look(width, scheme=scheme)

    boxes = browser.run(BOXES)
    assert browser.run("document.documentElement.scrollWidth") <= width
    assert [box[1] for box in boxes] == sorted(box[1] for box in boxes)
    assert all(0 <= box[0] < box[2] <= width for box in boxes)
    png = np.frombuffer(browser.picture(), np.uint8)
    whole = np.asarray(cv2.imdecode(png, cv2.IMREAD_COLOR), np.float64)
    paper = whole[5, 5].mean()
    assert paper < 60 if scheme == "dark" else paper > 230
    left, top, right, bottom = (round(side) for side in boxes[PARTS.index("#plot")])
    part = whole[top:bottom, left:right].mean(2)
    assert np.percentile(np.abs(part - paper), 99) > 60


def test_on_paper_it_is_light_and_without_a_player(browser: Page) -> None:
    browser.look(700, scheme="dark", media="print")

    assert browser.run("getComputedStyle(document.querySelector('#clip')).display") == "none"
    assert browser.run("document.documentElement.scrollWidth") <= 700
    assert 1 <= browser.paper().count(b"/Type /Page\n") <= 4
