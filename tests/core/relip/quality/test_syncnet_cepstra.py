from __future__ import annotations

import numpy as np

from relip.quality.cepstra import cepstra

# What python_speech_features 0.6 gives for two_tones() as int16: mfcc(codes, 16000).
PUBLISHED = np.array(
    """
    19.686897 16.39234 -12.684021 -6.55468 23.819441 25.127424 -15.309478
    -47.991005 -33.246363 -2.347001 -2.755261 -28.868099 -35.795465

    19.685389 16.04458 -11.985041 -2.970568 29.626133 30.760665 -11.694804
    -46.632194 -33.11762 -2.132039 -1.957974 -27.574743 -34.677527

    19.689507 16.763933 -12.370208 -2.271768 32.528025 34.731262 -8.504383
    -45.287054 -33.466905 -3.478453 -3.387336 -28.460241 -34.666766
    """.split(),
    np.float64,
).reshape(3, 13)


def two_tones(count: int = 720) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    at = np.arange(count) / 16000
    sound = 0.3 * np.sin(2 * np.pi * 220 * at) + 0.1 * np.sin(2 * np.pi * 1330 * at)
    return sound.astype(np.float32)


def test_cepstra_are_those_of_the_published_tools() -> None:
    np.testing.assert_allclose(cepstra(two_tones()), PUBLISHED, atol=1e-5)


def test_a_part_has_the_cepstra_of_the_whole() -> None:
    sound = two_tones(8000)
    part = cepstra(sound[1280 : 1280 + 3440], before=float(sound[1279]))
    np.testing.assert_allclose(part, cepstra(sound)[8:28], atol=1e-9)


def test_silence_has_finite_cepstra() -> None:
    found = cepstra(np.zeros(3440, np.float32))
    assert found.shape == (20, 13)
    np.testing.assert_allclose(found[:, 0], np.log(np.finfo(np.float64).eps))


def test_sound_shorter_than_a_window_is_filled_with_silence() -> None:
    assert cepstra(two_tones(100)).shape == (1, 13)
    assert cepstra(two_tones(401)).shape == (2, 13)
