"""Finding the engine, and asking it."""

import json
import sys
import time
from pathlib import Path

import pytest

import install
from blender_addon.relip import engine
from blender_addon.relip.engine import Found, data_folder, find_engine
from blender_addon.relip.engine_check import Check, Report, own_version
from relip_host.host import HostError

STUB = Path(__file__).with_name("stub_engine.py")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user who has nothing yet."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("RELIP_ENGINE", raising=False)
    return tmp_path


def environment(folder: Path) -> Path:
    """What an environment of Python looks like; its Python."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    for name in ("python", "relip"):
        (folder / "bin" / name).write_text("#!/bin/sh\n")
        (folder / "bin" / name).chmod(0o755)
    return folder / "bin" / "python"


def settle(folder: Path, python: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"engine": [str(python)]}))


def test_what_is_named_first_counts(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    preferred, named, settled, on_path = (environment(house / name) for name in "abcd")
    (house / "bin").mkdir()
    (house / "bin" / "relip").symlink_to(on_path.with_name("relip"))
    found = [find_engine()]
    settle(data_folder(), settled)
    found.append(find_engine())
    monkeypatch.setenv("RELIP_ENGINE", str(named))
    found.append(find_engine())
    found.append(find_engine(str(preferred)))

    assert [one.command for one in found] == [
        (str(python),) for python in (on_path, settled, named, preferred)
    ]
    assert found[0].where == "the PATH"
    assert found[1].where == str(data_folder() / "settings.json")
    assert found[2].where == "the variable RELIP_ENGINE"
    assert found[3].where == "relip's preferences"


def test_a_user_without_an_engine_is_told_what_to_press(house: Path) -> None:
    with pytest.raises(HostError) as caught:
        find_engine()

    assert caught.value.message == "relip's engine is not set up on this machine"
    assert "Set Up Engine" in caught.value.remedy


def test_an_engine_that_was_removed_is_named(house: Path) -> None:
    settle(data_folder(), house / "gone" / "python")

    with pytest.raises(HostError, match="gone/python any more"):
        find_engine()


@pytest.mark.parametrize("kind", ["python", "relip", "folder", "parent", "checkout"])
def test_anything_that_leads_to_the_engine_may_be_named(kind: str, house: Path) -> None:
    inside = {"parent": "env", "checkout": ".venv"}.get(kind, "")
    python = environment(house / "x" / inside)
    named = {"python": python, "relip": python.with_name("relip"), "folder": house / "x"}

    assert find_engine(str(named.get(kind, house / "x"))).command == (str(python),)


def test_a_program_that_was_installed_by_others_leads_to_its_python(house: Path) -> None:
    python = environment(house / "venvs" / "relip")
    program = house / "relip"
    program.write_text(f"#!{python}\nimport relip_plugin\n")

    assert find_engine(str(program)).command == (str(python),)


def test_the_launcher_on_windows_leads_to_its_python(house: Path) -> None:
    scripts = house / "env" / "Scripts"
    scripts.mkdir(parents=True)
    for name in ("python.exe", "relip.exe"):
        (scripts / name).touch()
    launcher = house / "relip.cmd"
    launcher.write_text(f'@"{scripts / "relip.exe"}" %*\n')

    assert find_engine(str(launcher)).command == (str(scripts / "python.exe"),)


@pytest.mark.parametrize(
    ("named", "what"),
    [
        ("nowhere", "is not there"),
        ("empty", "is no environment of Python"),
        ("blender", "is Blender itself"),
        ("Blender.exe", "is Blender itself"),
        ("ffmpeg", "leads to no Python with relip"),
    ],
)
def test_what_is_no_engine_is_refused_and_nothing_else_is_taken(
    named: str, what: str, house: Path
) -> None:
    settle(data_folder(), environment(house / "good"))
    (house / "empty").mkdir()
    for name in ("blender", "Blender.exe", "ffmpeg"):
        (house / name).write_text("\x7fELF")

    with pytest.raises(HostError, match=what) as caught:
        find_engine(str(house / named))

    assert "relip's preferences" in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize("windows", [True, False])
def test_the_folder_is_the_installers(
    windows: bool, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    for module in (engine, install):
        monkeypatch.setattr(module, "WINDOWS", windows)

    assert data_folder() == install.data_dir()
    assert data_folder() / "settings.json" == install.settings()


def answer(manner: str, patience: float = 30.0) -> Report | HostError:
    check = Check(Found((sys.executable, str(STUB), manner), "a test"), patience)
    until = time.monotonic() + 60
    while (told := check.poll()) is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    return told


def test_an_engine_tells_its_versions() -> None:
    told = answer("well")

    assert isinstance(told, Report)
    assert told.fine
    assert told.lines == ("relip 0.1.0, protocol 1", "numpy 2.4.0")


@pytest.mark.parametrize(
    ("manner", "said"),
    [("ill", "prores no: again"), ("dumb", "the doctor is out")],
)
def test_an_engine_that_is_not_well_says_what_is_wrong(manner: str, said: str) -> None:
    told = answer(manner)

    assert isinstance(told, Report)
    assert not told.fine
    assert said in told.lines[-1]


def test_another_version_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    told = answer("older")

    assert isinstance(told, Report)
    assert told.lines[:2] == (
        "relip 0.0.9, protocol 1",
        f"this extension is of relip {own_version()}",
    )


@pytest.mark.parametrize(
    ("manner", "said"),
    [
        ("bare", "named by a test, has no relip"),
        ("garbage", "what is no event"),
        ("future", "speaks protocol 99"),
    ],
)
def test_what_is_no_engine_of_ours_is_told(manner: str, said: str) -> None:
    told = answer(manner)

    assert isinstance(told, HostError)
    assert said in told.message
    assert told.remedy


def test_an_engine_that_says_nothing_is_given_up() -> None:
    told = answer("silent", patience=0.3)

    assert isinstance(told, HostError)
    assert "does not answer" in told.message


def test_a_python_that_is_not_there_is_told() -> None:
    check = Check(Found(("/no/such/python",), "a test"))

    told = check.poll()

    assert isinstance(told, HostError)
    assert "does not start" in told.message


def test_a_check_that_nobody_waits_for_leaves_no_process() -> None:
    check = Check(Found((sys.executable, str(STUB), "silent"), "a test"))
    process = check._process
    assert process is not None

    check.close()

    assert process.gone(5.0)


def test_the_extension_knows_its_version() -> None:
    assert own_version().count(".") == 2
