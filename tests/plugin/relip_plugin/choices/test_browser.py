"""The page in a real browser: by keyboard alone, read by a screen reader, wide and narrow."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from relip_host.choice import Choice
from relip_host.page import Offer, Row
from relip_plugin.choices.board import Board
from relip_plugin.choices.server import Server
from tests.chromium import Page, found
from tests.plugin.relip_plugin.choices.offers_made import RAMP, offer, shot

COMPLAINTS = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
PATIENCE = 60
KEYS = {"Tab": ("Tab", 9, ""), "Space": (" ", 32, " "), "Enter": ("Enter", 13, "\r")}
NAMED = ("checkbox", "radio", "combobox", "spinbutton", "slider", "textbox", "button")
MANY = (shot(0, "anna_cu.mov"), shot(1, "ramp.mov", RAMP), shot(2, "a_" * 40 + "v002.mov"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    program = found()
    if program is None:
        if os.environ.get("RELIP_BROWSER") == "needed":
            pytest.fail("a Chromium is needed here and none is installed")
        pytest.skip("no Chromium or Chrome is installed to look at the page with")
    with Page(program) as page:
        yield page


class Served:
    """A page that is open in the browser."""

    def __init__(self, tab: Page, server: Server, told: list[dict[str, object]]) -> None:
        self.tab, self.server, self.board, self.told = tab, server, server.board, told

    def open(self, url: str) -> None:
        # From another site, or the browser would only follow the part behind the #.
        self.tab.ask("Page.navigate", url="about:blank")
        self.wait("location.href === 'about:blank'")
        self.tab.events.clear()
        self.tab.ask("Page.navigate", url=url)

    def wait(self, script: str) -> Any:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            # While a page is loaded there is nothing to ask.
            with suppress(AssertionError):
                if value := self.tab.run(f"Boolean({script})"):
                    return value
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}\n{self.text()}")

    def phase(self, name: str) -> None:
        self.wait(f"document.body.dataset.phase === '{name}'")

    def text(self, selector: str = "body") -> str:
        return str(self.tab.run(f"document.querySelector('{selector}')?.innerText"))

    def press(self, *keys: str) -> None:
        for name in keys:
            key, code, text = KEYS[name]
            given: dict[str, Any] = {"key": key, "code": name, "windowsVirtualKeyCode": code}
            self.tab.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **given)
            self.tab.ask("Input.dispatchKeyEvent", type="keyUp", **given)

    def complaints(self) -> list[Any]:
        return [event for event in self.tab.events if event[0] in COMPLAINTS]

    def heard(self, kind: str) -> dict[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for event in self.told:
                if event["event"] == kind:
                    return event
            time.sleep(0.02)
        raise AssertionError(f"{kind} was never told: {self.told}")


@contextmanager
def served(tab: Page, offered: Offer) -> Iterator[Served]:
    told: list[dict[str, object]] = []
    with Server(Board(offered, told.append)) as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        worker.start()
        try:
            page = Served(tab, server, told)
            tab.look(1280)
            page.open(server.gate.url)
            yield page
        finally:
            server.shutdown()
            worker.join()


def test_a_remembered_choice_runs_with_one_key_and_is_followed_to_its_end(browser: Page) -> None:
    remembered = Choice(tracks=(2,), nudge=Fraction(-1, 50), place="above", score=True)
    with served(browser, offer(shots=MANY, choice=remembered)) as page:
        page.phase("choosing")
        assert browser.run("location.hash + location.search") == "", "the token is out of sight"
        assert "anna_cu.mov" in page.text("#list")
        assert "01:00:09:23" in page.text("#list")
        assert "This clip runs at 150 % speed." in page.text("#list")
        assert "2 clips are selected." in page.text("#how")
        assert browser.run("document.activeElement.id") == "run"

        page.press("Enter")

        assert page.heard("chosen")["choice"] == {
            "tracks": [2],
            "place": "above",
            "marks_only": False,
            "handles": 12,
            "engine": "footage",
            "strength": 1.0,
            "nudge": "-1/50",
            "codec": "match",
            "score": True,
            "speaker": None,
            "folder": None,
            "backup": False,
            "workers": None,
            "reuse": True,
            "speakers": {},
            "provider": "auto",
        }
        page.phase("running")
        row = Row("shot-0", "running", "draw", 30, 60, 75.0)
        page.board.show([row], "1 of 2, anna_cu.mov", [])
        page.wait("document.querySelector('#list progress')")
        assert "drawing" in page.text("#list")
        assert "1:15 left" in page.text("#list")
        assert page.text("#said") == "1 of 2, anna_cu.mov"
        heard = "document.getElementById('heard').textContent"
        assert browser.run(heard) == "anna_cu.mov: drawing", "the stage is read out, no percents"

        browser.run("document.getElementById('cancel').focus()")
        page.press("Enter")
        assert page.heard("cancel") == {"event": "cancel"}
        page.wait("document.getElementById('cancel').disabled")

        page.board.show(
            [
                Row(
                    "shot-0",
                    "placed",
                    where="take 2",
                    score="4 of 5",
                    notes=("no reel",),
                    mouth="person 2 of 2",
                    kept=True,
                ),
                Row("shot-1", "refused", message=RAMP.message, remedy=RAMP.remedy),
                Row("shot-2", "cancelled"),
            ],
            "1 placed",
            ["run Revert Last Run to undo it"],
            done=True,
        )
        page.phase("done")
        cells = browser.run(
            "[...document.querySelectorAll('#result-rows tr')].map((row) =>"
            " [...row.children].map((cell) => cell.innerText.split('\\n')))"
        )
        assert cells[0][0] == ["anna_cu.mov"]
        assert cells[0][2:] == [
            ["take 2", "Kept: nothing has changed.", "Person 2 of 2.", "No reel."],
            ["4 of 5"],
        ]
        assert cells[1][2] == ["left as it is", "This clip runs at 150 % speed.",
            "Set it to 100 % first."]  # fmt: skip
        assert cells[2][2] == ["cancelled"]
        assert page.text("h1") == "1 of 3 shots re-synced"
        assert page.text("#said") == "1 placed, 1 left as it is, 1 cancelled"
        assert browser.run(heard) == page.text("#said")
        assert page.text("#how") == "Run Revert Last Run to undo it."
        assert browser.run("document.activeElement.id") == "title"
        assert page.complaints() == []

        browser.run("document.getElementById('leave').click()")
        assert page.heard("closed")["why"] == "the page was closed"


def test_without_a_track_it_does_not_run_and_says_why(browser: Page) -> None:
    with served(browser, offer()) as page:
        page.phase("choosing")
        assert browser.run("document.getElementById('run').disabled")
        assert page.text("#said") == "Choose the track with the dub."
        page.press("Enter")
        assert page.board.state()["phase"] == "choosing"

        page.press("Tab", "Space")  # the second track

        page.wait("!document.getElementById('run').disabled")
        assert page.text("#run") == "Re-sync 2 shots"
        assert browser.run("document.querySelector('#tracks').innerText").count("items") == 2


def test_nothing_to_re_sync_is_said(browser: Page) -> None:
    with served(browser, offer(shots=(shot(0, "ramp.mov", RAMP),))) as page:
        page.phase("choosing")
        assert browser.run("document.getElementById('run').disabled")
        assert page.text("#said") == "This shot cannot be re-synced."
        assert "Set it to 100 % first." in page.text("#list")


def test_what_is_wrong_is_said_at_its_field_and_gets_the_focus(browser: Page) -> None:
    with served(browser, offer(choice=Choice(tracks=(1,)))) as page:
        page.phase("choosing")
        browser.run("document.getElementById('nudge').value = '99999'")
        browser.run("document.getElementById('run').click()")

        page.wait("document.getElementById('nudge-wrong').innerText")

        assert browser.run("document.activeElement.id") == "nudge"
        assert browser.run("document.activeElement.getAttribute('aria-invalid')") == "true"
        assert "no nudge" in page.text("#nudge-wrong")
        browser.run("document.getElementById('nudge').value = '-20'")
        browser.run("document.getElementById('form').requestSubmit()")
        assert page.heard("chosen")["choice"]["nudge"] == "-1/50"


def test_an_engine_with_networks_says_its_licence_and_what_is_missing(
    browser: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    choose = "const e = document.getElementById('engine'); e.value = '{}'; "
    choose += "e.dispatchEvent(new Event('input', {{bubbles: true}}))"
    with served(browser, offer(choice=Choice(tracks=(2,)))) as page:
        page.phase("choosing")
        assert page.text("#engine-hint") == ""
        assert browser.run("document.getElementById('provider-field').offsetHeight") == 0

        browser.run(f"(() => {{ {choose.format('wav2lip')} }})()")

        assert "may not be sold" in page.text("#engine-hint")
        assert browser.run("document.getElementById('provider-field').offsetHeight") > 0
        browser.look(360)
        assert browser.run("document.documentElement.scrollWidth") <= 360
        browser.run("document.getElementById('run').click()")
        page.wait("document.getElementById('engine-wrong').textContent")
        assert "relip models add wav2lip FILE" in page.text("#engine-wrong")
        assert browser.run("document.activeElement.id") == "engine"


def test_every_control_has_a_name_to_be_read_out(browser: Page) -> None:
    with served(browser, offer(marks=(Fraction(1), Fraction(2)))) as page:
        page.phase("choosing")
        browser.ask("Accessibility.enable")
        nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
        browser.ask("Accessibility.disable")

    names = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"] and node["role"]["value"].lower() in NAMED
    ]
    assert len(names) > 15
    assert [role for role, name in names if not name] == []
    assert ("checkbox", "A2 Dub DE 3 items") in [(a, " ".join(b.split())) for a, b in names]
    assert ("slider", "Strength") in names


@pytest.mark.parametrize("width", [1280, 700, 360])
def test_it_fits(browser: Page, width: int) -> None:
    choice = Choice(tracks=(2,))
    notes = ("Resolve 20.3 cannot tell which clips are selected",)
    with served(browser, offer(shots=MANY, choice=choice, notes=notes)) as page:
        page.phase("choosing")
        browser.look(width, 800)
        wide = "document.documentElement.scrollWidth"
        assert browser.run(wide) == width
        browser.run("document.getElementById('run').click()")
        page.phase("running")
        rows = [Row("shot-0", "placed", where="a place that is " + 8 * "very " + "long")]
        page.board.show(rows, "x" * 200, [], done=True)
        page.phase("done")
        assert browser.run(wide) == width


def test_who_has_which_mouth_can_be_said_of_several_tracks(browser: Page) -> None:
    with served(browser, offer(choice=Choice(tracks=(2,)))) as page:
        page.phase("choosing")
        faces = "document.getElementById('faces').hidden"
        assert browser.run(faces) is True
        browser.run("document.querySelector('[name=tracks][value=\"1\"]').click()")
        assert browser.run(faces) is False
        field = "document.querySelector('[name=speakers][data-track=\"1\"]')"
        browser.run(f"{field}.value = 'anna'")
        browser.run("document.getElementById('run').click()")
        page.wait("document.getElementById('speakers-wrong').textContent")
        assert browser.run(f"document.activeElement === {field}") is True

        browser.run(f"{field}.value = '2'")
        browser.run("document.getElementById('run').click()")

        choice = page.heard("chosen")["choice"]
        assert (choice["tracks"], choice["speakers"]) == ([1, 2], {1: "2"})


def test_an_address_works_once_and_the_tab_that_has_it_may_reload(browser: Page) -> None:
    with served(browser, offer()) as page:
        page.phase("choosing")
        browser.run("location.reload()")
        page.wait("document.querySelector('#list li')")
        page.phase("choosing")

        page.open(page.server.gate.url)

        page.phase("over")
        assert "works once" in page.text("#alert")
        assert page.text("#list") == ""


def test_a_page_on_another_port_cannot_reach_it(browser: Page) -> None:
    with served(browser, offer()) as theirs, served(browser, offer()) as ours:
        ours.phase("choosing")
        key = ours.server.gate._key
        site = f"http://{theirs.server.gate.site}"
        tries = f"""(async () => {{
            const said = [];
            for (const mode of ["cors", "no-cors"]) {{
                await fetch("{site}/run", {{ method: "POST", mode, body: "{{}}" }})
                    .then((got) => said.push(got.type), () => said.push("refused"));
            }}
            await fetch("{site}/page.js").then((got) => said.push(got.type), () => said.push("-"));
            return said;
        }})()"""

        said = browser.run(tries)

        assert key not in str(said)
        assert said[0] == "refused"
        assert theirs.told == []
        assert theirs.board.state()["phase"] == "choosing"


def test_a_host_that_goes_is_told_of(browser: Page) -> None:
    with served(browser, offer()) as page:
        page.phase("choosing")

        page.board.host_gone()

        page.phase("over")
        assert page.text("h1") == "The script has ended"
        assert "Nothing was changed" in page.text("#alert")
