from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from relip import sample
from relip.speech.articulation import RATE, VISEMES, Articulation, SpeechEvent
from relip.speech.features import SAMPLE_RATE
from relip.speech.visemes import listen, listening
from relip_job.errors import SpeechError

SECONDS = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
PADDING = 0.5


def noise(colour: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(3)
    frequency = np.fft.rfftfreq(len(SECONDS), 1 / SAMPLE_RATE)
    spectrum = rng.normal(size=(2, len(frequency))) / np.maximum(frequency, 50) ** colour
    sound = np.fft.irfft(spectrum[0] + 1j * spectrum[1], len(SECONDS))
    level: NDArray[np.float32] = (0.05 * sound / sound.std()).astype(np.float32)
    return level


def tones(*parts: tuple[float, float]) -> NDArray[np.float32]:
    waves = [level * np.sin(2 * np.pi * pitch * SECONDS) for pitch, level in parts]
    chord: NDArray[np.float32] = np.sum(waves, axis=0).astype(np.float32)
    return chord


def music() -> NDArray[np.float32]:
    rng = np.random.default_rng(4)
    chords = np.zeros(len(SECONDS))
    for start in range(0, len(SECONDS), SAMPLE_RATE // 2):
        time = SECONDS[: SAMPLE_RATE // 2]
        root = 220 * 2 ** (rng.integers(12) / 12)
        for pitch in (root, root * 1.25, root * 1.5):
            for k in range(1, 6):
                string = np.sin(2 * np.pi * pitch * k * time) / k**1.5
                chords[start : start + len(time)] += 0.1 * np.exp(-3 * time) * string
    return chords.astype(np.float32)


def clicks() -> NDArray[np.float32]:
    sound = np.zeros(len(SECONDS), np.float32)
    sound[:: SAMPLE_RATE // 2] = 0.9
    return sound


NOT_SPEECH = {
    "digital silence": np.zeros(len(SECONDS), np.float32),
    "white noise": noise(0),
    "pink noise": noise(0.5),
    "a tone": tones((440, 0.2)),
    "hum": tones((50, 0.1), (150, 0.03), (250, 0.02)),
    "clicks": clicks(),
    "music": music(),
}


@pytest.mark.parametrize("name", NOT_SPEECH)
def test_what_is_not_speech_moves_no_lips(name: str) -> None:
    result = listen(NOT_SPEECH[name])
    assert (1 - result.visemes[:, 0]).max() < 0.01
    assert result.voice.max() < 0.01
    assert result.closures == result.dentals == ()


def found(events: tuple[SpeechEvent, ...], names: str) -> list[bool]:
    """For every phone of those names in the line, whether an event is within 40 ms of it."""
    centres = [
        (phone.start + phone.end) / 2 + PADDING
        for phone in sample.phones()
        if phone.name and phone.name in names
    ]
    return [any(abs(event.centre - centre) <= 0.04 for event in events) for centre in centres]


def test_the_lips_close_on_every_p_b_and_m_of_the_line(heard: Articulation) -> None:
    assert all(found(heard.closures, "pbm"))
    assert len(heard.closures) <= 8


def test_most_f_and_v_of_the_line_are_heard(heard: Articulation) -> None:
    assert sum(found(heard.dentals, "fv")) >= 3


def test_visemes_agree_with_the_closures(heard: Articulation) -> None:
    shut = VISEMES.index("PBM")
    for event in heard.closures:
        if event.confidence > 0.8:
            assert heard.visemes[int(event.centre * RATE), shut] > 0.8


def test_every_row_is_a_distribution(heard: Articulation) -> None:
    assert heard.visemes.min() >= 0
    np.testing.assert_allclose(heard.visemes.sum(axis=1), 1, atol=1e-4)


def test_the_mouth_rests_before_and_after_the_line(heard: Articulation) -> None:
    last = sample.phones()[-1]
    end = (last.start if not last.name else last.end) + PADDING
    rows = np.arange(len(heard.voice)) / RATE
    assert heard.visemes[(rows < 0.4) | (rows > end + 0.25), 0].min() > 0.9
    assert np.median(heard.voice[(rows > PADDING + 0.15) & (rows < end - 0.1)]) > 0.95


def test_loudness_is_relative(line: NDArray[np.float32], heard: Articulation) -> None:
    quieter = listen(line / np.float32(10))
    assert heard.loudness.max() == 0
    assert heard.loudness.min() == -60
    spoken = heard.voice > 0.5
    np.testing.assert_allclose(quieter.loudness[spoken], heard.loudness[spoken], atol=0.5)
    assert len(quieter.closures) == len(heard.closures)


def test_later_speech_is_heard_later(line: NDArray[np.float32], heard: Articulation) -> None:
    later = listen(np.pad(line, (SAMPLE_RATE * 2, 0)))
    assert len(later.closures) == len(heard.closures)
    for one, other in zip(heard.closures, later.closures, strict=True):
        assert other.centre - 2 == pytest.approx(one.centre, abs=0.02)


def test_long_speech_has_no_seams(line: NDArray[np.float32], heard: Articulation) -> None:
    """The line six times over needs three windows; each time the same is heard."""
    period = len(line) / SAMPLE_RATE
    result = listen(np.tile(line, 6))
    for repeat in range(6):
        times = [event.centre - repeat * period for event in result.closures]
        within = sorted(time for time in times if 0 <= time < period)
        for event in heard.closures:
            if event.confidence > 0.6:
                assert min(abs(event.centre - time) for time in within) < 0.03


@pytest.mark.parametrize("length", [0, 1, 159, 161, 800, 5000])
def test_any_length_is_heard(length: int) -> None:
    result = listen(np.full(length, 0.1, np.float32))
    rows = -(-length // 160)
    assert result.visemes.shape == (rows, len(VISEMES))
    assert result.features.shape == (-(-rows // 2), 384)
    assert result.opening.shape == (rows,)
    assert result.opening.min(initial=1) >= 0
    assert result.opening.max(initial=0) <= 1
    assert result.voice.shape == result.loudness.shape == (rows,)


@pytest.mark.parametrize("bad", [np.full(9, np.nan, np.float32), np.zeros((9, 2), np.float32)])
def test_what_is_no_sound_is_refused(bad: NDArray[np.float32]) -> None:
    with pytest.raises(SpeechError, match="export it again"):
        listen(bad)


def test_listening_tells_how_far_it_is() -> None:
    told = list(listening(np.zeros(25 * SAMPLE_RATE, np.float32)))
    assert len(told) > 2
    assert {event.stage for event in told} == {"listen"}
    assert [event.done for event in told] == sorted(event.done for event in told)
    assert all(event.done < event.total == 26 for event in told)
