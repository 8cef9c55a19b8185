"""One file from the network: https only, resumed, and believed by its checksum.

What is fetched is never unpacked or executed here. A download that was cut is taken up where it
ended, if the server still has the same file.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

import relip
from relip_job.errors import ModelError, OutputError

REDIRECTS: Final = 5
TRIES: Final = 3
"""Without a byte more."""
SPARE: Final = 200 << 20
"""Bytes that stay free on the disk."""
LARGEST: Final = 8 << 30
"""Bytes; what claims to be larger is not what was asked for."""
_BLOCK: Final = 1 << 18
_PATIENCE: Final = 30.0
"""Seconds without a byte."""
_FULL: Final = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_OFFLINE: Final = (
    "see whether this machine may use the network, or fetch the file elsewhere and add it: "
    "relip models add NAME FILE"
)


@dataclass(frozen=True)
class Fetched:
    """A whole file and its SHA-256."""

    path: Path
    sha256: str


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows a few redirects, none away from https."""

    max_redirections = REDIRECTS

    def __init__(self, schemes: tuple[str, ...]) -> None:
        self._schemes = schemes

    def redirect_request(  # noqa: PLR0913, RUF100  # as the base class has it
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """The request that follows."""
        check_address(newurl, self._schemes)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_address(address: str, schemes: tuple[str, ...] = ("https",)) -> None:
    """Refuse what is not safe from being changed on its way.

    Raises
    ------
    ModelError
        It is not https.
    """
    if urlsplit(address).scheme not in schemes:
        raise ModelError(f"{address} is not https", "fetch it yourself: relip models add NAME FILE")


def download(
    address: str,
    path: Path,
    size: int | None = None,
    sha256: str | None = None,
    schemes: tuple[str, ...] = ("https",),
) -> Generator[tuple[int, int | None] | Fetched, None, None]:
    """Fetch a file; yields bytes done and in all, then, last, what was fetched.

    Parameters
    ----------
    path : where it goes, whole; until then it is a ``.partial`` sibling, which is taken up next
        time.
    size, sha256 : what it must be, where that is known.
    schemes : other than https for tests only.

    Raises
    ------
    ModelError
        It cannot be fetched, or is something else.
    OutputError
        There is no room for it.
    """
    check_address(address, schemes)
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_room(path, error) from error
    # Proxies are those of the environment and of the system, as urllib finds them.
    opener = urllib.request.build_opener(Redirects(schemes))
    left, reached = TRIES, -1
    while True:
        try:
            yield from _fill(opener, address, partial, size)
            break
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, urllib.error.HTTPError):
                if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and partial.exists():
                    # All of it is here, if the last run ended just then; else begin anew.
                    length = partial.stat().st_size
                    whole = error.headers.get("Content-Range") == f"bytes */{length}"
                    error.close()
                    if whole:
                        break
                    _forget(partial)
                    continue
                raise _refused(address, error) from error
            if isinstance(error, OSError) and _of_the_disk(error):
                raise _no_room(path, error) from error
            done = partial.stat().st_size if partial.exists() else 0
            left, reached = (TRIES if done > reached else left - 1), max(done, reached)
            if not left:
                raise ModelError(
                    f"{urlsplit(address).hostname} cannot be reached ({_said(error)})", _OFFLINE
                ) from error
    with partial.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    length = partial.stat().st_size
    wrong = f"{length} bytes instead of {size}" if size not in (None, length) else ""
    if not wrong and sha256 not in (None, found):
        wrong = f"the checksum is {found[:16]}… instead of {(sha256 or '')[:16]}…"
    if wrong:
        _forget(partial)
        raise ModelError(
            f"{address} is not the file that relip knows: {wrong}",
            "it may have been replaced; if you trust it, fetch it yourself: "
            "relip models add NAME FILE",
        )
    partial.replace(path)
    _forget(partial)
    yield Fetched(path, found)


def _fill(
    opener: urllib.request.OpenerDirector, address: str, partial: Path, size: int | None
) -> Iterator[tuple[int, int | None]]:
    """Fetch what is missing of a partial file."""
    done = partial.stat().st_size if partial.exists() else 0
    mark = _mark(partial)
    if done and not mark:
        done = 0  # nothing tells whether the server has the same file still
    if size is not None and done >= size:
        done = done if done == size else 0
        if done:
            return
    asked = urllib.request.Request(address, headers={"User-Agent": f"relip/{relip.__version__}"})
    if done:
        asked.add_header("Range", f"bytes={done}-")
        asked.add_header("If-Range", mark)
    with opener.open(asked, timeout=_PATIENCE) as answer:
        if answer.status != HTTPStatus.PARTIAL_CONTENT:
            done = 0
        elif not answer.headers.get("Content-Range", "").startswith(f"bytes {done}-"):
            _forget(partial)
            raise http.client.HTTPException("it sent another part of the file")
        length = answer.headers.get("Content-Length")
        total = done + int(length) if length and length.isdigit() else size
        _check_room(partial, (total or 0) - done, total)
        tag = answer.headers.get("ETag", "")
        strong = tag if tag.startswith('"') else answer.headers.get("Last-Modified", "")
        with partial.open("ab" if done else "wb") as file:
            # Not before an older file is gone: its beginning must not be taken for this one's.
            _sidecar(partial).write_text(json.dumps({"mark": strong}), "utf-8")
            while block := answer.read(_BLOCK):
                file.write(block)
                done += len(block)
                if done > LARGEST:
                    raise ModelError(f"{address} does not end", "add the file yourself")
                yield done, total
    if total is not None and done < total:
        raise http.client.IncompleteRead(b"", total - done)


def _check_room(partial: Path, more: int, total: int | None) -> None:
    free = shutil.disk_usage(partial.parent).free
    if (total or 0) > LARGEST or more + SPARE > free:
        raise OutputError(
            f"{partial.parent} has room for {free / 1e9:.1f} GB, {more / 1e9:.1f} GB more are "
            "to be fetched",
            "make room on that disk",
        )


def _refused(address: str, error: urllib.error.HTTPError) -> ModelError:
    where = urlsplit(address).hostname
    with suppress(OSError):
        error.close()
    if error.code in (401, 403):
        told = f"{where} wants to know who you are before it gives {address}"
        return ModelError(told, "log in there, fetch it and add it: relip models add NAME FILE")
    return ModelError(f"{where} does not give {address} ({error.code} {error.reason})", _OFFLINE)


def _no_room(path: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{path} cannot be written ({error.strerror})", "make room, or see that it may be written"
    )


def _of_the_disk(error: OSError) -> bool:
    """Whether it is the disk that failed: what the network raises names no file."""
    return error.filename is not None or error.errno in _FULL


def _said(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, http.client.IncompleteRead):
        return "the connection was cut"
    return str(getattr(reason, "strerror", None) or reason) or type(error).__name__


def _sidecar(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _mark(partial: Path) -> str:
    """By what the server tells whether it has the same file; empty if that is not known."""
    try:
        mark = json.loads(_sidecar(partial).read_text("utf-8"))["mark"]
        return mark if isinstance(mark, str) else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _forget(partial: Path) -> None:
    partial.unlink(missing_ok=True)
    _sidecar(partial).unlink(missing_ok=True)
