"""Several people who speak in one shot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from relip_plugin.batch.new_timeline import made_of
from tests.plugin.relip_plugin.batch.house_made import Pair

F = Fraction


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_two_mouths_of_a_shot_are_one_result_and_two_lines(pair: Pair) -> None:
    pair.faces = ("1", "")

    first, second = pair.run()

    assert (first.state, second.state) == ("made", "made")
    assert first.output == second.output
    assert (first.speaker, second.speaker) == ("1", "2 of 3, by sound, 71 %")
    assert first.notes == ("the mouth is covered", "mouth 1 is covered")
    assert second.notes == ("the mouth is covered", "mouth 2 is covered")
    assert len([name for name in pair.files() if name.endswith(".mov")]) == 1
    assert all(one.results[0].share == one.results[1].share for one in pair.last)


def test_what_was_known_of_two_mouths_is_known_again(pair: Pair) -> None:
    pair.faces = ("1", "")
    made = pair.run()

    kept = pair.run("unwilling")

    assert [result.state for result in kept] == ["kept", "kept"]
    for before, after in zip(made, kept, strict=True):
        assert (after.speaker, after.score, after.notes, after.voiced) == (
            before.speaker,
            before.score,
            before.notes,
            before.voiced,
        )


@pytest.mark.parametrize(
    ("faces", "reason", "state"),
    [
        (("1", ""), "FaceError", "skipped"),
        (("1", "2"), "FaceError", "failed"),
        (("1", ""), "SpeechError", "failed"),
    ],
)
def test_a_voice_that_is_left_out_costs_the_other_nothing(
    pair: Pair, faces: tuple[str, str], reason: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_REASON", reason)
    monkeypatch.setenv("STUB_LEFT_OUT", "2")
    pair.faces = faces

    for manner in ("good", "unwilling"):  # made, then kept
        first, second = pair.run(manner)
        assert first.there
        assert (second.state, second.message, second.remedy) == (
            state,
            "voice 2 has nobody",
            "name another",
        )
        assert (second.output, second.voiced) == ("", None)
        assert made_of((first, second))[0].output == first.output


def test_who_was_left_out_may_be_found_by_another_worker(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.state for one in pair.run("crash-once")] == ["made", "made"]
    monkeypatch.setenv("STUB_LEFT_OUT", "1,2")
    pair.faces = ("1", "")

    results = pair.run(resume=False)

    assert [one.state for one in results] == ["failed", "skipped"]
    assert [one.message for one in results] == ["voice 1 has nobody", "voice 2 has nobody"]


def test_a_result_goes_into_the_timeline_once(pair: Pair) -> None:
    made = made_of(pair.run())

    assert [(one.job, one.frames, one.first, one.score) for one in made] == [
        ("1", 25, F(4), "4 of 5")
    ]
