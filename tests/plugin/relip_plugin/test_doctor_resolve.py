from __future__ import annotations

import json
import plistlib
import sys
from pathlib import Path

import pytest

import relip
from relip_plugin import doctor_resolve, install_resolve
from relip_plugin.cli import main
from relip_plugin.doctor import Finding, as_text
from relip_plugin.doctor_resolve import diagnose, edition_of, scripting_of
from relip_plugin.install_resolve import install
from relip_plugin.resolve_places import ResolvePlaces, house, resolve_places
from relip_plugin.resolve_python import REMEDY, resolve_python

STARTED = "0x7f66 | Main | INFO  | 2026-11-22 10:00:0{} | Running DaVinci Resolve{} ({})\n"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ResolvePlaces:
    """A Linux machine where Resolve is installed and has not been started."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(install_resolve, "engine_version", lambda engine: relip.__version__)
    monkeypatch.setattr(doctor_resolve, "engine_version", lambda engine: relip.__version__)
    (tmp_path / "home").mkdir()
    program = tmp_path / "opt" / "resolve" / "bin" / "resolve"
    program.parent.mkdir(parents=True)
    program.touch()
    return resolve_places("linux", {}, tmp_path)


def started(places: ResolvePlaces, *versions: str) -> None:
    places.logs[0].parent.mkdir(parents=True, exist_ok=True)
    lines = [STARTED.format(at, version, "Linux/Clang") for at, version in enumerate(versions)]
    places.logs[0].write_text("".join(lines) + "noise\n", encoding="utf-8")


def found(places: ResolvePlaces) -> dict[str, Finding]:
    return {f"{one.subject} {one.name}": one for one in diagnose(places)}


@pytest.mark.parametrize(
    ("version", "said", "remedy"),
    [
        (" Studio v21.0.4.0005", "Studio 21.0.4.5", ""),
        (" Studio v18.1.4.0009", "Studio 18.1.4.9", "update Resolve to 19.0"),
        (" v21.0.3.0007", "free 21.0.3.7", ""),
        (" v21.1.0.0017", "free 21.1.0.17", "relip batch"),
    ],
)
def test_the_log_tells_edition_and_version(
    places: ResolvePlaces, version: str, said: str, remedy: str
) -> None:
    started(places, " v17.4.1.0004", version)

    finding = found(places)["resolve edition"]

    assert finding.value == said
    assert remedy in finding.remedy
    assert finding.fine is not bool(remedy)


def test_a_resolve_that_was_not_started_is_not_guessed_at(places: ResolvePlaces) -> None:
    finding = found(places)["resolve edition"]

    assert finding.fine
    assert finding.value.startswith("unknown")


def test_a_mac_that_has_not_started_it_knows_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    places = resolve_places("darwin", {}, tmp_path)
    contents = places.programs[0] / "Contents"
    contents.mkdir(parents=True)
    with (contents / "Info.plist").open("wb") as file:
        plistlib.dump({"CFBundleShortVersionString": "20.3.2"}, file)

    edition = edition_of(places)

    assert str(edition) == "20.3.2"
    assert edition is not None
    assert edition.studio is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Site.Count = 1\nSystem.Scripting.Mode = 0\n", "off"),
        ("System.Scripting.Mode = 1\n", "local"),
        ("  System.Scripting.Mode=2\r\n", "network"),
        ("System.Scripting.Mode = 7\n", "unknown"),
        ("Old.System.Scripting.Mode = 1\n", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_external_scripting_is_read_and_never_wrong(
    places: ResolvePlaces, text: str | None, said: str
) -> None:
    if text is not None:
        places.preferences.parent.mkdir(parents=True)
        places.preferences.write_text(text)

    assert scripting_of(places).startswith(said)
    assert found(places)["resolve external scripting"].fine


def test_missing_scripts_are_wrong_until_they_are_there(places: ResolvePlaces) -> None:
    assert found(places)["scripts for this user"].remedy == "run: relip install resolve"

    list(install(places.system, "~/state"))
    assert found(places)["scripts for everybody"].value == relip.__version__
    assert found(places)["scripts for this user"].fine, "one place is enough"


def test_scripts_of_another_version_or_broken_ones_are_noticed(places: ResolvePlaces) -> None:
    list(install(places.user, "~/state"))
    path = house(places.user) / "settings.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "version": "0.0"}))
    old = found(places)["scripts for this user"]
    assert (old.value, old.remedy) == ("0.0", "run: relip install resolve")

    (house(places.user) / "relip_job" / "job.py").write_text("half")
    broken = found(places)["scripts for this user"]
    assert broken.value == "relip/relip_job/job.py is missing or differs"
    assert not broken.fine


def test_an_engine_that_is_gone_is_noticed(
    places: ResolvePlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(install(places.user, "~/state", ("/gone/python",)))
    monkeypatch.undo()
    monkeypatch.setattr(Path, "home", lambda: places.user.parents[3])

    engine = found(places)["engine runs"]

    assert "/gone/python does not start" in engine.value
    assert "install relip again" in engine.remedy


def python_at(path: Path, says: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins for Python are shell scripts")
class TestPython:
    def test_linux_has_the_systems(self, tmp_path: Path) -> None:
        python_at(tmp_path / "usr/bin/python3", "3.12.3 True")

        said = resolve_python(None, "linux", {}, tmp_path)

        assert said == Finding("resolve", "python", "3.12.3 (/usr/bin)")

    @pytest.mark.parametrize("says", ["3.6.8 True", "3.12.0 False"])
    def test_an_old_or_narrow_one_is_wrong(self, tmp_path: Path, says: str) -> None:
        python_at(tmp_path / "usr/bin/python3", says)

        assert resolve_python(None, "linux", {}, tmp_path).remedy == REMEDY

    def test_a_mac_is_told_by_python3home_first(self, tmp_path: Path) -> None:
        python_at(tmp_path / "usr/local/bin/python3", "3.13.1 True")
        named = tmp_path / "framework"
        python_at(named / "bin" / "python3", "3.11.9 True")

        told = resolve_python(None, "darwin", {"PYTHON3HOME": str(named)}, tmp_path)
        untold = resolve_python(None, "darwin", {}, tmp_path)

        assert told.value == "3.11.9 (PYTHON3HOME)"
        assert untold.value == "3.13.1 (/usr/local/bin)"

    def test_homebrews_on_a_mac_is_none(self, tmp_path: Path) -> None:
        python_at(tmp_path / "opt/homebrew/bin/python3", "3.13.1 True")

        assert resolve_python(None, "darwin", {}, tmp_path).remedy == REMEDY

    def test_one_that_does_not_run_is_passed_over(self, tmp_path: Path) -> None:
        python_at(tmp_path / "usr/bin/python3", "what?")
        python_at(tmp_path / "usr/local/bin/python3", "3.10.1 True")

        assert resolve_python(None, "linux", {}, tmp_path).value == "3.10.1 (/usr/local/bin)"

    def test_what_resolve_brings_wins(self, tmp_path: Path) -> None:
        program = tmp_path / "opt" / "resolve" / "bin" / "resolve"
        (tmp_path / "opt" / "resolve" / "ResolvePython").mkdir(parents=True)

        assert resolve_python(program, "linux", {}, tmp_path).value.startswith("its own")


def test_windows_is_told_by_a_variable(tmp_path: Path) -> None:
    (tmp_path / "python.exe").symlink_to(sys.executable)

    said = resolve_python(None, "win32", {"FUSION_PYTHON3_HOME": str(tmp_path)}, tmp_path)

    assert said.fine
    assert said.value.endswith("(FUSION_PYTHON3_HOME)")


def test_every_wrong_line_says_what_to_do(
    places: ResolvePlaces, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    started(places, " v21.1.0.0017")
    monkeypatch.setattr(doctor_resolve, "resolve_places", lambda: places)

    assert main(["doctor", "resolve"]) == 1

    lines = capsys.readouterr().out.splitlines()
    at = next(number for number, line in enumerate(lines) if "edition" in line)
    assert lines[at].startswith("BAD resolve")
    assert "relip batch" in lines[at + 1]
    assert lines[-1].endswith(" wrong")


def test_a_remedy_for_many_lines_stands_once() -> None:
    findings = [Finding("a", str(number), "no", "install it") for number in range(3)]

    assert as_text([*findings, Finding("b", "x", "yes")]).count("install it") == 1
