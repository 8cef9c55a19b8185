"""Analyses that are known already: arrays by what they depend on, as files.

An archive of NumPy arrays that is not compressed, with its key inside. What is read is not
trusted: only plain arrays of a whole archive with the right key are an analysis. Anything else is
none, and is removed.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final
from zipfile import ZIP_STORED, ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from relip_plugin.cache.room import Room, is_plain

SPARE: Final = 1 << 30
"""Bytes that are left free on the disk: results are worth more than what finds them sooner."""
_KEY: Final = "key.txt"


class Analyses:
    """A :class:`relip.memory.Memory` in a folder; whatever goes wrong there, the work goes on."""

    def __init__(self, folder: Path | None = None) -> None:
        self.room = Room(folder)

    def find(self, key: str) -> Mapping[str, NDArray[Any]] | None:
        """What was kept under the key, whole and as it was; None if nothing is."""
        path = self._path(key)
        if not is_plain(path):
            _remove(path)
            return None
        try:
            with path.open("rb") as file:
                arrays = _read(file, key)
        except OSError:
            return None  # a share that is gone for a moment says nothing against its contents
        if arrays is None:
            _remove(path)
            return None
        with suppress(OSError):
            os.utime(path)  # the one not used for longest goes first
        return arrays

    def keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Keep arrays under a key, if there is room for them."""
        # All that may go wrong on strange disks is not to be known; none of it is worth a run.
        with suppress(Exception):
            self._keep(key, arrays)
            self.room.tidy()

    def _keep(self, key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        size = sum(array.nbytes for array in arrays.values())
        if size > self.room.limit:
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(path.parent).free < size + SPARE:
            return
        unique = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
        try:
            with unique.open("xb") as file:
                _write(file, key, arrays)
            unique.replace(path)
        finally:
            _remove(unique)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self.room.path("analyses", name, ".npz")


def _write(file: IO[bytes], key: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    with ZipFile(file, "w", ZIP_STORED) as archive:
        archive.writestr(_KEY, key.encode("utf-8", "surrogatepass"))
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                npy.write_array(member, np.asarray(array), allow_pickle=False)


def _read(file: IO[bytes], key: str) -> dict[str, NDArray[Any]] | None:
    """The arrays of the archive; None if it is no whole one of that key.

    Raises
    ------
    OSError
        The disk does not give it.
    """
    try:
        with ZipFile(file) as archive:
            members = archive.infolist()
            # A few bytes that unpack to gigabytes are not ours.
            if any(one.compress_type != ZIP_STORED for one in members):
                return None
            if archive.read(_KEY) != key.encode("utf-8", "surrogatepass"):
                return None
            arrays = {}
            for one in members:
                if one.filename == _KEY:
                    continue
                with archive.open(one) as member:
                    array = npy.read_array(member, allow_pickle=False)
                    # Only at its end is a member known to be what was written.
                    if member.read(1):
                        return None
                arrays[one.filename.removesuffix(".npy")] = array
            return arrays
    except OSError as error:
        if error.errno != errno.EINVAL:  # a place in the file that cannot be
            raise
        return None
    except Exception:  # there is no end of ways to be no archive of arrays
        return None


def _remove(path: Path) -> None:
    with suppress(OSError, ValueError):
        path.unlink()
