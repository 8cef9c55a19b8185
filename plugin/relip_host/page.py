"""The choices page, seen from the host: asked once, then looked at between other things.

The page is served by a process of its own (``relip_plugin.choices``), so that nothing here ever
waits: what goes to it is queued, what it says is picked up by :meth:`Page.poll`.

One JSON object per line, both ways. To the process: an :class:`Offer`, then any number of
``{"event": "rows", "rows": [...], "text": ...}``, then ``{"event": "done", ...}``. From it:
``{"event": "page", "url": ...}``, then ``chosen`` (with the choice), ``cancel`` and ``closed``.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from relip_host.choice import Choice, choice_from_json, choice_to_json
from relip_host.host import Selection, Timeline, Track

STATES = ("waiting", "running", "done", "placed", "failed", "refused", "cancelled")
_LAST_WORDS = 3
_PATIENCE = 2.0


@dataclass(frozen=True)
class Offer:
    """What there is to choose from.

    Attributes
    ----------
    host : :attr:`relip_host.host.Host.name`.
    project : as the editor knows it.
    marks : record time between the timeline's in and out marks, if both are set.
    choice : what was chosen last time in this project.
    notes : sentences the editor should read first.
    """

    host: str
    project: str
    timeline: Timeline
    selection: Selection
    tracks: Tuple[Track, ...]
    marks: Optional[Tuple[Fraction, Fraction]] = None
    choice: Choice = field(default_factory=Choice)
    notes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """How far a shot is.

    Attributes
    ----------
    shot : :attr:`relip_host.host.Shot.id`.
    state : one of ``STATES``; ``done`` is made but not placed.
    stage, done, total, left : as in :class:`relip_job.Progress`.
    where : where it went, in words.
    score : what it earned, ``4 of 5``.
    message, remedy : why it failed or was refused.
    notes : what else the editor should know.
    """

    shot: str
    state: str = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    left: Optional[float] = None
    where: str = ""
    score: Optional[str] = None
    message: str = ""
    remedy: str = ""
    notes: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """The editor pressed Run."""

    choice: Choice


@dataclass(frozen=True)
class CancelAsked:
    """The editor pressed Cancel while shots were being made."""


@dataclass(frozen=True)
class Closed:
    """There is no page any more; ``why`` is a sentence. Before a choice: do nothing."""

    why: str


PageEvent = Union[Chosen, CancelAsked, Closed]


class Page:
    """A page in the editor's browser; ``command`` is ``[python, -m, relip_plugin.choices]``.

    ``environment`` is what the process gets, None for this one's; ``show`` opens an address.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Optional[Dict[str, str]] = None,
        show: Optional[Callable[[str], object]] = None,
    ) -> None:
        self._command = list(command)
        self._environment = environment
        self._show = show or self._show_in_browser
        self._heard: "queue.Queue[Optional[str]]" = queue.Queue()
        self._to_say: "queue.Queue[Optional[str]]" = queue.Queue()
        self._last_words: List[str] = []
        self._open = False

    def ask(self, offer: Offer) -> None:
        """Start the page; what is chosen comes out of :meth:`poll`."""
        assert not self._open, "a page is asked once"
        self._open = True
        said = {**asdict(offer), "choice": choice_to_json(offer.choice)}
        self._say({"event": "offer", "protocol": 1, "offer": said})
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                creationflags=_no_window(),
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            self._last_words = [f"{self._command[0]} does not start ({error.strerror})"]
            self._heard.put(None)
            return
        listener = threading.Thread(target=self._listen, args=(process,), daemon=True)
        listener.start()
        threading.Thread(target=self._write, args=(process,), daemon=True).start()
        threading.Thread(target=self._read, args=(process, listener), daemon=True).start()

    def poll(self) -> List[PageEvent]:
        """What happened since the last call; at once."""
        return list(self._happened())

    def progress(self, rows: Sequence[Row], text: str = "") -> None:
        """Show how far these shots are; ``text`` is about the whole run."""
        self._say({"event": "rows", "rows": [asdict(row) for row in rows], "text": text})

    def done(self, rows: Sequence[Row] = (), text: str = "", notes: Sequence[str] = ()) -> None:
        """Show what became of the shots; nothing more comes."""
        told: Dict[str, Any] = {"event": "done", "rows": [asdict(row) for row in rows]}
        self._say({**told, "text": text, "notes": list(notes)})

    def close(self) -> None:
        """Stop talking to the page. After :meth:`done` it stays until the editor closes it."""
        self._to_say.put(None)

    def _say(self, said: Dict[str, Any]) -> None:
        # A Fraction is written as 24000/1001.
        if self._open:
            self._to_say.put(json.dumps(said, default=str))

    def _happened(self) -> Iterator[PageEvent]:
        while self._open:
            try:
                line = self._heard.get_nowait()
            except queue.Empty:
                return
            for event in self._understood(line):
                self._open = not isinstance(event, Closed)
                yield event

    def _understood(self, line: Optional[str]) -> Iterator[PageEvent]:
        if line is None:
            words = "; ".join(self._last_words) or "it said nothing"
            yield Closed(f"the choices page has ended: {words}")
            return
        try:
            told = json.loads(line)
            kind = told["event"]
        except (ValueError, KeyError, TypeError):
            return  # a library that prints
        if kind == "page":
            print("relip: choose in your browser: " + told["url"], flush=True)
            self._show(told["url"])
        elif kind == "chosen":
            yield Chosen(choice_from_json(told["choice"]))
        elif kind == "cancel":
            yield CancelAsked()
        elif kind == "closed":
            yield Closed(told.get("why", ""))
        elif kind == "failed":
            yield Closed("; ".join(filter(None, (told["message"], told.get("remedy")))))

    def _write(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        try:
            while True:
                line = self._to_say.get()
                if line is None:
                    break
                process.stdin.write(line + "\n")
                process.stdin.flush()
            process.stdin.close()
        except OSError:
            pass  # it is gone, which the reader tells

    def _read(self, process: "subprocess.Popen[str]", listener: threading.Thread) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._heard.put(line)
        self._to_say.put(None)
        process.stdout.close()
        process.wait()
        listener.join(_PATIENCE)  # its last words explain
        self._heard.put(None)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        for line in process.stderr:
            if line.strip():
                self._last_words = [*self._last_words, line.strip()][-_LAST_WORDS:]
        process.stderr.close()

    def _show_in_browser(self, url: str) -> None:
        """Open the address from a process of its own.

        Inside a host, ``webbrowser`` would hand the host's library paths on to the browser, and
        wait for one that runs in a terminal.
        """
        command = [self._command[0], "-m", "webbrowser", url]
        threading.Thread(target=self._run_quietly, args=(command,), daemon=True).start()

    def _run_quietly(self, command: List[str]) -> None:
        with suppress(OSError):  # the address is printed
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment,
                creationflags=_no_window(),
                check=False,
            )


def _no_window() -> int:
    return getattr(subprocess, "CREATE_NO_WINDOW", 0) if os.name == "nt" else 0
