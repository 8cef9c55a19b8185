from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relip_host.choice import Choice
from relip_host.host import DubItem, Obstacle, Shot
from relip_host.jobs import CONTEXT, Cut, cut, heard_items, job, speech_part
from relip_job import Speaker, SpeechPart, TimeRange, Voice

F = Fraction
FILM, NTSC = F(24000, 1001), F(30000, 1001)
RATES = st.sampled_from([FILM, F(24), F(25), NTSC, F(30), F(50), F(60000, 1001), F(120)])
SHOT = Shot("v1", "take_03", 1, F(10), F(12), "/a/take_03.mov", F(1), F(25), 500)


def cut_of(shot: Shot, choice: Choice, marks: tuple[F, F] | None = None) -> Cut:
    found = cut(shot, choice, marks)
    assert isinstance(found, Cut), found
    return found


def refusal(shot: Shot, choice: Choice, marks: tuple[F, F] | None = None) -> str:
    found = cut(shot, choice, marks)
    assert isinstance(found, Obstacle)
    assert found.message
    assert found.remedy
    return found.code


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    """A shot whose edges lie on the timeline's frames, its source anywhere in a longer file."""
    timeline, rate = draw(RATES), draw(RATES)
    start, length = draw(st.integers(0, 10**6)), draw(st.integers(1, 5000))
    seconds = length / timeline
    source = draw(st.integers(0, 10**6)) / draw(st.sampled_from([rate, timeline, F(48000)]))
    frames = math.ceil((source + seconds) * rate) + draw(st.integers(0, 40))
    return Shot(
        "v", "v", 1, start / timeline, start / timeline + seconds, "v.mov", source, rate, frames
    )


