"""``python -m relip_plugin.choices``: an offer on stdin, a page in the browser, a choice out.

Exit codes: 0 the page is closed, 4 what came on stdin is no offer.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import threading
import time
from collections.abc import Iterable
from typing import Final, TextIO

from pydantic import TypeAdapter, ValidationError

from relip_host.page import Offer, Row
from relip_job.events import Failed, to_json
from relip_plugin.choices.board import Board
from relip_plugin.choices.server import Server

PROTOCOL: Final = 1
BAD_INPUT: Final = 4
_OFFER: Final = TypeAdapter(Offer)
_ROWS: Final = TypeAdapter(list[Row])
_LOOK: Final = 0.1
"""Seconds between looks whether it is over."""


def offer_in(line: str) -> Offer:
    """The offer in the first line; ``ValueError`` with a sentence if there is none."""
    if not line.strip():
        raise ValueError("nothing was offered")
    told = json.loads(line)
    if not isinstance(told, dict) or told.get("protocol") != PROTOCOL:
        raise ValueError(f"the first line is no offer of protocol {PROTOCOL}")
    offer = _OFFER.validate_python(told.get("offer"))
    if not offer.selection.shots:
        raise ValueError("no shot is offered")
    return offer


def follow(lines: Iterable[str], board: Board) -> None:
    """Put what the host tells on the board, until it says no more."""
    for line in lines:
        try:
            told = json.loads(line)
            kind = told["event"]
            rows = _ROWS.validate_python(told.get("rows", []))
            notes = [str(note) for note in told.get("notes", [])]
        except (ValueError, TypeError, KeyError) as error:
            print(f"not understood: {error}", file=sys.stderr, flush=True)
            continue
        if kind in ("rows", "done"):
            board.show(rows, str(told.get("text", "")), notes, done=kind == "done")
    board.host_gone()


class Out:
    """Lines for the host, from any thread; a host that is gone is told nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def tell(self, event: dict[str, object]) -> None:
        """One line, at once."""
        self.line(json.dumps(event))

    def line(self, text: str) -> None:
        """One line, at once."""
        with self._lock:
            try:
                print(text, file=self._stream, flush=True)
            except (OSError, ValueError):
                # Leave quietly, too: what is buffered would fail again at exit.
                self._stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def main(arguments: list[str] | None = None) -> int:
    """Serve the page until it is over; the exit code."""
    parser = argparse.ArgumentParser(prog="relip_plugin.choices", description=__doc__)
    parser.add_argument("--patience", type=float, default=180.0, metavar="SECONDS")
    options = parser.parse_args(arguments)
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    out = Out(sys.stdout)
    try:
        offer = offer_in(sys.stdin.readline())
    except (ValueError, ValidationError) as error:
        why = str(error).splitlines()[0]
        out.line(to_json(Failed("JobError", f"the choices page was asked wrongly: {why}")))
        return BAD_INPUT
    board = Board(offer, out.tell, options.patience)
    with Server(board) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _LOOK}).start()
        try:
            out.tell({"event": "page", "url": server.gate.url})
            threading.Thread(target=follow, args=(sys.stdin, board), daemon=True).start()
            while not board.over():
                time.sleep(_LOOK)
            time.sleep(2 * _LOOK)  # the last state reaches the tab
        finally:
            server.shutdown()
    return 0


if __name__ == "__main__":
    code = main()
    # The reader may still wait for a line, which would keep an ordinary exit waiting.
    sys.stdout.flush()
    os._exit(code)
