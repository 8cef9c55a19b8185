"""Telling fields from frames, also where the file's own flags do not.

Cameras and recorders write progressive pictures in interlaced streams (progressive segmented
frame, "PsF"): every flag says fields, yet both fields show the same instant. Such clips pass.
Flags that say frames are believed; flags that say fields are checked against the picture.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from av import VideoFrame
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip.media.opening import opened
from relip_job.errors import Interlaced

# Their bitstream flags every picture, so the container's word is not needed.
_SELF_FLAGGED = frozenset("mpeg2video mpeg1video h264 hevc prores dnxhd vc1 av1 vp9 ffv1".split())
_SAMPLED = 12
# A row combs where it differs from both neighbours the same way by this much of full scale;
# 9 of 255 and 80 of 256 samples are the values deinterlacing filters have settled on.
_STEP = 9 / 255
_BLOCK = 16
_COMBED = 80 / 256


def refuse_fields(path: Path, stream: int, flagged: bool, order: int, codec: str) -> None:
    """Refuse a clip made of fields.

    Parameters
    ----------
    flagged : whether the decoder marked one of the first pictures as interlaced.
    order : FFmpeg's field order; 0 unknown, 1 progressive, above fields.

    Raises
    ------
    Interlaced
        The flags say fields and the pictures show them.
    """
    if not flagged and (order < 2 or codec in _SELF_FLAGGED):
        return
    # HEVC codes each field as a picture of its own: there is nothing to compare within one.
    if codec == "hevc" or _shows_fields(path, stream):
        raise Interlaced(
            f"{path.name} is interlaced, and lips cannot be drawn into fields",
            "deinterlace it first, or set it to progressive if it was shot so",
        )


def _shows_fields(path: Path, stream: int) -> bool:
    """Whether any of some pictures spread over the clip combs where it moves."""
    with opened(path) as container:
        video = container.streams[stream]
        assert isinstance(video, VideoStream)
        start, length = video.start_time or 0, video.duration or 0
        for sample in range(_SAMPLED):
            try:
                if sample and length:
                    container.seek(start + length * sample // _SAMPLED, stream=video)
                for number, frame in enumerate(container.decode(video)):
                    if combs(_luma(frame)):
                        return True
                    if number == 2:
                        break
            except FFmpegError:
                continue  # damage is told by whoever reads the clip in order
    return False


def _luma(frame: VideoFrame) -> NDArray[np.float32]:
    """The first plane, ``[h, w]``, 0 to 1."""
    gray: NDArray[np.uint8] = frame.to_ndarray(format="gray").astype(np.uint8, copy=False)
    return gray.astype(np.float32) / np.float32(255)


def combs(luma: NDArray[np.float32]) -> bool:
    """Whether a picture, ``[h, w]`` in 0 to 1, shows two instants in alternating rows."""
    above, below = luma[1:-1] - luma[:-2], luma[1:-1] - luma[2:]
    combed = (np.minimum(above, below) > _STEP) | (np.maximum(above, below) < -_STEP)
    share = cv2.boxFilter(combed.astype(np.float32), -1, (_BLOCK, _BLOCK))
    return bool(share.max() > _COMBED)
