"""Where the head is and which way it looks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Landmark numbers of MediaPipe's face mesh.
STABLE: Final = np.array(
    "33 133 362 263 168 6 197 195 5 4 1 10 151 9 8 67 297 103 332 127 356 234 454 130 359 27 "
    "257 70 300 105 334 19 94".split(),
    int,
)
"""Eyes, brows, forehead, nose and temples: what speech does not move."""


def similarity(source: Array, target: Array) -> tuple[Array, Array, Array]:
    """The similarity that lays ``source`` over ``target`` best: ``scale, rotation, translation``.

    ``target = scale * source @ rotation.T + translation``, in the least-squares sense.
    Umeyama, Least-squares estimation of transformation parameters, PAMI 1991.

    Parameters
    ----------
    source, target : ``[..., k, d]``; leading axes broadcast.

    Returns
    -------
    scale ``[...]``, rotation ``[..., d, d]`` (never a reflection), translation ``[..., d]``.
    """
    mean_s, mean_t = source.mean(-2, keepdims=True), target.mean(-2, keepdims=True)
    centred_s, centred_t = source - mean_s, target - mean_t
    u, d, vt = np.linalg.svd(np.swapaxes(centred_t, -1, -2) @ centred_s)
    sign = np.ones_like(d)
    sign[..., -1] = np.where(np.linalg.det(u) * np.linalg.det(vt) < 0, -1, 1)
    rotation = (u * sign[..., None, :]) @ vt
    spread = np.square(centred_s).sum((-1, -2))
    scale = (d * sign).sum(-1) / np.where(spread > 0, spread, 1)
    turned = (rotation @ np.swapaxes(mean_s, -1, -2))[..., 0]
    return scale, rotation, mean_t[..., 0, :] - scale[..., None] * turned


def mean_face(landmarks: NDArray[np.float32], rounds: int = 3) -> Array:
    """The mean shape ``[p, 3]`` of ``[n, p, 3]`` px, upright, centred on the stable points.

    Frames with NaN are left out. Its size is the frames' mean size; frontal frames count most, as
    depth is a guess that turned heads would smear into the width. ``ValueError`` if no frame is
    left.
    """
    shapes = landmarks[np.isfinite(landmarks).all((1, 2))].astype(np.float64)
    if not len(shapes):
        raise ValueError("there is no face in these landmarks")
    frontal = _frontal(shapes)
    reference = shapes[int(np.argmax(frontal))]
    for _ in range(rounds):
        scale, rotation, shift = similarity(shapes[:, STABLE], reference[STABLE])
        laid = scale[:, None, None] * shapes @ np.swapaxes(rotation, 1, 2) + shift[:, None]
        reference = np.average(laid, axis=0, weights=frontal + 1e-6)
    return np.asarray(_upright(reference), np.float64)


def head_pose(
    landmarks: NDArray[np.float32], face: Array | None = None
) -> tuple[Array, Array, Array]:
    """Per frame the similarity from the mean face to the picture: scale, rotation, translation.

    ``picture = scale * face @ rotation.T + translation``

    Parameters
    ----------
    landmarks : ``[n, p, 3]`` px; NaN where not seen.
    face : the mean face ``[p, 3]``; without it, :func:`mean_face` of the same landmarks.

    Returns
    -------
    scale ``[n]``, rotation ``[n, 3, 3]``, translation ``[n, 3]`` px; NaN where not seen.
    """
    face = mean_face(landmarks) if face is None else face
    seen = np.isfinite(landmarks).all((1, 2))
    count = len(landmarks)
    scale, shift = np.full(count, np.nan), np.full((count, 3), np.nan)
    rotation = np.full((count, 3, 3), np.nan)
    target = landmarks[seen][:, STABLE].astype(np.float64)
    scale[seen], rotation[seen], shift[seen] = similarity(face[STABLE], target)
    return scale, rotation, shift


def angles(rotation: Array) -> tuple[Array, Array, Array]:
    """Yaw, pitch and roll in degrees of rotations ``[n, 3, 3]`` as :func:`head_pose` gives.

    Yaw is positive toward the right of the picture, pitch upward, roll clockwise as seen. The
    head is rolled first, then pitched, then turned about the picture's upright axis.
    """
    # The nose points to -z: the head's forward axis is -rotation[:, :, 2].
    yaw = np.arctan2(-rotation[:, 0, 2], rotation[:, 2, 2])
    pitch = np.arcsin(np.clip(rotation[:, 1, 2], -1, 1))
    roll = np.arctan2(rotation[:, 1, 0], rotation[:, 1, 1])
    return np.degrees(yaw), np.degrees(pitch), np.degrees(roll)


def _frontal(shapes: Array) -> Array:
    """``[n]``: near 1 where both temples are equally far from the nose as seen, falling to 0."""
    down = shapes[:, 152, :2] - shapes[:, 10, :2]
    across = np.stack([down[:, 1], -down[:, 0]], 1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    left, right = (
        np.abs(np.einsum("nj,nj->n", shapes[:, temple, :2] - shapes[:, 4, :2], across))
        for temple in (454, 234)
    )
    turn = (left - right) / np.maximum(left + right, 1e-6)
    return np.asarray(np.exp(-((turn / 0.35) ** 2)), np.float64)


def _upright(face: Array) -> Array:
    """The face turned so that its own axes are the picture's: eyes level, nose toward -z.

    Forehead and chin are equally deep in an average face that looks straight ahead.
    """
    across = face[263] + face[454] - face[33] - face[234]
    down = face[152] - face[10]
    x = across / np.linalg.norm(across)
    y = down - x * (down @ x)
    y /= np.linalg.norm(y)
    axes = np.stack([x, y, np.cross(x, y)])
    return np.asarray((face - face[STABLE].mean(0)) @ axes.T, np.float64)
