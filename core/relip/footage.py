"""One pass over a clip: who is in it, where their mouth is, what they say."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from relip.faces.follow import Follower, SeenFrame
from relip.faces.occlusion import mouth_hidden
from relip.faces.speaker import Choice, choose_speaker
from relip.faces.track import FaceTrack
from relip.media.clip import Clip
from relip.media.frame import Box, Frame
from relip.media.reader import read_frames
from relip.media.speech import read_speech
from relip.media.spool import Spool
from relip.mouth.shape import (
    CHIN,
    EYES,
    FOREHEAD,
    LIPS_INNER,
    LIPS_OUTER,
    LOWER_INNER,
    OVAL,
    UPPER_INNER,
    Array,
)
from relip.render.face import outline
from relip.speech.articulation import Articulation
from relip.speech.lag import lag
from relip.speech.visemes import listen
from relip_job.errors import FaceError
from relip_job.job import Speaker

LEAST_EYES: Final = 14.0
"""Eye distance in px below which a mouth has too few pixels to be drawn: a face of 30 px."""
TRUSTED: Final = 0.6
"""Confidence from which a measured delay is used: a mismatched soundtrack often scores less."""
MARGIN: Final = 1
"""Seconds of sound heard before the first and after the last frame."""
OPENS: Final = 0.05
"""Inner-lip gap in eye distances that the widest twentieth of a talking mouth's frames exceeds."""
MEETS: Final = 0.045
"""Inner-lip gap in eye distances below which lips may well touch."""
_STEP: Final = 12
"""Frames between reports."""


@dataclass(frozen=True, eq=False)
class Footage:
    """What one pass over a part of a clip leaves: landmarks, sound, and crops in the spool.

    Attributes
    ----------
    clip : the clip.
    first : index in the clip of row 0; rows are consecutive frames.
    track : the person, ``n`` rows.
    times : float64 ``[n]`` seconds from the clip's first picture.
    crops : spool number of each row's lower face, -1 where there is none, ``[n]``.
    hidden : float32 ``[n]``, 0 to 1, how likely the mouth is covered.
    own : what the clip's sound says, or None.
    own_start : seconds from the first picture to the first sample of ``own``.
    delay : seconds by which the picture's mouth is later than its sound.
    choice : how the person was chosen among ``people``.
    """

    clip: Clip
    first: int
    track: FaceTrack
    times: Array
    crops: NDArray[np.int64]
    hidden: NDArray[np.float32]
    own: Articulation | None
    own_start: float
    delay: float
    choice: Choice
    people: int

    @property
    def usable(self) -> NDArray[np.bool_]:
        """``[n]``: rows whose whole mouth is in the picture, large enough and not covered."""
        return usable_mouths(self.clip, self.track, self.hidden) & (self.crops >= 0)


def face_heights(landmarks: NDArray[np.float32]) -> Array:
    """Forehead to chin in px, ``[n]``."""
    return np.asarray(np.linalg.norm(landmarks[:, FOREHEAD, :2] - landmarks[:, CHIN, :2], axis=1))


def usable_mouths(clip: Clip, track: FaceTrack, hidden: NDArray[np.float32]) -> NDArray[np.bool_]:
    """``[n]``: rows whose whole mouth is in the picture, large enough and not covered."""
    marks = track.landmarks
    eyes = np.linalg.norm(marks[:, EYES[0], :2] - marks[:, EYES[1], :2], axis=1)
    # A profile's eyes are close together; the face is still large.
    large = np.fmax(eyes, face_heights(marks) * 0.6) >= LEAST_EYES
    lips = marks[:, LIPS_OUTER, :2]
    inside = ((lips >= 0) & (lips <= (clip.width - 1, clip.height - 1))).all((1, 2))
    return np.asarray(track.seen & (hidden < 0.5) & large & inside)


