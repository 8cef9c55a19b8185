from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench_batch.numbered import BITS, ROW, WIDTH, draw, heard, read, sounding

F = Fraction
numbers = st.integers(0, (1 << BITS) - 1)


@given(numbers, numbers)
def test_a_number_in_a_picture_is_read_again(first: int, second: int) -> None:
    luma = np.full((4 * ROW, WIDTH + 6), 120, np.uint8)

    draw(luma, 0, first)
    draw(luma, 2, second)
    draw(luma, 3, None)

    assert [read(luma, row) for row in range(4)] == [first, None, second, None]


def test_ten_bits_are_drawn_to_scale() -> None:
    luma = np.zeros((ROW, WIDTH), np.uint16)

    draw(luma, 0, 4711, bits=10)

    assert read((luma >> 2).astype(np.uint8), 0) == 4711


def test_what_is_no_number_is_not_taken_for_one() -> None:
    luma = np.full((ROW, WIDTH), 120, np.uint8)
    draw(luma, 0, 1)
    luma[:, : WIDTH // 2] = 128

    assert read(luma, 0) == -1


@given(st.lists(numbers, min_size=3, max_size=6), st.sampled_from([F(1, 25), F(1001, 24000)]))
def test_numbers_in_a_sound_are_heard_frame_by_frame(said: list[int], frame: Fraction) -> None:
    samples = sounding(np.array(said, np.int64), 16_000, frame)

    found = [heard(samples, 16_000, float(frame * number), float(frame)) for number in range(3)]

    assert found == said[:3]


@pytest.mark.parametrize("later", [-0.5, 0.5])
def test_half_a_frame_off_is_another_number(later: float) -> None:
    frame = F(1, 25)
    samples = sounding(np.array([0xAAAA, 0x3333, 0xAAAA], np.int64), 16_000, frame)

    assert heard(samples, 16_000, float(frame) * (1 + later), float(frame)) != 0x3333


def test_silence_is_no_number() -> None:
    assert heard(np.zeros(9000, np.float32), 16_000, 0.1, 0.04) is None
    assert heard(np.zeros(0, np.float32), 16_000, -3.0, 0.04) is None
