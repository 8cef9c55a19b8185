import numpy as np
import pytest

from relip.media.turn import Turn


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_points_go_where_their_pixels_go(rotation: int) -> None:
    turn = Turn(rotation, 5, 3)
    coded = np.arange(15, dtype=np.uint8).reshape(3, 5)
    displayed = turn.displayed(coded)
    assert displayed.shape == ((3, 5) if rotation % 180 == 0 else (5, 3))
    for y, x in np.ndindex(coded.shape):
        point = np.array([x, y], np.float64)
        column, row = turn.shown(point)
        assert displayed[int(row), int(column)] == coded[y, x]
        assert turn.coded(turn.shown(point)).tolist() == [x, y]


def test_a_quarter_turn_is_counter_clockwise() -> None:
    displayed = Turn(90, 2, 1).displayed(np.array([[1, 2]], np.uint8))
    assert displayed.tolist() == [[2], [1]]
