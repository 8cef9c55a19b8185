from pathlib import Path

import numpy as np
import pytest

from relip import sample
from relip.media.speech import read_speech
from tests.bench_speech.clock import clock
from tests.bench_speech.labelled_made import labelled_line
from tests.bench_speech.openings import opened
from tests.bench_speech.rates import lateness, read_rates
from tests.bench_speech.scenes import alone
from tests.bench_speech.utterances import folders


def test_a_line_said_again_and_again_is_heard_as_it_is_alone(tmp_path: Path) -> None:
    found = clock(folders(labelled_line(tmp_path)), 20)
    (timing,), (block,) = found.timings, found.blocks

    assert (timing.language, timing.utterances) == ("en", 1)
    assert block.closures.there >= 5 * timing.closures.there
    assert abs(block.drift) < 4
    assert sum(each.lost for each in found.agreements) <= 0.1 * sum(
        each.alone for each in found.agreements
    )


def test_lateness_is_told_to_hundredths_of_a_sample() -> None:
    rng = np.random.default_rng(0)
    spectrum = np.fft.rfft(rng.normal(size=4000))
    spectrum[1000:] = 0
    turns = 2 * np.pi * np.arange(len(spectrum)) / 4000
    true, late, early = (
        np.fft.irfft(spectrum * np.exp(-1j * turns * shift)).astype(np.float32)
        for shift in (0, 7.3, -2.6)
    )

    assert lateness(late, true) == pytest.approx(7.3, abs=0.01)
    assert lateness(early, true) == pytest.approx(-2.6, abs=0.01)


def test_files_of_other_rates_are_on_time(tmp_path: Path) -> None:
    rates = (8_000, 44_100)
    reads = list(read_rates(folders(labelled_line(tmp_path)), 3, rates))

    assert tuple(each.rate for each in reads) == rates
    assert all(each.verdict == "met" for each in reads)
    assert all(each.residue < -60 and each.events for each in reads)


def test_a_line_opens_the_mouth_and_silence_is_not_looked_at() -> None:
    line = opened("line", alone(read_speech(sample.line()).samples))

    assert 0.1 < line.opening < line.widest <= 1
    assert line.moving > 0.8 and line.closures
    assert opened("none", alone(np.zeros(16_000, np.float32))).note
