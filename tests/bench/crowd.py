"""Clips of any size and length with one to three faces, tiled from the shipped sample."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip import sample
from tests.bench.remade import sound_of

RATE: Final = 25
MOST: Final = 3
"""Faces that fit."""
_LONGEST: Final = 5
"""Seconds after which a clip begins again at the latest."""
_PLACES: Final = {1: (1,), 2: (0, 2), 3: (0, 1, 2)}
"""Thirds of the picture that a number of faces fills; backdrop fills the others."""
_HEAD: Final = slice(105, 408)
_BACKDROP: Final = slice(0, 100)
"""Columns of the sample, those of the head shaped like a third of a 16:9 picture."""
_LATER: Final = 40
"""Frames by which each face's performance runs behind its neighbour's: one speaks, others do not
move with the sound."""
_SOUND_RATE: Final = 48_000


def crowd(folder: Path, seconds: int, height: int, faces: int) -> Path:
    """A 16:9 clip in H.264 with sound, heads about 0.4 of its height from brow to chin.

    The same few seconds come again and again, copied, not encoded again.
    """
    length = next(length for length in range(_LONGEST, 0, -1) if seconds % length == 0)
    once = folder / f"{height}p_{faces}f_{length}s.mov"
    if not once.exists():
        _encoded(once, length, height, faces)
    if seconds == length:
        return once
    path = folder / f"{height}p_{faces}f_{seconds}s.mov"
    return path if path.exists() else _repeated(once, path, seconds // length, length)


def tiled(
    head: NDArray[np.uint8], others: list[NDArray[np.uint8]], height: int
) -> NDArray[np.uint8]:
    """``head`` and ``others``, 512 x 512 BGR, side by side in ``[height, 16 / 9 height, 3]``."""
    width = height * 16 // 9
    third = width // 3
    heads = [head, *others]
    backdrop = np.pad(head[:, _BACKDROP], ((0, 0), (0, 203), (0, 0)), "reflect")
    places = _PLACES[len(heads)]
    panels = [
        heads[places.index(place)][:, _HEAD] if place in places else backdrop for place in range(3)
    ]
    shown = [cv2.resize(panel, (third, height), interpolation=cv2.INTER_CUBIC) for panel in panels]
    return np.hstack(shown).astype(np.uint8, copy=False)


def _encoded(path: Path, seconds: int, height: int, faces: int) -> None:
    pictures = list(_sample())
    with av.open(str(path), "w") as made:
        assert isinstance(made, OutputContainer)
        options = {"preset": "veryfast", "crf": "18"}
        video = made.add_stream("libx264", rate=RATE, options=options)
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.width, context.height, context.pix_fmt = height * 16 // 9, height, "yuv420p"
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        pcm = made.add_stream("pcm_s16le", rate=_SOUND_RATE, layout="mono")
        for index in range(RATE * seconds):
            others = [pictures[(index + _LATER * more) % len(pictures)] for more in range(1, faces)]
            picture = av.VideoFrame.from_ndarray(
                tiled(pictures[index], others, height), format="bgr24"
            ).reformat(format="yuv420p", dst_colorspace="ITU709")
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            made.mux(video.encode(picture))
        made.mux(video.encode(None))
        samples = sound_of(sample.picture(), seconds * _SOUND_RATE)
        frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        frame.sample_rate, frame.pts, frame.time_base = _SOUND_RATE, 0, Fraction(1, _SOUND_RATE)
        made.mux(pcm.encode(frame))
        made.mux(pcm.encode(None))


def _sample() -> Iterator[NDArray[np.uint8]]:
    with av.open(str(sample.picture())) as container:
        for picture in container.decode(video=0):
            yield picture.to_ndarray(format="bgr24").astype(np.uint8, copy=False)


def _repeated(once: Path, path: Path, times: int, seconds: int) -> Path:
    """The packets again and again, each time later: as fast as copying a file."""
    with av.open(str(path), "w") as made:
        streams = None
        for turn in range(times):
            with av.open(str(once)) as given:
                if streams is None:
                    streams = {
                        stream.index: made.add_stream_from_template(stream)
                        for stream in (given.streams.video[0], given.streams.audio[0])
                    }
                for packet in given.demux():
                    if packet.dts is None or packet.pts is None:
                        continue  # the end
                    assert packet.time_base is not None
                    later = round(turn * seconds / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = streams[packet.stream.index]
                    made.mux(packet)
    return path
