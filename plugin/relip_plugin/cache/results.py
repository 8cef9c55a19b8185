"""Results that are known already, found by what they depend on.

What is known of a result says where it was written to. Where the disk can do that its file has a
second name in the cache, a hard link: it takes no room as long as the result lies where it was
written to, and keeps it if it is deleted there. Nothing is ever copied into the cache. Entries
appear whole, under names of their own until then, so any number of processes may read, add and
clean up.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from relip.media.identity import media_identity
from relip_host.plain import from_plain, to_plain
from relip_host.whole_file import take_place, write_json
from relip_job import Notice, ResyncJob, Voiced, job_to_json
from relip_job.errors import MissingMedia, OutputError
from relip_plugin.cache.room import Room, is_plain


@dataclass(frozen=True)
class Known:
    """A finished result.

    Attributes
    ----------
    output, sidecar : where they were written to.
    identity : of the file as it was then (:func:`~relip.media.identity.media_identity`).
    frames, changed, score, scores : as the engine told; no score is empty.
    notices, voiced : what else it told.
    seconds : how long it took.
    """

    output: str
    sidecar: str
    identity: str
    frames: int
    changed: int
    score: str = ""
    scores: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    voiced: tuple[Voiced, ...] = ()
    seconds: float = 0.0


class ResultCache:
    """Results by key, in a folder that several processes may share."""

    def __init__(self, folder: Path | None = None) -> None:
        self.room = Room(folder)

    def find(self, key: str) -> Known | None:
        """What is known, if the result is still what it was, there or under its second name."""
        path = self._path(key, ".json")
        if not is_plain(path):
            return None
        try:
            known = from_plain(Known, json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            return None
        if self._whole(key, known) is None:
            return None
        with suppress(OSError):
            os.utime(path)  # the one not used for longest goes first
        return known

    def fetch(self, key: str, known: Known, job: ResyncJob) -> Known | None:
        """The result where the job wants it: linked or copied to there; None if it is gone.

        Raises
        ------
        OutputError
            It cannot be written there.
        """
        assert job.output is not None
        output = Path(job.output)
        found = self._whole(key, known)
        if found is None:
            return None
        media, sidecar = found
        if media == output:
            return known
        page = _page(sidecar)
        if page is None:
            return None
        # Of other files with other names the same comes.
        page["job"] = json.loads(job_to_json(job))
        beside = output.with_name(output.name + ".relip.json")
        partial = _again(media, output)
        try:
            # A copy's time may be rounded on another disk. Once it has its name, nothing may fail.
            identity = media_identity(partial)
            _write(page, beside)
            _place(partial, output)
        except BaseException:
            for left in (partial, beside):
                with suppress(OSError):
                    left.unlink()
            raise
        return replace(known, output=str(output), sidecar=str(beside), identity=identity)

    def store(self, key: str, known: Known) -> None:
        """Remember a result; :meth:`Room.trim` makes room, once for many.

        Raises
        ------
        OutputError
            The cache cannot be written.
        """
        path = self._path(key, ".json")
        unique = self._path(key, f".{uuid.uuid4().hex}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            for source, ending in ((known.output, ".media"), (known.sidecar, ".sidecar")):
                with suppress(OSError):  # another disk, or one that knows no links
                    _link(Path(source), self._path(key, ending))
            write_json(unique, to_plain(known))
            take_place(unique, path)
        except (OSError, OutputError, ValueError) as error:
            cause = error.__cause__ if isinstance(error, OutputError) else error
            why = cause.strerror if isinstance(cause, OSError) else cause
            raise OutputError(
                f"the cache {self.room.folder} cannot be written ({why})",
                "make room on that disk, or name another folder in RELIP_CACHE",
            ) from error
        finally:
            for left in (unique, unique.with_name(f"{unique.name}.partial")):
                with suppress(OSError):
                    left.unlink()

    def _whole(self, key: str, known: Known) -> tuple[Path, Path] | None:
        """Its file and its sidecar, where both are and the file is unchanged."""
        places = (
            (Path(known.output), Path(known.sidecar)),
            (self._path(key, ".media"), self._path(key, ".sidecar")),
        )
        for media, sidecar in places:
            with suppress(MissingMedia):
                if sidecar.is_file() and media_identity(media) == known.identity:
                    return media, sidecar
        return None

    def _path(self, key: str, ending: str) -> Path:
        return self.room.path("results", key, ending)


def _link(source: Path, name: Path) -> None:
    """Give a file a second name, in the place of what had it."""
    unique = name.with_name(f"{name.name}.{uuid.uuid4().hex}")
    os.link(source, unique)
    try:
        unique.replace(name)
    finally:
        # Two names of one file are no move: the system leaves the first one behind.
        unique.unlink(missing_ok=True)


def _again(source: Path, target: Path) -> Path:
    """The file beside the target, under a name of its own: linked where that can be, or copied."""
    # Eight digits more than the engine's own partial file has: a name may be nearly too long.
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        try:
            os.link(source, partial)
        except OSError:
            shutil.copy2(source, partial)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _unwritten(target, error) from error
    return partial


def _page(sidecar: Path) -> dict[str, object] | None:
    try:
        found = json.loads(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _write(page: dict[str, object], sidecar: Path) -> None:
    partial = sidecar.with_name(f"{sidecar.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        text = json.dumps(page, indent=2, ensure_ascii=False) + "\n"
        partial.write_text(text, encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _unwritten(sidecar, error) from error
    _place(partial, sidecar)


def _place(partial: Path, target: Path) -> None:
    try:
        take_place(partial, target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise _unwritten(target, error) from error


def _unwritten(target: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{target} cannot be written ({error.strerror})",
        "make room on that disk, or choose another folder",
    )
