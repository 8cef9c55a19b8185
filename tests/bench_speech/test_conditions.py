import numpy as np
import pytest

from relip import sample
from relip.media.speech import read_speech
from tests.bench_speech.conditions import CONDITIONS, Condition, delivered
from tests.bench_speech.utterances import Label, Samples


@pytest.fixture(scope="module")
def spoken() -> Samples:
    return read_speech(sample.line()).samples


def envelope(samples: Samples, hop: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Loudness above 400 Hz, where all deliveries have something, every ``hop`` samples."""
    spectrum = np.fft.rfft(samples)
    spectrum[: 400 * len(samples) // 16_000] = 0
    power = np.cumsum(np.fft.irfft(spectrum, len(samples)) ** 2)
    edges = np.arange(0, len(samples), hop).astype(int)
    level = np.log(np.maximum(np.diff(power[edges]), 1e-3))
    return np.asarray(level - level.mean())


@pytest.mark.parametrize("condition", CONDITIONS)
def test_speech_is_on_time(spoken: Samples, condition: Condition) -> None:
    made = delivered(spoken, condition, 0)
    before, after = envelope(spoken, 80), envelope(made.samples, 80 * made.stretch)
    size = 2 * len(before)
    agreement = np.fft.irfft(np.fft.rfft(after, size) * np.conj(np.fft.rfft(before, size)), size)
    late = int(agreement.argmax())

    assert len(made.samples) == round(len(spoken) * made.stretch)
    assert made.samples.dtype == np.float32
    assert np.abs(made.samples).max() <= 1
    # Steps of 5 ms.
    assert min(late, size - late) <= 1


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_same_seed_gives_the_same(spoken: Samples, condition: Condition) -> None:
    once, again = (delivered(spoken, condition, 3).samples for _ in range(2))

    assert np.array_equal(once, again)


def test_noise_is_fifteen_and_music_ten_decibels_below(spoken: Samples) -> None:
    for condition, below in (("noise", 15), ("music", 10)):
        added = delivered(spoken, condition, 0).samples - spoken  # type: ignore[arg-type] # both are

        assert 10 * np.log10(np.mean(spoken**2) / np.mean(added**2)) == pytest.approx(
            below, abs=0.1
        )


def test_a_room_answers_after_the_sound_and_falls_sixty_decibels() -> None:
    click = np.zeros(16_000, np.float32)
    click[1000] = 1
    wet = delivered(click, "reverb", 0).samples

    assert np.abs(wet[:1000]).max() < 1e-6
    early, late = (np.sqrt(np.mean(wet[at : at + 400] ** 2)) for at in (1001, 1000 + 6000 - 400))
    assert 20 * np.log10(early / late) == pytest.approx(60 * 5600 / 6400, abs=3)


def test_labels_go_with_the_sound(spoken: Samples) -> None:
    made = delivered(spoken, "fast", 0)
    (label,) = made.retimed([Label(1.35, 2.7, 1, "p")])

    assert (label.start, label.end) == pytest.approx((1, 2))
    assert label.phone == "p"


def test_a_voice_keeps_its_length_and_changes_its_pitch() -> None:
    at = np.arange(16_000) / 16_000
    partials = [np.sin(2 * np.pi * 200 * k * at) / 5 for k in range(1, 6)]
    buzz = np.sum(partials, axis=0).astype(np.float32)

    def pitch(samples: Samples) -> int:
        return int(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))[:300].argmax())

    assert pitch(delivered(buzz, "fast", 0).samples) == pytest.approx(200 / 1.35, abs=3)
    assert pitch(delivered(buzz, "child", 0).samples) == pytest.approx(250, abs=3)
    assert pitch(delivered(buzz, "low", 0).samples) == pytest.approx(164, abs=3)


def test_a_whisper_has_no_voice(spoken: Samples) -> None:
    whisper = delivered(spoken, "whisper", 0).samples

    def low(samples: Samples) -> float:
        power = np.abs(np.fft.rfft(samples)) ** 2
        return float(power[: 250 * len(samples) // 16_000].sum() / power.sum())

    assert low(spoken) > 0.1
    assert low(whisper) < 0.01


def test_a_shout_is_louder_and_nearer_to_one_level(spoken: Samples) -> None:
    shout = delivered(spoken, "shout", 0).samples
    before, after = (np.std(envelope(each, 1600)) for each in (spoken, shout))

    assert np.sqrt(np.mean(shout**2)) > 1.5 * np.sqrt(np.mean(spoken**2))
    assert after < before
    assert 0.001 < (np.abs(shout) >= 1).mean() < 0.01
