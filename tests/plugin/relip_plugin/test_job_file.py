import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relip_job import ResyncJob, Speaker, SpeechPart, TimeRange, Voice, job_to_json
from relip_job.errors import JobError
from relip_plugin.job_file import job_of, read_job

times = st.fractions(min_value=0, max_value=5000, max_denominator=60000)


@settings(suppress_health_check=[HealthCheck.too_slow])  # fractions are slow to invent
@given(start=times, length=times.filter(bool), nudge=times, strength=st.floats(0, 1.5))
def test_a_job_written_with_the_standard_library_comes_back_exactly(
    start: Fraction, length: Fraction, nudge: Fraction, strength: float
) -> None:
    job = ResyncJob(
        "take.mov",
        (SpeechPart("dub.wav", start, -nudge, length, (3, 1), strength), SpeechPart("b", length)),
        output="out.mov",
        ranges=(TimeRange(start, start + length),),
        speech_start=-start,
        speaker=Speaker(point=(640.5, 360.0, start)),
        nudge=-nudge,
        strength=strength,
        library=("a.mov", "b.mov"),
        codec="ffv1",
        audio="dub",
        patch=True,
        cut=TimeRange(start, start + length),
        others=(
            Voice("b.wav", Speaker(number=2), (TimeRange(start, start + length),), "Words.", "en"),
            Voice((SpeechPart("c.wav", start),)),
        ),
    )

    assert job_of(job_to_json(job)) == job


def test_what_is_left_out_is_the_default() -> None:
    assert job_of('{"picture": "a.mov", "speech": "b.wav"}') == ResyncJob("a.mov", "b.wav")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [('"24000/1001"', Fraction(24000, 1001)), ("4", 4), ("0.04", Fraction(1, 25)), ('"-.5"', -0.5)],
)
def test_times_are_exact(written: str, seconds: Fraction) -> None:
    job = job_of(f'{{"picture": "a", "speech": "b", "nudge": {written}}}')

    assert job.nudge == seconds


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"speech": None}, "speech is neither a path nor parts; name"),
        ({"speech": ["a.wav"]}, r"speech\.0: input should be an object"),
        ({"speech": [{"path": "a.wav"}]}, r"lacks speech\.0\.at; add"),
        ({"speech": [{"path": "a", "at": "now"}]}, r"speech\.0\.at is no time; write seconds"),
        ({"speech": [{"path": "a", "at": 1, "channels": [0]}]}, "channels count from 1"),
        ({"speech": [{"path": "a", "at": 1, "pan": 0}]}, r"no job has speech\.0\.pan"),
        ({"cut": {"start": 3, "end": 2}}, "cut: a range must end after it starts"),
        ({"cut": {"start": 1, "end": 2, "until": 3}}, r"no job has cut\.until"),
        ({"nudge": "soon"}, r"nudge is no time; write seconds"),
        ({"nudge": "1/0"}, "nudge is no time"),
        ({"nudge": True}, "nudge is no time"),
        ({"ranges": [{"start": 3, "end": 2}]}, r"ranges\.0: a range must end after it starts"),
        ({"ranges": [{"start": 3}]}, r"lacks ranges\.0\.end; add"),
        ({"speaker": {"number": "second"}}, r"speaker\.number"),
        ({"speaker": {"name": "Bob"}}, r"no job has speaker\.name"),
        ({"ranges": [{"start": 1, "end": 2, "until": 3}]}, r"no job has ranges\.0\.until"),
        ({"speech_begins": 3}, "no job has speech_begins; a job has picture, speech"),
        ({"others": [{"speaker": {"number": 2}}]}, r"lacks others\.0\.speech; add"),
        ({"others": [{"speech": ["a.wav"]}]}, r"others\.0\.speech\.0: input should be an object"),
        ({"others": [{"speech": None}]}, r"others\.0\.speech is neither a path nor parts"),
        ({"others": [{"speech": [{"path": "a"}]}]}, r"lacks others\.0\.speech\.0\.at"),
        (
            {"others": [{"speech": "a", "ranges": [{"start": 3, "end": 2}]}]},
            r"others\.0\.ranges\.0",
        ),
        ({"others": [{"speech": "a", "nudge": 1}]}, r"no job has others\.0\.nudge"),
        ({"others": [{"speech": "a", "speaker": {"name": 1}}]}, r"has others\.0\.speaker\.name"),
        (
            {"others": [{"speech": "a"}, {"speech": [{"path": "a", "at": 1, "pan": 2}]}]},
            r"no job has others\.1\.speech\.0\.pan",
        ),
        ({"codec": "cinepak"}, "there is no codec 'cinepak'; choose match"),
        ({"engine": "dream"}, "there is no engine 'dream'"),
        ({"audio": "loud"}, "there is no audio 'loud'"),
    ],
)
def test_a_wrong_job_is_refused_with_the_place_and_a_remedy(
    more: dict[str, object], complaint: str
) -> None:
    text = json.dumps({"picture": "a.mov", "speech": "b.wav", **more})

    with pytest.raises(JobError, match=complaint) as caught:
        job_of(text, "job.json")
    assert str(caught.value).startswith("job.json")
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '{"picture": "a.mov"}'])
def test_what_is_no_job_is_refused(text: str) -> None:
    with pytest.raises(JobError) as caught:
        job_of(text)
    assert caught.value.remedy


def test_a_job_file_may_carry_the_mark_windows_editors_write(tmp_path: Path) -> None:
    path = tmp_path / "job.json"
    path.write_text('{"picture": "Übung.mov", "speech": "b.wav"}', encoding="utf-8-sig")

    assert read_job(path).picture == "Übung.mov"


def test_unreadable_job_files_are_refused(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    clip.write_bytes(b"\x00\xff\xfe" * 10)
    large = tmp_path / "large.mov"
    large.write_bytes(bytes((1 << 20) + 1))

    for path, complaint in (
        (tmp_path / "absent.json", "there is no file"),
        (tmp_path, "cannot be read"),
        (clip, "cannot be read"),
        (large, "too large"),
    ):
        with pytest.raises(JobError, match=complaint):
            read_job(path)
