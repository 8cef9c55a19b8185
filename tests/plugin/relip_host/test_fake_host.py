from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import pytest

from relip_host.choice import Choice
from relip_host.fake_host import FakeHost
from relip_host.host import Host, HostError, Made

F = Fraction


def made(host: FakeHost, job: str) -> Made:
    return Made(job, host.shots[0], "a_relip_v001.mov", "a.json", F(4), 25)


def test_it_is_a_host(host: FakeHost) -> None:
    as_host: Host = host

    assert as_host.tracks()[1].items == 3
    assert as_host.selection().how == "3 selected shots"
    assert host.calls == ["tracks", "selection"]


def test_it_tells_of_items_that_overlap_and_no_others(host: FakeHost) -> None:
    assert [item.start for item in host.dub_items((2,), F(1, 2), F(2))] == [1]
    assert host.dub_items((1,), F(0), F(9)) == ()


def test_it_mixes_as_much_as_was_asked(host: FakeHost, tmp_path: Path) -> None:
    with wave.open(host.render_dub((2,), F(1), F(2) + F(1, 2), str(tmp_path))) as file:
        assert file.getnframes() == 72000


def test_what_was_placed_can_be_taken_off_once(host: FakeHost) -> None:
    placed = host.place(made(host, "j1"), Choice())
    host.place(made(host, "j2"), Choice())

    assert host.revert(placed) == ()
    assert [one.job for one in host.shown["v1"]] == ["j2"]
    assert host.revert(placed) == ("it was not there any more",)


def test_it_lies_as_it_is_told_to(host: FakeHost) -> None:
    host.lies = {"place"}
    placed = host.place(made(host, "j1"), Choice())
    assert placed.where
    assert host.shown["v1"] == []

    host.lies = {"revert"}
    placed = host.place(made(host, "j1"), Choice())
    assert host.revert(placed) == ()
    assert len(host.shown["v1"]) == 1


def test_it_refuses_as_it_is_told_to_one_shot_or_all(host: FakeHost) -> None:
    host.faults["place v2"] = HostError("no")
    host.place(made(host, "j1"), Choice())
    host.faults["place"] = HostError("no")
    with pytest.raises(HostError, match="no"):
        host.place(made(host, "j1"), Choice())
