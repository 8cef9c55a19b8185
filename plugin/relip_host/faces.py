"""Whose mouth each track has, as an editor writes it: ``A3=1, A4=640,360@2s``.

A face is a number, as ``relip probe`` counts people, or a pixel of the picture and a time.
"""

from __future__ import annotations

import re
from typing import Dict

from relip_host.host import Shot
from relip_host.times import Clock, speaker
from relip_job import Speaker
from relip_job.timecode import Timecode

_FACE = r"\d+(?:\.\d+)?,\d+(?:\.\d+)?@[^\s,=]+|[1-9]\d?"
_ONE = re.compile(rf"\s*(?:[A-Za-z]+\s*)?(\d+)\s*=\s*({_FACE})\s*(?:,|$)")
WAYS = "a number from 1 to 99, as relip probe counts, or a pixel and a time: 640,360@2s"


def is_face(text: str) -> bool:
    """Whether it looks like one; whether there is such a person, the clip shows."""
    return re.fullmatch(_FACE, text) is not None


def read_faces(text: str) -> Dict[int, str]:
    """Faces by the numbers of tracks; none of an empty text.

    Raises
    ------
    ValueError
        With a sentence for the editor.
    """
    found: Dict[int, str] = {}
    place, text = 0, text.strip()
    while place < len(text):
        one = _ONE.match(text, place)
        if one is None:
            raise ValueError(f"write a track = {WAYS}; for several 3=1, 4=2")
        if int(one[1]) in found:
            raise ValueError(f"track {one[1]} is named twice")
        found[int(one[1])] = one[2]
        place = one.end()
    return found


def speaker_of(face: str, shot: Shot) -> Speaker:
    """Whose mouth a face is in a shot's clip; an empty one leaves it to relip.

    Raises
    ------
    JobError
        It is none, or its time does not lie in the clip.
    """
    if not face:
        return Speaker()
    rate = shot.source_rate
    shown = shot.source + (shot.end - shot.start) * shot.speed
    length = shot.source_frames / rate if shot.source_frames else shown
    start = Timecode(shot.source_start, rate) if shot.source_start else None
    return speaker(face, Clock(rate, length, start))
