import numpy as np

from relip.faces.landmarks import Region
from relip.faces.texture import UPPER_ROWS, glimpse
from tests.faces_made import backdrop


def test_the_same_points_of_a_face_are_seen_wherever_it_lies() -> None:
    """A crop whose colours are its coordinates shows where each sample was taken."""
    rows, columns = np.mgrid[0:256, 0:256]
    crop = np.dstack([columns, rows, 0 * rows]).astype(np.uint8)
    rng = np.random.default_rng(0)
    points = rng.uniform(70, 180, (478, 3)).astype(np.float32)
    region = Region(500.0, 300.0, 128.0, 0.0)
    picture = points.copy()
    picture[:, :2] = points[:, :2] / 2 + (500 - 64, 300 - 64)
    seen = glimpse(crop, region, picture)
    assert np.abs(seen.looks[:468, :2].astype(float) - points[:468, :2]).max() < 3
    # The corner of the upper lip and the middle of the lower lip's inner edge.
    assert np.abs(seen.lower[UPPER_ROWS - 1, 0, :2] - points[78, :2]).max() < 3
    middle = seen.lower[UPPER_ROWS, 11:13, :2].mean(0)
    assert np.abs(middle - points[14, :2]).max() < 12


def test_thumbnails_are_small() -> None:
    points = np.random.default_rng(0).uniform(70, 180, (478, 3)).astype(np.float32)
    seen = glimpse(backdrop(256, 256), Region(128.0, 128.0, 256.0, 0.0), points)
    assert seen.lower.nbytes + seen.looks.nbytes < 4000
