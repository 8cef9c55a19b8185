"""Whose mouth it is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from relip.faces.pose import mean_face, similarity
from relip.faces.track import FaceTrack
from relip.media.turn import Turn
from relip.speech.articulation import OPENNESS, RATE, Articulation
from relip_job.errors import FaceError
from relip_job.job import Speaker

Array = NDArray[np.float64]
How = Literal["number", "point", "sound", "only", "size"]

FARTHEST: Final = 20
"""Rows: sound and picture may be 0.2 s apart."""
LEAST: Final = 0.2
"""Agreement of lips and sound below which nobody is said to speak. On 12 clips the speaker's own
lips reached .24 to .59 and led, by .02 to .29, the likest of some 15 strangers' lips."""
AHEAD: Final = 0.08
"""By how much the first must be ahead of the second."""
DRIFT: Final = 51
"""Rows of the running mean that is taken off: smiles and turning heads are no speech."""
DOUBT: Final = 1.5 * RATE
"""Rows of lips and sound together by which a correlation is halved: short ones come by chance."""
NEAR: Final = 0.25
"""Seconds around the asked time in which the face under the point may have been lost."""
_RIGID: Final = np.array([33, 133, 362, 263, 168, 6, 197, 4, 10, 9, 67, 297, 127, 356])
_UPPER_INNER: Final = np.array([13, 82, 312])
_LOWER_INNER: Final = np.array([14, 87, 317])


@dataclass(frozen=True, eq=False)
class Choice:
    """Whose mouth, and why.

    Attributes
    ----------
    track : the person.
    how : ``number`` and ``point`` were asked for; ``sound``: the lips move with the clip's own
        sound; ``only``: there is nobody else; ``size``: the largest over the whole clip.
    confidence : 0 to 1.
    message : one sentence for the editor.
    """

    track: FaceTrack
    how: How
    confidence: float
    message: str


def choose_speaker(
    tracks: Sequence[FaceTrack],
    speaker: Speaker,
    times: Array,
    articulation: Articulation | None = None,
    sound_start: float = 0.0,
    turn: Turn | None = None,
) -> Choice:
    """The person whose lips are to be re-synced.

    Parameters
    ----------
    tracks : everybody in the clip.
    speaker : what the job asks for.
    times : ``[n]`` seconds from the clip's first frame, of each frame.
    articulation : what is heard in the clip's own sound; not needed for a number or a point.
    sound_start : seconds from the clip's first frame to the first row of ``articulation``.
    turn : of the clip; points are displayed pixels, landmarks coded ones. None is not turned.

    Raises
    ------
    FaceError
        Nobody is in the clip, nobody has that number, or nobody is at that point.
    """
    seen = [track for track in tracks if track.seen.any()]
    if not seen:
        raise FaceError(
            "no face was found in the clip",
            "choose a clip in which the speaker's face is at least 60 pixels high",
        )
    if speaker.number is not None:
        return _numbered(seen, speaker.number)
    if speaker.point is not None:
        x, y, time = speaker.point
        return _under(seen, x, y, float(time), times, turn or Turn(0, 0, 0))
    if len(seen) == 1:
        return Choice(seen[0], "only", 1.0, "there is one face in the clip")
    heard = None if articulation is None else _loudest_lips(seen, times, articulation, sound_start)
    return heard or _largest(seen)


def lip_opening(track: FaceTrack) -> Array:
    """Gap between the inner lips over the distance of the eyes, ``[n]``; NaN where not seen.

    Measured on the head turned to the front.
    """
    opening = np.full(len(track.presence), np.nan)
    where = np.flatnonzero(track.seen)
    if len(where):
        points = track.landmarks[where].astype(np.float64)
        face = mean_face(track.landmarks)
        _, rotation, _ = similarity(points[:, _RIGID], face[_RIGID])
        gap = points[:, _LOWER_INNER].mean(1) - points[:, _UPPER_INNER].mean(1)
        down = np.einsum("nj,nj->n", rotation[:, 1], gap)
        opening[where] = down / np.linalg.norm(points[:, 263] - points[:, 33], axis=1)
    return opening


def _numbered(tracks: Sequence[FaceTrack], number: int) -> Choice:
    for track in tracks:
        if track.number == number:
            return Choice(track, "number", 1.0, f"person {number}, as asked")
    there = ", ".join(str(track.number) for track in tracks)
    raise FaceError(
        f"there is no person {number} in the clip",
        f"choose one of: {there} ('relip probe' shows who is who)",
    )


