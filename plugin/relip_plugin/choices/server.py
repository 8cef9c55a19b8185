"""The page's server: four files, five calls, 127.0.0.1 only.

======================  ==========================================================
GET /, /page.css, ...   the page itself; nothing of the project is in it
POST /enter             the token for a key, once
POST /events            a line of JSON now and at every change, until the tab goes
POST /run               the form; 422 names the fields that cannot be taken
POST /cancel, /leave    as the buttons say
======================  ==========================================================
"""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Final

from relip_plugin.choices.board import Board
from relip_plugin.choices.form import FormError
from relip_plugin.choices.gate import KEY, Gate

LARGEST: Final = 1 << 16
"""Bytes of a request's body."""
_SLOWEST: Final = 10
"""Seconds in which a request must have come."""
_LOOK: Final = 0.5
"""Seconds between looks whether the tab is still there."""
_CALMLY: Final = 0.15
"""Seconds between two states, so that a busy run does not flood the page."""
_QUIET: Final = 10.0
"""Seconds after which an empty line keeps the connection from being taken for dead."""
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def _parts() -> dict[str, tuple[str, str, bytes]]:
    """Path to its media type, what browsers call its use, and content."""
    ours, report = files("relip_plugin.choices"), files("relip_plugin.report")
    # The house style first; the page's own words come after it and win.
    style = report.joinpath("page.css").read_bytes() + ours.joinpath("page.css").read_bytes()
    return {
        "/": ("text/html", "document", ours.joinpath("page.html").read_bytes()),
        "/page.css": ("text/css", "style", style),
        "/page.js": ("text/javascript", "script", ours.joinpath("page.js").read_bytes()),
        "/form.js": ("text/javascript", "script", ours.joinpath("form.js").read_bytes()),
    }


class Server(ThreadingHTTPServer):
    """Listens on a free port of 127.0.0.1."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, board: Board) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.board = board
        self.gate = Gate(self.server_address[1])
        self.parts = _parts()

    def handle_error(self, request: object, client_address: object) -> None:
        """A tab that goes in the middle of an answer is no news."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    timeout = _SLOWEST
    server_version = "relip"
    sys_version = ""

    def do_GET(self) -> None:
        """The page, its style and its script."""
        found = self.server.parts.get(self.path)
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")
            return
        kind, dest, content = found
        if refused := self.server.gate.refuses_look(self._said(), dest):
            self._refuse(HTTPStatus.FORBIDDEN, refused)
            return
        self._answer(HTTPStatus.OK, content, f"{kind}; charset=utf-8")

    def do_POST(self) -> None:
        """A call of the page's script."""
        said = self._said()
        calls: dict[str, Callable[[dict[str, object]], None]] = {
            "/run": self._run,
            "/cancel": self._cancel,
            "/leave": self._leave,
            "/events": self._events,
        }
        if refused := self.server.gate.refuses_call(said):
            self._refuse(HTTPStatus.FORBIDDEN, refused)
        elif self.path == "/enter":
            self._with_body(self._enter)
        elif not self.server.gate.knows(said.get(KEY)):
            self._refuse(HTTPStatus.FORBIDDEN, "this tab has no key")
        elif self.path in calls:
            self._with_body(calls[self.path])
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing: stdout is the host's, and addresses are nobody's business."""

    def _said(self) -> dict[str, str]:
        """The headers; one that comes twice is none."""
        names = [name.title() for name in self.headers]
        return {name: self.headers[name] for name in names if names.count(name) == 1}

    def _with_body(self, call: Callable[[dict[str, object]], None]) -> None:
        try:
            size = int(self.headers.get("Content-Length", ""))
        except ValueError:
            size = -1
        if not 0 <= size <= LARGEST:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this is no call of the page")
            return
        try:
            body = json.loads(self.rfile.read(size) or b"{}")
        except (ValueError, RecursionError):
            body = None
        if isinstance(body, dict):
            call(body)
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, "this is no call of the page")

    def _enter(self, body: dict[str, object]) -> None:
        key = self.server.gate.enter(str(body.get("token")))
        if key:
            self._answer_json(HTTPStatus.OK, {"key": key})
        else:
            self._refuse(HTTPStatus.FORBIDDEN, "this address has been used")

    def _run(self, form: dict[str, object]) -> None:
        try:
            taken = self.server.board.choose(form)
        except FormError as error:
            self._answer_json(HTTPStatus.UNPROCESSABLE_ENTITY, {"wrong": error.wrong})
            return
        self._answer_json(HTTPStatus.OK if taken else HTTPStatus.CONFLICT, {})

    def _cancel(self, body: dict[str, object]) -> None:
        self.server.board.cancel()
        self._answer_json(HTTPStatus.OK, {})

    def _leave(self, body: dict[str, object]) -> None:
        self._answer_json(HTTPStatus.OK, {})
        self.server.board.leave()

    def _events(self, body: dict[str, object]) -> None:
        """Say everything, then every change, until the tab or the server goes."""
        board = self.server.board
        self._head(HTTPStatus.OK, "application/x-ndjson")
        board.visit(+1)
        try:
            state = board.state()
            self._line({"view": board.view(), "state": state})
            quiet = 0.0
            while not self._tab_is_gone():
                if board.wait(int(str(state["version"])), _LOOK):
                    state = board.state()
                    self._line({"state": state})
                    quiet = 0.0
                    select.select([self.connection], [], [], _CALMLY)
                elif (quiet := quiet + _LOOK) >= _QUIET:
                    self.wfile.write(b"\n")
                    quiet = 0.0
        finally:
            board.visit(-1)

    def _tab_is_gone(self) -> bool:
        """A tab says nothing while it listens: whatever can be read is its end."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _line(self, told: dict[str, object]) -> None:
        self.wfile.write(json.dumps(told).encode() + b"\n")

    def _answer_json(self, status: HTTPStatus, told: dict[str, object]) -> None:
        self._answer(status, json.dumps(told).encode(), "application/json")

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        self._answer(status, f"{why}\n".encode(), "text/plain; charset=utf-8")

    def _answer(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self._head(status, kind, len(content))
        self.wfile.write(content)

    def _head(self, status: HTTPStatus, kind: str, size: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if size is not None:
            self.send_header("Content-Length", str(size))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
