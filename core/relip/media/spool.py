"""Parts of pictures put aside on disk, to be taken up again in any order."""

from __future__ import annotations

import dataclasses
import tempfile
from contextlib import suppress
from types import TracebackType
from typing import Self

import numpy as np

from relip.media.frame import Frame, Plane
from relip_job.errors import OutputError


class Spool:
    """A scratch file of frames; it is gone when the ``with`` block ends.

    Kept out of memory, so that the library of mouths may be as long as the clip.
    """

    def __init__(self) -> None:
        try:
            # The file lives as long as the spool: closed in close().
            self._file = tempfile.TemporaryFile(prefix="relip-")  # noqa: SIM115
        except OSError as error:
            raise _no_room(error) from error
        self._kept: list[tuple[Frame, int, list[tuple[tuple[int, ...], np.dtype[np.generic]]]]] = []
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the disk space back."""
        # What could not be written is not wanted any more.
        with suppress(OSError):
            self._file.close()

    def put(self, frame: Frame) -> int:
        """Put a frame aside; the number it is found under."""
        start = self._end
        layout = []
        try:
            self._file.seek(start)
            for plane in frame.planes:
                whole = np.ascontiguousarray(plane)
                self._file.write(whole.data)
                layout.append((whole.shape, whole.dtype))
                self._end += whole.nbytes
        except OSError as error:
            raise _no_room(error) from error
        self._kept.append((dataclasses.replace(frame, planes=()), start, layout))
        return len(self._kept) - 1

    def get(self, number: int) -> Frame:
        """The frame put aside under that number."""
        frame, start, layout = self._kept[number]
        planes: list[Plane] = []
        try:
            self._file.seek(start)  # writes what still waits to be written
            for shape, dtype in layout:
                size = int(np.prod(shape)) * dtype.itemsize
                planes.append(np.frombuffer(self._file.read(size), dtype).reshape(shape))
        except OSError as error:
            raise _no_room(error) from error
        return dataclasses.replace(frame, planes=tuple(planes))


def _no_room(error: OSError) -> OutputError:
    return OutputError(
        f"the scratch file for the mouths cannot be written ({error.strerror or error})",
        f"make room in {tempfile.gettempdir()} or set TMPDIR to another disk",
    )
