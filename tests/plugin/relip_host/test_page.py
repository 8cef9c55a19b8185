"""The page as a host sees it, with the real process behind it and HTTP as the tab."""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.page import CancelAsked, Chosen, Closed, Page, PageEvent, Row
from tests.plugin.relip_plugin.choices.offers_made import command, offer
from tests.plugin.relip_plugin.choices.test_form import FORM

PATIENCE = 60


class Tab:
    """What the page's script does, in a few lines."""

    def __init__(self, url: str) -> None:
        self.site, _, token = url.partition("/#")
        self.key = ""
        self.key = json.load(self.call("/enter", {"token": token}))["key"]
        self.events = self.call("/events")

    def call(self, path: str, body: object = None) -> Any:
        headers = {"Origin": self.site, "X-Relip-Key": self.key, "Sec-Fetch-Site": "same-origin"}
        request = urllib.request.Request(
            self.site + path, json.dumps(body or {}).encode(), headers, method="POST"
        )
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def next(self) -> Any:
        while True:
            line = self.events.readline()
            assert line, "the server is gone"
            if line.strip():
                return json.loads(line)["state"]

    def until(self, right: Callable[[Any], bool]) -> Any:
        while not right(state := self.next()):
            pass
        return state


class Opened:
    def __init__(self, *options: str) -> None:
        self.urls: list[str] = []
        self.heard: list[PageEvent] = []
        self.page = Page(command(*options), show=self.urls.append)

    def ask(self) -> Tab:
        self.page.ask(offer(choice=Choice(tracks=(1,))))
        return Tab(self.wait(lambda: self.urls)[0])

    def wait(self, ready: Callable[[], Any]) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            self.heard += self.page.poll()
            if found := ready():
                return found
            time.sleep(0.02)
        raise AssertionError(f"heard only {self.heard}")

    def hear(self, kind: type[PageEvent]) -> Any:
        return self.wait(lambda: [event for event in self.heard if isinstance(event, kind)])[0]

    def end(self) -> None:
        self.page.close()
        process = self.page._process
        assert process is None or process.gone(PATIENCE)


@pytest.fixture
def opened() -> Iterator[Opened]:
    opened = Opened()
    yield opened
    opened.end()


def test_a_run_is_chosen_followed_and_finished(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    tab = opened.ask()
    assert f"choose in your browser: {opened.urls[0]}" in capsys.readouterr().out
    tab.call("/run", FORM)

    assert opened.hear(Chosen).choice == Choice(tracks=(2,))
    opened.page.progress([Row("shot-0", "running", "draw", 1, 2, 5.0, notes=("ü",))], "drawing")
    state = tab.until(lambda state: state["text"] == "drawing")
    assert state["rows"][0]["notes"] == ["ü"]

    tab.call("/cancel")
    assert opened.hear(CancelAsked)
    opened.page.done([Row("shot-0", "cancelled")], "cancelled", ["nothing was placed"])
    state = tab.until(lambda state: state["phase"] == "done")
    assert state["notes"] == ["nothing was placed"]

    # The results stay although the host says no more, until the tab goes.
    opened.page.close()
    assert opened.page._process is not None
    assert not opened.page._process.gone(1.0)
    assert tab.next()["phase"] == "done"
    tab.events.close()
    assert opened.hear(Closed).why == "the page was closed"
    opened.page.progress([])  # into the void


def test_a_host_that_goes_while_the_editor_chooses_ends_the_page(opened: Opened) -> None:
    tab = opened.ask()

    opened.page.close()

    assert tab.until(lambda state: state["phase"] == "gone")
    assert opened.hear(Closed).why == "the editing program is gone"
    tab.events.close()


def test_a_page_nobody_opens_ends_by_itself() -> None:
    opened = Opened("--patience", "0.2")
    opened.page.ask(offer())

    assert opened.hear(Closed).why == "nobody opened the page"
    opened.end()


def test_no_shots_are_no_offer() -> None:
    opened = Opened()
    opened.page.ask(offer(shots=()))

    assert "no shot is offered" in opened.hear(Closed).why
    opened.end()


def test_an_engine_that_is_not_there_is_told() -> None:
    opened = Opened()
    opened.page = Page(["/there/is/no/python", "-m", "relip_plugin.choices"])
    opened.page.ask(offer())

    assert "/there/is/no/python does not start" in opened.hear(Closed).why
    assert opened.page.poll() == []
    opened.end()


def test_a_process_that_dies_is_told_with_its_last_words() -> None:
    opened = Opened()
    opened.page = Page([sys.executable, "-c", "print('noise'); raise SystemExit('no relip here')"])
    opened.page.ask(offer())

    assert opened.hear(Closed).why == "the choices page has ended: no relip here"
    opened.end()