@given(shots(), st.integers(0, 30), RATES)
def test_no_frame_that_is_seen_is_lost(shot: Shot, handles: int, shown: F) -> None:
    found = cut_of(shot, Choice(handles=handles))

    # Whenever the host looks, it finds the frame that stands then.
    count = math.ceil((shot.end - shot.start) * shown)
    looks = [k / shown for k in (0, 1, count // 2, count - 1) if k / shown < shot.end - shot.start]
    for look in looks:
        frame = math.floor((shot.source + look) * shot.source_rate)
        assert found.first <= frame < found.stop
        assert found.lips.start <= frame / shot.source_rate < found.lips.end


@given(shots(), st.integers(0, 30))
def test_handles_are_as_long_as_the_file_allows_and_keep_their_lips(
    shot: Shot, handles: int
) -> None:
    bare, found = (cut_of(shot, Choice(handles=count)) for count in (0, handles))

    assert found.first == max(0, bare.first - handles)
    assert found.stop == min(shot.source_frames, bare.stop + handles)
    assert found.lips == bare.lips
    assert bare.frames <= math.ceil((shot.end - shot.start) * shot.source_rate) + 1


@given(shots(), RATES, st.integers(0, 4000), st.integers(1, 4000))
def test_marks_narrow_the_lips_and_not_what_is_written(
    shot: Shot, rate: F, begin: int, length: int
) -> None:
    marks = shot.start + begin / rate, shot.start + (begin + length) / rate
    whole, found = (cut(shot, Choice(marks_only=only, handles=3), marks) for only in (False, True))
    assert isinstance(whole, Cut)
    if marks[0] >= shot.end:
        assert isinstance(found, Obstacle)
        assert found.code == "outside-marks"
        return
    assert isinstance(found, Cut)
    assert (found.first, found.stop) == (whole.first, whole.stop)
    frame = 1 / shot.source_rate
    marked = marks[0] - shot.start + shot.source, marks[1] - shot.start + shot.source
    assert marked[0] - frame < found.lips.start <= marked[0]
    assert min(marked[1], whole.lips.end) <= found.lips.end < marked[1] + frame
    assert whole.lips.start <= found.lips.start < found.lips.end <= whole.lips.end


@given(
    shots(),
    st.fractions(-5, 5, max_denominator=48000),
    st.fractions(F(1, 48000), 20, max_denominator=48000),
    st.fractions(0, 100, max_denominator=48000),
)
def test_the_dub_is_heard_exactly_where_it_lies(shot: Shot, late: F, length: F, source: F) -> None:
    item = DubItem("a", 2, shot.start + late, shot.start + late + length, "a.wav", source, (2,))
    found = cut_of(shot, Choice())
    items = heard_items(found, (item,))
    if isinstance(items, Obstacle):
        assert item.end <= shot.start or item.start >= shot.end
        return
    part = speech_part(found, item)

    # The sample that the file has at `source` belongs to the picture shown at the item's start.
    assert part.at - part.start == shot.source + (item.start - shot.start) - item.source
    assert part.duration is not None
    assert item.source <= part.start
    assert part.start + part.duration <= item.source + length
    begins, ends = part.at, part.at + part.duration
    lips = shot.source, shot.source + (shot.end - shot.start)
    # All of the item that lies under the shot is heard, and no more than the context around it.
    assert begins <= max(lips[0], shot.source + late)
    assert ends >= min(lips[1], shot.source + late + length)
    assert begins >= lips[0] - CONTEXT
    assert ends <= lips[1] + CONTEXT


def test_a_25_fps_clip_plays_in_real_time_in_a_24_fps_timeline() -> None:
    # 48 frames of the timeline are two seconds, and so 50 frames of the clip.
    found = cut_of(SHOT, Choice(handles=0))

    assert (found.first, found.stop) == (25, 75)
    assert found.lips == TimeRange(F(1), F(3))


def test_edges_between_source_frames_take_both_frames() -> None:
    shot = replace(SHOT, source=F(1) + F(1, 100), end=F(12))

    found = cut_of(shot, Choice(handles=0))

    assert (found.first, found.stop) == (25, 76)
    assert found.begins == F(1)


def test_rates_of_television_stay_exact() -> None:
    shot = Shot("v", "v", 1, F(0), 100 / NTSC, "v.mov", 48 / FILM, FILM, 1000)

    found = cut_of(shot, Choice(handles=12))

    assert (found.first, found.stop) == (36, 48 + 80 + 12)
    assert found.begins == F(36 * 1001, 24000)


def test_a_file_of_unknown_length_gets_no_handle_at_its_end() -> None:
    found = cut_of(replace(SHOT, source_frames=0), Choice(handles=12))

    assert (found.first, found.stop) == (13, 75)


@pytest.mark.parametrize(
    ("shot", "choice", "marks", "code"),
    [
        (replace(SHOT, obstacle=Obstacle("reversed", "it runs back", "x")), Choice(), None, ""),
        (replace(SHOT, media=None), Choice(), None, "no-media"),
        (replace(SHOT, end=SHOT.start), Choice(), None, "no-media"),
        (replace(SHOT, source=F(-1)), Choice(), None, "no-media"),
        (replace(SHOT, source_frames=70), Choice(), None, "no-media"),
        (SHOT, Choice(marks_only=True), None, "no-marks"),
        (SHOT, Choice(marks_only=True), (F(12), F(20)), "outside-marks"),
        (SHOT, Choice(marks_only=True), (F(11), F(11)), "outside-marks"),
        (SHOT, Choice(marks_only=True), (F(12), F(10)), "outside-marks"),
    ],
)
def test_what_cannot_be_cut_is_refused(
    shot: Shot, choice: Choice, marks: tuple[F, F] | None, code: str
) -> None:
    assert refusal(shot, choice, marks) == (code or "reversed")


def test_a_frame_that_rounding_adds_is_left_out() -> None:
    assert cut_of(replace(SHOT, source_frames=74), Choice()).stop == 74


def item(start: F, end: F, **values: object) -> DubItem:
    return replace(DubItem("dub", 2, start, end, "dub.wav"), **values)  # type: ignore[arg-type]


def test_nothing_under_the_shot_is_nothing_to_say() -> None:
    found = cut_of(SHOT, Choice())
    for items in ((), (item(F(12), F(20)),), (item(F(5), F(10)),)):
        refused = heard_items(found, items)
        assert isinstance(refused, Obstacle)
        assert refused.code == "no-dub"


def test_several_items_and_gaps_keep_their_places() -> None:
    found = cut_of(SHOT, Choice())
    items = (
        item(F(8), F(10) + F(1, 2), source=F(4)),
        item(F(21, 2), F(11), channels=(1, 2)),
        item(F(12) + F(1, 2), F(30)),
        item(F(13), F(30)),
    )
    heard = heard_items(found, items)
    assert isinstance(heard, tuple)

    parts = [speech_part(found, one) for one in heard]

    assert parts == [
        SpeechPart("dub.wav", F(0), F(5), F(3, 2)),
        SpeechPart("dub.wav", F(3, 2), F(0), F(1, 2), (1, 2)),
        SpeechPart("dub.wav", F(7, 2), F(0), F(1, 2)),
    ]


def test_an_item_beyond_the_lips_that_cannot_be_read_is_left_out() -> None:
    found = cut_of(SHOT, Choice())
    blocked = Obstacle("compound", "it is a compound")
    under, beyond = item(F(10), F(11)), item(F(12), F(13), obstacle=blocked)

    assert heard_items(found, (under, beyond)) == (under,)
    assert heard_items(found, (replace(under, obstacle=blocked), beyond)) == (
        replace(under, obstacle=blocked),
    )


def test_the_job_says_what_was_chosen() -> None:
    choice = Choice((3,), handles=5, nudge=F(-1, 50), strength=0.8, codec="dnxhr", score=True)
    found = cut_of(SHOT, choice)
    part = speech_part(found, item(F(10), F(11)))
    first, second = (Voice((part,), Speaker(number), (found.lips,)) for number in (2, 1))

    asked = job(found, choice, [first, second], "/out/x.mov")

    assert asked.picture == "/a/take_03.mov"
    assert asked.output == "/out/x.mov"
    assert asked.cut == TimeRange(F(20, 25), F(80, 25))
    assert asked.ranges == (TimeRange(F(1), F(3)),)
    assert (asked.speech, asked.speaker.number) == ((part,), 2)
    assert asked.others == (second,)
    assert (asked.nudge, asked.strength, asked.codec, asked.score) == (
        F(-1, 50),
        0.8,
        "dnxhr",
        True,
    )
    assert asked.audio == "none"


def test_a_shot_that_plays_faster_hears_the_dub_as_it_plays() -> None:
    # 30 frames a second shown as 25: a second of the timeline shows 5/6 of a second of the file.
    shot = replace(SHOT, speed=F(5, 6), source_rate=F(30), source=F(1), source_frames=600)
    found = cut_of(shot, Choice(handles=0))
    heard = speech_part(found, DubItem("d", 2, F(10), F(12), "d.wav"))
    asked = job(found, Choice(), [Voice((heard,))], "o")

    assert (found.first, found.stop) == (30, 80)
    assert found.lips == TimeRange(F(1), F(80, 30))
    assert asked.speed == F(5, 6)
    assert isinstance(asked.speech, tuple)
    (part,) = asked.speech
    # What is heard when the shot begins is heard with its first frame, which is from 1 s.
    assert part.at * asked.speed == 1
    assert part.duration == 2


@given(shots(), st.fractions(F(1, 4), F(4)))
def test_at_any_speed_the_dub_meets_the_picture_that_is_seen(shot: Shot, speed: F) -> None:
    shot = replace(shot, speed=speed, source_frames=0)
    found = cut_of(shot, Choice())
    item = DubItem("d", 2, shot.start, shot.end, "d.wav")
    part = speech_part(found, item)

    assert part.at * speed == shot.source
    assert part.duration == shot.end - shot.start
    seen = shot.source + (shot.end - shot.start) * speed
    assert found.lips.start <= shot.source < seen <= found.lips.end


def test_a_result_holds_what_the_host_needs() -> None:
    found = cut_of(replace(SHOT, holds=(0, 500)), Choice())

    assert (found.first, found.stop) == (0, 500)
    # Where frames do not meet those of the timeline, the nearest may be the next.
    assert found.lips == TimeRange(F(1), F(76, 25))


def test_a_shot_that_stands_still_is_refused() -> None:
    assert refusal(replace(SHOT, speed=F(0)), Choice()) == "no-media"
