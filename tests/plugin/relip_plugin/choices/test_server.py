"""The server as a program on this machine, or another site's page, would meet it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from relip_host.page import Row
from relip_plugin.choices.board import Board
from relip_plugin.choices.server import LARGEST, Server
from tests.plugin.relip_plugin.choices.offers_made import offer
from tests.plugin.relip_plugin.choices.test_form import FORM

PATIENCE = 20


@pytest.fixture
def told() -> list[dict[str, object]]:
    return []


@pytest.fixture
def server(told: list[dict[str, object]]) -> Iterator[Server]:
    with Server(Board(offer(), told.append)) as server:
        worker = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        worker.start()
        try:
            yield server
        finally:
            server.shutdown()
            worker.join()


def address(server: Server) -> tuple[str, int]:
    return "127.0.0.1", server.gate.port


class Client:
    """A browser's tab, as far as headers go."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.headers = {
            "Host": server.gate.site,
            "Origin": f"http://{server.gate.site}",
            "Content-Type": "application/json",
        }

    def ask(
        self, path: str, body: object = None, method: str = "POST", **headers: str | None
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        """Status, text or JSON, headers."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {**self.headers, **given}
        connection = http.client.HTTPConnection(*address(self.server), timeout=PATIENCE)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        content = b"" if method == "GET" else body_of(body)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        if "Content-Length" not in sent:
            connection.putheader("Content-Length", str(len(content)))
        connection.endheaders(content)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(text) if is_json else text, answer.headers

    def enter(self) -> None:
        status, answer, _ = self.ask("/enter", {"token": self.server.gate.token})
        assert status == 200
        self.headers["X-Relip-Key"] = answer["key"]

    def events(self) -> Events:
        return Events(self)


def body_of(body: object) -> bytes:
    return body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()


class Events:
    """The stream of what changes."""

    def __init__(self, client: Client) -> None:
        self.socket = socket.create_connection(address(client.server), PATIENCE)
        lines = ["POST /events HTTP/1.1", *(f"{k}: {v}" for k, v in client.headers.items())]
        self.socket.sendall("\r\n".join([*lines, "Content-Length: 2", "", "{}"]).encode())
        self.file = self.socket.makefile("rb")
        assert b"200" in self.file.readline()
        while self.file.readline().strip():
            pass

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def next(self) -> Any:
        while True:
            line = self.file.readline()
            if line.strip():
                return json.loads(line)


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server)


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript")],
)
def test_the_page_fetches_nothing_from_elsewhere(client: Client, path: str, kind: str) -> None:
    status, text, headers = client.ask(path, method="GET")

    assert status == 200
    assert headers["Content-Type"].startswith(kind)
    assert "http:" not in text
    assert "https:" not in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Server"].strip() == "relip"


def test_only_this_machine_can_connect(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.server_address[1] not in (0, 80)


def test_nothing_of_the_project_is_told_without_a_key(client: Client) -> None:
    for path in ("/", "/page.js", "/form.js", "/page.css"):
        assert "anna_cu" not in client.ask(path, method="GET")[1]
    for path in ("/events", "/run", "/cancel", "/leave"):
        status, text, _ = client.ask(path, FORM)
        assert status == 403
        assert "anna_cu" not in text


def test_the_token_works_once(client: Client, server: Server) -> None:
    client.enter()

    status, text, _ = client.ask("/enter", {"token": server.gate.token})

    assert status == 403
    assert "used" in text


def test_another_site_is_refused_even_with_the_key(
    client: Client, told: list[dict[str, object]]
) -> None:
    client.enter()

    assert client.ask("/run", FORM, Origin="http://evil.example")[0] == 403
    assert client.ask("/run", FORM, Origin=None)[0] == 403
    assert client.ask("/run", FORM, Sec_Fetch_Site="cross-site")[0] == 403
    assert client.ask("/run", FORM, X_Relip_Key="guess")[0] == 403
    assert told == []


def test_a_name_that_leads_here_is_refused(client: Client) -> None:
    assert client.ask("/", method="GET", Host="rebound.example")[0] == 403
    client.enter()
    there = "rebound.example"
    assert client.ask("/run", FORM, Host=there, Origin=f"http://{there}")[0] == 403


def test_a_header_that_comes_twice_counts_as_none(client: Client, server: Server) -> None:
    twice = f"GET / HTTP/1.1\r\nHost: {server.gate.site}\r\nHost: evil.example\r\n\r\n"
    with socket.create_connection(address(server), PATIENCE) as raw:
        raw.sendall(twice.encode())

        assert b" 403 " in raw.makefile("rb").readline()


def test_another_site_cannot_even_learn_that_relip_is_here(client: Client) -> None:
    assert client.ask("/page.js", method="GET", Sec_Fetch_Site="cross-site")[0] == 403
    assert client.ask("/", method="GET", Sec_Fetch_Dest="iframe")[0] == 403


@pytest.mark.parametrize("path", ["/page.html", "/../page.css", "/?x", "/etc/passwd"])
def test_there_is_nothing_else(client: Client, path: str) -> None:
    assert client.ask(path, method="GET")[0] == 404


@pytest.mark.parametrize(
    ("body", "length", "status"),
    [
        (b"not json", None, 400),
        (b"[1]", None, 400),
        (b"[" * 50_000, None, 400),
        (b"{}", str(LARGEST + 1), 413),
        (b"{}", "-1", 413),
        (b"{}", "many", 413),
    ],
)
def test_what_is_no_call_is_refused(
    client: Client, body: bytes, length: str | None, status: int
) -> None:
    client.enter()
    named = {} if length is None else {"Content_Length": length}

    assert client.ask("/run", body, **named)[0] == status


def test_a_form_is_taken_once_and_told_to_the_host(
    client: Client, told: list[dict[str, object]]
) -> None:
    client.enter()

    wrong = client.ask("/run", {**FORM, "tracks": []})
    assert wrong[:2] == (422, {"wrong": {"tracks": "choose the track with the dub"}})
    assert told == []
    assert client.ask("/run", FORM)[0] == 200
    assert client.ask("/run", FORM)[0] == 409
    assert [event["event"] for event in told] == ["chosen"]


def test_a_tab_sees_everything_and_then_every_change(client: Client, server: Server) -> None:
    client.enter()
    with client.events() as events:
        first = events.next()
        server.board.choose(FORM)
        second = events.next()
        server.board.show([Row("shot-0", "running", "draw", 1, 9, 4.0)], "drawing", [])
        third = events.next()

    assert first["view"]["title"] == "Re-sync 2 shots"
    assert first["state"]["phase"] == "choosing"
    assert second["state"]["phase"] == "running"
    assert third["state"]["text"] == "drawing"


def test_a_tab_that_goes_is_noticed(client: Client, server: Server) -> None:
    client.enter()
    with client.events() as events:
        events.next()
        assert server.board._visitors == 1

    until = time.monotonic() + PATIENCE
    while server.board._visitors and time.monotonic() < until:
        time.sleep(0.02)
    assert server.board._visitors == 0


def test_leaving_is_told(client: Client, told: list[dict[str, object]]) -> None:
    client.enter()

    assert client.ask("/leave")[0] == 200

    until = time.monotonic() + PATIENCE
    while not told and time.monotonic() < until:
        time.sleep(0.02)
    assert told == [{"event": "closed", "why": "nothing was chosen"}]
