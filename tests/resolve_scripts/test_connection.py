"""Which Resolve answers, and what relip says to one it cannot work with."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path, PurePosixPath

import pytest

from relip_host.host import HostError
from relip_resolve.connection import Edition, connect, places
from relip_resolve.host import ResolveHost
from tests.resolve_scripts.fake_resolve import Studio


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4", "21.1"])
def test_studio_answers_from_19_0_on(version: str) -> None:
    seat = connect(Studio(version=version).resolve)

    assert seat.edition.studio
    assert str(seat.edition).startswith(f"DaVinci Resolve Studio {version}")


@pytest.mark.parametrize("version", ["19.0", "20.0", "21.0.3", "21.0.4"])
def test_the_free_edition_answers_its_menu_before_21_1(version: str) -> None:
    studio = Studio(version=version, edition="free")

    assert not connect(studio.resolve).edition.studio
    assert not studio.modal


def test_a_resolve_that_hides_source_frames_is_refused() -> None:
    with pytest.raises(HostError, match=r"18\.5.*update to 19\.0.*relip batch"):
        connect(Studio(version="18.5").resolve)


def test_the_free_edition_from_21_1_is_pointed_to_batch() -> None:
    with pytest.raises(HostError, match=r"no Python scripts from 21\.1 on.*relip batch"):
        connect(Studio(version="21.1", edition="free").resolve)


@pytest.mark.parametrize("version", ["18.5", "21.0.3", "21.1"])
def test_nothing_but_product_and_version_is_asked_before_they_are_known(version: str) -> None:
    studio = Studio(version=version, edition="free")
    with suppress(HostError):
        connect(studio.resolve)

    assert {call.name for call in studio.calls} == {"Resolve.GetProductName", "Resolve.GetVersion"}


def test_studio_answers_from_outside() -> None:
    studio = Studio()
    with studio.outside():
        assert connect().edition.studio


def test_the_free_edition_does_not_answer_from_outside() -> None:
    with (
        Studio(edition="free").outside(),
        pytest.raises(HostError, match=r"does not answer.*External scripting.*relip batch"),
    ):
        connect()


def test_without_resolve_the_place_that_was_looked_in_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RESOLVE_SCRIPT_API", str(tmp_path))

    with pytest.raises(HostError, match=r"was not found in .*Modules"):
        connect()


def test_a_resolve_that_is_closing_is_told_from_an_old_one() -> None:
    studio = Studio()
    resolve = studio.resolve
    studio.close()

    with pytest.raises(HostError, match="does not say what it is"):
        connect(resolve)


@pytest.mark.parametrize("missing", ["project", "timeline"])
def test_nothing_open_is_a_sentence(missing: str) -> None:
    studio = Studio()
    host = ResolveHost(connect(studio.resolve))
    if missing == "project":
        studio.project.open = False
    else:
        studio.project.current = None

    with pytest.raises(HostError, match=f"no {missing} is open"):
        host.timeline()


def test_each_system_has_its_places() -> None:
    api, library = places("darwin", {})
    assert library.name == "fusionscript.so"
    assert "Application Support" in api.parts
    api, library = places("win32", {"PROGRAMDATA": "C:/ProgramData", "PROGRAMFILES": "C:/P"})
    assert library.name == "fusionscript.dll"
    assert PurePosixPath("C:/ProgramData") in PurePosixPath(api.as_posix()).parents
    api, library = places("linux", {})
    assert library.name == "fusionscript.so"


def test_an_edition_reads_as_the_editor_knows_it() -> None:
    assert str(Edition("DaVinci Resolve", (20, 3, 2))) == "DaVinci Resolve 20.3.2"
