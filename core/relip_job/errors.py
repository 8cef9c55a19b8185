"""What can go wrong, as one tree.

::

    RelipError
    ├── JobError            the job itself makes no sense (also a ValueError)
    ├── MediaError          the picture cannot be read
    │   ├── MissingMedia    no such file (also a FileNotFoundError)
    │   ├── NoPicture       audio only, or a still image
    │   ├── Interlaced      fields, not frames
    │   └── DamagedMedia    empty, truncated or undecodable
    ├── SpeechError         the dub cannot be read, or nobody speaks in it
    ├── FaceError           nobody to re-sync, or not the person asked for
    ├── OutputError         the result cannot be written
    ├── ModelError          a network is missing, altered or will not run
    └── Cancelled           the user stopped the run

Every message names the thing and its remedy in one sentence each:
``message`` says what is wrong, ``remedy`` says what to do about it.
"""

from __future__ import annotations

from typing import Dict, Type


class RelipError(Exception):
    """Anything relip refuses to do; ``str(error)`` is the message and the remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message}; {remedy}" if remedy else message)
        self.message = message
        self.remedy = remedy

    @property
    def code(self) -> str:
        """The name a program can rely on, e.g. ``"DamagedMedia"``."""
        return type(self).__name__


class JobError(RelipError, ValueError):
    """The job contradicts itself or the clip it names."""


class MediaError(RelipError):
    """The picture cannot be read."""


class MissingMedia(MediaError, FileNotFoundError):
    """There is no file at that path."""


class NoPicture(MediaError):
    """The file has no moving picture."""


class Interlaced(MediaError):
    """The picture is made of fields."""


class DamagedMedia(MediaError):
    """The file is empty, cut short or cannot be decoded."""


class SpeechError(RelipError):
    """The dub cannot be read, or nobody speaks in it."""


class FaceError(RelipError):
    """There is nobody to re-sync, or not the person asked for."""


class OutputError(RelipError):
    """The result cannot be written."""


class ModelError(RelipError):
    """A network is missing, altered or will not run."""


class Cancelled(RelipError):
    """The user stopped the run; nothing was left behind."""


BY_CODE: Dict[str, Type[RelipError]] = {
    kind.__name__: kind
    for kind in (
        RelipError,
        JobError,
        MediaError,
        MissingMedia,
        NoPicture,
        Interlaced,
        DamagedMedia,
        SpeechError,
        FaceError,
        OutputError,
        ModelError,
        Cancelled,
    )
}
