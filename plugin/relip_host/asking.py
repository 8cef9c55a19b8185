"""The jobs of a run: what the host tells of each shot, turned into what the engine is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Callable, Dict, Generator, List, Sequence, Tuple, Union

from relip_host.faces import speaker_of
from relip_host.host import SOUND_TRACKS, Host, HostError, Obstacle
from relip_host.jobs import NO_TRACK, Cut, cut, heard_items, job, played
from relip_host.journal import Entry, Journal, runs
from relip_host.naming import folder_name, free_output, output_folder
from relip_host.voices import Heard, Said, heard, split, spoken_in, track_names, voice
from relip_host.whole_file import write_json
from relip_job import RelipError, ResyncJob, SpeechPart, Voice, job_to_json

RUNS = 20
"""Runs that may be going on at the same time."""
NAME_THEM = "say whose mouth each track has"


def ask(
    host: Host, journal: Journal, folder: Path, cancelled: Callable[[], bool]
) -> Generator[str, None, Dict[str, ResyncJob]]:
    """The job of every shot that can be done, by its name; yields what it is at.

    The others are refused, or failed, in the journal.
    """
    choice = journal.record.choice
    marks = host.marks() if choice.marks_only else None
    jobs: Dict[str, ResyncJob] = {}
    taken = promised(folder)
    for entry in journal.record.entries:
        if cancelled():
            break
        yield f"reading the dub of {entry.shot.name}"
        found = cut(entry.shot, choice, marks)
        try:
            if isinstance(found, Cut):
                voices = yield from _Voices(host, journal, entry, found).voices()
                if not isinstance(voices, Obstacle):
                    asked = _asked(journal, folder, entry, found, voices, taken)
                    jobs[entry.job] = asked
                    taken.append(Path(asked.output or ""))
                    continue
                found = voices
        except (HostError, RelipError) as error:
            journal.change(entry.job, state="failed", message=error.message, remedy=error.remedy)
        else:
            journal.change(entry.job, state="refused", message=found.message, remedy=found.remedy)
    return jobs


def promised(folder: Path) -> List[Path]:
    """Names that the latest runs have given to results that may not be there yet."""
    return [
        Path(entry.output)
        for run in islice(runs(folder), RUNS)
        if isinstance(run, Journal)
        for entry in run.record.entries
        if entry.output and entry.state in ("asked", "running")
    ]


def _asked(
    journal: Journal,
    folder: Path,
    entry: Entry,
    found: Cut,
    voices: Sequence[Voice],
    taken: Sequence[Path],
) -> ResyncJob:
    """The job, named and written down."""
    record = journal.record
    assert entry.shot.media is not None
    own = folder / "results" / folder_name(record.project)
    beside, note = output_folder(entry.shot.media, record.choice.folder, own)
    output = free_output(beside, entry.shot.media, record.choice.codec, taken)
    asked = job(found, record.choice, voices, str(output))
    write_json(journal.path(entry.job, ".job.json"), json.loads(job_to_json(asked)))
    journal.change(
        entry.job,
        output=str(output),
        first=found.begins,
        frames=found.frames,
        notes=(*journal.entry(entry.job).notes, *filter(None, [note])),
    )
    return asked


@dataclass(frozen=True)
class _Voices:
    """The dub of a shot, read from its files, or else mixed by the host."""

    host: Host
    journal: Journal
    entry: Entry
    found: Cut

    def voices(self) -> Generator[str, None, Union[Tuple[Voice, ...], Obstacle]]:
        """What each mouth says; one that cannot be heard costs the others nothing."""
        choice, called = self.journal.record.choice, SOUND_TRACKS.get(self.host.name, "A")
        if not choice.tracks:
            return NO_TRACK
        start, end = self.found.listened
        items = self.host.dub_items(choice.tracks, max(start, Fraction(0)), end)
        near = heard_items(self.found, items)
        if isinstance(near, Obstacle):
            return near
        span = self.found.heard
        parts = split(span, spoken_in(span, near), near, lambda item: choice.face(item.track))
        heard_ones: List[Voice] = []
        names: List[str] = []
        silent: List[Obstacle] = []
        for number, said in enumerate(parts, 1):
            name = track_names(said.tracks, called)
            one = yield from self._voice(said, number)
            if isinstance(one, Obstacle):
                silent.append(one)
                why = "; ".join(filter(None, (one.message, one.remedy)))
                self._note(f"{name}: its mouth is left as it is: {why}")
                continue
            heard_ones.append(one)
            names.append(name)
        if not heard_ones:
            self.journal.change(self.entry.job, notes=())
            return silent[0]
        crowded = next(filter(None, (said.crowded(called) for said in parts)), "")
        if crowded:
            self._note(f"{crowded}: {NAME_THEM}")
        if len(parts) > 1:
            self.journal.change(self.entry.job, voices=tuple(names))
        return tuple(heard_ones)

    def _voice(self, said: Said, number: int) -> Generator[str, None, Union[Voice, Obstacle]]:
        """What one mouth says."""
        found = heard(
            self.found.shot, self.journal.record.choice, said, said.lips(self.found.heard)
        )
        if isinstance(found, Obstacle):
            return found
        try:
            whose = speaker_of(said.mouth.face, self.found.shot)
        except RelipError as error:
            return Obstacle(error.code, error.message, error.remedy)
        blocked = found.blocked
        if blocked is None:
            return voice(found, whose)
        name = self.host.name
        yield f"{blocked.message}: {name} mixes the dub of {self.entry.shot.name}"
        try:
            mixed = self._mixed(said, found, number)
        except HostError as error:
            why = f"{blocked.message}, and {name} could not mix it: {error.message}"
            return Obstacle(blocked.code, why, error.remedy or blocked.remedy)
        self._note(f"{blocked.message}: {name} mixed the dub")
        return Voice((mixed,), whose, (found.cut.lips,))

    def _mixed(self, said: Said, found: Heard, number: int) -> SpeechPart:
        """The tracks of a voice as one file.

        Raises
        ------
        HostError
            The host does not make it.
        """
        choice, mouth = self.journal.record.choice, said.mouth
        tracks = tuple(
            track
            for track in choice.tracks
            if choice.face(track) == mouth.face and mouth.track in (None, track)
        )
        start, end = found.cut.heard
        folder = self.journal.path(self.entry.job, ".dub" if number == 1 else f".dub{number}")
        folder.mkdir(exist_ok=True)
        path = self.host.render_dub(tracks, start, end, str(folder))
        try:
            size = Path(path).stat().st_size
        except OSError:
            size = 0
        if not size:
            raise HostError(f"there is nothing at {path}", "export the dub as a file of its own")
        return SpeechPart(path, played(self.found.shot, start), duration=end - start)

    def _note(self, said: str) -> None:
        notes = self.journal.entry(self.entry.job).notes
        self.journal.change(self.entry.job, notes=(*notes, said))
