"""Opening a file for reading, with FFmpeg's errors told as relip's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from relip_job.errors import DamagedMedia, MediaError, MissingMedia


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open ``path`` for reading and close it.

    Raises
    ------
    MissingMedia
        There is no such file.
    DamagedMedia
        It is empty, or no container FFmpeg knows, or its head or index is missing.
    MediaError
        It may not be read.
    """
    _check_readable(path)
    try:
        # A tag in an old code page must not keep anybody from the picture.
        container = av.open(str(path), mode="r", metadata_errors="replace")
    except FFmpegError as error:
        raise DamagedMedia(
            f"{path.name} is damaged, cut short or no media file ({error.strerror})",
            "copy it again from the original, or export it again",
        ) from error
    with container:
        yield container


def _check_readable(path: Path) -> None:
    try:
        if path.is_dir():
            raise MediaError(f"{path} is a folder", "name a file in it")
        size = path.stat().st_size
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise MissingMedia(f"there is no file {path}", "check the path, or relink the clip") from (
            error
        )
    except OSError as error:
        raise MediaError(f"{path} may not be read ({error.strerror})", "check its rights") from (
            error
        )
    if size == 0:
        raise DamagedMedia(f"{path.name} is empty", "copy it again from the original")


def decode_tolerantly(container: InputContainer, video: VideoStream) -> Iterator[VideoFrame]:
    """Decode from the start; a clip that begins inside a group of pictures may stumble first."""
    packets = container.demux(video)
    stumbles = 0
    while stumbles < 64:
        try:
            packet = next(packets)
        except (StopIteration, FFmpegError):
            return
        try:
            yield from packet.decode()
        except FFmpegError:
            stumbles += 1


def damaged(path: Path, reason: str) -> DamagedMedia:
    """The error for a file that cannot be read as it should be."""
    return DamagedMedia(f"{path.name} is damaged: {reason}", "copy or export it again")
