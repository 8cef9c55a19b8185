from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.times import Clock, amount, moments, speaker, time_range
from relip_job import Speaker, TimeRange
from relip_job.errors import JobError
from relip_job.timecode import Timecode

FILM = Fraction(24000, 1001)
NTSC = Fraction(30000, 1001)


def clock(rate: Fraction, seconds: int = 600, start: str | None = None) -> Clock:
    return Clock(rate, Fraction(seconds), Timecode.parse(start, rate) if start else None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("-20ms", Fraction(-1, 50)),
        ("0.04s", Fraction(1, 25)),
        ("+1f", Fraction(1, 25)),
        ("-2f", Fraction(-2, 25)),
        (".5s", Fraction(1, 2)),
        ("12.5s", Fraction(25, 2)),
    ],
)
def test_amounts_are_exact(text: str, seconds: Fraction) -> None:
    assert amount(text, Fraction(25)) == seconds


@pytest.mark.parametrize("text", ["20", "1.2.3s", "20 min", "", "f", "00:00:01:00"])
def test_an_amount_without_a_unit_is_refused_with_the_ways_to_write_it(text: str) -> None:
    with pytest.raises(JobError) as caught:
        amount(text, Fraction(25))

    assert "-20ms" in caught.value.remedy


def test_a_timecode_within_the_clip_is_the_source_timecode() -> None:
    assert moments(["01:00:04:12"], clock(FILM, start="01:00:00:00")) == [Fraction(108) / FILM]


def test_a_timecode_outside_the_clip_counts_from_the_first_frame() -> None:
    assert moments(["00:00:04:12"], clock(FILM, start="01:00:00:00")) == [Fraction(108) / FILM]


def test_without_a_timecode_of_its_own_a_clip_begins_at_zero() -> None:
    assert moments(["00:00:04:12"], clock(Fraction(25))) == [Fraction(112, 25)]


def test_drop_frame_timecode_is_read_on_the_clock_of_the_clip() -> None:
    # One minute of drop-frame is 1798 frames after its first: 00 and 01 are left out.
    of_clip = clock(NTSC, start="00:59:00;02")

    assert moments(["01:00:00;00"], of_clip) == [1798 / NTSC]
    assert moments(["01:00:00:00"], of_clip) == [1798 / NTSC]


def test_both_ends_of_a_range_are_read_on_one_clock() -> None:
    # The end alone would be the source's: the clip starts at 00:00:02:00.
    of_clip = clock(Fraction(25), 20, start="00:00:02:00")

    found = time_range("00:00:00:12-00:00:04:00", of_clip)

    assert found == TimeRange(Fraction(12, 25), Fraction(4))


def test_a_range_may_end_with_the_clip_and_mix_ways_of_writing() -> None:
    of_clip = clock(Fraction(25), 20)

    assert time_range("120f-20s", of_clip) == TimeRange(Fraction(24, 5), Fraction(20))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("5s", "start and end"),
        ("5s-4s", "swap"),
        ("5s-21s", "00:00:00:00 to 00:00:20:00"),
        ("00:00:01:30-00:00:02:00", "00 to 24"),
        ("now-then", "timecode"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused_with_a_remedy(text: str, told: str) -> None:
    with pytest.raises(JobError) as caught:
        time_range(text, clock(Fraction(25), 20))

    assert told in str(caught.value)


def test_a_speaker_is_a_number_or_a_pixel_at_a_time() -> None:
    of_clip = clock(Fraction(25), 20)

    assert speaker("2", of_clip) == Speaker(number=2)
    found = speaker("640,360.5@00:00:04:12", of_clip)
    assert found == Speaker(point=(640.0, 360.5, Fraction(112, 25)))


@pytest.mark.parametrize("text", ["0", "-1", "left", "640@2s", "640,360", "1,2@20s"])
def test_a_speaker_that_names_nobody_is_refused(text: str) -> None:
    with pytest.raises(JobError):
        speaker(text, clock(Fraction(25), 20))


@given(
    rate=st.sampled_from([Fraction(24), FILM, Fraction(25), NTSC, Fraction(1350, 61)]),
    frames=st.integers(0, 10_000),
)
def test_what_is_written_is_read_back(rate: Fraction, frames: int) -> None:
    of_clip = Clock(rate, 10_001 / rate, Timecode.parse("10:00:00:00", rate))

    assert moments([of_clip.written(frames / rate)], of_clip) == [frames / rate]
