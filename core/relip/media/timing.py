"""When every picture is shown, and the exact rate behind it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream
from numpy.typing import NDArray

from relip.media.opening import damaged, decode_tolerantly, opened

# One packet holds one shown picture, so pictures can be counted without decoding.
COUNTABLE = frozenset(
    "h264 hevc prores dnxhd ffv1 mpeg1video mpeg2video mjpeg rawvideo v210 png qtrle cfhd"
    " utvideo huffyuv ffvhuff magicyuv hap av1 jpeg2000 dvvideo".split()
)
# Every picture stands alone: the container's index is the whole timing, no byte need be read.
INTRA = frozenset("prores dnxhd ffv1 mjpeg rawvideo v210 png qtrle cfhd utvideo dvvideo".split())
# Rates that exist in cameras and deliverables; a container's rounded guess is snapped to them.
STANDARD_RATES = tuple(
    Fraction(number, 1001) for number in (24000, 30000, 48000, 60000, 120000)
) + tuple(Fraction(number) for number in (24, 25, 30, 48, 50, 60, 100, 120, 15, 12, 10))
NEARLY = Fraction(1, 5000)  # 24 and 24000/1001 are five times further apart


@dataclass(frozen=True, eq=False)
class Timing:
    """``pts`` of all pictures and of ``keys``, both sorted; ``last`` is the last one's length.

    All in ticks; ``last`` is 0 where the container does not say.
    """

    pts: NDArray[np.int64]
    keys: NDArray[np.int64]
    last: int


def fit_rate(
    pts: NDArray[np.int64], time_base: Fraction, declared: Iterable[Fraction]
) -> tuple[Fraction, bool]:
    """Return the exact rate, and whether pictures lie off its grid.

    Parameters
    ----------
    pts : sorted, ``[n]`` ticks of ``time_base`` seconds.
    declared : what the container claims, most trusted first.
    """
    claims = [rate for rate in declared if rate > 0]
    if len(pts) < 2:
        return (claims[0] if claims else Fraction(25)), False
    steps = np.diff(pts)
    # A constant step of many ticks is exact; a step of one tick of a coarse clock is, too.
    step = int(steps[0])
    if step > 0 and bool(np.all(steps == step)):
        exact = 1 / (step * time_base)
        near = [rate for rate in claims if abs(rate - exact) <= exact * NEARLY]
        # Milliseconds cannot tell 30000/1001 in a clip of one frame step; the container can.
        return next((rate for rate in near if _on_grid(pts, time_base, rate)), exact), False
    mean = (len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base) if pts[-1] > pts[0] else Fraction(0)
    for claim in [*claims, mean]:
        standard = [rate for rate in STANDARD_RATES if abs(rate - claim) <= rate * NEARLY]
        for rate in [claim, *standard]:
            if _on_grid(pts, time_base, rate):
                return rate, False
    return (claims[0] if claims else mean.limit_denominator(100_000)), True


def _on_grid(pts: NDArray[np.int64], time_base: Fraction, rate: Fraction) -> bool:
    """Whether every picture lies within the container's rounding of ``i / rate``."""
    if rate <= 0:
        return False
    interval = float(1 / (rate * time_base))
    ticks = (pts - pts[0]).astype(np.float64)
    error = np.abs(ticks - np.arange(len(pts)) * interval)
    # A container's own rounding moves a picture by less than a tick. Where a tick is a large
    # part of a frame, a tick is no rounding but a picture out of place.
    allowed = 1.0 if interval >= 8 else 0.01
    return bool(np.all(error <= allowed + 1e-6))


def has_index(container: InputContainer) -> bool:
    """Whether the container lists every packet up front, as QuickTime does."""
    return container.format.name.startswith("mov")


def timing_of_index(video: VideoStream, container: InputContainer) -> Timing | None:
    """Timing from the container's index alone, where that is the truth; else ``None``."""
    if not has_index(container) or video.codec_context.codec.canonical_name not in INTRA:
        return None
    entries = [entry for entry in video.index_entries if not entry.is_discard]
    if not entries or not all(entry.is_keyframe for entry in entries):
        return None
    pts = np.array([entry.timestamp for entry in entries], np.int64)
    end = (video.start_time or 0) + (video.duration or 0)
    return Timing(pts, pts, max(0, end - int(pts[-1])))


def timing_of_packets(container: InputContainer, stream: int, path: Path, codec: str) -> Timing:
    """Timing from every packet, or from every picture where packets do not tell."""
    video = container.streams[stream]
    assert isinstance(video, VideoStream)
    pts: list[int] = []
    keys: list[int] = []
    last, last_pts = 0, None
    matroska = container.format.name.startswith("matroska")
    ends = Fraction(0)
    try:
        for packet in container.demux():
            if matroska and packet.dts is not None:
                ends = max(ends, (packet.dts + (packet.duration or 0)) * packet.time_base)
            if packet.stream.index != stream or packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None or codec not in COUNTABLE:
                return _timing_of_pictures(path, stream)
            pts.append(packet.pts)
            if packet.is_keyframe:
                keys.append(packet.pts)
            if last_pts is None or packet.pts > last_pts:
                last_pts, last = packet.pts, packet.duration or 0
    except FFmpegError as error:
        raise damaged(path, f"it cannot be read to its end ({error.strerror})") from error
    promised = Fraction(container.duration or 0, 1_000_000)
    if matroska and promised - ends > 1:
        raise damaged(
            path,
            f"it is cut short: {float(ends):.1f} of its {float(promised):.1f} seconds are left",
        )
    return Timing(np.sort(np.array(pts, np.int64)), np.sort(np.array(keys, np.int64)), last)


def _timing_of_pictures(path: Path, stream: int) -> Timing:
    """Timing from decoding everything: streams without time stamps, or with hidden pictures."""
    pts: list[int] = []
    keys: list[int] = []
    with opened(path) as container:
        video = container.streams[stream]
        assert isinstance(video, VideoStream)
        video.thread_type = "AUTO"
        tick = video.time_base or Fraction(1, 25)
        step = max(1, round(1 / ((video.guessed_rate or Fraction(25)) * tick)))
        for frame in decode_tolerantly(container, video):
            stamp = frame.pts if frame.pts is not None else (pts[-1] + step if pts else 0)
            pts.append(stamp)
            if frame.key_frame:
                keys.append(stamp)
    return Timing(np.sort(np.array(pts, np.int64)), np.sort(np.array(keys, np.int64)), step)
