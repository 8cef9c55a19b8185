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
import subprocess
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from relip_host.choice import Choice, choice_from_json, choice_to_json
from relip_host.environment import cleaned
from relip_host.host import Selection, Timeline, Track
from relip_host.lines import Ended, LineProcess

STATES = ("waiting", "running", "done", "placed", "failed", "refused", "cancelled")


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
    mouth : whose it is, in words, where relip chose among several; of several voices, whose each.
    kept : the result is one of an earlier run: nothing it depends on has changed.
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
    mouth: str = ""
    kept: bool = False


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

    ``environment`` is what the program gets that opens the browser, None for this one's without
    the host's own settings; ``show`` opens an address instead.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Optional[Dict[str, str]] = None,
        show: Optional[Callable[[str], object]] = None,
    ) -> None:
        self._command = list(command)
        self._environment = cleaned(os.environ) if environment is None else environment
        self._show = show or self._show_in_browser
        self._process: Optional[LineProcess] = None
        self._wrong = ""
        self._open = False

    def ask(self, offer: Offer) -> None:
        """Start the page; what is chosen comes out of :meth:`poll`."""
        assert not self._open, "a page is asked once"
        self._open = True
        try:
            self._process = LineProcess(self._command)
        except OSError as error:
            self._wrong = f"{self._command[0]} does not start ({error})"
        said = {**asdict(offer), "choice": choice_to_json(offer.choice)}
        self._say({"event": "offer", "protocol": 1, "offer": said})

    def poll(self) -> List[PageEvent]:
        """What happened since the last call; at once."""
        return list(self._happened())

    def progress(self, rows: Sequence[Row], text: str = "") -> None:
        """Show how far the run is: every shot of it, each time; ``text`` is about the whole."""
        self._say({"event": "rows", "rows": [asdict(row) for row in rows], "text": text})

    def done(self, rows: Sequence[Row] = (), text: str = "", notes: Sequence[str] = ()) -> None:
        """Show what became of every shot of the run; nothing more comes.

        Without rows it is what was shown last; what was not finished then counts as cancelled.
        """
        told: Dict[str, Any] = {"event": "done", "rows": [asdict(row) for row in rows]}
        self._say({**told, "text": text, "notes": list(notes)})

    def close(self) -> None:
        """Stop talking to the page. After :meth:`done` it stays until the editor closes it."""
        if self._process is not None:
            self._process.hang_up()

    def _say(self, said: Dict[str, Any]) -> None:
        if self._open and self._process is not None:
            # A Fraction is written as 24000/1001.
            self._process.say(json.dumps(said, default=str))

    def _happened(self) -> Iterator[PageEvent]:
        while self._open:
            heard = Ended(0, self._wrong) if self._process is None else self._process.hear(0)
            if heard is None:
                return
            for event in self._understood(heard):
                self._open = not isinstance(event, Closed)
                yield event

    def _understood(self, heard: Union[bytes, Ended]) -> Iterator[PageEvent]:
        if isinstance(heard, Ended):
            yield Closed(f"the choices page has ended: {heard.said or f'code {heard.code}'}")
            return
        try:
            told = json.loads(heard.decode("utf-8", "replace"))
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
