"""Setting the engine up: which Python, from what, and how it ends."""

import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_addon.relip import engine_setup, pythons
from blender_addon.relip.engine import data_folder
from blender_addon.relip.engine_check import Report, own_version
from blender_addon.relip.engine_setup import SetUp, options
from blender_addon.relip.pythons import Answer, find_python
from relip_host.host import HostError

WORKER = """
import json, sys
print(json.dumps({"event": "hello", "protocol": 1, "version": "%s"}), flush=True)
sys.stdin.read()
"""
DOCTOR = """print('{"fine": true, "findings": []}')"""


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder with a relip that only greets, and another wheel."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    modules = {"__init__.py": "", "worker.py": WORKER % own_version(), "cli.py": DOCTOR}
    write_wheel(
        folder, "relip", own_version(), {f"relip_plugin/{k}": v for k, v in modules.items()}
    )
    write_wheel(folder, "other", "1.0", {"other.py": ""})
    return folder


def write_wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture
def nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("RELIP_ENGINE", raising=False)
    yield data_folder()


def outcome(setup: SetUp, patience: float = 240.0) -> Report | HostError:
    until = time.monotonic() + patience
    while (told := setup.poll()) is None:
        assert time.monotonic() < until, list(setup.lines)
        time.sleep(0.02)
    return told


def test_an_engine_is_set_up_without_a_network_and_greets(wheels: Path, nothing_yet: Path) -> None:
    setup = SetUp(str(wheels), online=False)

    told = outcome(setup)

    assert isinstance(told, Report), (told, list(setup.lines))
    assert told.hello.version == own_version()
    python = nothing_yet / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    assert python.exists()
    assert (nothing_yet / "settings.json").exists()
    assert any(line.startswith("using ") for line in setup.lines)
    assert any(line.startswith("creating ") for line in setup.lines)


def test_a_set_up_that_is_cancelled_leaves_nothing_running(wheels: Path, nothing_yet: Path) -> None:
    setup = SetUp(str(wheels), online=False)
    until = time.monotonic() + 60
    while not any(line.startswith("creating ") for line in setup.lines):
        assert setup.poll() is None
        assert time.monotonic() < until, list(setup.lines)
        time.sleep(0.02)
    process = setup._process
    assert process is not None

    setup.cancel()

    told = setup.poll()
    assert isinstance(told, HostError)
    assert told.message == "the set-up was cancelled"
    assert process.gone(10.0)
    assert not (nothing_yet / "settings.json").exists()


def test_what_the_installer_says_is_passed_on(
    wheels: Path, nothing_yet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = tmp_path / "install.py"
    refusing.write_text(
        "import sys\nsys.exit('relip was not installed: the disk is full\\n"
        "what to do: free some space and run this again')\n"
    )
    monkeypatch.setattr(engine_setup, "INSTALLERS", (refusing,))

    told = outcome(SetUp(str(wheels), online=False))

    assert isinstance(told, HostError)
    assert told.message == "the disk is full"
    assert told.remedy.startswith("free some space and run this again (all it said is in ")


def test_an_installer_that_dies_is_told(
    wheels: Path, nothing_yet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dying = tmp_path / "install.py"
    dying.write_text("import os\nos._exit(7)\n")
    monkeypatch.setattr(engine_setup, "INSTALLERS", (dying,))

    told = outcome(SetUp(str(wheels), online=False))

    assert isinstance(told, HostError)
    assert told.message == "the set-up ended early (code 7)"


def test_a_machine_without_python_is_told(
    wheels: Path, nothing_yet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "candidates", lambda: iter(()))

    told = outcome(SetUp(str(wheels), online=False))

    assert isinstance(told, HostError)
    assert told.message == "there is no Python here, and the engine needs 3.11 or newer"
    assert "python.org" in told.remedy


@pytest.mark.parametrize(
    ("source", "online", "said"),
    [
        ("", False, "Blender may not use the network"),
        ("{}/one", False, "does not hold what relip needs"),
        ("{}/one/relip-1-py3-none-any.whl", False, "does not hold what relip needs"),
        ("{}/checkout", False, "does not hold what relip needs"),
        ("{}/gone.whl", True, "is not there"),
    ],
)
def test_what_cannot_work_is_refused_at_once(
    source: str, online: bool, said: str, tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "relip-1-py3-none-any.whl").touch()
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "pyproject.toml").touch()

    with pytest.raises(HostError, match=said) as caught:
        options(source.format(tmp_path), online)

    assert caught.value.remedy


def test_the_index_is_asked_for_the_version_of_the_extension() -> None:
    assert options(" ", online=True) == ("--engine", f"relip=={own_version()}")


@pytest.mark.parametrize(
    ("answers", "chosen"),
    [
        ({"a": None, "b": Answer((3, 12, 1), True, True)}, "b"),
        ({"a": Answer((3, 9, 2), True, True), "b": Answer((3, 11, 0), True, True)}, "b"),
        ({"a": Answer((3, 13, 0), False, True), "b": Answer((3, 11, 0), True, True)}, "b"),
        ({"a": Answer((3, 13, 0), True, False), "b": Answer((3, 11, 0), True, True)}, "b"),
    ],
)
def test_a_python_that_can_hold_the_engine_is_chosen(
    answers: dict[str, Answer | None], chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(answers, monkeypatch)

    assert find_python() == Path(chosen)


@pytest.mark.parametrize(
    ("answers", "said", "remedy"),
    [
        ({"a": Answer((3, 9, 2), True, True)}, "the newest Python here is 3.9.2", "python.org"),
        ({"a": Answer((3, 13, 0), True, False)}, "cannot make environments", "python3.13-venv"),
    ],
)
def test_why_no_python_will_do_is_told(
    answers: dict[str, Answer | None],
    said: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(answers, monkeypatch)

    with pytest.raises(HostError, match=said) as caught:
        find_python()

    assert remedy in caught.value.remedy


def given(answers: dict[str, Answer | None], patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pythons, "candidates", lambda: iter(map(Path, answers)))
    patch.setattr(pythons, "ask", lambda path: answers[path.name])


def test_a_python_tells_what_it_is(tmp_path: Path) -> None:
    told = pythons.ask(Path(sys.executable))

    assert told is not None
    assert told.version == sys.version_info[:3]
    assert told.is_64_bit
    assert pythons.ask(tmp_path / "gone") is None
    (tmp_path / "liar").write_text("#!/bin/sh\necho hello\n")
    (tmp_path / "liar").chmod(0o755)
    assert pythons.ask(tmp_path / "liar") is None


def test_a_python_that_never_answers_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **named: object) -> subprocess.CompletedProcess[str]:
        raise subprocess.TimeoutExpired("python", 20.0)

    monkeypatch.setattr(subprocess, "run", late)

    assert pythons.ask(Path(sys.executable)) is None


def test_blenders_own_python_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "blender" / "4.5" / "python"
    monkeypatch.setattr(sys, "prefix", str(own))
    answers: dict[str, Answer | None] = {"python3.11": Answer((3, 11, 9), True, True)}
    monkeypatch.setattr(pythons, "candidates", lambda: iter([own / "bin" / "python3.11"]))
    monkeypatch.setattr(pythons, "ask", lambda path: answers[path.name])

    with pytest.raises(HostError, match="no Python here"):
        find_python()
