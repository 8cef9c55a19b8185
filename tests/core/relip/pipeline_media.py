"""Small clips for testing the pipeline, all made from the shipped sample."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip import sample

Picture = NDArray[np.uint8]
RATE = 25
SIDE = 256
FIRST = 24
"""Frame of the sample at which our clips begin: the second before it is still."""
SPOKEN = slice(FIRST, FIRST + 40)


@cache
def sample_pictures() -> tuple[Picture, ...]:
    """Every frame of the sample, RGB ``[256, 256, 3]``."""
    with av.open(str(sample.picture())) as container:
        return tuple(
            np.asarray(
                cv2.resize(
                    frame.to_ndarray(format="rgb24"), (SIDE, SIDE), interpolation=cv2.INTER_AREA
                ),
                np.uint8,
            )
            for frame in container.decode(video=0)
        )


def spoken(count: int = 40) -> list[Picture]:
    """The first words of the sample."""
    return list(sample_pictures()[FIRST : FIRST + count])


def held(count: int) -> list[Picture]:
    """One frame with closed lips, again and again."""
    return [sample_pictures()[4]] * count


def written(
    path: Path,
    pictures: Iterable[Picture],
    encoder: str = "ffv1",
    pixels: str = "yuv444p",
    timecode: str | None = "01:00:00:00",
    rotation: int = 0,
    rate: int = RATE,
) -> Path:
    """A clip of RGB pictures without sound."""
    with av.open(str(path), "w") as made:
        assert isinstance(made, OutputContainer)
        video = made.add_stream(encoder, rate=Fraction(rate))
        assert isinstance(video, VideoStream)
        if timecode:
            video.metadata["timecode"] = timecode
        if rotation:
            video.set_display_rotation(rotation)
        if rotation:
            video.set_display_rotation(rotation)
        context = video.codec_context
        context.pix_fmt = pixels
        pictures = list(pictures)
        context.height, context.width = pictures[0].shape[:2]
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            made.mux(video.encode(frame.reformat(format=pixels)))
        made.mux(video.encode(None))
    return path


def silence(path: Path, seconds: float = 2.0) -> Path:
    """A sound file in which nobody speaks, only hiss."""
    hiss = np.random.default_rng(0).normal(0, 30, int(16000 * seconds)).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(hiss.tobytes())
    return path


def covered(picture: Picture) -> Picture:
    """The picture with a dark board over the lower face."""
    hidden = picture.copy()
    hidden[int(SIDE * 0.42) : int(SIDE * 0.85), int(SIDE * 0.22) : int(SIDE * 0.78)] = (40, 44, 60)
    return hidden


def on_backdrop(picture: Picture, side: int, canvas: int = 240) -> Picture:
    """The picture, ``side`` px wide, in the middle of a plain grey one."""
    small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    whole = np.full((canvas, canvas, 3), 90, np.uint8)
    corner = (canvas - side) // 2
    whole[corner : corner + side, corner : corner + side] = small
    return whole


def closer(picture: Picture) -> Picture:
    """The same moment in a closer shot, a little darker."""
    part = picture[28:228, 20:220].astype(np.float32) * 0.85
    return np.asarray(
        cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC).clip(0, 255), np.uint8
    )