def lower_face(landmarks: NDArray[np.float32], frame: Frame) -> Box:
    """The part of the picture a mouth is drawn from: below the eyes, as far as the face moves."""
    points = landmarks.astype(float)
    down = points[CHIN, :2] - points[FOREHEAD, :2]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    # The face's own axes, across and down it: heads are held askew, and some lie.
    axes = np.array([[down[1], -down[0]], down])
    edge = np.vstack([outline(points), points[OVAL, :2]]) @ axes.T
    middle = (points[LIPS_INNER, :2] @ axes.T).mean(0)
    # Half of the outline is enough around the mouth; cheeks come from the frame itself.
    left = (edge.min(0) * 0.7 + middle * 0.3)[0]
    top = (points[[4, 6, 197], :2] @ axes.T)[:, 1].mean()
    right, bottom = edge.max(0) * 0.85 + middle * 0.15
    corners = np.array([(x, y) for x in (left, right) for y in (top, bottom)]) @ axes
    low, high = np.floor(corners.min(0)), np.ceil(corners.max(0))
    box = Box(int(low[0]), int(low[1]), int(high[0]), int(high[1]))
    return box.within(Box(0, 0, frame.width, frame.height))


def watch(
    clip: Clip, first: int, stop: int, spool: Spool
) -> Generator[int, None, tuple[Follower, dict[tuple[int, int], int]]]:
    """Follow everybody through ``[first, stop)``; yields frames done.

    Returns the follower and where in the spool each (row, provisional number) lies.
    """
    follower = Follower(clip.rate, clip.rotation)
    crops: dict[tuple[int, int], int] = {}
    row = 0

    def keep(seen: list[SeenFrame]) -> None:
        nonlocal row
        for item in seen:
            for name, landmarks in item.faces.items():
                box = lower_face(landmarks, item.frame)
                if box.width >= 8 and box.height >= 8:
                    crops[row, name] = spool.put(item.frame.crop(box))
            row += 1

    for done, frame in enumerate(read_frames(clip, first, stop)):
        keep(follower.take(frame))
        if done % _STEP == 0:
            yield done
    keep(follower.flush())
    return follower, crops


def opening(track: FaceTrack) -> Array:
    """Inner-lip gap per row in eye distances, NaN where not seen; a first look, no pose."""
    marks = track.landmarks
    gap = np.linalg.norm(marks[:, LOWER_INNER] - marks[:, UPPER_INNER], axis=2).mean(1)
    eyes = np.linalg.norm(marks[:, EYES[0]] - marks[:, EYES[1]], axis=1)
    return np.asarray(gap / eyes, float)


def overhear(clip: Clip, first: int, stop: int) -> tuple[Articulation | None, float]:
    """What the clip's own sound says during frames ``[first, stop)``, None without sound.

    The second value is seconds from the first picture to its first row.
    """
    if not clip.sounds:
        return None, 0.0
    around = clip.time(first) - MARGIN, clip.time(stop - 1) + MARGIN
    speech = read_speech(clip.path, part=around)
    if not len(speech.samples):
        return None, 0.0
    return listen(speech.samples), float(speech.start)


def analyse(
    clip: Clip, first: int, stop: int, speaker: Speaker, spool: Spool
) -> Generator[int, None, Footage]:
    """The person asked for, in frames ``[first, stop)``; yields frames done.

    Raises
    ------
    FaceError
        Nobody is seen, or not the person asked for.
    """
    # Sound first: its networks are gone before the pictures need the memory.
    own, own_start = overhear(clip, first, stop)
    follower, where = yield from watch(clip, first, stop, spool)
    tracks = follower.tracks()
    if not tracks:
        raise FaceError(
            f"no face was found in {clip.path.name}",
            "choose a clip or range in which the speaker's face is seen",
        )
    times = np.array([float(clip.time(index)) for index in range(first, stop)])
    choice = choose_speaker(tracks, speaker, times, own, own_start, clip.turn)
    track = choice.track
    crops = np.full(len(times), -1, np.int64)
    for (row, name), number in where.items():
        if follower.numbers.get(name) == track.number and track.seen[row]:
            crops[row] = number
    delay = 0.0
    if own is not None:
        found = lag(own, opening(track), times - own_start)
        delay = found.seconds if found.confidence >= TRUSTED else 0.0
    return Footage(
        clip,
        first,
        track,
        times,
        crops,
        mouth_hidden(follower.glimpses(track.number), track.shots),
        own,
        own_start,
        delay,
        choice,
        len(tracks),
    )


def stretches(wanted: NDArray[np.bool_], shots: NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Half-open runs of wanted rows that no cut interrupts."""
    start = None
    for row, want in enumerate(wanted):
        if start is not None and (not want or shots[row] != shots[start]):
            yield start, row
            start = None
        if want and start is None:
            start = row
    if start is not None:
        yield start, len(wanted)