def _under(
    tracks: Sequence[FaceTrack], x: float, y: float, time: float, times: Array, turn: Turn
) -> Choice:
    point = turn.coded(np.array([x, y]))
    frame = int(np.argmin(np.abs(times - time)))
    near = np.flatnonzero(np.abs(times - times[frame]) <= NEAR)
    near = near[np.argsort(np.abs(near - frame), kind="stable")]
    best: tuple[float, FaceTrack] | None = None
    for track in tracks:
        where = near[track.seen[near]]
        if not len(where):
            continue
        points = track.landmarks[where[0], :, :2]
        low, high = points.min(0), points.max(0)
        # Landmarks end at the brow and the jaw; people point at hair and ears too.
        reach = 0.3 * (high - low)
        if np.all(point >= low - reach) and np.all(point <= high + reach):
            away = float(np.linalg.norm((point - (low + high) / 2) / (high - low)))
            if best is None or away < best[0]:
                best = away, track
    if best is None:
        raise FaceError(
            f"there is no face at {x:g},{y:g} at {time:.2f} s",
            "point at a face that is found there, or choose a person by number "
            "('relip probe' shows who is who)",
        )
    return Choice(best[1], "point", 1.0, f"person {best[1].number}, at the point asked for")


def _loudest_lips(
    tracks: Sequence[FaceTrack], times: Array, articulation: Articulation, start: float
) -> Choice | None:
    """The one whose lips move with the sound, if somebody's clearly do."""
    scored = sorted(
        ((agreement(track, times, articulation, start), track) for track in tracks),
        key=lambda pair: -pair[0],
    )
    first, second = scored[0], scored[1]
    if first[0] < LEAST or first[0] - second[0] < AHEAD:
        return None
    confidence = min(1.0, (first[0] - max(second[0], 0.0)) / 0.4)
    number = first[1].number
    return Choice(
        first[1], "sound", confidence, f"person {number}, whose lips move with the clip's sound"
    )


def agreement(
    track: FaceTrack, times: Array, articulation: Articulation, sound_start: float = 0.0
) -> float:
    """How well somebody's lips move with the sound, 0 to 1; compare with ``LEAST``.

    The best correlation over the lags allowed, less for short ones. Parameters as in
    :func:`choose_speaker`.
    """
    opening, times = lip_opening(track), times - sound_start
    heard = (articulation.visemes @ OPENNESS) * articulation.voice
    rows = np.arange(len(heard))
    at = (rows + 0.5) / RATE
    known = np.isfinite(opening)
    if known.sum() < 3:
        return 0.0
    place = np.clip(np.searchsorted(times[known], at), 1, int(known.sum()) - 1)
    gap = times[known][place] - times[known][place - 1]
    there = (at >= times[known][0]) & (at <= times[known][-1]) & (gap < 0.125)
    lips = np.interp(at, times[known], opening[known])
    best = 0.0
    for lag in range(-FARTHEST, FARTHEST + 1):
        moved = rows - lag
        both = there & (moved >= 0) & (moved < len(heard))
        if both.sum() < RATE // 2:
            continue
        a, b = _lively(lips[both]), _lively(heard[moved[both]])
        size = float(np.sqrt((a @ a) * (b @ b)))
        if size > 1e-9:
            best = max(best, float(a @ b) / size * both.sum() / (both.sum() + DOUBT))
    return float(best)


def _lively(values: Array) -> Array:
    """The values without their running mean."""
    width = min(DRIFT, len(values) | 1)
    padded = np.pad(values, width // 2, mode="edge")
    drift = np.convolve(padded, np.full(width, 1 / width), "valid")[: len(values)]
    return np.asarray(values - drift, np.float64)


def _largest(tracks: Sequence[FaceTrack]) -> Choice:
    def weight(track: FaceTrack) -> float:
        # The longer side of the face's box, however the head lies.
        sides = np.ptp(track.landmarks[track.seen, :, :2], axis=1).max(1)
        return float(sides.sum())

    scored = sorted(((weight(track), track) for track in tracks), key=lambda pair: -pair[0])
    first, second = scored[0], scored[1]
    number = first[1].number
    return Choice(
        first[1],
        "size",
        1 - second[0] / first[0],
        f"person {number}, who is largest in most of the clip; nobody's lips clearly move with "
        "its sound",
    )
