from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from relip import sample
from relip.media.clip import Clip
from relip.media.probe import probe
from relip.media.speech import RATE as SAMPLES
from relip.quality.card import Assessment, Moment
from relip.speech.articulation import RATE, SpeechEvent
from relip_job.timecode import Timecode
from relip_plugin.report.html import Html, tag
from relip_plugin.report.plot import MOST_ROWS, plot, thinned
from tests.assessments_made import FPS, assessment


def lasting(seconds: int, rate: Fraction = Fraction(FPS)) -> tuple[Assessment, Clip]:
    """The assessment of a line of that length, without its sound, and its clip."""
    made = assessment()
    frames = int(seconds * rate)
    clip = replace(
        probe(sample.picture()),
        rate=rate,
        time_base=1 / rate,
        pts=np.arange(frames, dtype=np.int64),
        start_timecode="01:00:00:00",
    )
    times = np.arange(frames) / float(rate)
    rows = np.arange(seconds * RATE)
    visemes = np.eye(10, dtype=np.float32)[rows // 7 % 10]
    events = tuple(SpeechEvent(at, at + 0.08, 0.9) for at in np.arange(0, seconds - 1, 0.4))
    contacts = tuple(
        replace(made.timeline.contacts[number % 7], start=event.start, end=event.end)
        for number, event in enumerate(events)
    )
    heard = replace(made.timeline.heard, visemes=visemes, closures=events)
    timeline = replace(
        made.timeline,
        first=0,
        times=times,
        wanted=np.abs(np.sin(times * 9)) / 10,
        drawn=np.abs(np.sin(times * 9.1)) / 10,
        original=np.full(frames, np.nan),
        mouths=np.full((frames, 4), np.nan, np.float32),
        changed=np.ones(frames, bool),
        heard=heard,
        speech_start=0.0,
        contacts=contacts,
    )
    points = [
        replace(point, moments=tuple(Moment(at, at + 3, "late") for at in range(0, frames, 50)))
        if point.moments
        else point
        for point in made.card.points
    ]
    return replace(made, card=replace(made.card, points=tuple(points)), timeline=timeline), clip


def test_a_long_line_is_drawn_in_rows_that_join() -> None:
    made, clip = lasting(30)

    rows = list(plot(made, clip, np.zeros(30 * SAMPLES, np.float32)))

    assert len(rows) == 4
    assert [row.end for row in rows[:-1]] == [row.start for row in rows[1:]]
    assert (rows[0].start, rows[-1].end) == pytest.approx((0, 30))


def test_twenty_minutes_are_drawn_small() -> None:
    made, clip = lasting(1200)

    rows = list(plot(made, clip, np.random.default_rng(0).normal(0, 0.1, 1200 * 1600).astype("f")))

    assert len(rows) == MOST_ROWS
    assert sum(len(row.svg) for row in rows) < 3_000_000


def test_no_two_rows_share_an_id() -> None:
    made, clip = lasting(30)
    rows = list(plot(made, clip, np.zeros(SAMPLES, np.float32)))

    ids = [word for row in rows for word in row.svg.split() if word.startswith("id=")]

    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(
    "rate", [Fraction(24000, 1001), Fraction(30000, 1001), Fraction(22131, 1000)]
)
def test_ticks_lie_on_frames_of_the_clips_clock(rate: Fraction) -> None:
    made, clip = lasting(8, rate)

    (row,) = plot(made, clip, np.zeros(SAMPLES, np.float32))

    codes = [word.partition("<")[0] for word in row.svg.split(">") if word.startswith("01:00:0")]
    frames = np.diff([Timecode.parse(code, rate).frames for code in codes])
    assert "01:00:01:00" in codes
    assert len(codes) > 4
    assert len(set(frames)) == 1


def test_a_line_in_which_nothing_is_known_is_drawn_too() -> None:
    made, clip = lasting(3)
    nothing = np.full(3 * FPS, np.nan)
    timeline = replace(made.timeline, wanted=nothing, drawn=nothing, contacts=())

    (row,) = plot(replace(made, timeline=timeline), clip, np.zeros(0, np.float32))

    assert "lane-opening" in row.svg


def test_thinning_keeps_every_peak() -> None:
    times = np.arange(10_000) / 25
    values = np.zeros(10_000)
    values[[1234, 7777]] = 1, -1

    kept, thin = thinned(times, values, bins=100)

    assert len(kept) <= 200
    assert (thin.max(), thin.min()) == (1, -1)
    assert kept[thin.argmax()] == times[1234]


def test_everything_is_escaped_that_is_not_html() -> None:
    made = tag("p", "a < b & c", tag("b", Html("<i>x</i>")), title='"quoted" & <so>', data_at=1.5)

    assert made == (
        '<p title="&quot;quoted&quot; &amp; &lt;so&gt;" data-at="1.5">'
        "a &lt; b &amp; c<b><i>x</i></b></p>"
    )
