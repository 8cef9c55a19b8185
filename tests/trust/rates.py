"""The same performance at other frame rates: rendered again, or real footage resampled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from relip import sample
from relip.media.clip import Clip
from relip.media.frame import Frame, Plane
from relip.media.probe import probe
from relip.media.reader import read_frames
from relip.render.lay import lay
from scripts.sample import make_sample
from scripts.sample.mouth import trajectory
from scripts.sample.perform import HeadPose, Performer
from scripts.sample.speak import Phone
from tests.faces_made import portrait
from tests.trust.shown import write

RATES: Final = {"22.131": Fraction(1350, 61), "25": Fraction(25), "29.97": Fraction(30000, 1001)}
"""Frames per second, as they are told and as they are."""
PORTRAIT: Final = (80, 0, 512)
"""Where the tests' portrait lies in the sample's, left and top, and the sample's side, px."""


def clip_at(clip: Clip, rate: Fraction, frames: int) -> Clip:
    """The clip with so many frames at another rate."""
    return replace(
        clip,
        rate=rate,
        variable_rate=False,
        time_base=1 / rate,
        pts=np.arange(frames, dtype=np.int64),
        keys=np.arange(frames, dtype=np.int64),
        last_duration=1 / rate,
        start_timecode=None,
    )


def performed(path: Path, rate: Fraction, seconds: int) -> Path:
    """The sample's performance rendered at another rate, with its sound."""
    source = probe(sample.picture())
    clip = clip_at(source, rate, int(seconds * rate))
    times = np.array([float(time) for time in clip.times])
    phones = [Phone(phone.name, phone.start, phone.end) for phone in sample.spoken()]
    shapes = trajectory(phones, float(source.duration), times)
    left, top, side = PORTRAIT
    whole = np.zeros((side, side, 3), np.uint8)
    face = portrait()
    whole[top : top + face.shape[0], left : left + face.shape[1]] = face
    marks = np.array(json.loads((make_sample.HERE / "landmarks.json").read_text()))
    performer = Performer(whole, marks)
    first = next(read_frames(source, 0, 1))
    random = np.random.default_rng(1995)

    def frames() -> Iterator[Frame]:
        for index, (shape, time) in enumerate(zip(shapes, times.tolist(), strict=True)):
            drawn = performer.draw(shape, head_at(time))
            grain = random.normal(0, make_sample.GRAIN * 1.7, (*drawn.shape[:2], 1))
            seen = drawn + cv2.GaussianBlur(grain, (0, 0), 0.6)[..., None] / 255
            rgb = np.clip(seen, 0, 1).astype(np.float32)
            picture = lay(first, rgb, np.ones(rgb.shape[:2], np.float32), 0, 0)
            yield replace(picture, index=index)

    return write(path, clip, frames(), audio="source")


def head_at(seconds: float) -> HeadPose:
    """The sample's head, blinking at any rate."""
    pose = make_sample.head_pose(seconds, -1)
    steps = np.arange(-1, len(make_sample.LIDS) + 1) / make_sample.RATE
    lids = [0.0, *make_sample.LIDS, 0.0]
    shut = max(np.interp(seconds - moment, steps, lids) for moment in make_sample.BLINKS)
    return replace(pose, shut=float(shut))


def resampled(source: Path, path: Path, rate: Fraction) -> Path:
    """Real footage at another rate, with its sound.

    Every picture is the nearest one of the source, moved along the optical flow (Kroeger and
    others, ECCV 2016) toward its neighbour for the rest of the time, half a frame at most. Nothing
    is blended, so nothing gets softer than one interpolation makes it.
    """
    clip = probe(source)
    made = clip_at(clip, rate, int(clip.duration * rate))
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def frames() -> Iterator[Frame]:
        index = 0
        kept: list[Frame] = []
        for frame in read_frames(clip):
            kept = [*kept[-2:], frame]
            last = frame.index == clip.frames - 1
            while index < made.frames and (last or made.time(index) * clip.rate <= frame.index - 1):
                place = float(made.time(index) * clip.rate)
                near = min(kept, key=lambda one: abs(one.index - place))
                away = place - near.index
                toward = [one for one in kept if one.index == near.index + np.sign(away)]
                if toward and abs(away) > 0.02:
                    picture = moved(near, toward[0], abs(away), flow)
                else:
                    picture = near
                yield replace(picture, index=index)
                index += 1

    return write(path, made, frames(), audio="source")


def moved(near: Frame, toward: Frame, part: float, flow: cv2.DISOpticalFlow) -> Frame:
    """``near`` moved ``part`` of the way toward its neighbour."""
    grey = [_grey(frame) for frame in (near, toward)]
    # The flow is known where things are, wanted where they will be; over half a frame of a
    # talking head the difference is below what landmarks see.
    # What is given as a flow is where the search begins.
    begin = np.zeros((*grey[0].shape, 2), np.float32)
    way = flow.calc(grey[0], grey[1], begin) * part
    planes: list[Plane] = []
    for number, plane in enumerate(near.planes):
        sx, sy = near.steps(number)
        rows, columns = plane.shape
        there = cv2.resize(way, (columns, rows), interpolation=cv2.INTER_AREA)
        xs = np.arange(columns, dtype=np.float32)[None] - there[..., 0] / np.float32(sx)
        ys = np.arange(rows, dtype=np.float32)[:, None] - there[..., 1] / np.float32(sy)
        seen = cv2.remap(plane, xs, ys, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
        planes.append(seen.astype(np.uint8) if near.format.bits <= 8 else seen.astype(np.uint16))
    return replace(near, planes=tuple(planes))


def _grey(frame: Frame) -> NDArray[np.uint8]:
    shift = max(frame.format.bits - 8, 0)
    return np.ascontiguousarray((frame.planes[0] >> shift).astype(np.uint8))
