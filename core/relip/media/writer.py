"""Writing a result: native frames in, a whole file out or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
from av.container import OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from relip.media.clip import Clip
from relip.media.convert import convert
from relip.media.frame import Frame
from relip.media.mix import Spoken, speech_files
from relip.media.naming import refuse_existing
from relip.media.probe import PIXEL_ASPECT_TAG
from relip.media.reader import plane_views
from relip.media.target import Target
from relip.media.track import Span, Timed, dub_sound, source_sound
from relip_job.errors import JobError, OutputError

_MUXERS = {".mov": "mov", ".mp4": "mp4", ".mkv": "matroska"}
_HOLDS = {
    "prores": (".mov", ".mkv"),
    "dnxhr": (".mov",),
    "h264": (".mov", ".mp4", ".mkv"),
    "hevc": (".mov", ".mp4", ".mkv"),
    "ffv1": (".mkv",),
}
_X265_DELAY = 16
_KEPT_TAGS = ("title", "comment", "artist", "copyright", "creation_time")


class Writer:
    """A context in which frames are written; the file appears when it ends without error.

    The result keeps the clip's picture times, rate, start timecode, reel, colour description,
    pixel aspect and rotation. Times count from the first picture written.

    Parameters
    ----------
    path : must not exist; its suffix must be one that holds the codec.
    audio : ``none``, ``source`` (the clip's packets as they are) or ``dub``.
    dub : file with the new sound, or its parts, for ``audio="dub"``.
    dub_start : where the dub's clock begins (a file's first sample, or its first picture), in
        seconds from the clip's first picture.
    start, stop : pictures ``[start, stop)`` of the clip that will be written.

    Raises
    ------
    OutputError
        The file exists, cannot be written, or the disk is full.
    """

    def __init__(
        self,
        path: str | Path,
        clip: Clip,
        target: Target,
        audio: str = "none",
        dub: Spoken | None = None,
        dub_start: Fraction = Fraction(0),
        start: int = 0,
        stop: int | None = None,
    ) -> None:
        self._path = Path(path)
        self._partial = self._path.with_name(self._path.name + ".partial")
        self._clip, self._target = clip, target
        self._audio, self._dub, self._dub_start = audio, dub, dub_start
        self._start, self._stop = start, clip.frames if stop is None else stop
        self._next = start
        self._time_base = _time_base(clip)
        self._sound: Iterator[Timed] = iter(())
        self._held: Timed | None = None
        self._durations: dict[int, int | None] = {}
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        refuse_existing(self._path, (clip.path, *(speech_files(dub) if dub else ())))
        if self._path.suffix.lower() not in _HOLDS[target.codec]:
            suffixes = " or ".join(_HOLDS[target.codec])
            raise OutputError(
                f"{self._path.name} cannot hold {target.codec}", f"let its name end in {suffixes}"
            )
        if audio == "dub" and dub is None:
            raise JobError("there is no dub to put beside the picture", "name the speech file")

    def __enter__(self) -> Self:
        try:
            self._open()
        except BaseException as error:
            self._discard()
            if isinstance(error, OSError | FFmpegError | ValueError):
                raise self._unwritable(error) from error
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._discard()
            return
        try:
            if self._next != self._stop:
                raise RuntimeError(f"{self._stop - self._next} pictures were not written")
            self._finish()
        except BaseException as failure:
            self._discard()
            if isinstance(failure, OSError | FFmpegError | ValueError):
                raise self._unwritable(failure) from failure
            raise

    def write(self, frame: Frame) -> None:
        """Write the next picture; it is converted to the target's samples if it has others."""
        if frame.index != self._next or self._next >= self._stop:
            raise ValueError(f"picture {self._next} was to be written, not {frame.index}")
        picture = self._picture(frame)
        try:
            self._mux(self._video.encode(picture), self._clip.time(frame.index))
        except (OSError, FFmpegError) as error:
            raise self._unwritable(error) from error
        self._next += 1

    def _open(self) -> None:
        clip, target = self._clip, self._target
        suffix = self._path.suffix.lower()
        # Written through Python's file, so that a full disk is an error at once and at close.
        self._file = self._partial.open("wb")
        options = {"video_track_timescale": str(self._time_base.denominator)}
        self._output = av.open(
            self._file,
            mode="w",
            format=_MUXERS[suffix],
            container_options=options if suffix != ".mkv" else {},
            buffer_size=1 << 20,
        )
        assert isinstance(self._output, OutputContainer)
        kept = {key: clip.metadata[key] for key in _KEPT_TAGS if key in clip.metadata}
        self._output.metadata.update(kept)
        settings = dict(target.options)
        if target.encoder == "libx265" and self._stop - self._start < _X265_DELAY:
            # x265 invents decoding times where a clip is shorter than its reordering.
            settings["x265-params"] += ":bframes=0"
        video = self._output.add_stream(target.encoder, rate=clip.rate, options=settings)
        assert isinstance(video, VideoStream)
        self._video = video
        context = video.codec_context
        context.width, context.height, context.pix_fmt = clip.width, clip.height, target.pixels
        context.time_base = video.time_base = self._time_base
        context.thread_count = 0
        context.thread_type = "AUTO"
        context.sample_aspect_ratio = clip.pixel_aspect
        self._describe(context)
        if target.tag and suffix in (".mov", ".mp4"):
            context.codec_tag = target.tag
        self._tag(video, suffix)
        span = Span(clip.time(self._start), self._end())
        if self._audio == "source":
            early = suffix != ".mkv"
            self._sound = source_sound(self._output, clip, span, self._stack, early)
        elif self._audio == "dub":
            assert self._dub is not None
            self._sound = dub_sound(self._output, self._dub, self._dub_start, span)

    def _tag(self, video: VideoStream, suffix: str) -> None:
        clip = self._clip
        if clip.start_timecode is not None:
            video.metadata["timecode"] = str(clip.timecode(self._start))
        if clip.reel is not None:
            video.metadata["reel_name"] = clip.reel
        if clip.rotation:
            video.set_display_rotation(clip.rotation)
        if suffix == ".mkv" and clip.pixel_aspect != 1:
            aspect = clip.pixel_aspect
            video.metadata[PIXEL_ASPECT_TAG] = f"{aspect.numerator}:{aspect.denominator}"

    def _describe(self, described: av.VideoFrame | av.VideoCodecContext) -> None:
        colour = self._target.colour
        described.color_primaries = colour.primaries
        described.color_trc = colour.transfer
        described.colorspace = colour.matrix
        described.color_range = 2 if colour.full else 1

    def _picture(self, frame: Frame) -> av.VideoFrame:
        """The frame in FFmpeg's memory, in the target's samples, with its time."""
        target = self._target
        picture = av.VideoFrame(frame.width, frame.height, target.format.name)
        convert(frame, target.format, target.colour, tuple(plane_views(picture, True)))
        self._describe(picture)
        if target.pixels != target.format.name:
            picture = picture.reformat(format=target.pixels)
        picture.pts = self._ticks(frame.index) - self._ticks(self._start)
        picture.time_base = self._time_base
        picture.duration = self._ticks(frame.index + 1) - self._ticks(frame.index)
        # Not every encoder hands the duration on, and the last picture's is told by nothing else.
        self._durations[picture.pts] = picture.duration
        return picture

    def _ticks(self, index: int) -> int:
        """Time of a picture, or the end of the last one, in the result's ticks."""
        clip = self._clip
        seconds = clip.time(index) if index < clip.frames else clip.duration
        return round(seconds / self._time_base)

    def _end(self) -> Fraction:
        clip = self._clip
        return clip.time(self._stop) if self._stop < clip.frames else clip.duration

    def _mux(self, packets: list[Packet[VideoStream]], until: Fraction) -> None:
        """Mux the picture's packets, and the sound as far as ``until``."""
        while True:
            if self._held is None:
                self._held = next(self._sound, None)
            if self._held is None or self._held[0] > until - self._clip.time(self._start):
                break
            self._output.mux(self._held[1])
            self._held = None
        for packet in packets:
            if packet.pts is not None:
                packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._output.mux_one(packet)

    def _finish(self) -> None:
        self._mux(self._video.encode(None), self._end())
        self._output.close()
        self._stack.close()
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        refuse_existing(self._path)
        self._partial.replace(self._path)

    def _discard(self) -> None:
        """Leave nothing behind, whatever state things are in."""
        output: OutputContainer | None = getattr(self, "_output", None)
        if output is not None:
            # The trailer of a file that is thrown away may fail as it likes.
            with suppress(OSError, FFmpegError, ValueError):
                output.close()
        with suppress(OSError, FFmpegError):
            self._stack.close()
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._partial.unlink(missing_ok=True)

    def _unwritable(self, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or str(error)
        return OutputError(
            f"{self._path} cannot be written ({reason})",
            "check the folder's rights and the room on its disk, or choose another folder",
        )


def _time_base(clip: Clip) -> Fraction:
    """The clip's own ticks where they express its times exactly, else one tick per picture."""
    if clip.variable_rate:
        return clip.time_base
    ticks = 1 / (clip.rate * clip.time_base)
    if ticks.denominator == 1 and clip.time_base.numerator == 1:
        return clip.time_base
    return 1 / clip.rate
