"""The machines of a farm: who is there, and who may do our lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from relip_plugin.batch.farm_worker import Page, about

if TYPE_CHECKING:
    from distributed import Client

ANSWERS_WITHIN: Final = 60.0
"""Seconds for a machine to answer; storage that sleeps takes its time."""
LOOKS_WITHIN: Final = 10.0
"""Seconds for the scheduler to say who is there."""


@dataclass(frozen=True)
class Ask:
    """What every machine is asked before it is given a line.

    Attributes
    ----------
    files : sizes in bytes by path, as this machine sees them.
    folder : where attempts are written to.
    versions, engine : what this machine has: :func:`~relip_plugin.batch.farm_worker.versions` and
        :func:`~relip.identity.engine_identity`.
    networks : the user's own that it would draw with, by engine; of those that the lines ask for.
    """

    files: dict[str, int]
    folder: str
    versions: dict[str, str]
    engine: str
    networks: dict[str, str] = field(default_factory=dict)


def objection(told: Page | Exception, asked: Ask) -> str:
    """Why a machine may not do our lines, with its remedy; empty if it may."""
    if isinstance(told, (ImportError, AttributeError)):
        return (
            f"has no relip that we know ({told}); install the relip of this machine there, too, "
            "and start its worker with that"
        )
    if isinstance(told, Exception):
        return f"cannot be asked ({type(told).__name__}: {told}); start its worker again"
    same = "install the same relip on both, in one go, then start its worker again"
    theirs: dict[str, str] = told["versions"]
    names = {**asked.versions, **theirs}
    apart = [
        f"{name} {theirs.get(name, 'not at all')}, this machine has "
        f"{asked.versions.get(name, 'it not at all')}"
        for name in names
        if theirs.get(name) != asked.versions.get(name)
    ]
    if apart:
        return f"has {'; '.join(apart)}: results would not be the same; {same}"
    if told["engine"] != asked.engine:
        both = f"relip {asked.versions['relip']}"
        return f"has {both} as this machine, but its files are other ones; {same}"
    for engine, ours in asked.networks.items():
        if told.get("networks", {}).get(engine) != ours:
            return (
                f"has other networks for the engine {engine} than this machine: results would not "
                "be the same; add the same to both with relip models, then start its worker again"
            )
    if told["problem"]:
        return f"{told['problem']}; {told['remedy']}"
    return ""


@dataclass
class Machines:
    """The workers of a scheduler, looked at again and again.

    Attributes
    ----------
    fit : lines at a time, by address, of those who may do ours.
    objections : sentences about those who may not, by address.
    count : workers that the scheduler knows.
    """

    client: Client
    ask: Ask
    tell: Callable[[str], None]
    fit: dict[str, int] = field(default_factory=dict)
    objections: dict[str, str] = field(default_factory=dict)
    count: int = 0
    _told: set[str] = field(default_factory=set)
    _asking: dict[str, asyncio.Task[str | None]] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """Lines at a time."""
        return sum(self.fit.values())

    @property
    def all_asked(self) -> bool:
        """Whether somebody is there, and nobody has yet to answer."""
        return bool(self.fit or self.objections) and not self._asking

    async def look(self, patience: float) -> None:
        """See who came and who went; wait for answers of those who came, this many seconds.

        Raises
        ------
        OSError
            The scheduler does not answer.
        """
        there: dict[str, int] = await asyncio.wait_for(self.client.nthreads(), LOOKS_WITHIN)
        self.count = len(there)
        for gone in {*self.fit, *self.objections} - there.keys():
            self.fit.pop(gone, None)
            self.objections.pop(gone, None)
        for new in there.keys() - {*self.fit, *self.objections, *self._asking}:
            self._asking[new] = asyncio.create_task(self._asked(new))
        if self._asking:
            await asyncio.wait(self._asking.values(), timeout=patience)
        for address, task in list(self._asking.items()):
            if task.done():
                del self._asking[address]
                objected = task.result()
                if objected is not None and address in there:  # else it is asked again
                    self._answered(address, there[address], objected)

    def doubt(self, address: str) -> None:
        """Give a machine no more lines until it has answered again."""
        self.fit.pop(address, None)

    def _answered(self, address: str, threads: int, objected: str) -> None:
        if not objected:
            self.fit[address] = max(1, threads)
            return
        self.objections[address] = objected
        if objected not in self._told:
            self._told.add(objected)
            self.tell(f"left out: {objected}")

    async def _asked(self, address: str) -> str | None:
        """What speaks against a machine; None if it does not answer."""
        files, folder = self.ask.files, self.ask.folder
        try:
            answers: dict[str, Any] = await asyncio.wait_for(
                self.client.run(about, files, folder, workers=[address], on_error="return"),
                ANSWERS_WITHIN,
            )
        except OSError:  # which a timeout is, too
            return None
        told = answers.get(address)
        if told is None or isinstance(told, OSError):
            return None
        name = told["machine"] if isinstance(told, dict) else address
        objected = objection(told, self.ask)
        return objected and f"{name} {objected}"
