from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from relip.media.colour import to_rgb
from relip.media.mix import read_mix
from relip.pipeline import resync
from relip_job.errors import FaceError, JobError, SpeechError
from relip_job.events import Progress
from relip_job.job import ResyncJob, Speaker, SpeechPart, TimeRange, Voice
from tests.core.relip.memory_made import Notebook
from tests.core.relip.pipeline_media import silence, written
from tests.core.relip.voices_made import FIRST, LINE, SECOND, Told, apart, frames, pair, told

COUNT = 16
LATER = (SpeechPart(LINE, Fraction(-1, 2)),)
"""The line from its second half second on: other sounds at each moment."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("voices")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    return written(folder / "two.mkv", pair(COUNT))


@pytest.fixture(scope="module")
def both(clip: Path, folder: Path) -> Told:
    return told(clip, folder / "both.mkv", Voice(LATER, SECOND), speaker=FIRST)


@pytest.fixture(scope="module")
def alone(clip: Path, folder: Path) -> tuple[Told, Told]:
    """Each voice in a job of its own."""
    return (
        told(clip, folder / "first.mkv", speaker=FIRST),
        told(clip, folder / "second.mkv", speech=LATER, speaker=SECOND),
    )


def test_two_mouths_in_one_pass_are_those_of_two_jobs(
    clip: Path, both: Told, alone: tuple[Told, Told]
) -> None:
    first, second = (one.frames() for one in alone)
    changed = drawn = 0
    for number, (source, made) in enumerate(zip(frames(clip), both.frames(), strict=True)):
        left, right = apart(source, first[number]), apart(source, second[number])
        assert left is None or left.x1 < 256
        assert right is None or right.x0 > 256
        drawn += (left is not None) + (right is not None)
        for plane, one, other, mine in zip(
            source.planes, first[number].planes, second[number].planes, made.planes, strict=True
        ):
            # To the bit: the first mouth, the second, and the original everywhere else.
            wanted = np.where(one != plane, one, other)
            np.testing.assert_array_equal(mine, wanted)
            changed += int((mine != plane).sum())
    assert changed > 1000 * COUNT
    assert drawn > 1.8 * COUNT
    assert both.finished.changed == COUNT


def test_every_voice_is_told_with_its_person(both: Told, alone: tuple[Told, Told]) -> None:
    assert [(one.voice, one.person, one.people, one.how) for one in both.voiced] == [
        (1, 1, 2, "number"),
        (2, 2, 2, "number"),
    ]
    assert [(one.voice, one.person) for one in alone[1].voiced] == [(1, 2)]
    assert {notice.voice for notice in both.notices} == {1, 2}
    assert {notice.voice for notice in alone[0].notices} == {None}


def test_the_sidecar_has_a_page_for_every_voice(both: Told, alone: tuple[Told, Told]) -> None:
    pages = both.page["voices"]

    assert [page["voice"] for page in pages] == [1, 2]
    assert [page["speaker"]["number"] for page in pages] == [1, 2]
    for page, single in zip(pages, alone, strict=True):
        assert page["plan"] == single.page["plan"]
        assert page["ranges"] == single.page["ranges"]
        assert page["library"] == single.page["library"]
    assert "plan" not in both.page
    assert "voices" not in alone[0].page


def test_progress_goes_on_through_all_voices(both: Told) -> None:
    for stage in ("listen", "plan", "track"):
        shares = [
            event.done / event.total
            for event in both.events
            if isinstance(event, Progress) and event.stage == stage
        ]
        assert shares == sorted(shares)
        assert shares[-1] == 1


def test_a_voice_that_names_nobody_has_who_is_left(clip: Path, folder: Path) -> None:
    found = told(clip, folder / "left.mkv", Voice(LINE, FIRST), speech=LATER)

    assert [(one.voice, one.person, one.how) for one in found.voiced] == [
        (1, 2, "only"),
        (2, 1, "number"),
    ]


def test_voices_that_name_nobody_have_a_person_each(clip: Path, folder: Path) -> None:
    found = told(clip, folder / "each.mkv", Voice(LATER))

    assert sorted(one.person for one in found.voiced) == [1, 2]
    assert [one.voice for one in found.voiced] == [1, 2]


def test_a_silent_line_is_left_out_and_the_other_is_made(
    clip: Path, folder: Path, alone: tuple[Told, Told]
) -> None:
    quiet = str(silence(folder / "quiet.wav"))

    found = told(clip, folder / "one.mkv", Voice(quiet, SECOND), speaker=FIRST)

    (notice,) = [notice for notice in found.notices if notice.code == "left-out"]
    assert notice.voice == 2
    assert "nobody speaks in quiet.wav" in notice.message
    assert notice.remedy
    assert notice.reason == "SpeechError"
    assert found.page["voices"][1] == {
        "voice": 2,
        "left_out": {"message": notice.message, "remedy": notice.remedy},
    }
    for mine, single in zip(found.frames(), alone[0].frames(), strict=True):
        assert apart(mine, single) is None


def test_who_is_not_there_or_not_seen_in_the_range_is_left_out(folder: Path) -> None:
    pictures = pair(COUNT)
    for picture in pictures[8:]:
        picture[:, 256:] = 90
    clip = written(folder / "gone.mkv", pictures)
    late = (TimeRange(Fraction(9, 25), Fraction(COUNT, 25)),)
    others = (Voice(LINE, Speaker(number=7)), Voice(LATER, SECOND, late))

    found = told(clip, folder / "stays.mkv", *others, speaker=FIRST)

    out = {notice.voice: notice for notice in found.notices if notice.code == "left-out"}
    assert {number: one.reason for number, one in out.items()} == {2: "FaceError", 3: "FaceError"}
    assert "no person 7" in out[2].message
    assert "mouth cannot be seen in any frame" in out[3].message
    assert [(one.voice, one.person) for one in found.voiced] == [(1, 1), (3, 2)]
    assert ["left_out" in page for page in found.page["voices"]] == [False, True, True]
    assert found.finished.changed == COUNT


def test_all_left_out_is_the_first_one_s_error(clip: Path, folder: Path) -> None:
    quiet = str(silence(folder / "silent.wav"))

    with pytest.raises(SpeechError, match="nobody speaks in silent"):
        told(clip, folder / "a.mkv", Voice(LINE, Speaker(number=5)), speech=quiet)
    with pytest.raises(FaceError, match="no person 8"):
        told(clip, folder / "a.mkv", Voice(LINE, Speaker(number=9)), speaker=Speaker(number=8))
    assert not (folder / "a.mkv").exists()


@pytest.mark.parametrize(
    ("others", "asked", "message"),
    [
        ([Voice(LATER, FIRST)], {"speaker": FIRST}, "voices 1 and 2 would both have"),
        ([Voice(LATER, Speaker(point=(110.0, 120.0, Fraction(0))))], {"speaker": FIRST}, "both"),
        ([Voice(LATER, SECOND)], {"library": (LINE,)}, "a library is of one person"),
        ([Voice("", SECOND)], {}, "names no speech"),
        (
            [Voice(LATER, SECOND, (TimeRange(Fraction(0), Fraction(1)),) * 2)],
            {},
            "the ranges overlap",
        ),
        (
            [Voice(LATER, SECOND, (TimeRange(Fraction(9), Fraction(10)),))],
            {"speaker": FIRST},
            "a range starts at 9.00 s",
        ),
    ],
)
def test_voices_that_make_no_sense_together_are_refused(
    clip: Path, folder: Path, others: list[Voice], asked: dict[str, object], message: str
) -> None:
    with pytest.raises(JobError, match=message) as refused:
        told(clip, folder / "never.mkv", *others, **asked)

    assert refused.value.remedy
    assert not (folder / "never.mkv").exists()


def test_voices_of_different_times_are_each_drawn_in_their_own(clip: Path, folder: Path) -> None:
    early, late = (TimeRange(Fraction(a, 25), Fraction(b, 25)) for a, b in ((0, 8), (8, COUNT)))

    found = told(
        clip, folder / "turns.mkv", Voice(LINE, SECOND, (late,)), speaker=FIRST, ranges=(early,)
    )

    boxes = [apart(a, b) for a, b in zip(frames(clip), found.frames(), strict=True)]
    assert all(box is not None and box.x1 < 256 for box in boxes[:8])
    assert all(box is not None and box.x0 > 256 for box in boxes[8:])
    assert [page["ranges"][0]["frames"] for page in found.page["voices"]] == [8, 8]


def test_patches_of_two_mouths_laid_over_the_source_are_the_result(
    clip: Path, folder: Path, both: Told
) -> None:
    patch = told(
        clip,
        folder / "patch.mov",
        Voice(LATER, SECOND),
        speaker=FIRST,
        patch=True,
        codec="match",
    )

    for source, mouth, whole in zip(frames(clip), patch.frames(), both.frames(), strict=True):
        alpha = mouth.planes[3][..., None].astype(np.float32) / ((1 << mouth.format.bits) - 1)
        composite = to_rgb(source) * (1 - alpha) + to_rgb(mouth) * alpha
        error = ((composite - to_rgb(whole)) ** 2).mean()
        assert -10 * np.log10(error) > 44


def test_every_voice_is_scored_and_the_least_is_told(clip: Path, folder: Path) -> None:
    quiet = str(silence(folder / "third.wav"))
    longer = written(folder / "longer.mkv", pair(24))

    found = told(
        longer, folder / "scored.mkv", Voice(LATER, SECOND), Voice(quiet), speaker=FIRST, score=True
    )

    scores = found.finished.scores
    assert len(scores) == 3
    assert scores[2] == ""
    assert found.finished.score == min(scores[:2], key=lambda told: int(told[0]))
    cards = [page["score"] for page in found.page["voices"][:2]]
    for card in cards:
        (seam,) = [point for point in card["points"] if point["name"] == "seam"]
        (outside,) = [one for one in seam["measures"] if one["key"] == "outside"]
        assert outside["value"] == 0, "the other mouth is no fault of this one"


def test_all_voices_are_heard_in_the_result(clip: Path, folder: Path) -> None:
    found = told(
        clip, folder / "heard.mov", Voice(LATER, SECOND), speaker=FIRST, audio="dub", codec="match"
    )
    heard = read_mix(str(found.output)).samples
    line = read_mix(LINE).samples
    lines = [line[: len(heard)], line[8000 : 8000 + len(heard)]]
    alike = [np.corrcoef(heard, sound)[0, 1] for sound in (sum(lines), *lines)]
    assert alike[0] > 0.99
    assert max(alike[1:]) < 0.9


def test_one_look_at_the_clip_serves_all_voices_and_is_remembered(clip: Path) -> None:
    book = Notebook()
    job = ResyncJob(str(clip), LINE, speaker=FIRST, others=(Voice(LATER, SECOND),), codec="ffv1")
    for name in ("once", "again"):
        list(resync(replace(job, output=str(clip.with_name(f"{name}.mkv"))), book))

    assert len(book.kept) == 2, "the people, and one sound at two times"
    assert book.found == 4
    one, two = (frames(clip.with_name(f"{name}.mkv")) for name in ("once", "again"))
    assert all(apart(a, b) is None for a, b in zip(one, two, strict=True))
