"""Pictures of a clip as native planes, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from relip.media.clip import Clip
from relip.media.formats import is_full_range_by_name, sample_format
from relip.media.frame import Box, Frame, Plane
from relip.media.opening import opened
from relip_job.errors import DamagedMedia, MediaError


def read_frames(
    clip: Clip, start: int = 0, stop: int | None = None, *, threads: int = 0
) -> Iterator[Frame]:
    """Yield the pictures ``[start, stop)`` in presentation order.

    The planes are read-only views of the decoder's own memory; nothing is kept once the caller
    lets a frame go.

    Parameters
    ----------
    stop : ``None`` reads to the end.
    threads : decoder threads; 0 lets the decoder choose.

    Raises
    ------
    DamagedMedia
        A picture cannot be decoded; the message says at which timecode.
    """
    stop = clip.frames if stop is None else min(stop, clip.frames)
    if start < 0:
        raise ValueError(f"a clip has no picture {start}")
    if start >= stop:
        return
    index = start
    for picture in _pictures_from(clip, start, threads):
        if picture.pts is not None and picture.pts != clip.pts[index]:
            if picture.pts < clip.pts[index]:
                continue
            raise _lost(clip, index)
        yield _frame(clip, picture, index)
        index += 1
        if index == stop:
            return
    raise _lost(clip, index)


def _pictures_from(clip: Clip, start: int, threads: int) -> Iterator[VideoFrame]:
    """Decode in order, beginning at picture ``start`` or somewhere before it."""
    with opened(clip.path) as container:
        video = container.streams[clip.stream]
        assert isinstance(video, VideoStream)
        context = video.codec_context
        context.thread_count = threads
        context.thread_type = "AUTO"
        # A damaged picture must be an error, not a guess painted over the damage.
        context.options = {"err_detect": "explode"}
        if start == 0:
            yield from _decoded(clip, container, video, None)
            return
        # Leading pictures of an open group lie before its key picture, so the last key picture
        # at or before the wanted one always suffices; where a container seeks by decoding time
        # it may land one group late, and an earlier key picture is tried.
        keys = clip.keys[clip.keys <= clip.pts[start]]
        for attempt in range(3):
            if len(keys) <= 2 * attempt:
                break
            try:
                container.seek(int(keys[-1 - 2 * attempt]), stream=video)
            except FFmpegError:
                break  # a bare stream cannot be sought in
            pictures = _decoded(clip, container, video, start)
            first = next(pictures, None)
            if first is not None and first.pts is not None and first.pts <= clip.pts[start]:
                yield first
                yield from pictures
                return
    yield from _pictures_from(clip, 0, threads)


def _decoded(
    clip: Clip, container: InputContainer, video: VideoStream, sought: int | None
) -> Iterator[VideoFrame]:
    """Decode from where the container stands, with errors told by timecode."""
    last = clip.pts[sought] if sought is not None else None
    begun = False
    packets = container.demux(video)
    try:
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            try:
                pictures = packet.decode()
            except FFmpegError:
                # Up to the first picture, packets may lean on what was cut away or skipped.
                if not begun:
                    continue
                raise
            for picture in pictures:
                begun = True
                last = picture.pts
                yield picture
    except FFmpegError as error:
        index = 0 if last is None else int(np.searchsorted(clip.pts, last, side="right"))
        raise _lost(clip, min(index, clip.frames - 1)) from error


def _lost(clip: Clip, index: int) -> DamagedMedia:
    at = clip.timecode(index)
    return DamagedMedia(
        f"{clip.path.name} is damaged: the picture at {at} (frame {index}) cannot be decoded",
        "copy or export the clip again, or trim the damaged part away",
    )


def _frame(clip: Clip, picture: VideoFrame, index: int) -> Frame:
    layout = clip.format
    if (picture.width, picture.height) != (clip.width, clip.height):
        raise MediaError(
            f"{clip.path.name} changes its size at {clip.timecode(index)}",
            "split the clip there",
        )
    if sample_format(picture.format.name) != layout:
        raise MediaError(
            f"{clip.path.name} changes its sample layout at {clip.timecode(index)}",
            "split the clip there",
        )
    picture = unpacked(picture)
    return Frame(
        index=index,
        pts=int(clip.pts[index]),
        time_base=clip.time_base,
        time=clip.time(index),
        format=layout,
        colour=clip.colour,
        width=clip.width,
        height=clip.height,
        planes=tuple(plane_views(picture)),
        box=Box(0, 0, clip.width, clip.height),
    )


def unpacked(picture: VideoFrame) -> VideoFrame:
    """The picture in planes of little-endian samples, without loss; itself if it is so."""
    name = picture.format.name
    if is_full_range_by_name(name):
        return picture
    planar = sample_format(name).name
    return picture if planar == name else picture.reformat(format=planar)


def plane_views(picture: VideoFrame, writeable: bool = False) -> Iterator[Plane]:
    """Views ``[rows, columns]`` of the planes, which keep the picture alive."""
    wide = max(part.bits for part in picture.format.components) > 8
    for plane in picture.planes:
        memory = memoryview(plane)
        samples: Plane = (
            np.frombuffer(memory, np.uint16) if wide else np.frombuffer(memory, np.uint8)
        )
        stride = abs(plane.line_size) // samples.itemsize
        view = samples.reshape(plane.height, stride)[:, : plane.width]
        if plane.line_size < 0:
            view = view[::-1]
        view.flags.writeable = writeable
        yield view
